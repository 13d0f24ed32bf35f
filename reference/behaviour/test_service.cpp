// The responders of the test service.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/test_service.hpp"

#include "reference/amp/big_string.hpp"
#include "reference/amp/schema.hpp"
#include "reference/wire/hex.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <utility>
#include <variant>

namespace ampspec::behaviour {

namespace {

/// Bounds of what one peer can make us keep; beyond them its requests fail like any other undeclared failure.
constexpr std::size_t max_deferred_octets = 4u << 20;
constexpr std::size_t max_asked_back = 65536;
constexpr std::size_t max_orphans = 1024;
/// Keeping a deferred call costs about this much besides its name.
constexpr std::size_t deferred_overhead = 128;

/// `wanted`, or just over the limit of a value if it is more: refused or cut all the same, and cheap.
std::size_t some_too_many(std::int64_t wanted) {
  return static_cast<std::size_t>(std::min<std::int64_t>(wanted, amp::max_value + 1));
}

}  // namespace

void service_state::adopt(std::string name, std::shared_ptr<amp::session> from, amp::request_id request) {
  if (orphans_.size() == max_orphans) orphans_.pop_front();
  orphans_.push_back({std::move(name), std::move(from), request});
}

bool service_state::release(std::string_view name) {
  const auto found = std::find_if(orphans_.begin(), orphans_.end(), [&](const orphan& o) { return o.name == name; });
  if (found == orphans_.end()) return false;
  const auto released = std::move(*found);
  orphans_.erase(found);
  released.from->answer(released.request, {});
  return true;
}

test_service::test_service(std::shared_ptr<amp::session> session, std::shared_ptr<service_state> state)
    : session_(std::move(session)), state_(std::move(state)), streams_(session_, state_->streams()) {
  if (state_->bulk) bulk_.emplace(session_, state_->bulk);
  session_->divert(this);
}

bool test_service::begin(amp::box_view before, std::string_view key) {
  if (key != "data" || before.find("_command") != "Digest") return false;
  hash_.emplace();
  hashed_ = 0;
  return true;
}

void test_service::take(std::string_view octets) {
  hash_->add(octets);
  hashed_ += octets.size();
}

bool test_service::handle(const amp::event& event) {
  if (streams_.handle(event)) return true;
  amp::request_id request = 0;
  if (take_asked_change(event)) return true;
  if (const auto* asked = std::get_if<amp::request_received>(&event)) {
    serve(*asked);
  } else if (const auto* answered = std::get_if<amp::answer_received>(&event)) {
    if (!take_asked_back(answered->call, request)) return false;
    answer_ask_back(request, answered->values);
  } else if (const auto* refused = std::get_if<amp::error_received>(&event)) {
    if (!take_asked_back(refused->call, request)) return false;
    session_->fail_unknown(request);
  } else if (const auto* failed = std::get_if<amp::call_failed>(&event)) {
    if (!take_asked_back(failed->call, request)) return false;
    session_->fail_unknown(request);
  } else {
    finish();
  }
  return true;
}

void test_service::serve(const amp::request_received& request) {
  if (request.command == amp::command_start_tls) return start_tls(request);
  if (streams_.serve(request)) return;
  if (bulk_ && bulk_->serve(request)) return;
  const auto* known = find_command(request.command);
  if (known == nullptr) return session_->fail_unhandled(request.id);  // AMP1-CONV-007, -009, -010
  if (const auto* schema = typed_schema(known->id)) return echo_types(request, *schema);
  if (known->id == command_id::switch_protocol) return switch_protocol(request, *known);
  if (known->id == command_id::ask_switch) return ask_switch(request);
  if (known->id == command_id::ask_tls) return ask_tls(request);
  if (known->id == command_id::digest_big) return digest_big(request);
  checked_request checked{request.id, *known, {}, {}};
  for (std::size_t i = 0; i < known->arguments.size(); ++i) {
    const auto& wanted = known->arguments[i];
    const auto given = request.arguments.find(wanted.name);
    if (!given || !decodes(*given, wanted.type, &checked.number[i])) {
      return session_->fail_unknown(request.id);  // AMP1-CONV-016
    }
    checked.octets[i] = *given;
  }
  run(checked);
}

void test_service::run(const checked_request& request) {
  switch (request.known.id) {
    case command_id::sum:
      return sum(request);
    case command_id::divide:
      return divide(request);
    case command_id::echo:
      return answer(request, request.octets[0]);
    case command_id::defer:
      return defer(request);
    case command_id::release:
      return release(request);
    case command_id::fail:
      return session_->fail_unknown(request.id);  // AMP1-CONV-014, -076: its text stays here
    case command_id::ask_back:
      return ask_back(request);
    case command_id::note:
      return note(request);
    case command_id::noted:
      if (notes_full_) return session_->fail_unknown(request.id);
      return answer(request, notes_);
    case command_id::fatal:
      return session_->fail(request.id, request.known.declared_error, "this ends it", true);  // AMP1-CONV-013
    case command_id::digest:
      return digest(request);
    case command_id::big:
      if (session_->spoken() == amp::version::v2) {
        return session_->answer(request.id, {},
                                {"data", static_cast<std::uint64_t>(request.number[0]),
                                 [](std::uint64_t, std::span<char> out) { std::fill(out.begin(), out.end(), 'x'); }});
      }
      return answer(request, std::string(some_too_many(request.number[0]), 'x'));
    case command_id::big_error: {
      std::string text;
      for (auto left = some_too_many(request.number[0]); left > 0; --left) text += "\xc3\xa9";
      return session_->fail(request.id, request.known.declared_error, text);
    }
    case command_id::wrong:
      if (request.octets[0] == "type") return answer(request, "a word");
      return answer(request, amp::box_view());
    case command_id::echo_types:
    case command_id::switch_protocol:
    case command_id::ask_switch:
    case command_id::ask_tls:
    case command_id::echo_big:
    case command_id::digest_big:
      break;  // served before
  }
}

void test_service::echo_types(const amp::request_received& request, const wire::value_schema& schema) {
  const auto values = amp::parse_arguments(schema, request.arguments);
  if (!values) return session_->fail_unknown(request.id);  // AMP1-CONV-016
  const auto again = amp::print_arguments(schema, *values);
  if (!again) return session_->fail_unknown(request.id);
  session_->answer(request.id, *again);
}

// AMP1-CONV-080: whatever arguments come with it.
void test_service::start_tls(const amp::request_received& request) {
  session_->accept(request.id, amp::transport_change::tls);
}

void test_service::switch_protocol(const amp::request_received& request, const command& known) {
  if (request.arguments.find("refuse") == "yes") {
    return session_->fail(request.id, known.declared_error, "as asked");  // AMP1-CONV-052
  }
  if (request.ask) greeting_ = request.arguments.find("greeting").value_or("");
  session_->accept(request.id, amp::transport_change::other);
}

void test_service::ask_switch(const amp::request_received& request) {
  const auto made = session_->call_switch("Switch", {});
  if (!made) return session_->fail_unknown(request.id);
  greeting_ = request.arguments.find("greeting").value_or("");
  asked_change_ = {*made, request.id, false};
}

void test_service::ask_tls(const amp::request_received& request) {
  const auto made = session_->start_tls();
  if (!made) return session_->answer(request.id, amp::box{{"how", "refused"}});  // AMP1-CONV-062, -071
  asked_change_ = {*made, request.id, true};
}

bool test_service::take_asked_change(const amp::event& event) {
  if (!asked_change_) return false;
  const auto [call, request, tls] = *asked_change_;
  if (const auto* answered = std::get_if<amp::answer_received>(&event); answered && answered->call == call) {
    if (tls) session_->answer(request, amp::box{{"how", "answer"}});  // inside TLS
  } else if (const auto* refused = std::get_if<amp::error_received>(&event); refused && refused->call == call) {
    if (tls) {
      session_->answer(request, amp::box{{"how", "error"}});
    } else {
      session_->answer(request, amp::box{{"code", std::string(refused->code)}});
    }
  } else if (const auto* failed = std::get_if<amp::call_failed>(&event); !failed || failed->call != call) {
    return false;
  }
  asked_change_.reset();
  return true;
}

void test_service::digest_big(const amp::request_received& request) {
  // Hashed where it lies: of a large value there is no second copy.
  const auto data = amp::find_big(request.arguments, "data");
  if (!data.present() || data.beyond) {  // AMP1-BIGSTR-007, AMP1-BIGSTR-008
    return session_->fail_unknown(request.id);
  }
  sha256 hash;
  for (const auto part : data.parts) hash.add(part);
  session_->answer(request.id, amp::box{{"size", std::to_string(data.size)}, {"sha256", hash.hex()}});
}

void test_service::digest(const checked_request& request) {
  if (!hash_) {  // it was held
    hash_.emplace();
    take(request.octets[0]);
  }
  const std::string size = std::to_string(std::exchange(hashed_, 0)), hex = hash_->hex();
  hash_.reset();
  session_->answer(request.id, amp::box{{"size", size}, {"sha256", *wire::from_hex(hex)}});
}

void test_service::sum(const checked_request& request) {
  std::int64_t total = 0;
  if (__builtin_add_overflow(request.number[0], request.number[1], &total)) {
    return session_->fail_unknown(request.id);  // never a wrapped value (AMP1-TYPE-002)
  }
  answer_integer(request.id, request.known, total);
}

void test_service::divide(const checked_request& request) {
  const auto [numerator, denominator] = request.number;
  if (denominator == 0) {
    return session_->fail(request.id, request.known.declared_error, "the denominator is zero");  // AMP1-CONV-012
  }
  if (numerator == std::numeric_limits<std::int64_t>::min() && denominator == -1) {
    return session_->fail_unknown(request.id);  // the only quotient that does not fit
  }
  answer_integer(request.id, request.known, numerator / denominator);
}

void test_service::defer(const checked_request& request) {
  const auto name = request.octets[0];
  if (deferred_octets_ + name.size() + deferred_overhead > max_deferred_octets) {
    return session_->fail_unknown(request.id);
  }
  deferred_octets_ += name.size() + deferred_overhead;
  deferred_.emplace(name, request.id);
}

void test_service::release(const checked_request& request) {
  const auto name = request.octets[0];
  if (const auto oldest = deferred_.lower_bound(name); oldest != deferred_.end() && oldest->first == name) {
    session_->answer(oldest->second, {});
    deferred_octets_ -= oldest->first.size() + deferred_overhead;
    deferred_.erase(oldest);
  } else if (!state_->release(name)) {
    return session_->fail(request.id, request.known.declared_error, "nothing is deferred under that name");
  }
  session_->answer(request.id, {});
}

void test_service::ask_back(const checked_request& request) {
  if (request.number[0] == 0) return answer_integer(request.id, request.known, 0);
  if (asked_back_.size() == max_asked_back) return session_->fail_unknown(request.id);
  // AMP1-CONV-025, -083: asked over the same connection; requests that come meanwhile are served.
  const auto call = session_->call(request.known.name, amp::box{{"depth", std::to_string(request.number[0] - 1)}});
  if (!call) return session_->fail_unknown(request.id);
  asked_back_.emplace(*call, request.id);
}

void test_service::answer_ask_back(amp::request_id request, amp::box_view values) {
  const auto depth = values.find("depth");
  const auto below = depth ? to_integer(*depth) : std::nullopt;
  std::int64_t mine = 0;
  if (!below || __builtin_add_overflow(*below, 1, &mine)) return session_->fail_unknown(request);
  answer_integer(request, *find_command("AskBack"), mine);
}

void test_service::note(const checked_request& request) {
  const auto text = request.octets[0];
  // More than a value can hold can't be told by Noted; it is not kept either.
  if (notes_full_ || notes_.size() + 1 + text.size() > amp::max_value) {
    notes_full_ = true;
  } else {
    if (any_note_) notes_ += ',';
    notes_ += text;
    any_note_ = true;
  }
  session_->answer(request.id, {});  // AMP1-CONV-006: answered where an answer was asked for
}

void test_service::answer(const checked_request& request, amp::box_view values) {
  for (const auto& promised : request.known.response) {
    const auto given = values.find(promised.name);
    if (!given || !decodes(*given, promised.type)) return session_->fail_unknown(request.id);  // AMP1-CONV-017
  }
  session_->answer(request.id, values);
}

void test_service::answer(const checked_request& request, std::string_view value) {
  const amp::pair_view pair{request.known.response.front().name, value};
  answer(request, amp::box_view({&pair, 1}));
}

void test_service::answer_integer(amp::request_id request, const command& known, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const amp::pair_view pair{known.response.front().name,
                            {digits.data(), static_cast<std::size_t>(end - digits.data())}};
  session_->answer(request, amp::box_view({&pair, 1}));
}

bool test_service::take_asked_back(amp::call_id call, amp::request_id& request) {
  const auto found = asked_back_.find(call);
  if (found == asked_back_.end()) return false;
  request = found->second;
  asked_back_.erase(found);
  return true;
}

void test_service::finish() {
  if (bulk_) bulk_->finish();
  for (auto& [name, request] : deferred_) state_->adopt(name, session_, request);
  deferred_.clear();
  deferred_octets_ = 0;
  streams_.finish();
  session_->close();
}

}  // namespace ampspec::behaviour
