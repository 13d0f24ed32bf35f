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
                },
                [this](const change& what, std::function<void(const std::string&, const std::string&)> then) {
                  ask_for(what, what.tls ? "StartTLS" : "Switch", {},
                          [then = std::move(then)](const ended& e) { then(e.how, e.code); });
                },
                [this](const std::string& command, const box& arguments, std::function<void(const called&)> then) {
                  start(command, arguments, true, [then = std::move(then)](const ended& e) {
                    then({e.kind == "undecodable" ? e.kind : e.how, e.values, e.code, e.description});
                  });
                }},
               *shared_, with.broken, with.version == format::amp1 ? max_value : service::most_made_in_chunks) {
  if (on(sends_preamble)) out_ += "AMP/1\r\n";
  if (on(sends_empty_box)) send({});
}

void conversation::receive(std::string_view octets) {
  if (switched_ && !gone_) {
    out_ += octets;
    return;
  }
  take_boxes(octets);
}

void conversation::take_boxes(std::string_view octets) {
  const bool was_closing = closing_;
  const bool hears_on = reader_.end() == ending::rejected && (on(parses_after_reject) || on(boxes_again_after_reject) ||
                                                              (secure_ && on(tls_boxes_again_after_reject)));
  if (gone_ || shared_->stopped || (was_closing && !hears_on)) return;
  std::vector<box> boxes = reader_.feed(octets);
  if (on(starts_requests_in_reverse)) std::reverse(boxes.begin(), boxes.end());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const box& b = boxes[i];
    const bool large =
        std::any_of(b.begin(), b.end(), [](const auto& pair) { return pair.second.size() >= max_value; });
    if (on(version_changes_behind_short_box) && !large && options_.version == format::amp2) {
      options_.version = format::amp1;
      reader_ = reader(options_);
    }
    if (large && options_.version == format::amp2) {
      if (on(large_request_unanswered) && find(b, "_command")) continue;
      if (was_closing || !closing_) take(b);
      if (on(version_changes_behind_large_request)) options_.version = format::amp1;
      continue;
    }
    if (was_closing || !closing_) take(b);  // in wire order: AMP1-CONV-049
    const bool executes_on = asked_for_tls_ ? on(tls_behind_answer_taken) : on(tls_behind_request_executed);
    if (switched_ || (starting_tls_ && !executes_on)) return stop_at(i);
  }
  if (reader_.end() != ending::rejected) return;
  if (on(box_limit_closes_late) && !closing_)
    send({{"_error", ""}, {"_error_code", "TOO_LONG"}, {"_error_description", ""}});
  if (on(answers_before_reject_lost)) out_.clear();
  if (!on(stays_open_after_reject)) close();  // AMP1-FRAME-015: and no box
}

/// The octets behind that box are no boxes: AMP1-CONV-053, -054, -066, -067, -068.
void conversation::stop_at(std::size_t box_number) {
  std::string rest = reader_.behind(box_number);
  reader_ = reader(options_);
  const bool answered = starting_tls_ ? asked_for_tls_ : asked_.has_value();
  asked_.reset();
  if (starting_tls_) {
    if (answered && !rest.empty() && on(tls_behind_answer_parsed)) return close();
    if (!(answered && on(tls_behind_answer_lost))) unread_ = rest;
    return;
  }
  if (on(answered ? switch_behind_answer_parsed : switch_behind_request_parsed)) {
    for (const box& b : reader_.feed(rest)) take(b);
    return;
  }
  if (!on(answered ? switch_behind_answer_lost : switch_behind_request_lost)) out_ += rest;
}

std::string conversation::begin_tls() {
  starting_tls_ = false;
  secure_ = true;
  if (on(tls_boxes_again_after_reject)) {
    options inside = options_;
    inside.broken.set.set(static_cast<std::size_t>(boxes_again_after_reject));
    reader_ = reader(inside);
  }
  if (on(tls_pending_requests_lost)) open_.clear();
  if (on(tls_tags_restart)) tags_ = 0;
  if (on(tls_pending_calls_lost)) end_calls();
  if (on(tls_held_lost)) locked_.clear();
  out_ += std::exchange(locked_, {});  // AMP1-CONV-060, AMP1-CONV-069
  return std::exchange(unread_, {});
}

