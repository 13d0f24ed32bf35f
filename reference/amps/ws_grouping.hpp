// How one AMPS message is spread over WebSocket messages, in both directions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/payload.hpp"
#include "reference/wire/failure.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

enum class ws_kind : std::uint8_t { text, binary };

/// One WebSocket message, its fragments joined.
struct ws_message {
  ws_kind kind = ws_kind::text;
  std::string octets;
  bool operator==(const ws_message&) const = default;
};

struct ws_limits {
  std::uint64_t max_message = default_limit;  ///< header and bodies together (AMPS-LIMIT-010)
  std::uint32_t max_group = 65'537;           ///< messages behind one count (AMPS-LIMIT-012)
};

/// The close code that belongs to a failure: 1009 where a limit was passed, else 1002.
std::uint16_t ws_close_code(const std::error_code&);

/// The server's side: reads the client's messages: the mode first (AMPS-WS-003), then for each command a count, a
/// header and bodies (AMPS-WS-005, AMPS-WS-006). Messages come whole or in pieces; `room` tells how long the next may
/// be, so that what brings them can refuse earlier. After a failure nothing is read any more. Failures count octets of
/// all messages.
class ws_command_reader {
 public:
  explicit ws_command_reader(ws_limits = {});

  /// Takes the next message, or a piece of it that is not the `last`; the command that it completes, valid until the
  /// next call and as long as `octets`.
  std::optional<frame_view> receive(ws_kind, std::string_view octets, bool last = true);
  /// Takes the body of the command just given away from the reader; empty where the reader does not hold it, since it
  /// came whole in one message.
  octet_buffer take_body() { return std::exchange(body_, {}); }

  /// What the bodies to this client are sent as, once the mode has come.
  std::optional<ws_kind> mode() const { return mode_; }

  /// Octets that the next message may have. Asked between messages.
  std::uint64_t room() const;

  /// True between a count and the last message of its group.
  bool in_group() const { return awaited_ > 0; }

  const std::optional<wire::failure>& error() const { return error_; }

 private:
  std::optional<frame_view> begin_group(ws_kind, std::string_view);
  std::optional<frame_view> take_header(std::string_view);
  std::optional<frame_view> add_body(std::string_view, bool last);
  std::nullopt_t fail(errc, std::uint64_t offset, wire::requirement_id);

  ws_limits limits_;
  std::optional<ws_kind> mode_;
  std::uint32_t awaited_ = 0;  // messages of the group that have not come
  bool has_header_ = false;
  bool in_pieces_ = false;     // `held_` has the beginning of a message that is no body
  std::string held_;           // the header of a command whose bodies have not all come
  octet_buffer body_;          // bodies, but for a single one that came whole
  std::uint64_t size_ = 0;     // octets of header and bodies so far
  std::uint64_t message_ = 0;  // octets of this message so far
  std::uint64_t before_ = 0;   // octets of earlier messages
  header_view fields_;
  std::string unescaped_;
  std::optional<wire::failure> error_;
};

/// The client's side: reads the server's messages, which carry no count (AMPS-WS-008): what follows a header is told by
/// its command, `l` and `bs` (AMPS-WS-033). Each record of a `sow` is given as a message of its own, the fields of the
/// batch overlaid by its own.
class ws_delivery_reader {
 public:
  explicit ws_delivery_reader(ws_limits = {});

  /// As `ws_command_reader::receive`.
  std::optional<frame_view> receive(ws_kind, std::string_view octets);

  /// True between a header and what must follow it.
  bool in_group() const { return state_ != state::header; }

  const std::optional<wire::failure>& error() const { return error_; }

 private:
  enum class state : std::uint8_t { header, body, record, record_body };

  bool scan(ws_kind, std::string_view, bool is_record);
  std::optional<frame_view> after_header();
  std::nullopt_t fail(errc, std::uint64_t offset, wire::requirement_id);

  ws_limits limits_;
  state state_ = state::header;
  std::string held_, held_record_;
  header_view fields_, record_;
  std::string unescaped_, unescaped_record_;
  std::uint64_t records_ = 0;  // that have not come
  std::uint64_t size_ = 0;
  std::uint64_t before_ = 0;
  std::optional<wire::failure> error_;
};

/// The first message of a client on a connection of that message type: `text` for `json`, else `binary`.
ws_message ws_mode_message(std::string_view message_type);

/// Appends a command as a client sends it: count, header, bodies; bodies are TEXT in `text` mode. Refuses what
/// `write_header` refuses, frame_too_large (AMPS-LIMIT-006) and group_too_long; appends nothing then.
[[nodiscard]] std::optional<wire::failure> ws_command(const header_view&, std::span<const std::string_view> bodies,
                                                      ws_kind body_kind, std::vector<ws_message>& out, ws_limits = {});

/// The header message of what a server sends, `l` included for publishes and oofs (AMPS-WS-009, AMPS-WS-011).
[[nodiscard]] std::optional<wire::failure> ws_delivery_header(const header_view&, std::uint64_t body_size,
                                                              std::string& out);

/// Whether a body message follows such a header: for publishes and oofs unless the body is empty (AMPS-WS-010, -011),
/// for nothing else (AMPS-WS-032); the records of a `sow` follow by themselves.
bool ws_body_follows(command, std::uint64_t body_size);

}  // namespace ampspec::amps
