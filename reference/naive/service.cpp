// The commands of the test service: their schemas, and what each does.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/service.hpp"

#include "reference/naive/streams.hpp"
#include "reference/naive/text.hpp"

#include <algorithm>

namespace ampspec::naive {

using enum fault;
using how = reply::how;

namespace {

constexpr auto an_integer = field::type::integer, a_natural = field::type::natural, octets = field::type::octets;

const std::vector<schema>& schemas() {
  static const std::vector<schema> all = {
      {"Sum", {{"a", an_integer}, {"b", an_integer}}, {{"total", an_integer}}, {}},
      {"Divide",
       {{"numerator", an_integer}, {"denominator", an_integer}},
       {{"quotient", an_integer}},
       {"ZERO_DIVISION"}},
      {"Echo", {{"data", octets}}, {{"data", octets}}, {}},
      {"Defer", {{"name", octets}}, {}, {}},
      {"Release", {{"name", octets}}, {}, {"NOT_DEFERRED"}},
      {"Fail", {{"text", octets}}, {}, {}},
      {"AskBack", {{"depth", a_natural}}, {{"depth", an_integer}}, {}},
      {"Note", {{"text", octets}}, {}, {}},
      {"Noted", {}, {{"notes", octets}}, {}},
      {"Fatal", {}, {}, {"FATAL"}},
      {"Big", {{"size", a_natural}}, {{"data", octets}}, {}},
      {"BigError", {{"size", a_natural}}, {}, {"BIG"}},
      {"Wrong", {{"how", octets}}, {{"value", an_integer}}, {}},
      {"EchoTypes", {}, {}, {}},  // its types stand in echo_types()
      {"Switch", {}, {}, {"NO_SWITCH"}, {{"refuse", octets}, {"greeting", octets}}},
      {"AskSwitch", {}, {{"code", octets}}, {}, {{"greeting", octets}}},
      {"AskTls", {}, {{"how", octets}}, {}, {}},
      {"StartTLS", {}, {}, {}},
      {"EchoBig", {}, {}, {}},  // in big_arguments()
      {"DigestBig", {}, {{"size", a_natural}, {"sha256", octets}}, {}},
      {"Digest", {{"data", octets}}, {{"size", a_natural}, {"sha256", octets}}, {}},
  };
  return all;
}

reply answer(box values) { return {how::answer, std::move(values), "", ""}; }
reply failure(std::string text) { return {how::failure, {}, "", std::move(text)}; }

/// `n` times `unit`, but no more of them than go beyond `most` octets.
std::string times(std::string_view unit, std::int64_t n, std::size_t most) {
  std::string text;
  for (std::int64_t i = 0; i < n && text.size() <= most; ++i) text += unit;
  return text;
}

std::string up_to_junk(const std::string& text) {
  const std::size_t sign = text.substr(0, 1) == "-" ? 1 : 0;
  return text.substr(0, text.find_first_not_of("0123456789", sign));
}

}  // namespace

const schema* schema_of(std::string_view command) {
  for (const schema& s : schemas()) {
    if (s.command == command) return &s;
  }
  return nullptr;
}

const argument_list& echo_types() {
  static const argument_list all = [] {
    const auto of = [](kind k) { return argument_type{k, {}, {}}; };
    const auto list_of = [](const argument_type& t) { return argument_type{kind::list, {t}, {}}; };
    argument_list list;
    const auto add = [&](std::string name, argument_type t) { list.push_back({std::move(name), std::move(t), true}); };
    add("integer", of(kind::integer));
    add("bytes", of(kind::bytes));
    add("text", of(kind::text));
    add("boolean", of(kind::boolean));
    for (const char* name : {"a-b", "class", "print"}) add(name, of(kind::text));
    add("float", of(kind::floating));
    add("decimal", of(kind::decimal));
    add("datetime", of(kind::datetime));
    add("path", of(kind::path));
    add("integers", list_of(of(kind::integer)));
    add("texts", list_of(of(kind::text)));
    add("grid", list_of(list_of(of(kind::integer))));
    add("records",
        {kind::records,
         {},
         {{"x", of(kind::integer), false}, {"note", of(kind::text), true}, {"tags", list_of(of(kind::text)), true}}});
    return list;
  }();
  return all;
}

std::optional<box> echoed_types(const box& pairs, const faults& broken) {
  const auto record = parse(echo_types(), pairs, broken);
  return record ? print(echo_types(), *record, broken) : std::nullopt;
}

const argument_list* big_arguments(std::string_view command) {
  static const argument_list digest = {{"data", {kind::big, {{kind::bytes, {}, {}}}, {}}, false}};
  static const argument_list echo = {digest[0], {"note", {kind::big, {{kind::text, {}, {}}}, {}}, true}};
  return command == "EchoBig" ? &echo : command == "DigestBig" ? &digest : nullptr;
}

std::optional<box> with_chunks(const argument_list& fields, const box& whole, const faults& broken) {
  typed_record record;
  for (const auto& [name, value] : whole) {
    for (const argument& field : fields) {
      if (field.name != name) continue;
      auto v = parse(field.type.element.at(0), value);
      if (!v) return std::nullopt;
      record.push_back({name, std::move(*v)});
    }
  }
  return print(fields, record, broken);
}

std::optional<box> without_chunks(const argument_list& fields, const box& pairs, const faults& broken) {
  const auto record = parse(fields, pairs, broken);
  if (!record) return std::nullopt;
  box whole;
  for (const auto& [name, value] : *record) {
    std::string joined = value.octets;
    for (char32_t c : value.text) joined += utf8_of(c);
    whole.emplace_back(name, joined);
  }
  return whole;
}

bool is_decodable(field::type type, std::string_view text) {
  if (type == octets) return true;
  const auto number = integer(text);
  return number && (type == an_integer || *number >= 0);
}

service::service(service_hands hands, service_state& state, faults broken, std::size_t most_made)
    : hands_(std::move(hands)),
      state_(state),
      broken_(broken),
      most_made_(most_made),
      streams_(std::make_unique<streams>(hands_, state_, broken_)),
      bulk_customer_(state_.bulk.connection_began()) {}
service::~service() = default;

reply service::execute(const std::string& name, const box& arguments, std::uint64_t request) {
  if (auto r = streams_->execute(name, arguments, request)) return *r;
  const reply r = perform(name, arguments, request);
  if (r.what != how::later && streams_->holds_back(request, r)) return {how::later, {}, "", ""};
  return r;
}

reply service::perform(const std::string& name, const box& arguments, std::uint64_t request) {
  std::string command = name;
  if (on(command_cut_at_nul)) command = up_to_nul(command);
  if (on(command_trimmed)) command = trimmed(command);
  for (const schema& s : schemas()) {
    if (on(command_case_folded) && lower(s.command) == lower(command)) command = s.command;
  }
  if (on(bulk_calls_wait) && state_.bulk.transfer_runs()) return {how::later, {}, "", ""};
  if (auto done = state_.bulk.execute(command, arguments, bulk_customer_, broken_)) {
    if (done->values) return answer(std::move(*done->values));
    if (done->code.empty()) return {how::bad_argument, {}, "", "of a bulk transfer"};  // AMP1-CONV-016
    return {done->closes ? how::fatal : how::declared, {}, done->code, "no transfer"};
  }
  const schema* known = schema_of(command);
  if (known == nullptr) return {how::unhandled, {}, "", ""};  // AMP1-CONV-007

  if (command == "EchoTypes") {
    auto echoed = echoed_types(arguments, broken_);
    return echoed ? answer(std::move(*echoed)) : reply{how::bad_argument, {}, "", "undecodable"};  // AMP1-CONV-016
  }

  if (command == "EchoBig") return echo_big(arguments);
  if (command == "DigestBig") return digest_big(arguments);

  // Further arguments are never looked at (AMP1-CONV-018).
  if (on(extra_argument_refused) && arguments.size() > known->arguments.size() + known->optional.size())
    return {how::bad_argument, {}, "", "extra"};
  std::map<std::string_view, std::string> text;
  std::map<std::string_view, std::int64_t> number;
  for (const field& f : known->arguments) {
    auto value = find(arguments, f.name);
    if (!value && f.is != octets && on(missing_argument_is_zero)) value = "0";
    if (!value) return {how::bad_argument, {}, "", "missing " + std::string(f.name)};  // AMP1-CONV-016
    if (f.is != octets && on(argument_cut_at_junk)) value = up_to_junk(*value);
    if (!is_decodable(f.is, *value) && on(undecodable_argument_is_zero)) value = "0";
    if (!is_decodable(f.is, *value))
      return {how::bad_argument, {}, "", "undecodable " + std::string(f.name)};  // AMP1-CONV-016
    text[f.name] = *value;
    if (f.is != octets) number[f.name] = *integer(*value);
  }

  if (command == "StartTLS") return {how::starts_tls, arguments, "", ""};
  if (command == "Switch") {
    if (find(arguments, "refuse") == "yes") return {how::declared, {}, "NO_SWITCH", "as asked"};
    return {how::switches, {}, "", find(arguments, "greeting").value_or("")};
  }
  if (command == "AskSwitch" || command == "AskTls") {
    const bool tls = command == "AskTls";
    const auto then = [this, request, tls](const std::string& ended, const std::string& code) {
      if (ended != "lost") hands_.finish(request, answer({{tls ? "how" : "code", tls ? ended : code}}));
    };
    hands_.ask_for({tls, find(arguments, "greeting").value_or("")}, then);
    return {how::later, {}, "", ""};
  }
  if (command == "Sum") {
    std::int64_t total = 0;
    if (__builtin_add_overflow(number["a"], number["b"], &total)) return failure("the sum does not fit");
    return answer({{"total", std::to_string(total)}});
  }
  if (command == "Divide") {
    if (number["denominator"] == 0) return {how::declared, {}, "ZERO_DIVISION", "division by zero"};
    if (number["denominator"] == -1 && number["numerator"] == INT64_MIN) return failure("the quotient does not fit");
    return answer({{"quotient", std::to_string(number["numerator"] / number["denominator"])}});
  }
  if (command == "Echo") return answer({{"data", text["data"]}});
  if (command == "Defer") {
    deferred_[text["name"]].push_back(request);
    return {how::later, {}, "", ""};
  }
  if (command == "Release") return release(text["name"]);
  if (command == "Fail") return failure(text["text"]);
  if (command == "AskBack") return ask_back(number["depth"], request);
  if (command == "Note") {
    notes_.push_back(text["text"]);
    return answer({});
  }
  if (command == "Noted") {
    std::string notes;
    for (const std::string& note : notes_) notes += (&note == &notes_.front() ? "" : ",") + note;
    return answer({{"notes", notes}});
  }
  if (command == "Digest") {
    if (!state_.sha256_hex) return failure("no digest is offered");
    std::string raw;
    for (const std::string hex = state_.sha256_hex(text["data"]); raw.size() * 2 < hex.size();) {
      raw += static_cast<char>(std::stoi(hex.substr(raw.size() * 2, 2), nullptr, 16));
    }
    return answer({{"size", std::to_string(text["data"].size())}, {"sha256", raw}});
  }
  if (command == "Fatal") return {how::fatal, {}, "FATAL", "the end"};
  if (command == "Big") return answer({{"data", times("x", number["size"], most_made_)}});
  if (command == "BigError") return {how::declared, {}, "BIG", times("\xc3\xa9", number["size"], most_made_)};
  return {how::bad_response, {}, "", "Wrong has no value of its type"};  // AMP1-CONV-017
}

reply service::release(const std::string& name) {
  if (auto& requests = deferred_[name]; !requests.empty()) {
    const std::uint64_t oldest = requests.front();
    requests.pop_front();
    hands_.finish(oldest, answer({}));
    return answer({});
  }
  const auto left = state_.left_behind.find(name);
  if (left == state_.left_behind.end())
    return {how::declared, {}, "NOT_DEFERRED", "nothing is deferred under that name"};
  state_.left_behind.erase(left);  // AMP1-CONV-045: its answer has nowhere to go
  if (on(executes_after_loss_crash)) state_.stopped = true;
  return answer({});
}

reply service::ask_back(std::int64_t depth, std::uint64_t request) {
  if (depth == 0) return answer({{"depth", "0"}});
  hands_.ask("AskBack", {{"depth", std::to_string(depth - 1)}}, [this, request](const box* answered) {
    const auto text = answered != nullptr ? find(*answered, "depth") : std::nullopt;
    const auto below = text ? integer(*text) : std::nullopt;
    const bool fails = !below || *below == INT64_MAX;
    hands_.finish(request, fails ? failure("no depth came back") : answer({{"depth", std::to_string(*below + 1)}}));
  });
  return {how::later, {}, "", ""};
}

reply service::echo_big(const box& arguments) {
  const argument_list& fields = *big_arguments("EchoBig");
  const auto whole = without_chunks(fields, arguments, broken_);
  if (!whole) return {how::bad_argument, {}, "", "no values"};  // AMP1-BIGSTR-008
  if (on(big_answer_in_one)) return answer(*whole);
  if (on(big_answer_cut)) {
    box first;
    for (const auto& [name, value] : *whole) first.emplace_back(name, value.substr(0, max_value));
    return answer(first);
  }
  auto pairs = with_chunks(fields, *whole, broken_);  // AMP1-BIGSTR-018
  return pairs ? answer(std::move(*pairs)) : reply{how::bad_response, {}, "", "can't be said"};
}

reply service::digest_big(const box& arguments) {
  const auto whole = without_chunks(*big_arguments("DigestBig"), arguments, broken_);
  if (!whole) return {how::bad_argument, {}, "", "no value"};
  if (!state_.sha256_hex) return failure("no digest is offered");
  const std::string data = find(*whole, "data").value_or("");
  return answer({{"size", std::to_string(data.size())}, {"sha256", state_.sha256_hex(data)}});
}

void service::ended() {
  state_.bulk.connection_ended(bulk_customer_, broken_);
  for (const auto& [name, requests] : deferred_) {
    for (std::size_t i = 0; i < requests.size(); ++i) state_.left_behind.insert(name);
  }
  deferred_.clear();
  streams_->ended();
}

}  // namespace ampspec::naive
