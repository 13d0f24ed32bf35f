// A client's side of WebSocket as octets in and out, messages on its other side.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/ws_grouping.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// What a connection of WebSocket is asked for with, and where its events go.
struct ws_opening {
  std::string host, path;     ///< of the request
  std::string authorization;  ///< a header of it; empty: none (AMPS-WS-025)
  std::uint64_t max_message = amps::default_limit;
  std::function<void(amps::ws_kind, std::string_view)> message;  ///< one has come, its fragments joined
  /// Something went on without a call from outside: messages may have come, and `output` is to be looked at.
  std::function<void()> wake;
};

/// The upgrade is asked for at once; messages wait until it is done. The io_context runs on the thread that makes all
/// calls. WebSocket itself is Beast's: it masks, answers pings and closes.
class ws_client_side {
 public:
  ws_client_side(boost::asio::io_context&, ws_opening);
  ~ws_client_side();
  ws_client_side(const ws_client_side&) = delete;
  ws_client_side& operator=(const ws_client_side&) = delete;

  void receive(std::string_view octets);
  void send(amps::ws_message);
  /// Ends the connection, once what was sent before has been written.
  void close(std::uint16_t code);
  std::string_view output() const;
  void sent(std::size_t count);
  bool wants_input() const;
  /// The handshake of the close is done, or the connection is of no use any more.
  bool over() const;

 private:
  class engine;
  std::shared_ptr<engine> engine_;
};

}  // namespace ampspec::peer
