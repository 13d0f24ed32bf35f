// TCP connections with an implementation, and the loopback port on which we wait for one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/subjects/fd.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::runner {

using conformance::millis;

/// `tcp://HOST:PORT`, likewise with `tcps`, `ws` and `wss`; HOST also as `[::1]`.
struct tcp_address {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<tcp_address> parse_tcp_uri(std::string_view);

/// Our end of a connected socket.
std::unique_ptr<conformance::connection> adopt_socket(unique_fd);

/// A socket that is connected, or none: refused, or not within `deadline`; `*why` says what the system said.
unique_fd try_connect(const tcp_address&, millis deadline, std::string* why);

/// A port on 127.0.0.1 that the system chose.
class loopback_listener {
 public:
  loopback_listener();  ///< throws std::system_error
  std::uint16_t port() const { return port_; }
  std::string uri() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
  int fd() const { return socket_.get(); }
  /// The next connection, or none if nobody connects in time.
  unique_fd accept(millis deadline) const;

 private:
  unique_fd socket_;
  std::uint16_t port_ = 0;
};

/// A port that was free a moment ago.
std::uint16_t free_loopback_port();

}  // namespace ampspec::runner
