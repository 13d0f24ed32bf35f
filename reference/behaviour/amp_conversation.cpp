// Takes the session's events as long as there is room for what they cause.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amp_conversation.hpp"

#include <cassert>
#include <limits>
#include <utility>

namespace ampspec::behaviour {

amp_conversation::amp_conversation(std::shared_ptr<service_state> state, amp::limits limits)
    : session_(std::make_shared<amp::session>(limits)), service_(session_, std::move(state)), client_(session_) {}

void amp_conversation::take_events(std::size_t output_limit) {
  drained_ = false;
  while (session_->waiting() < output_limit) {
    if (session_->held() > max_output) session_->close();  // a peer that asks on and on, and never answers
    const auto event = session_->next_event();
    if (event) {
      if (!service_.handle(*event)) client_.handle(*event);
    } else if (std::exchange(peer_finished_, false)) {
      // All that came before the end of the stream has been served; what still waits (Defer) would wait for ever.
      service_.finish();
    } else {
      drained_ = true;
      break;
    }
  }
  if (session_->is_switched() && !raw_) become_raw();
}

// The new protocol, on either side: the greeting that was asked for, then every octet back.
void amp_conversation::become_raw() {
  raw_ = true;
  drained_ = true;
  raw_out_ = session_->output();  // the last box of ours
  session_->sent(raw_out_.size());
  assert(session_->output().empty());
  raw_out_ += service_.greeting();
  raw_out_ += session_->unread();  // AMP1-CONV-053, -054
  raw_finished_ = peer_finished_;
}

std::string_view amp_conversation::output() const {
  return raw_ ? std::string_view(raw_out_).substr(raw_sent_) : session_->output();
}

bool amp_conversation::wants_input() const {
  if (raw_) return output().size() < max_output;
  return drained_ && !session_->wants_change() && session_->waiting() < max_output;
}

bool amp_conversation::wants_close() const { return raw_ ? raw_finished_ : session_->wants_close(); }

std::string amp_conversation::begin_tls() {
  std::string first(session_->unread());
  session_->secured();
  return first;
}

void amp_conversation::receive(std::string_view bytes) {
  if (raw_) {
    raw_out_ += bytes;
    return;
  }
  session_->receive(bytes);
  take_events(max_output);
}

void amp_conversation::peer_finished() {
  peer_finished_ = true;
  if (raw_) {
    raw_finished_ = true;
    return;
  }
  session_->peer_finished();
  take_events(max_output);
}

void amp_conversation::lost() {
  session_->lost();
  take_events(std::numeric_limits<std::size_t>::max());
}

void amp_conversation::sent(std::size_t count) {
  if (raw_) {
    raw_sent_ += count;
    if (raw_sent_ > raw_out_.size() / 2) {
      raw_out_.erase(0, raw_sent_);
      raw_sent_ = 0;
    }
    return;
  }
  session_->sent(count);
  if (!drained_) take_events(max_output);
}

namespace {

amp::box owned(const plain_box& pairs) {
  amp::box box;
  for (const auto& [key, value] : pairs) box.add(key, value);
  return box;
}

}  // namespace

void amp_conversation::call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool ask) {
  client_.call(number, command, owned(arguments), ask);
}

void amp_conversation::call_switch(std::uint64_t number, std::string_view command, const plain_box& arguments) {
  client_.call_switch(number, command, owned(arguments));
}

bool amp_conversation::write_stream(std::uint64_t number, const stream_order& order) {
  service_.streams().write(number, order);
  return true;
}

std::optional<call_end> amp_conversation::next_end() {
  auto end = client_.next_end();
  return end ? std::move(end) : service_.streams().next_end();
}

void amp_conversation::send_box(std::uint64_t number, const plain_box& box) { client_.send_box(number, owned(box)); }

}  // namespace ampspec::behaviour
