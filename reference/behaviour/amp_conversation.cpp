// Takes the session's events as long as there is room for what they cause.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amp_conversation.hpp"

#include <limits>
#include <utility>

namespace ampspec::behaviour {

amp_conversation::amp_conversation(std::shared_ptr<service_state> state, amp::limits limits)
    : session_(std::make_shared<amp::session>(limits)), service_(session_, std::move(state)), client_(session_) {}

void amp_conversation::take_events(std::size_t output_limit) {
  drained_ = false;
  while (session_->output().size() < output_limit) {
    const auto event = session_->next_event();
    if (event) {
      if (!service_.handle(*event)) client_.handle(*event);
    } else if (std::exchange(peer_finished_, false)) {
      // All that came before the end of the stream has been served; what still waits (Defer) would wait for ever.
      service_.finish();
    } else {
      drained_ = true;
      return;
    }
  }
}

void amp_conversation::receive(std::string_view bytes) {
  session_->receive(bytes);
  take_events(max_output);
}

void amp_conversation::peer_finished() {
  peer_finished_ = true;
  session_->peer_finished();
  take_events(max_output);
}

void amp_conversation::lost() {
  session_->lost();
  take_events(std::numeric_limits<std::size_t>::max());
}

void amp_conversation::sent(std::size_t count) {
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
