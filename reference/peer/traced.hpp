// A conversation that tells on standard error what passes through it, box by box.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box_decoder.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

namespace ampspec::peer {

/// `_ask: 1, _command: Sum`: octets outside printable ASCII as \xNN, values above 64 octets cut with their size told.
/// Tokens of bulk transfers are asterisks unless secrets are to be shown.
std::string shown(amp::box_view, bool show_secrets = false);

class traced final : public behaviour::conversation {
 public:
  /// Lines begin with `number` of the connection, then `<` for what was received, `>` for what was sent, `-` for its
  /// end.
  traced(std::shared_ptr<behaviour::conversation>, amp::version, std::uint64_t number, std::ostream&,
         bool show_secrets = false);

  void receive(std::string_view bytes) override;
  void peer_finished() override;
  void lost() override;
  std::string_view output() const override { return talk_->output(); }
  void sent(std::size_t count) override;
  bool wants_input() const override { return talk_->wants_input(); }
  bool wants_close() const override { return talk_->wants_close(); }
  bool wants_tls() const override { return talk_->wants_tls(); }
  std::string begin_tls() override;
  std::optional<bool> is_tls_client() const override { return talk_->is_tls_client(); }

 private:
  static std::unique_ptr<amp::box_decoder> fresh(amp::version);
  struct direction {
    direction(char s, amp::version v) : sign(s), version(v), decoder(fresh(v)) {}
    char sign;
    amp::version version;
    std::unique_ptr<amp::box_decoder> decoder;
    bool refusal_told = false;
  };
  void tell(direction&, std::string_view bytes);
  void say(char sign, const std::string& text);

  std::shared_ptr<behaviour::conversation> talk_;
  std::string label_;
  std::ostream& out_;
  const bool show_secrets_;
  direction in_, back_;
};

}  // namespace ampspec::peer
