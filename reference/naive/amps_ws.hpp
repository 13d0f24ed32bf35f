// A client's side of WebSocket a second time: the upgrade, frames, and the groups of AMPS, octet by octet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"

#include <string>
#include <string_view>

namespace ampspec::naive {

/// One connection. What the server sends comes out as frames of TCP (length, header, and body or records), so that
/// their reader reads both. The answer to the upgrade is only looked at for its status.
class amps_ws {
 public:
  /// `credentials`: `user:password`, or empty.
  amps_ws(const faults& broken, const std::string& host, const std::string& path, const std::string& credentials);

  /// One command; it waits until the upgrade is done.
  void send(const std::string& header, const std::string& body);
  /// Octets of the server; what of them is whole, as on TCP.
  std::string receive(std::string_view octets);
  /// What is to be written, and forgets it.
  std::string output();
  /// Closed by the server, refused, or not to be understood.
  bool over() const { return over_; }

 private:
  bool on(fault f) const { return broken_.has(f); }
  void frame(int opcode, std::string payload);
  bool take_frame(std::string& done);
  void take_message(const std::string& message, std::string& done);

  faults broken_;
  std::string mode_;
  std::string in_, out_, waiting_;
  std::string fragments_;
  std::string half_;  // by a fault: a body that is held back
  bool open_ = false, over_ = false;
  std::string group_;               // header, bodies and record headers so far
  std::string awaited_ = "header";  // header, body, record, record body
  unsigned long records_ = 0;       // of the batch, still to come
};

}  // namespace ampspec::naive
