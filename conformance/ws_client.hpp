// The suite's end of AMPS over WebSocket, without a library: a vector can write every octet of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"
#include "conformance/subject.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

enum class ws_opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct ws_frame_options {
  bool last = true;    ///< FIN
  bool masked = true;  ///< as a client must
};
/// One frame. The mask is always the same: what is sent can be repeated.
std::string ws_frame(ws_opcode, std::string_view payload, ws_frame_options = {});

/// One command: the count of what follows, its header, and its body if there is one (AMPS-WS-005, AMPS-WS-006).
std::string ws_command(std::string_view header, std::string_view body, bool text_mode);

/// The request for the upgrade, with further headers.
std::string ws_upgrade_request(std::string_view path, const plain_box& headers);
/// What is wrong with the answer to it; empty: nothing. `head` up to and with its empty line.
std::string wrong_upgrade(std::string_view head);
/// The status of an answer, 0 if it is none.
int http_status(std::string_view head);

/// Turns what a server sends after the upgrade into AMPS messages, in the layout that they have on TCP: length, header,
/// and body or records (with their `l`). So everything behind it is the same for both.
class ws_messages {
 public:
  /// `text_mode`: the bodies must be TEXT (AMPS-WS-013), else BINARY (AMPS-WS-014).
  explicit ws_messages(bool text_mode) : text_mode_(text_mode) {}

  void feed(std::string_view octets);
  /// The messages that are whole, as on TCP, since the last time.
  std::string take() { return std::exchange(done_, {}); }
  /// True if something has come of a message that is not whole.
  bool unfinished() const { return !in_.empty() || in_fragments_ || awaited_ != part::header; }
  /// What is wrong with the stream, with the clause; it stays so.
  const std::string& wrong() const { return wrong_; }

  /// Pings that want an answer, and pongs, since the last time.
  std::deque<std::string> pings, pongs;
  struct closing {
    int code = 1005;  ///< 1005: none was told
    std::string reason;
  };
  std::optional<closing> closed;  ///< a close frame has come; nothing is read behind it

 private:
  enum class part { header, body, record, record_body };
  bool frame();
  void message(bool text, std::string payload);
  void header(bool text, const std::string& payload);
  void finish();
  void fail(std::string why) { wrong_ = std::move(why); }

  bool text_mode_;
  std::string in_, fragments_, message_, done_, wrong_;
  bool in_fragments_ = false, fragments_text_ = false;
  part awaited_ = part::header;
  std::uint64_t records_ = 0, length_ = 0;
  bool has_length_ = false;
};

/// Names the parts of octets on a WebSocket connection, the upgrade included. Lenient, as `annotate_amps` is.
std::vector<noted_field> annotate_ws(std::string_view octets);

}  // namespace ampspec::conformance
