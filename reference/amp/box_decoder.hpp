// Finds the boxes of an octet stream, however it is cut into chunks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/errc.hpp"
#include "reference/amp/key_index.hpp"
#include "reference/wire/failure.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// What one box may have at most (AMP1-FRAME-034), what becomes of a repeated key, and how values are written.
struct limits {
  std::uint32_t max_pairs = 131'072;
  std::uint64_t max_box = 64u << 20;  ///< octets on the wire, terminator included
  /// true: a repeated key is refused. false: its last value wins, in the place of the first (AMP1-FRAME-026).
  bool refuse_duplicates = true;
  amp::version version = amp::version::v1;
  /// Octets of one value (AMP2-015); in version 1 its 16-bit length is limit enough.
  std::uint64_t max_value = 32u << 20;
};

/// Takes large values of AMPv2 as they come, in place of the decoder, which then holds nothing of them.
class value_sink {
 public:
  value_sink() = default;
  value_sink(const value_sink&) = delete;
  value_sink& operator=(const value_sink&) = delete;
  virtual ~value_sink() = default;

  /// A value of more than one chunk begins; `before` are the pairs in front of it. True: its octets go to `take`, and
  /// its pair shows an empty value in the box. False: it is held like any other.
  virtual bool begin(box_view before, std::string_view key) = 0;
  /// Further octets of that value: a view into what was fed, gone when the next octets are.
  virtual void take(std::string_view octets) = 0;
  /// The value is whole. Its box may still turn out to be wrong, or never end.
  virtual void end() = 0;
};

/// Order of calls: `feed`, then `next` until it gives nothing, and so on; at the end of the stream `finish`.
///
/// Where a box lies whole in a chunk its views point into the caller's octets; only the octets of an unfinished box
/// are copied, and in version 2 those of a box in which a value has several chunks, since its views show it joined.
/// Work is linear in the octets fed however they are cut, and memory grows by what has arrived, never by what a length
/// declares. After a failure nothing is parsed any more and `error` stays the same.
class box_decoder {
 public:
  explicit box_decoder(limits = {});
  box_decoder(const box_decoder&) = delete;
  box_decoder& operator=(const box_decoder&) = delete;

  /// From now on large values are offered to `sink`, if it is not null. What it takes counts for no limit.
  void divert(value_sink* sink) { sink_ = sink; }

  /// Lends a chunk, which must stay as it is until `next` has given nothing. Must not be called before that.
  void feed(std::string_view chunk);
  template <std::same_as<std::string> T>
  void feed(T&&) = delete;  // a temporary would be gone too early

  /// The next whole box, valid until the next call of `next`, `feed` or `finish`; nothing if more octets are needed or
  /// if the stream is wrong (see `error`). Boxes that were complete before the wrong octet are given first
  /// (AMP1-FRAME-016).
  std::optional<box_view> next();

  /// The stream has ended: `truncated` at its end if a box was pending (AMP1-FRAME-029), the failure if there was one,
  /// nothing if it ended cleanly (AMP1-FRAME-030).
  std::optional<wire::failure> finish();

  /// The failure, if the stream is wrong. `offset` is the first octet of the field that is wrong, from the first octet
  /// of the stream: key_too_long and too_many_pairs: the key's length; duplicate_key: the key; box_too_large: the
  /// length that leads beyond the limit.
  const std::optional<wire::failure>& error() const { return error_; }

  /// Where the box given last began in the stream.
  std::uint64_t box_offset() const { return box_offset_; }

  /// Octets of the stream that were parsed so far, an unfinished box included.
  std::uint64_t position() const { return next_box_ + (given_ ? 0 : held_.size() + dropped_ + diverted_); }

  /// Octets of the chunk in hand that are not parsed yet: what belongs to another protocol behind a switch.
  std::string_view unread() const { return chunk_; }

  /// Gives these octets up: they are parsed by somebody else. What is fed next follows the box given last, which is
  /// not valid any more.
  void drop_unread();

 private:
  enum class field : std::uint8_t { key_length, key, value_length, value, chunk_length };

  std::optional<box_view> resume();
  std::span<pair_view> pairs() { return std::span(slots_).first(count_); }
  bool divert_some();
  void make_room_for_chunks(std::size_t first);
  void grow();
  void enter(field, std::size_t at, std::size_t size);
  box_view give(std::uint64_t box_size);
  void release();
  std::nullopt_t fail(errc, wire::requirement_id);
  bool is_v2() const { return limits_.version == version::v2; }
  bool fits(std::size_t box_octets) const { return box_octets + 2 <= limits_.max_box; }

  limits limits_;
  std::string_view chunk_;  // what is not parsed yet
  std::vector<pair_view>
      slots_;  // the first count_: the box in hand, in the caller's chunk, or in held_ if that is not empty
  std::size_t count_ = 0;
  key_index keys_;                   // of these pairs
  std::vector<char> held_;           // octets of the unfinished box so far; empty if the box in hand lies in the chunk
  field field_ = field::key_length;  // what stands at field_at_ in held_
  std::size_t field_at_ = 0;
  std::size_t field_size_ = 2;
  std::size_t key_at_ = 0, key_size_ = 0;  // of the pair whose value is not complete yet
  std::size_t value_at_ = 0;               // of the value that is not complete yet
  std::size_t dropped_ = 0;                // octets of the box that held_ does not keep: lengths between chunks
  value_sink* sink_ = nullptr;
  bool diverting_ = false;      // the value that is not complete yet goes to sink_
  std::size_t chunk_left_ = 0;  // of it: octets of its chunk in hand that are still to come
  std::uint64_t diverted_ = 0;  // octets of the box that went to sink_
  std::size_t place_ = 0;       // of that pair in the box
  std::uint64_t next_box_ = 0;  // where the box in hand begins in the stream
  std::uint64_t box_offset_ = 0;
  bool given_ = false;  // the box in hand was lent out by the last call
  std::optional<wire::failure> error_;
};

}  // namespace ampspec::amp
