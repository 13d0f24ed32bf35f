// The broker on an octet stream: frames in, frames out, bodies lent to the writer and never copied for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_session.hpp"
#include "reference/amps/frame_decoder.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace ampspec::amps {

/// A session behind length prefixes, as TCP and TLS carry it. A loop reads octets into `receive`, writes `pieces`,
/// tells by `sent` how many were taken, and closes when nothing is left and `wants_close`.
class broker_stream {
 public:
  explicit broker_stream(const std::shared_ptr<broker>&);

  broker_session& session() { return session_; }

  /// Lends octets, which must stay as they are until `wants_input` says true again.
  void receive(std::string_view octets);
  /// Goes on with octets that had to wait; does nothing if there are none.
  void resume();
  /// The stream has ended: so has the session, at once.
  void peer_finished() { lost(); }
  void lost();

  /// What is to be written next, in order: as many views as fit into `room`. Returns how many. Valid until `sent`.
  std::size_t pieces(std::span<std::string_view> room) const;
  void sent(std::size_t octets);

  /// False while octets are lent, or so many answers wait that nothing more should be read.
  bool wants_input() const { return !waiting_ && !blocked_ && session_.wants_input(); }
  bool wants_close() const { return session_.wants_close(); }

 private:
  void take(const frame_view&);
  void go_on();

  std::shared_ptr<broker> broker_;
  broker_session session_;
  frame_decoder decoder_;
  header large_header_;  // of the frame that comes in pieces
  octet_buffer large_body_;
  std::optional<frame_view> waiting_;  // a publish that was read while the broker was congested
  bool blocked_ = false;               // octets are lent, and the client does not read
  std::size_t written_ = 0;            // octets of the front that are sent
};

}  // namespace ampspec::amps
