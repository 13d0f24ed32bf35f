// A conversation that tells on standard error what passes through it, AMPS message by message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame_decoder.hpp"
#include "reference/behaviour/conversation.hpp"
#include "reference/peer/amps_narrator.hpp"

#include <memory>
#include <string_view>

namespace ampspec::peer {

class amps_traced final : public behaviour::conversation {
 public:
  amps_traced(std::shared_ptr<behaviour::conversation>, amps_narrator);

  void receive(std::string_view bytes) override;
  void peer_finished() override;
  void lost() override;
  std::string_view output() const override { return talk_->output(); }
  void sent(std::size_t count) override;
  bool wants_input() const override { return talk_->wants_input(); }
  bool wants_close() const override { return talk_->wants_close(); }

 private:
  struct direction {
    char sign;
    // Large payloads in pieces: only their beginning is told.
    amps::frame_decoder decoder{{.max_frame = 0xffffffff, .whole_up_to = 65536}};
    bool refusal_told = false;
  };
  void tell(direction&, std::string_view bytes);

  std::shared_ptr<behaviour::conversation> talk_;
  amps_narrator narrator_;
  direction in_{'<'}, back_{'>'};
};

}  // namespace ampspec::peer
