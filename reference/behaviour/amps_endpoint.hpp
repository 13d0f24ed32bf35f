// The broker on one connection, message by message: with a named fault around it, or without.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_session.hpp"
#include "reference/behaviour/amps_conversation.hpp"
#include "reference/behaviour/amps_faults.hpp"

#include <deque>
#include <memory>
#include <string_view>

namespace ampspec::behaviour {

/// Whoever carries the messages decodes them into `receive`, writes what `front` gives, and closes the connection when
/// nothing is left and `wants_close`.
class amps_endpoint {
 public:
  /// `message_type` as `amps::broker_session` has it; `fault` may be null; `now` is asked before a command is looked
  /// at.
  amps_endpoint(const std::shared_ptr<amps::broker>&, std::string_view message_type, std::unique_ptr<amps_fault> fault,
                amps_conversation::clock now = {});

  void receive(const amps::header_view&, amps::payload body);
  /// True if the command has to wait for others; `amps::broker::next_touched` tells when to ask again.
  bool must_wait(const amps::header_view&);
  /// What came was no message: the connection ends without an ack.
  void refuse() { session_.refuse(); }
  void lost();

  /// What is to be written next; null if there is nothing. It stays where it is until it is taken off, or until the
  /// broker drops all that waits: then this is null.
  const amps::outgoing_message* front();
  void pop_front();
  /// Some octets of the front have been written.
  void progressed() { session_.progressed(); }
  bool wants_input() const { return session_.wants_input() && changed_.size() < max_changed; }
  bool wants_close() const { return session_.wants_close(); }
  amps::broker_session::ending why_closed() const { return session_.why_closed(); }

  const amps::broker_session* session() const { return &session_; }

 private:
  static constexpr std::size_t max_changed = 65'536;  ///< messages
  void take_output();

  std::shared_ptr<amps::broker> broker_;
  amps::broker_session session_;
  std::unique_ptr<amps_fault> fault_;
  amps_conversation::clock now_;
  std::deque<amps::outgoing_message> changed_;  ///< what the fault made of the output
};

}  // namespace ampspec::behaviour
