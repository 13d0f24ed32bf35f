// The broker on one connection: octets in and out, on a clock that the owner of the connection tells.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_stream.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ampspec::behaviour {

/// What somebody says here may make others speak (`amps::broker::next_touched`): who owns the connections looks after
/// that, and after the timers.
class amps_conversation final : public conversation {
 public:
  using clock = std::function<amps::moment()>;

  /// `now` is asked before a command is looked at; none: the clock stands.
  explicit amps_conversation(std::shared_ptr<amps::broker> shared, clock now = {})
      : broker_(shared), stream_(std::move(shared)), now_(std::move(now)) {}

  void receive(std::string_view bytes) override {
    tick();
    stream_.receive(bytes);
  }
  void peer_finished() override { stream_.peer_finished(); }
  void lost() override { stream_.lost(); }
  std::string_view output() const override;
  void sent(std::size_t count) override;
  bool wants_input() const override { return stream_.wants_input(); }
  bool wants_close() const override { return stream_.wants_close(); }

  const amps::broker_session* session() { return &stream_.session(); }
  /// Goes on with what had to wait for others.
  void resume() { stream_.resume(); }

 private:
  void tick() {
    if (now_) broker_->advance(now_());
  }

  std::shared_ptr<amps::broker> broker_;
  amps::broker_stream stream_;
  clock now_;
  mutable std::string joined_;  ///< small pieces of the output, together; empty: not made
};

}  // namespace ampspec::behaviour
