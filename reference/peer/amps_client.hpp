// The two AMPS clients as conversations, so that the loops that carry AMP carry them too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/naive/faults.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// What a client is made with (docs/adapter-protocol.md, AMPS client).
struct client_setup {
  std::string name, user, password;
  bool store = false, reconnects = false;
  bool secure = false;  ///< TLS from the first octet (AMPS-FRAME-021)
  /// Its connections are of WebSocket.
  struct websocket_place {
    std::string host, path;  ///< of the request, `127.0.0.1:4041` and `/amps/json`; the path names the message type
    boost::asio::io_context* io = nullptr;  ///< runs on the thread of all calls
    std::function<void()> wake;             ///< output has come without a call, and is to be looked at soon
  };
  std::optional<websocket_place> websocket = {};
};

/// A connection that is given up when the server has been silent for too long (AMPS-HB-007). Who carries it has the
/// clock.
class impatient {
 public:
  virtual ~impatient() = default;
  /// How long the server may be silent; nothing: for ever.
  virtual std::optional<std::chrono::seconds> patience() const = 0;
  /// Another number whenever something has been heard.
  virtual std::uint64_t heard() const = 0;
  virtual void ran_out() = 0;
};

/// The last segment of a path, without its query; `json` for none.
std::string message_type_of_path(std::string_view path);

/// A call's arguments are the fields of its message by their short names, `body`, `of` (the number of an earlier call)
/// and `auto_ack`. Beside calls that end, what comes for a call (`message`) and what the server refused to store
/// (`unwritten`, under its sequence) are told by `next_end`. A challenge of the server (AMPS-LOGON-012) is answered by
/// its password and `-answered`.
std::shared_ptr<behaviour::asking_conversation> reference_amps_client(const client_setup&);
std::shared_ptr<behaviour::asking_conversation> naive_amps_client(const client_setup&, const naive::faults&);

}  // namespace ampspec::peer
