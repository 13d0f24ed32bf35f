// One connection of AMPS over WebSocket as a conversation: octets of the connection in and out, messages to the broker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/amps_endpoint.hpp"
#include "reference/behaviour/conversation.hpp"
#include "reference/peer/amps_narrator.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace ampspec::peer {

/// The upgrade, and then the grouping of amps/ws_grouping.hpp. WebSocket itself is Beast's.
class ws_conversation final : public behaviour::conversation {
 public:
  struct surroundings {
    /// Whether the broker has such a message type; otherwise the path is answered 404.
    std::function<bool(std::string_view message_type)> knows;
    /// The upgrade is done: the broker's side of this connection.
    std::function<std::shared_ptr<behaviour::amps_endpoint>(std::string_view message_type)> connect;
    /// Something goes on without a call from outside: `resume` is to be called soon, not from here, and then `output`
    /// looked at.
    std::function<void()> wake;
    std::uint64_t max_message = amps::default_limit;  ///< header and bodies
    std::optional<amps_narrator> narrator = {};
  };

  /// The io_context runs on the thread that makes all calls.
  ws_conversation(boost::asio::io_context&, surroundings);
  ~ws_conversation() override;

  void receive(std::string_view bytes) override;
  void peer_finished() override;
  void lost() override;
  std::string_view output() const override;
  void sent(std::size_t count) override;
  bool wants_input() const override;
  bool wants_close() const override;

  /// Goes on with what had to wait for others, and writes what they caused.
  void resume();

 private:
  class engine;
  std::shared_ptr<engine> engine_;
};

}  // namespace ampspec::peer
