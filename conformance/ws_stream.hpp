// A WebSocket connection seen from the suite, without a library: frames, and the messages that they make up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"
#include "conformance/subject.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::conformance {

enum class ws_opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct ws_frame_options {
  bool last = true;    ///< FIN
  bool masked = true;  ///< as a client must
};
/// One frame. The mask is always the same: what is sent can be repeated.
std::string ws_frame(ws_opcode, std::string_view payload, ws_frame_options = {});
/// What stands in front of a payload of `size` octets, which is then sent masked by `ws_mask`.
std::string ws_frame_head(ws_opcode, std::uint64_t size, ws_frame_options = {});
/// Masks octets that begin at `offset` of a payload.
void ws_mask(std::string& octets, std::uint64_t offset);

/// The value of a header of an HTTP head, without blanks around it.
std::optional<std::string> http_header(std::string_view head, std::string_view name);
bool equal_without_case(std::string_view, std::string_view);
/// What a server answers to a key (RFC 6455, 4.2.2).
std::string ws_accept_of(std::string_view key);

/// Turns what comes on a connection after the upgrade into AMPS messages, in the layout that they have on TCP: length,
/// header, and body or records (with their `l`). So everything behind it is the same for both. A payload that is too
/// large to be held goes on as it comes, if it is one that may.
class ws_stream {
 public:
  virtual ~ws_stream() = default;
  ws_stream(const ws_stream&) = delete;
  ws_stream& operator=(const ws_stream&) = delete;

  void feed(std::string_view octets);
  /// What of the messages can be told, as on TCP, since the last time.
  std::string take() { return std::exchange(done_, {}); }
  /// What is wrong with the stream, with the clause; it stays so.
  const std::string& wrong() const { return wrong_; }

  /// Pings that want an answer, and pongs, since the last time.
  std::deque<std::string> pings, pongs;
  struct closing {
    int code = 1005;  ///< 1005: none was told
    std::string reason;
  };
  std::optional<closing> closed;  ///< a close frame has come; nothing is read behind it

 protected:
  explicit ws_stream(bool masked) : masked_(masked) {}

  /// A whole message.
  virtual void message(bool text, std::string payload) = 0;
  /// The beginning of one of `size` octets, not fragmented and too large to be held: true if `done_` has everything in
  /// front of it, so that it may follow there.
  virtual bool passes(bool /*text*/, std::uint64_t /*size*/) { return false; }
  /// It has passed.
  virtual void passed() {}
  void fail(std::string why) { wrong_ = std::move(why); }
  /// What stands in front of a message on TCP.
  void put_length(std::uint64_t size);

  std::string done_;

 private:
  bool frame();
  void pass();

  const bool masked_;  ///< the other side masks, as a client must; a server must not
  std::string in_, fragments_, wrong_, cut_character_;
  bool in_fragments_ = false, fragments_text_ = false, passing_text_ = false;
  std::uint64_t passing_ = 0;  ///< octets still to come of a payload that passes
  std::uint64_t passed_ = 0;   ///< and that have come
  std::string passing_mask_;
};

/// Names the parts of octets on a WebSocket connection, the upgrade included. Lenient, as `annotate_amps` is.
std::vector<noted_field> annotate_ws(std::string_view octets);

}  // namespace ampspec::conformance
