// A conversation inside TLS from the first octet, as `tcps` has it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ampspec::peer {

/// Wants TLS before anything else; then it is the conversation that it was given, which knows that it is inside.
class behind_tls final : public behaviour::conversation {
 public:
  explicit behind_tls(std::shared_ptr<behaviour::conversation> talk) : talk_(std::move(talk)) {}

  void receive(std::string_view bytes) override { talk_->receive(bytes); }
  void peer_finished() override { talk_->peer_finished(); }
  void lost() override { talk_->lost(); }
  std::string_view output() const override { return begun_ ? talk_->output() : std::string_view(); }
  void sent(std::size_t count) override { talk_->sent(count); }
  bool wants_input() const override { return begun_ && talk_->wants_input(); }
  bool wants_close() const override { return talk_->wants_close(); }
  bool wants_tls() const override { return !begun_; }
  std::string begin_tls() override {
    begun_ = true;
    return talk_->begin_tls();
  }

 private:
  std::shared_ptr<behaviour::conversation> talk_;
  bool begun_ = false;
};

}  // namespace ampspec::peer
