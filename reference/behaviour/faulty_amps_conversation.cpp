// Encodes what the fault left of the output, and lets the fault at the octets.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/faulty_amps_conversation.hpp"

#include <utility>

namespace ampspec::behaviour {

faulty_amps_conversation::faulty_amps_conversation(const std::shared_ptr<amps::broker>& shared,
                                                   std::unique_ptr<amps_fault> fault, amps_conversation::clock now)
    : fault_(*fault),
      endpoint_(shared, {}, std::move(fault), std::move(now)),
      decoder_({.max_frame = shared->config().max_frame}) {}

void faulty_amps_conversation::receive(std::string_view bytes) {
  decoder_.feed(bytes);
  while (!endpoint_.wants_close()) {
    const auto frame = decoder_.next();
    if (!frame) {
      if (decoder_.error()) endpoint_.refuse();
      return;
    }
    endpoint_.receive(frame->header, amps::make_payload(frame->body));
  }
}

void faulty_amps_conversation::encode() const {
  while (const auto* front = endpoint_.front()) {
    auto prefix = front->head.substr(0, amps::prefix_size);
    std::string frame(front->header());
    frame += amps::octets_of(front->body);
    for (const auto& record : front->records) frame.append(record.header).append(amps::octets_of(record.body));
    endpoint_.pop_front();
    if (done_ == out_.size()) {
      out_.clear();
      done_ = 0;
    }
    fault_.encoded(prefix, frame);
    out_ += prefix + frame;
  }
}

std::string_view faulty_amps_conversation::output() const {
  encode();
  return std::string_view(out_).substr(done_);
}

bool faulty_amps_conversation::wants_close() const {
  encode();
  return endpoint_.wants_close();
}

}  // namespace ampspec::behaviour
