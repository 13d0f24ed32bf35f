// A conversation that tells on standard error what passes through it, AMPS message by message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame_decoder.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace ampspec::peer {

class amps_traced final : public behaviour::conversation {
 public:
  /// Lines begin with `number` of the connection, then `<` for what was received, `>` for what was sent, `-` for its
  /// end. Passwords are masked unless `show_secrets`.
  amps_traced(std::shared_ptr<behaviour::conversation>, std::uint64_t number, std::ostream&, bool show_secrets = false);

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
  void say(char sign, const std::string& text);

  std::shared_ptr<behaviour::conversation> talk_;
  std::string label_;
  std::ostream& out_;
  bool show_secrets_;
  direction in_{'<'}, back_{'>'};
};

}  // namespace ampspec::peer