void conversation::peer_finished() {
  if (switched_) return close();
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

void conversation::write(const std::string& bytes, bool answers) {
  if (gone_ || deaf_) return;
  if (switched_ && !on(switch_late_answers_sent)) return;  // AMP1-CONV-055
  if (asked_ && !asked_->what.tls && !switched_) {         // AMP1-CONV-051
    if (!on(answers ? switch_answers_meanwhile : switch_calls_meanwhile)) {
      if (!(answers && on(switch_owed_answers_lost))) locked_ += bytes;  // AMP1-CONV-073
      return;
    }
  } else if (starting_tls_ || (asked_ && !switched_ && !on(answers ? tls_answers_in_clear : tls_calls_in_clear))) {
    locked_ += bytes;  // AMP1-CONV-060
    return;
  }
  if (on(answer_between_chunks) && options_.version == format::amp2) {
    const std::size_t full = out_.find("\xff\xff");
    if (full != std::string::npos && full + 2 + max_value < out_.size()) {
      out_.insert(full + 2 + max_value, bytes);
      return;
    }
  }
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

  if (!q.tag && command == "StreamWrite" && on(stream_unasked_write_lost)) return;  // STREAM-028

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
  if (gone_ || (switched_ && !on(switch_late_answers_sent))) return;  // AMP1-CONV-045, AMP1-CONV-055
  if (r.what == how::bad_response && on(bad_response_sent)) r = {how::answer, {}, "", ""};
  std::optional<change> changes;
  if (r.what == how::switches || r.what == how::starts_tls) {
    changes = change{r.what == how::starts_tls, r.text};
    if (changes->tls && on(tls_never_answered)) return;
    if (changes->tls && on(tls_without_ask_closes) && !q.tag) return close();
    if (!q.tag && !on(changes->tls ? tls_without_ask_performed : switch_without_ask_performed)) return;
    if (!q.tag) return make(*changes);  // else not performed: AMP1-CONV-056, AMP1-CONV-070
    if (asked_ || starting_tls_) return close();
    if (changes->tls && secure_) {
      changes.reset();
      r = {how::declared, {}, "TLS_ERROR", "inside TLS already"};
    } else if (changes->tls && on(tls_arguments_refused) && !r.values.empty()) {
      changes.reset();
      r = {how::bad_argument, {}, "", "arguments"};
    } else {
      if (!on(tls_arguments_echoed)) r.values.clear();  // AMP1-CONV-057, AMP1-CONV-080
      if (changes->tls && on(tls_answer_has_values)) r.values.emplace_back("ready", "yes");
      r.what = how::answer;
    }
  } else if (r.what == how::declared && r.code == "NO_SWITCH" && on(switch_refuses_and_switches)) {
    changes = change{};
  }
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
  if (!encode(reply_box, options_.broken, options_.version).refused.empty())
    r = {how::long_response, {}, "", "response too long"};  // AMP1-CONV-017
  if (r.what != how::answer) reply_box = error_box(on(error_without_tag) ? "" : echoed(*q.tag), r);
  if (stays_silent(q, r)) return;
  if (on(long_error_text_closes) && r.text.size() > max_value) return close();
  if (on(failure_closes_without_box) && r.what == how::failure) return close();

  conversation* const target =
      on(tags_shared_between_connections) ? shared_->last_user[*q.tag] : this;  // AMP1-CONV-082
  if (changes && on(tls_answer_inside)) make(*changes);
  if (target != nullptr && !(r.what == how::fatal && on(fatal_without_box))) target->send(reply_box);
  if (changes && !on(tls_answer_inside)) make(*changes);
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
                                                : "UNKNOWN";  // AMP1-CONV-007, AMP1-CONV-014
  const std::size_t most = options_.version == format::amp1 ? max_value : r.text.size();
  std::string description = declared                   ? cut_text(r.text, most)  // AMP1-CONV-075
                            : r.what == how::unhandled ? "unknown command"
                                                       : "Unknown Error";  // AMP1-CONV-076
  if (on(unhandled_as_unknown) && r.what == how::unhandled) code = "UNKNOWN";
  if (on(declared_error_as_unknown) && declared) code = "UNKNOWN";
  if (on(failure_code_wrong) && r.what == how::failure) code = "FAILED";
  if (on(unknown_leaks_text) && r.what == how::failure) description = cut_text(r.text, most);
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

std::uint64_t conversation::start_tls() {
  const std::uint64_t number = ++calls_;
  ask_for({true, ""}, "StartTLS", {}, [this, number](const ended& e) {
    events_.push_back(e);
    events_.back().call = number;
  });
  return number;
}

std::uint64_t conversation::call_switch(const std::string& command, const box& arguments) {
  const std::uint64_t number = ++calls_;
  ask_for({false, ""}, command, arguments, [this, number](const ended& e) {
    events_.push_back(e);
    events_.back().call = number;
  });
  return number;
}

void conversation::ask_for(const change& what, const std::string& command, const box& arguments, ending_action then) {
  const bool second = asked_ || starting_tls_ || (what.tls && secure_);
  if (second && on(tls_second_written)) {
    asked_.reset();
    start(command, arguments, true, [](const ended&) {});
    deaf_ = true;
  }
  if (second && !on(tls_second_performed)) {  // AMP1-CONV-062, AMP1-CONV-071
    return then({0, "refused", "", {}, "", "", "a change is pending, or made"});
  }
  box sent = arguments;
  if (what.tls && on(tls_parameters_sent)) sent.emplace_back("tls_localCertificate", "mine");  // AMP1-CONV-058
  if (second) asked_.reset();
  const std::size_t before = pending_.size();
  start(command, sent, true, std::move(then));
  if (pending_.size() > before) asked_ = {pending_.back().tag, what};
}

/// The change is agreed on: from here on no box is written in clear.
void conversation::make(const change& what) {
  if (what.tls) {
    starting_tls_ = true;
    asked_for_tls_ = asked_.has_value();
    return;
  }
  switched_ = true;
  locked_.clear();
  out_ += what.greeting;
}

void conversation::refused_change() {
  const bool tls = asked_->what.tls;
  const std::string held = std::exchange(locked_, {});
  if (on(tls ? tls_refused_holds_for_ever : switch_refused_stays_locked)) {
    deaf_ = true;
    return;
  }
  const change what = asked_->what;
  asked_.reset();
  if (!tls && on(switch_refused_switches)) return make(what);
  if (on(tls ? tls_refused_closes : switch_refused_closes)) close();
  if (!(tls && on(tls_refused_loses_held))) out_ += held;  // AMP1-CONV-052, AMP1-CONV-061, AMP1-CONV-073
}

std::uint64_t conversation::send_box(const box& b) {
  const std::uint64_t number = ++calls_;
  const encoded e = encode(b, options_.broken, options_.version);
  const bool refused = !e.refused.empty() || (b.empty() && !on(sends_empty_box));  // AMP1-FRAME-028
  ended end = gone_ || closing_ ? lost_call() : ended{0, refused ? "refused" : "sent", "", {}, "", "", e.refused};
  end.call = number;
  if (end.how == "sent") write(e.bytes, false);
  events_.push_back(end);
  return number;
}

std::uint64_t conversation::write_stream(const stream_order& order) {
  const std::uint64_t number = ++calls_;
  ++writing_;
  service_.of_streams().write(order, [this, number](const called& c) {
    ended e{number, c.how, "", c.values, c.code, c.description, ""};
    if (c.how == "undecodable") e.how = "error", e.kind = c.how;
    if (c.how == "error") {
      e.kind = c.code == "STREAM_UNKNOWN" || c.code == "STREAM_LIMIT" ? "declared"
               : c.code == "UNHANDLED"                                ? "unhandled"
                                                                      : "unknown";
    }
    --writing_;
    events_.push_back(e);
    if (writing_ == 0 && on(stream_writer_stalls_calls)) {
      for (const auto& begin : std::exchange(not_started_, {})) begin();
    }
  });
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
  for (const field& f : command.optional) declared.insert(f.name);
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
  if (switched_) return then(lost_call());
  if (asked_ && !asked_->what.tls && !on(switch_calls_meanwhile)) {  // AMP1-CONV-051
    return then({0, "refused", "", {}, "", "", "a switch is pending"});
  }
  if (gone_ || closing_) {  // AMP1-CONV-042, AMP1-CONV-043
    if (!(ask ? on(call_after_loss_hangs) : on(no_answer_call_after_loss_hangs))) then(lost_call());
    return;
  }
  const bool of_stream = command.substr(0, 6) == "Stream";
  if ((on(calls_one_at_a_time) && !pending_.empty()) ||
      (on(stream_writer_stalls_calls) && writing_ > 0 && !of_stream)) {
    return not_started_.push_back([=, this] { start(command, arguments, ask, then); });
  }
  box b;
  std::string tag;
  if (ask) b.emplace_back("_ask", tag = next_tag());
  if (!ask && on(no_answer_call_has_empty_ask)) b.emplace_back("_ask", "");  // AMP1-CONV-047
  b.emplace_back("_command", command);
  b.insert(b.end(), arguments.begin(), arguments.end());
  const encoded e = encode(b, options_.broken, options_.version);
  if (!e.refused.empty()) {  // AMP1-FRAME-008: nothing written, nothing pending
    if (on(long_value_breaks_connection)) close();
    return then({0, "refused", "", {}, "", "", e.refused});
  }
  write(e.bytes, false);
  if (ask && asked_) calls_held_.insert(tag);
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

  if (on(switch_wait_ignores_answers) && asked_ && !asked_->what.tls && found->tag != asked_->tag) return;
  std::vector<pending_call> ending = {*found};
  pending_.erase(found);
  if (on(answer_completes_all)) ending.insert(ending.end(), pending_.begin(), pending_.end()), pending_.clear();
  if (asked_ && asked_->tag == ending.front().tag) {
    if (answer) {
      const change what = asked_->what;
      make(what);
      if (what.tls) asked_.reset();  // else `stop_at` has to know who asked
    } else {
      refused_change();
    }
  }
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
    if (on(lost_calls_hang) || (switched_ && on(switch_pending_calls_hang))) continue;
    if (calls_held_.count(p.tag) > 0 && on(tls_failure_hangs_held)) continue;
    if (calls_held_.count(p.tag) > 0 && on(tls_failure_succeeds)) {
      p.then({0, "answer", "", {}, "", "", ""});
      continue;
    }
    if (on(lost_calls_end_twice)) p.then(lost_call());
    p.then(on(lost_calls_succeed) ? ended{0, "answer", "", {}, "", "", ""} : lost_call());
  }
  for (const auto& never_started : std::exchange(not_started_, {})) never_started();
}

}  // namespace ampspec::naive
