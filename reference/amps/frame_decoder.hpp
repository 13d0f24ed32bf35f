// Finds the frames of an octet stream, however it is cut into chunks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/header_scanner.hpp"
#include "reference/wire/failure.hpp"

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

struct decoder_limits {
  std::uint64_t max_frame = default_limit;  ///< of the declared length: header and payload (AMPS-LIMIT-005)
  /// Frames declared longer than this are given in pieces as their payload arrives. As it is: none.
  std::uint64_t whole_up_to = std::numeric_limits<std::uint64_t>::max();
};

/// Order of calls: `feed`, then `next` until it gives nothing, and so on; at the end of the stream `finish`.
///
/// Where a frame lies whole in a chunk its views point into the caller's octets; only the octets of an unfinished frame
/// are copied, and of one that is given in pieces no more than its header and what came with its end. Work is linear in
/// the octets fed however they are cut, and memory grows by what has arrived, never by what is declared
/// (AMPS-LIMIT-003). After a failure nothing is parsed any more and `error` stays the same.
///
/// A header is judged when its frame is whole, or when it is itself in a frame that is given in pieces.
class frame_decoder {
 public:
  explicit frame_decoder(decoder_limits = {});
  frame_decoder(const frame_decoder&) = delete;
  frame_decoder& operator=(const frame_decoder&) = delete;

  /// Lends a chunk, which must stay as it is until `next` has given nothing. Must not be called before that.
  void feed(std::string_view chunk);
  template <std::same_as<std::string> T>
  void feed(T&&) = delete;  // a temporary would be gone too early

  /// The next frame (or the next piece of one), valid until the next call of `next`, `feed` or `finish`; nothing if
  /// more octets are needed or if the stream is wrong (see `error`). Frames that were complete before the wrong octet
  /// are given first (AMPS-FRAME-014). Frames of length 0 are skipped (AMPS-FRAME-012).
  std::optional<frame_view> next();

  /// The stream has ended: `truncated` at its end if a frame was pending (AMPS-FRAME-011), the failure if there was
  /// one, nothing if it ended cleanly.
  std::optional<wire::failure> finish();

  /// The failure, if the stream is wrong. `offset` from the first octet of the stream: frame_too_large: the length;
  /// no_command: the first octet behind the length; other header errors: the first wrong octet, for header_cut the
  /// first one behind the frame.
  const std::optional<wire::failure>& error() const { return error_; }

  /// Where the frame given last began in the stream: its length.
  std::uint64_t frame_offset() const { return frame_offset_; }

  /// Octets held of an unfinished frame.
  std::size_t held() const { return given_ ? 0 : held_.size(); }

  /// Octets of the chunk in hand that are not parsed yet.
  std::string_view unread() const { return chunk_; }

 private:
  void hold(std::string_view octets, std::uint64_t at_most);
  std::optional<frame_view> whole(std::string_view frame);
  std::optional<frame_view> begin_pieces();
  std::optional<frame_view> next_piece();
  std::nullopt_t fail(errc, std::uint64_t offset, wire::requirement_id);

  decoder_limits limits_;
  std::string_view chunk_;  // what is not parsed yet
  std::vector<char> held_;  // octets of the unfinished frame so far, prefix included; of one in pieces the header
  header_view fields_;
  std::string unescaped_;
  std::uint64_t frame_at_ = 0;  // where the frame in hand begins in the stream
  std::uint64_t frame_offset_ = 0;
  std::uint64_t body_size_ = 0;  // of the frame that is given in pieces
  std::uint64_t body_at_ = 0;
  std::size_t scan_again_at_ = 0;  // octets of held_ from which the header is looked for again
  bool in_pieces_ = false;
  bool given_ = false;  // held_ was lent out whole by the last call
  std::optional<wire::failure> error_;
};

}  // namespace ampspec::amps
