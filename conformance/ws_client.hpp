// The suite as a client of AMPS over WebSocket, without a library: a vector can write every octet of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/ws_stream.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::conformance {

/// One command: the count of what follows, its header, and its body if there is one (AMPS-WS-005, AMPS-WS-006).
std::string ws_command(std::string_view header, std::string_view body, bool text_mode);
/// The same but for the body of `size` octets, which follows masked.
std::string ws_command_head(std::string_view header, std::uint64_t size, bool text_mode);

/// The request for the upgrade, with further headers.
std::string ws_upgrade_request(std::string_view path, const plain_box& headers);
/// What is wrong with the answer to it; empty: nothing. `head` up to and with its empty line.
std::string wrong_upgrade(std::string_view head);
/// The status of an answer, 0 if it is none.
int http_status(std::string_view head);

/// What a server sends.
class ws_messages final : public ws_stream {
 public:
  /// `text_mode`: the bodies must be TEXT (AMPS-WS-013), else BINARY (AMPS-WS-014).
  explicit ws_messages(bool text_mode) : ws_stream(false), text_mode_(text_mode) {}

 private:
  enum class part { header, body, record, record_body };
  void message(bool text, std::string payload) override;
  bool passes(bool text, std::uint64_t size) override;
  void passed() override { awaited_ = part::header; }
  void header(bool text, const std::string& payload);
  bool is_body(bool text, std::uint64_t size);
  void finish();

  const bool text_mode_;
  std::string message_;
  part awaited_ = part::header;
  std::uint64_t records_ = 0, length_ = 0;
  bool has_length_ = false;
};

}  // namespace ampspec::conformance
