// Frames of the adapter protocol, sans-IO, so that the adapter and the runner read them by the same rules.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// One frame: the text of one JSON object, and raw octets that it may refer to.
struct adapter_frame {
  std::string json;
  std::string blob;
  friend bool operator==(const adapter_frame&, const adapter_frame&) = default;
};

/// The most octets of JSON and blob together that a frame has, unless the runner's hello says otherwise.
inline constexpr std::uint64_t default_max_frame = 16u << 20;

/// Appends `AS1 <json-length> <blob-length>\n<json><blob>` to `out`.
void append_frame(std::string& out, std::string_view json, std::string_view blob = {});

/// Takes octets as they come and gives whole frames. After a failure it stays failed: whatever follows has no border
/// to be found again.
class adapter_frame_reader {
 public:
  enum class state { reading, malformed, oversize };

  explicit adapter_frame_reader(std::uint64_t max_frame = default_max_frame) : max_frame_(max_frame) {}

  /// For frames that begin from now on.
  void limit(std::uint64_t max_frame) { max_frame_ = max_frame; }

  void feed(std::string_view bytes);
  /// The next whole frame, or nothing: not yet, or failed.
  std::optional<adapter_frame> next();
  /// `oversize` as soon as the header says so; nothing of such a frame is kept.
  state status() const { return state_; }
  /// A sentence that shows what stood where a frame was expected; empty while reading.
  const std::string& error() const { return error_; }
  /// Octets of an unfinished frame are here; if the input ends now, a frame was cut.
  bool pending() const { return state_ == state::reading && (has_header_ || taken_ < buffer_.size()); }

 private:
  bool read_header();
  void fail(state, std::string text);

  std::uint64_t max_frame_;
  std::string buffer_;
  std::size_t taken_ = 0;  ///< octets of `buffer_` that earlier frames had
  bool has_header_ = false;
  std::size_t json_size_ = 0, blob_size_ = 0;
  state state_ = state::reading;
  std::string error_;
};

}  // namespace ampspec::peer
