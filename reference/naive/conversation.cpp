// Serving, asking and ending, and the places where a fault of a peer acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/conversation.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace ampspec::naive {

using enum fault;
using how = reply::how;

namespace {

const std::vector<std::string_view> reserved = {"_ask",   "_answer",     "_command",
                                                "_error", "_error_code", "_error_description"};

bool is_reserved(std::string_view key) { return std::find(reserved.begin(), reserved.end(), key) != reserved.end(); }

bool has_unknown_underscore(const box& b) {
  return std::any_of(b.begin(), b.end(),
                     [](const auto& pair) { return pair.first.substr(0, 1) == "_" && !is_reserved(pair.first); });
}

box without(box b, std::string_view a, std::string_view c) {
  std::erase_if(b, [&](const auto& pair) { return pair.first == a || pair.first == c; });
  return b;
}

box leading_reserved(const box& b) {
  return {b.begin(), std::find_if(b.begin(), b.end(), [](const auto& pair) { return !is_reserved(pair.first); })};
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string without_leading_zeros(const std::string& digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

std::string in_base(int base, std::uint64_t n) {
  char digits[24] = {};
  std::to_chars(digits, digits + sizeof digits, n, base);
  return digits;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

ended lost_call() { return {0, "lost", "", {}, "", "", ""}; }

}  // namespace

conversation::conversation(options with, std::shared_ptr<service_state> shared)
    : options_(with),
      shared_(std::move(shared)),
      reader_(with),
      service_({[this](std::uint64_t number, reply r) { finish(number, std::move(r)); },
                [this](const std::string& command, const box& arguments, std::function<void(const box*)> then) {
                  if (on(never_asks)) return;
                  start(command, arguments, true,
                        [then = std::move(then)](const ended& e) { then(e.how == "answer" ? &e.values : nullptr); });
                }},
               *shared_, with.broken) {
  if (on(sends_preamble)) out_ += "AMP/1\r\n";
  if (on(sends_empty_box)) send({});
}

void conversation::receive(std::string_view octets) {
  const bool was_closing = closing_;
  const bool hears_on = reader_.end() == ending::rejected && (on(parses_after_reject) || on(boxes_again_after_reject));
  if (gone_ || shared_->stopped || (was_closing && !hears_on)) return;
  std::vector<box> boxes = reader_.feed(octets);
  if (on(starts_requests_in_reverse)) std::reverse(boxes.begin(), boxes.end());
  for (const box& b : boxes) {
    if (was_closing || !closing_) take(b);  // in wire order: AMP1-CONV-049
  }
  if (reader_.end() != ending::rejected) return;
  if (on(box_limit_closes_late) && !closing_)
    send({{"_error", ""}, {"_error_code", "TOO_LONG"}, {"_error_description", ""}});
  if (on(answers_before_reject_lost)) out_.clear();
  if (!on(stays_open_after_reject)) close();  // AMP1-FRAME-015: and no box
}

void conversation::peer_finished() {
  if (gone_ || on(fin_ignored)) return;
  for (const box& b : reader_.finish()) take(b);
  if (on(cut_answer_completes) && find(reader_.unfinished(), "_answer"))
    settle(reader_.unfinished());  // else nothing: AMP1-CONV-044
  close();
  end_calls();
}

void conversation::lost() {
  if (gone_) return;
  gone_ = true;
  if (on(cut_answer_completes) && find(reader_.unfinished(), "_answer")) settle(reader_.unfinished());
  end_calls();
  service_.ended();
  out_.clear();
  std::erase_if(shared_->last_user, [this](const auto& entry) { return entry.second == this; });
}

std::string conversation::output() {
  if (on(large_output_truncated)) out_ = out_.substr(0, 65536);
  return std::exchange(out_, {});
}

std::vector<ended> conversation::events() { return std::exchange(events_, {}); }

void conversation::write(const std::string& bytes) {
  if (gone_) return;
  out_.insert(on(boxes_interleave) ? out_.size() / 2 : out_.size(), bytes);  // AMP1-FRAME-042
}

// ---- boxes

void conversation::take(const box& received) {
  const box& head = on(reserved_keys_first) ? leading_reserved(received) : received;  // any order: AMP1-FRAME-003
  const auto command = find(head, "_command"), ask = find(head, "_ask");
  const bool settles = find(head, "_answer") || find(head, "_error");
  const bool both = find(head, "_answer") && find(head, "_error");
  if (on(unknown_underscore_key_refused) && has_unknown_underscore(received)) return close();  // AMP1-FRAME-035

  if (!command && !settles) return refuse_box(received);                      // AMP1-CONV-033
  if (both || (command && settles && !on(mixed_kinds_both))) return close();  // AMP1-CONV-036
  if (settles) settle(received);
  if (command && ask && on(tags_shared_between_directions) && pending_with(*ask) != pending_.end()) {
    box taken = received;
    taken.emplace_back("_answer", *ask);
    return settle(taken);
  }
  if (command) serve(received);
}

/// A box that is no request, no answer and no error: no box in reply, and the end.
void conversation::refuse_box(const box& received) {
  const auto ask = find(received, "_ask");
  if (on(empty_box_ignored) && received.empty()) return;  // AMP1-CONV-034
  if (on(kindless_box_ignored) && !received.empty()) return;
  const bool answered = (on(kindless_box_answered) && !received.empty()) || (on(ask_without_command_answered) && ask);
  if (answered) send(error_box(ask.value_or(""), {how::failure, {}, "", ""}));  // AMP1-CONV-035
  close();
}

// ---- serving

void conversation::serve(const box& received) {
  if (on(serves_one_at_a_time) && !pending_.empty()) return not_served_.push_back(received);  // AMP1-CONV-083
  const std::string command = find(received, "_command").value();
  request q{command, find(received, "_ask")};
  if (q.tag && on(empty_ask_is_none) && q.tag->empty()) q.tag.reset();  // AMP1-CONV-048
  if (q.tag && on(tag_utf8_only) && !is_utf8(*q.tag)) return close();
  if (q.tag && on(tag_never_again) && !used_tags_.insert(*q.tag).second) return;  // AMP1-CONV-074
  if (on(non_ascii_command_drops) && !is_ascii(command)) return close();          // AMP1-CONV-009
  if (on(empty_command_drops) && command.empty()) return close();                 // AMP1-CONV-010
  if (on(drops_answers_above_64) && open_.size() >= 64) return;                   // AMP1-CONV-023
  const auto same_tag = [&](const auto& entry) { return q.tag && entry.second.tag == q.tag; };
  if (on(duplicate_ask_merged) && std::any_of(open_.begin(), open_.end(), same_tag)) return;  // AMP1-CONV-032
  if (q.tag && on(tags_shared_between_connections)) shared_->last_user[*q.tag] = this;

  const std::uint64_t number = ++requests_;
  open_[number] = q;
  reply r = service_.execute(command, without(received, "_command", "_ask"), number);
  if (r.what != how::later) finish(number, std::move(r));
}

void conversation::finish(std::uint64_t number, reply r) {
  if (!on(answers_in_order)) return respond(number, std::move(r));  // AMP1-CONV-021
  held_[number] = std::move(r);
  while (!open_.empty() && held_.count(open_.begin()->first) > 0)
    respond(open_.begin()->first, held_[open_.begin()->first]);
}

/// Writes the one box that a request gets (AMP1-CONV-001), if it gets one.
void conversation::respond(std::uint64_t number, reply r) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;  // ended before: only faults come here
  request q = found->second;
  open_.erase(found);
  if (gone_) return;  // AMP1-CONV-045
  if (r.what == how::bad_response && on(bad_response_sent)) r = {how::answer, {}, "", ""};
  const bool failed = r.what != how::answer;
  if (!q.tag && (failed ? on(errors_without_ask) : on(answers_without_ask))) q.tag = "";
  if (!q.tag) {  // no box, whatever happened: AMP1-CONV-003, AMP1-CONV-004; and open still, unless it was fatal:
                 // AMP1-CONV-005
    if (r.what == how::fatal || (failed && on(closes_without_ask))) close();
    return;
  }

  box reply_box = {{"_answer", echoed(*q.tag)}};
  if (on(answer_has_ask_too)) reply_box.emplace_back("_ask", *q.tag);
  for (const auto& value : r.values) reply_box.push_back(value);
  if (!encode(reply_box, options_.broken).refused.empty())
    r = {how::long_response, {}, "", "response too long"};  // AMP1-CONV-017
  if (r.what != how::answer) reply_box = error_box(on(error_without_tag) ? "" : echoed(*q.tag), r);
  if (stays_silent(q, r)) return;
  if (on(long_error_text_closes) && r.text.size() > max_value) return close();
  if (on(failure_closes_without_box) && r.what == how::failure) return close();

  conversation* const target =
      on(tags_shared_between_connections) ? shared_->last_user[*q.tag] : this;  // AMP1-CONV-082
  if (target != nullptr && !(r.what == how::fatal && on(fatal_without_box))) target->send(reply_box);
  if (on(answers_twice)) send(reply_box);

  const bool unknown =
      r.what != how::answer && r.what != how::declared && r.what != how::fatal && r.what != how::unhandled;
  if (unknown && !on(stays_open_after_unknown)) close();              // AMP1-CONV-015
  if (r.what == how::fatal && !on(fatal_stays_open)) close();         // AMP1-CONV-013
  if (r.what == how::declared && on(declared_error_closes)) close();  // AMP1-CONV-012
  if (r.what == how::unhandled && on(unhandled_closes)) close();      // AMP1-CONV-008
  if (r.what == how::answer && on(closes_after_answer)) close();
}

bool conversation::stays_silent(const request& q, const reply& r) const {
  return on(never_answers) || (on(note_never_answered) && q.command == "Note") ||  // AMP1-CONV-006
         (on(unhandled_silent) && r.what == how::unhandled) || (on(failure_silent) && r.what == how::failure) ||
         (on(bad_argument_silent) && r.what == how::bad_argument) ||
         (on(bad_response_silent) && r.what == how::bad_response) ||
         (on(long_response_silent) && r.what == how::long_response);
}

box conversation::error_box(const std::string& tag, const reply& r) const {
  const bool declared = r.what == how::declared || r.what == how::fatal;
  std::string code = declared                   ? r.code
                     : r.what == how::unhandled ? "UNHANDLED"
                                                : "UNKNOWN";                          // AMP1-CONV-007, AMP1-CONV-014
  std::string description = declared                   ? cut_text(r.text, max_value)  // AMP1-CONV-075
                            : r.what == how::unhandled ? "unknown command"
                                                       : "Unknown Error";  // AMP1-CONV-076
  if (on(unhandled_as_unknown) && r.what == how::unhandled) code = "UNKNOWN";
  if (on(declared_error_as_unknown) && declared) code = "UNKNOWN";
  if (on(failure_code_wrong) && r.what == how::failure) code = "FAILED";
  if (on(unknown_leaks_text) && r.what == how::failure) description = cut_text(r.text, max_value);
  if (on(long_error_text_cut_inside_character) && declared) description = r.text.substr(0, max_value);
  if (on(description_not_utf8)) description += "\xff";  // AMP1-CONV-019
  box b = {{"_error", tag}, {"_error_code", code}, {"_error_description", description}};
  if (on(unhandled_without_description) && r.what == how::unhandled) b.pop_back();
  return b;
}

/// The tag that goes back: the octets that came (AMP1-CONV-002).
std::string conversation::echoed(std::string tag) const {
  if (on(tag_case_folded)) tag = lower(tag);
  if (on(tag_as_number) && is_number(tag)) tag = without_leading_zeros(tag);
  if (on(tag_cut_at_255)) tag = tag.substr(0, 255);
  if (on(tag_trimmed)) tag = trimmed(tag);
  return tag;
}

// ---- asking

std::uint64_t conversation::call(const std::string& command, const box& arguments, bool ask) {
  const std::uint64_t number = ++calls_;
  start(command, arguments, ask, [this, number](const ended& e) {
    events_.push_back(e);
    events_.back().call = number;
  });
  return number;
}

std::uint64_t conversation::send_box(const box& b) {
  const std::uint64_t number = ++calls_;
  const encoded e = encode(b, options_.broken);
  const bool refused = !e.refused.empty() || (b.empty() && !on(sends_empty_box));  // AMP1-FRAME-028
  ended end = gone_ || closing_ ? lost_call() : ended{0, refused ? "refused" : "sent", "", {}, "", "", e.refused};
  end.call = number;
  if (end.how == "sent") out_ += e.bytes;
  events_.push_back(end);
  return number;
}

/// What the schema of a command does not allow; empty if it allows all.
std::string conversation::objection(const schema& command, const box& arguments) const {
  std::set<std::string_view> declared;
  for (const field& f : command.arguments) {
    declared.insert(f.name);
    const auto value = find(arguments, f.name);
    if (!value && !on(calls_without_mandatory)) return "missing " + std::string(f.name);  // AMP1-TYPE-052
    if (value && !is_decodable(f.is, *value)) return "wrong " + std::string(f.name);
  }
  if (command.command == "EchoTypes") {
    for (const argument& a : echo_types()) declared.insert(a.name);
  }
  if (const auto* big = big_arguments(command.command)) {
    for (const argument& a : *big) {
      declared.insert(a.name);
      if (!a.optional && !find(arguments, a.name) && !on(calls_without_mandatory)) return "missing " + a.name;
    }
  }
  for (const auto& [name, value] : arguments) {
    if (declared.count(name) == 0 && !on(calls_with_undeclared)) return "undeclared " + name;  // AMP1-TYPE-053
  }
  return "";
}

std::uint64_t conversation::call_typed(const std::string& command, const box& arguments, bool ask) {
  const schema* known = schema_of(command);
  if (known == nullptr) return call(command, arguments, ask);
  std::string refused = objection(*known, arguments);
  std::optional<box> typed = arguments;
  if (command == "EchoTypes" && refused.empty()) typed = echoed_types(arguments, options_.broken);
  const auto* big = big_arguments(command);
  if (big != nullptr && refused.empty()) typed = with_chunks(*big, arguments, options_.broken);
  if (!typed) refused = "wrong value";
  if (refused.empty()) return call(command, *typed, ask);
  events_.push_back({++calls_, "refused", "", {}, "", "", refused});
  return calls_;
}

std::string conversation::next_tag() {
  std::uint64_t n = ++tags_;
  if (on(tags_from_zero)) n -= 1;
  if (on(tags_wrap_at_255)) n = (n - 1) % 255 + 1;
  if (on(pending_tag_reused)) n = 1;  // AMP1-CONV-026
  if (on(tags_decimal)) return in_base(10, n);
  if (on(tags_upper_case)) return upper(in_base(16, n));
  return in_base(16, n);  // AMP1-CONV-027
}

void conversation::start(const std::string& command, const box& arguments, bool ask, ending_action then) {
  if (gone_ || closing_) {  // AMP1-CONV-042, AMP1-CONV-043
    if (!(ask ? on(call_after_loss_hangs) : on(no_answer_call_after_loss_hangs))) then(lost_call());
    return;
  }
  if (on(calls_one_at_a_time) && !pending_.empty()) {
    return not_started_.push_back([=, this] { start(command, arguments, ask, then); });
  }
  box b;
  std::string tag;
  if (ask) b.emplace_back("_ask", tag = next_tag());
  if (!ask && on(no_answer_call_has_empty_ask)) b.emplace_back("_ask", "");  // AMP1-CONV-047
  b.emplace_back("_command", command);
  b.insert(b.end(), arguments.begin(), arguments.end());
  const encoded e = encode(b, options_.broken);
  if (!e.refused.empty()) {  // AMP1-FRAME-008: nothing written, nothing pending
    if (on(long_value_breaks_connection)) close();
    return then({0, "refused", "", {}, "", "", e.refused});
  }
  write(e.bytes);
  if (ask) {
    pending_.push_back({tag, command, std::move(then)});
  } else {
    then({0, "sent", "", {}, "", "", ""});
  }
}

/// The pending call of exactly this tag (AMP1-CONV-028).
std::vector<conversation::pending_call>::iterator conversation::pending_with(const std::string& tag) {
  const auto number = [](const std::string& text) { return std::strtoull(text.c_str(), nullptr, 16); };
  if (on(answers_matched_in_order)) return pending_.begin();  // AMP1-CONV-022
  return std::find_if(pending_.begin(), pending_.end(), [&](const pending_call& p) {
    if (on(tags_compared_as_numbers)) return number(p.tag) == number(tag);
    if (on(tags_compared_without_case)) return lower(p.tag) == lower(tag);
    return p.tag == tag;
  });
}

/// An answer or an error has come.
void conversation::settle(const box& received) {
  const auto answer = find(received, "_answer");
  const std::string tag = answer ? *answer : find(received, "_error").value();
  auto found = pending_with(tag);
  if (found == pending_.end() && on(unknown_tag_completes) && !pending_.empty())
    found = pending_.end() - 1;  // AMP1-CONV-029
  if (found == pending_.end()) {
    for (const pending_call& p : settled_) {
      if (on(second_answer_completes) && p.tag == tag)
        return p.then(judge_answer(p.command, received));  // AMP1-CONV-031
    }
    if (on(unsolicited_answer_executes)) send(error_box(tag, {how::unhandled, {}, "", ""}));  // AMP1-CONV-079
    return close();                                                                           // AMP1-CONV-030
  }

  std::vector<pending_call> ending = {*found};
  pending_.erase(found);
  if (on(answer_completes_all)) ending.insert(ending.end(), pending_.begin(), pending_.end()), pending_.clear();
  for (const pending_call& p : ending) {
    if (on(second_answer_completes)) settled_.push_back(p);
    const ended e = answer ? judge_answer(p.command, received) : judge_error(p.command, received);
    if (!e.how.empty()) p.then(e);
  }
  while (!not_started_.empty() && pending_.empty()) {
    const auto first = not_started_.front();
    not_started_.pop_front();
    first();
  }
  while (!not_served_.empty() && pending_.empty()) {
    const box first = not_served_.front();
    not_served_.pop_front();
    serve(first);
  }
}

/// What an answer says to whoever called: for a command with a schema, the values that it declares.
ended conversation::judge_answer(const std::string& command, const box& received) {
  ended e{0, "answer", "", without(received, "_answer", "_answer"), "", "", ""};
  const schema* known = schema_of(command);
  if (known == nullptr) return e;
  if (command == "EchoTypes") {
    auto values = echoed_types(e.values, options_.broken);
    if (!values) return {0, "error", "undecodable", {}, "", "", ""};  // AMP1-CONV-039
    e.values = std::move(*values);
    return e;
  }
  if (command == "EchoBig") {
    auto values = without_chunks(*big_arguments(command), e.values, options_.broken);
    if (!values) return {0, "error", "undecodable", {}, "", "", ""};
    e.values = std::move(*values);
    for (auto& [name, value] : e.values) {
      if (on(big_answer_first_chunk)) value = find(received, name).value_or("");
    }
    return e;
  }
  bool good = true;
  box declared;
  for (const field& f : known->values) {
    const auto value = find(received, f.name);
    good = good && value && is_decodable(f.is, *value);
    if (value) declared.emplace_back(f.name, *value);
  }
  if (on(unknown_response_key_refused) && e.values.size() > declared.size()) good = false;  // AMP1-CONV-040
  if (good || on(undecodable_answer_succeeds)) {
    e.values = declared;
    return e;
  }
  if (on(undecodable_answer_closes)) close();
  return {0, "error", "undecodable", {}, "", "", ""};  // AMP1-CONV-039
}

ended conversation::judge_error(const std::string& command, const box& received) {
  auto code = find(received, "_error_code"), description = find(received, "_error_description");
  if (on(empty_error_fields_missing) && code == "") code.reset();  // AMP1-CONV-077
  if (on(empty_error_fields_missing) && description == "") description.reset();
  if (on(error_completes_as_answer)) return {0, "answer", "", without(received, "_error", "_error"), "", "", ""};
  if (!code || !description) {  // AMP1-CONV-037
    if (on(error_without_code_hangs)) return {};
    return {0, "error", "undecodable", {}, "", "", ""};
  }
  if (on(bad_description_closes) && !is_utf8(*description)) close();  // AMP1-CONV-020

  ended e{0, "error", "unknown", {}, *code, *description, ""};  // AMP1-CONV-038, AMP1-CONV-078
  const schema* known = schema_of(command);
  const bool declared =
      known != nullptr && std::find(known->codes.begin(), known->codes.end(), *code) != known->codes.end();
  if (declared && !on(declared_not_told_apart)) {
    e.kind = "declared";
  } else if (*code == "UNHANDLED" && !on(unhandled_not_told_apart)) {
    e.kind = "unhandled";
  }
  if (on(undeclared_code_replaced) && e.kind == "unknown") e.code = "UNKNOWN";
  if (on(description_lost)) e.description = "";
  return e;
}

/// The connection gives no more answers: every pending call ends, once (AMP1-CONV-041).
void conversation::end_calls() {
  for (const pending_call& p : std::exchange(pending_, {})) {
    if (on(lost_calls_hang)) continue;
    if (on(lost_calls_end_twice)) p.then(lost_call());
    p.then(on(lost_calls_succeed) ? ended{0, "answer", "", {}, "", "", ""} : lost_call());
  }
  for (const auto& never_started : std::exchange(not_started_, {})) never_started();
}

}  // namespace ampspec::naive
