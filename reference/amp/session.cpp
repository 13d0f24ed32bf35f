// The conversation: which box may come in which state, and what is sent for it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/session.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/amp/utf8.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

namespace ampspec::amp {
namespace {

constexpr std::string_view key_ask = "_ask";
constexpr std::string_view key_answer = "_answer";
constexpr std::string_view key_command = "_command";
constexpr std::string_view key_error = "_error";
constexpr std::string_view key_error_code = "_error_code";
constexpr std::string_view key_error_description = "_error_description";

bool has_reserved(box_view values) {
  return std::any_of(values.begin(), values.end(), [](const pair_view& p) { return is_reserved(p.key); });
}

}  // namespace

bool is_reserved(std::string_view key) {
  if (!key.starts_with('_')) return false;
  for (const auto& ours : {key_ask, key_answer, key_command, key_error, key_error_code, key_error_description}) {
    if (key == ours) return true;
  }
  return false;
}

session::session(limits l) : version_(l.version), decoder_(l) {}

// --- input -----------------------------------------------------------------------------------------------------------

void session::receive(std::string_view octets) {
  if (state_ == state::open && !peer_finished_ && !change_) decoder_.feed(octets);
}

void session::peer_finished() { peer_finished_ = true; }

void session::lost(std::error_code reason) {
  output_.clear();
  making_.clear();
  output_sent_ = 0;
  change_.reset();
  end(state::ended, wire::failure{reason, decoder_.position(), "AMP1-CONV-041"});
}

void session::close() { end(state::closing, std::nullopt); }

void session::sent(std::size_t count) {
  output_sent_ += count;
  assert(output_sent_ <= output_.size());
  if (output_sent_ == output_.size()) {
    output_.clear();
    output_sent_ = 0;
    make_some();
  } else if (output_sent_ > output_.size() / 2) {  // so that each octet is moved less than once
    output_.erase(0, output_sent_);
    output_sent_ = 0;
  }
}

std::size_t session::waiting() const {
  std::size_t octets = output_.size() - output_sent_;
  for (const auto& value : making_) octets += value.behind.size();
  return octets;
}

// One more chunk of the value in the making, once what stands in front of it is written.
void session::make_some() {
  while (output_.empty() && !making_.empty()) {
    auto& value = making_.front();
    const std::size_t size = std::min<std::uint64_t>(max_value, value.what.size - value.done);
    output_.resize(2 + size);
    output_[0] = static_cast<char>(size >> 8);
    output_[1] = static_cast<char>(size & 0xff);
    if (size > 0) value.what.make(value.done, std::span(output_).subspan(2));
    value.done += size;
    if (size == max_value) continue;  // AMP2-003: also behind the last octet another chunk follows
    output_.append(2, '\0');
    output_ += value.behind;
    making_.pop_front();
  }
}

// --- events: one box gives one event, or ends the connection ---------------------------------------------------------

std::optional<event> session::next_event() {
  if (state_ == state::open && !change_) {  // behind a boundary nothing is parsed (AMP1-CONV-066, 067)
    if (const auto box = decoder_.next()) {
      if (auto e = take_box(*box)) return e;
    } else if (decoder_.error()) {
      end(state::closing, decoder_.error());  // AMP1-FRAME-015: no box is sent, boxes before it were served (016)
    } else if (peer_finished_) {
      take_end_of_stream();
    }
  }
  if (ready_.empty()) return std::nullopt;
  event e = ready_.front();
  ready_.pop_front();
  return e;
}

// Box kinds: exactly one of _command, _answer and _error says what it is, in whatever order the keys come.
std::optional<event> session::take_box(box_view box) {
  std::optional<std::string_view> ask, answer, command, error;
  shown_.clear();
  for (const pair_view& p : box) {
    if (p.key == key_ask) {
      ask = p.value;
    } else if (p.key == key_answer) {
      answer = p.value;
    } else if (p.key == key_command) {
      command = p.value;
    } else if (p.key == key_error) {
      error = p.value;
    } else {
      shown_.push_back(p);  // AMP1-FRAME-035: unknown keys are nobody's error
    }
  }
  const int kinds = answer.has_value() + command.has_value() + error.has_value();
  if (box.empty()) return refuse(errc::empty_box, "AMP1-CONV-034");
  if (kinds == 0) return refuse(errc::no_kind, ask ? "AMP1-CONV-035" : "AMP1-CONV-033");
  if (kinds > 1) return refuse(errc::mixed_kind, "AMP1-CONV-036");

  if (answer) return take_answer(*answer);
  if (error) return take_error(*error, box);
  const request_id id = ++last_request_;
  // AMP1-CONV-048: an empty tag is a tag. AMP1-CONV-032: equal tags are separate requests, each with its box.
  if (ask) requests_.emplace(id, *ask);
  return request_received{id, *command, ask, shown_};
}

std::optional<event> session::take_answer(std::string_view tag) {
  const auto call = take_call(tag);
  if (!call) return refuse(errc::unknown_tag, "AMP1-CONV-030");
  settle_change(*call, true);
  return answer_received{*call, shown_};
}

std::optional<event> session::take_error(std::string_view tag, box_view box) {
  const auto call = take_call(tag);
  if (!call) return refuse(errc::unknown_tag, "AMP1-CONV-030");
  const auto code = box.find(key_error_code), description = box.find(key_error_description);
  if (!code || !description) {
    const wire::failure why{errc::missing_error_field, decoder_.box_offset(), "AMP1-CONV-037"};
    ready_.push_back(call_failed{*call, why});
    // What is wrong is this call's box; to the others it is the end of the connection.
    fail_calls({errc::connection_lost, decoder_.position(), "AMP1-CONV-041"});
    end(state::closing, why);
    return std::nullopt;
  }
  settle_change(*call, false);
  description_ = valid_utf8(*description);  // AMP1-CONV-020
  return error_received{*call, *code, description_};
}

// AMP1-CONV-022, 028: found by its exact octets, in whatever order. AMP1-CONV-031: and only once.
std::optional<call_id> session::take_call(std::string_view tag) {
  const auto found = calls_.find(tag);
  if (found == calls_.end()) return std::nullopt;
  const call_id call = found->second;
  calls_.erase(found);
  return call;
}

std::nullopt_t session::refuse(errc code, wire::requirement_id broken) {
  end(state::closing, wire::failure{code, decoder_.box_offset(), broken});
  return std::nullopt;
}

// --- changes of the transport ----------------------------------------------------------------------------------------

void session::settle_change(call_id call, bool granted) {
  if (!asked_ || asked_->call != call) return;
  const auto what = asked_->what;
  asked_.reset();
  if (granted) return become(what);
  behind_all() += std::exchange(held_, {});  // AMP1-CONV-052, -061, -073: refused, and nothing is lost
}

void session::become(transport_change what) {
  change_ = what;
  if (what == transport_change::tls) return;
  state_ = state::switched;
  held_.clear();  // AMP1-CONV-055
  requests_.clear();
  fail_calls({errc::connection_lost, decoder_.position(), "AMP1-CONV-081"});
}

void session::secured() {
  assert(change_ == transport_change::tls || (!change_ && decoder_.position() == 0));
  assert(output().empty());
  change_.reset();
  secure_ = true;
  decoder_.drop_unread();
  behind_all() += std::exchange(held_, {});  // AMP1-CONV-060, -069
}

void session::accept(request_id id, transport_change what, box_view values) {
  const auto request = requests_.find(id);
  if (request == requests_.end()) return;  // AMP1-CONV-056, -070
  if (asked_ || change_ || !making_.empty())
    return end(state::closing, wire::failure{errc::change_pending, decoder_.box_offset(), ""});
  if (what == transport_change::tls && secure_) return fail(id, code_tls_error, "inside TLS already");
  made_.clear();
  made_.push_back({key_answer, request->second});
  made_.insert(made_.end(), values.begin(), values.end());
  if (has_reserved(values) || encode(made_, output_, version_)) return fail_unknown(id);
  requests_.erase(request);
  become(what);
}

// --- the end: open -> (switched, or draining ->) closing -> ended, never back ----------------------------------------

void session::take_end_of_stream() {
  state_ = state::draining;
  cut_ = decoder_.finish();  // AMP1-FRAME-029, AMP1-CONV-044: a cut box has no effect
  fail_calls({errc::connection_lost, decoder_.position(), "AMP1-CONV-041"});
  if (asked_) return end(state::closing, cut_);  // what is held may never be sent
  close_if_drained();
}

// AMP1-CONV-046: what was asked before the end of the stream is still answered.
void session::close_if_drained() {
  if (state_ == state::draining && requests_.empty()) end(state::closing, cut_);
}

void session::end(state next, const std::optional<wire::failure>& why) {
  if (next <= state_) return;
  const bool is_news = state_ < state::closing;
  state_ = next;
  if (!is_news) return;
  asked_.reset();
  held_.clear();
  if (next == state::closing) change_.reset();
  requests_.clear();  // AMP1-CONV-045: answers that come later find no request
  fail_calls(why.value_or(wire::failure{errc::connection_lost, decoder_.position(), "AMP1-CONV-041"}));
  ready_.push_back(closed{why});
}

// AMP1-CONV-041: each pending call, once, in the order in which they were made.
void session::fail_calls(const wire::failure& reason) {
  std::vector<call_id> failed;
  for (const auto& [tag, call] : calls_) failed.push_back(call);
  calls_.clear();
  std::ranges::sort(failed);
  for (const call_id call : failed) ready_.push_back(call_failed{call, reason});
}

// --- asking ----------------------------------------------------------------------------------------------------------

std::optional<wire::failure> session::send(box_view box) {
  if (state_ != state::open) return wire::failure{errc::not_connected, 0, "AMP1-CONV-042"};
  if (box.empty()) return wire::failure{errc::empty_box, 0, "AMP1-FRAME-028"};
  return encode(box, out(), version_);
}

wire::result<call_id> session::call(std::string_view command, box_view arguments, bool ask) {
  if (state_ != state::open) return wire::failure{errc::not_connected, 0, "AMP1-CONV-042"};
  if (has_reserved(arguments)) return wire::failure{errc::reserved_key, 0, "AMP1-TYPE-057"};

  // AMP1-CONV-027: a hexadecimal counter from 1. AMP1-CONV-026: it does not come round in the life of a connection.
  char tag[16];
  const auto tag_end = std::to_chars(tag, tag + sizeof tag, last_tag_ + 1, 16).ptr;
  const std::string_view tag_text(tag, static_cast<std::size_t>(tag_end - tag));

  made_.clear();
  if (ask) made_.push_back({key_ask, tag_text});  // AMP1-CONV-047
  made_.push_back({key_command, command});
  made_.insert(made_.end(), arguments.begin(), arguments.end());
  // AMP1-FRAME-008: a refusal has changed nothing.
  if (const auto refused = encode(made_, out(), version_)) return *refused;

  const call_id call = ++last_call_;
  if (ask) {
    ++last_tag_;
    calls_.emplace(tag_text, call);
  }
  return call;
}

wire::result<call_id> session::start_tls() {
  if (secure_) return wire::failure{errc::already_secured, 0, "AMP1-CONV-062"};
  return ask_for(transport_change::tls, command_start_tls, {});  // AMP1-CONV-058: nothing local is sent
}

wire::result<call_id> session::call_switch(std::string_view command, box_view arguments) {
  return ask_for(transport_change::other, command, arguments);
}

wire::result<call_id> session::ask_for(transport_change what, std::string_view command, box_view arguments) {
  if (asked_ || change_) return wire::failure{errc::change_pending, 0, "AMP1-CONV-062"};
  auto made = call(command, arguments);
  if (made) asked_ = asked_change{*made, what};  // AMP1-CONV-051, -060: from here on our boxes are held
  return made;
}

// --- serving ---------------------------------------------------------------------------------------------------------

void session::answer(request_id id, box_view values) {
  const auto request = requests_.find(id);
  if (request == requests_.end()) return;
  made_.clear();
  made_.push_back({key_answer, request->second});  // AMP1-CONV-002: the tag as it came
  made_.insert(made_.end(), values.begin(), values.end());
  if (has_reserved(values) || encode(made_, out(), version_)) return fail_unknown(id);  // AMP1-CONV-017
  requests_.erase(request);
  close_if_drained();
}

void session::answer(request_id id, box_view values, made_value large) {
  assert(version_ == version::v2);
  const auto request = requests_.find(id);
  if (request == requests_.end()) return;
  made_.clear();
  made_.push_back({key_answer, request->second});
  made_.insert(made_.end(), values.begin(), values.end());
  made_.push_back({large.key, {}});  // with an empty value, so that all keys are looked at
  if (asked_ || change_) return fail_unknown(id);
  std::string& to = behind_all();
  if (has_reserved(values) || encode(made_, to, version_)) return fail_unknown(id);
  to.resize(to.size() - 4);  // the value's own chunks come here, and then the end of the box
  making_.push_back({std::move(large), 0, {}});
  make_some();
  requests_.erase(request);
  close_if_drained();
}

void session::fail(request_id id, std::string_view code, std::string_view description, bool fatal) {
  const auto request = requests_.find(id);
  if (request == requests_.end()) return;
  if (version_ == version::v1 && code.size() > max_value) return fail_unknown(id);
  const std::string text = valid_utf8(description);  // AMP1-CONV-019
  made_ = {{key_error, request->second},
           {key_error_code, code},
           {key_error_description, version_ == version::v1 ? cut_utf8(text, max_value) : text}};  // AMP1-CONV-075
  [[maybe_unused]] const auto refused = encode(made_, out(), version_);
  assert(!refused);
  requests_.erase(request);
  if (fatal) {
    end(state::closing, std::nullopt);  // AMP1-CONV-013: behind the box
  } else {
    close_if_drained();
  }
}

void session::fail_unhandled(request_id id) { fail(id, code_unhandled, "no such command"); }

void session::fail_unknown(request_id id) { fail(id, code_unknown, "Unknown Error", true); }

}  // namespace ampspec::amp
