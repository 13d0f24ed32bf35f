// Takes frames as long as the session and the broker have room for what they cause.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_stream.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::amps {

namespace {

/// Frames above this are taken in pieces, so that a large body stands in memory once.
constexpr std::uint64_t whole_up_to = 1u << 20;

/// Calls `visit` with each part of a message in the order in which they are written, until it returns false.
template <class Visitor>
void for_each_part(const outgoing_message& m, Visitor&& visit) {
  if (!visit(std::string_view(m.head))) return;
  if (m.what == outgoing_message::form::with_body) {
    visit(octets_of(m.body));
    return;
  }
  for (const auto& record : m.records) {
    if (!visit(std::string_view(record.header)) || !visit(octets_of(record.body))) return;
  }
}

}  // namespace

broker_stream::broker_stream(const std::shared_ptr<broker>& owner)
    : broker_(owner), session_(owner), decoder_({.max_frame = owner->config().max_frame, .whole_up_to = whole_up_to}) {}

void broker_stream::receive(std::string_view octets) {
  decoder_.feed(octets);
  go_on();
}

void broker_stream::resume() {
  if (waiting_ || blocked_) go_on();
}

void broker_stream::go_on() {
  blocked_ = false;
  while (!session_.wants_close()) {
    if (!session_.wants_input()) {
      blocked_ = true;
      return;
    }
    if (!waiting_) {
      if (const auto frame = decoder_.next()) waiting_.emplace(*frame);
    }
    if (!waiting_) {
      if (decoder_.error()) session_.refuse();  // AMPS-FRAME-014, AMPS-LIMIT-002, AMPS-LIMIT-004
      return;
    }
    if (broker_session::publishes(waiting_->header) && broker_->congested() && waiting_->last()) {
      session_.await_room();
      return;
    }
    take(*waiting_);
    waiting_.reset();
  }
  waiting_.reset();
}

void broker_stream::take(const frame_view& frame) {
  if (frame.whole()) return session_.receive(frame.header, make_payload(frame.body));
  if (frame.body_at == 0) {
    large_header_ = header(frame.header);
    large_body_ = octet_buffer();
  }
  large_body_.append(frame.body);
  if (frame.last()) session_.receive(large_header_, make_payload(std::exchange(large_body_, octet_buffer())));
}

void broker_stream::lost() {
  waiting_.reset();
  blocked_ = false;
  written_ = 0;
  session_.lost();
}

std::size_t broker_stream::pieces(std::span<std::string_view> room) const {
  std::size_t count = 0, skip = written_;
  session_.for_each_waiting([&](const outgoing_message& m) {
    for_each_part(m, [&](std::string_view part) {
      const auto skipped = std::min(skip, part.size());
      skip -= skipped;
      part.remove_prefix(skipped);
      if (part.empty()) return true;
      if (count == room.size()) return false;
      room[count++] = part;
      return true;
    });
    return count < room.size();
  });
  return count;
}

void broker_stream::sent(std::size_t octets) {
  written_ += octets;
  while (const auto* front = session_.front()) {
    std::size_t size = 0;
    for_each_part(*front, [&](std::string_view part) {
      size += part.size();
      return true;
    });
    if (written_ < size) break;
    written_ -= size;
    session_.pop_front();
  }
  if (octets > 0) session_.progressed();
}

}  // namespace ampspec::amps
