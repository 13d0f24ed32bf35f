// The suite as a server of AMPS over WebSocket, without a library: a vector can write every octet of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/ws_stream.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::conformance {

/// What is wrong with a request for the upgrade to that path; empty: nothing. `head` up to and with its empty line.
std::string wrong_upgrade_request(std::string_view head, std::string_view path);
/// The answer to one in which nothing is wrong. It names neither subprotocol nor extension.
std::string ws_upgrade_answer(std::string_view head);

/// Messages in the layout of TCP as a server sends them: header, then one body or pairs of a record's header and body
/// (AMPS-WS-033). What is no message goes as it is, in one TEXT message.
std::string ws_deliveries(std::string_view framed, bool text_mode);

/// What a client sends: its mode, and commands behind their counts.
class ws_commands final : public ws_stream {
 public:
  /// `text_mode`: the mode must be `text` (AMPS-WS-003), else `binary`.
  explicit ws_commands(bool text_mode) : ws_stream(true), text_mode_(text_mode) {}

 private:
  void message(bool text, std::string payload) override;
  void count(bool text, std::string_view payload);

  const bool text_mode_;
  bool has_mode_ = false, has_header_ = false;
  std::uint32_t awaited_ = 0;  ///< messages of a group that have not come
  std::string message_;
};

}  // namespace ampspec::conformance
