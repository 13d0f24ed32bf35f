// The decoder: a fast walk over boxes that lie whole in the chunk, field by field where they do not.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_decoder.hpp"

#include "reference/amp/growing_octets.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ampspec::amp {
namespace {

std::size_t octet(char c) { return static_cast<unsigned char>(c); }
std::size_t number(const char* at) { return octet(at[0]) << 8 | octet(at[1]); }

constexpr std::size_t first_slots = 16;
// Buffers above these are given back after the box that needed them.
constexpr std::size_t kept_slots = 2048;
constexpr std::size_t kept_octets = 65536;
constexpr std::size_t kept_octets_of_chunks = 1u << 20;

}  // namespace

box_decoder::box_decoder(limits l) : limits_(l), slots_(first_slots) { assert(l.max_box >= 2); }

void box_decoder::feed(std::string_view chunk) {
  assert(chunk_.empty());
  if (!error_) chunk_ = chunk;  // AMP1-FRAME-044: nothing behind a failure is parsed
}

void box_decoder::drop_unread() {
  assert(given_ || held_.empty());
  chunk_ = {};
}

std::optional<box_view> box_decoder::next() {
  if (error_) return std::nullopt;
  if (given_) {
    given_ = false;
    if (!held_.empty() || slots_.size() > first_slots) release();
  }
  if (!held_.empty()) return resume();

  // In variables of its own, since the compiler must take every pair that is written for a change of our members.
  pair_view* slots = slots_.data();
  std::size_t count = 0;
  std::size_t room = std::min<std::size_t>(slots_.size(), limits_.max_pairs);
  const char* const begin = chunk_.data();
  const char* const end = begin + chunk_.size();
  const char* const limit = begin + std::min<std::uint64_t>(chunk_.size(), limits_.max_box - 2);
  const char* p = begin;
  key_marks marks;
  // In version 2 the chunk of a value that has further ones, or is above its limit; in version 1 there is no such size.
  const std::uint64_t slow_value =
      limits_.version == version::v1 ? ~std::uint64_t{0} : std::min<std::uint64_t>(max_value, limits_.max_value + 1);
  // Takes pairs that are whole and right. Whatever is not leaves the loop, and `resume` finds out what it is, so that
  // the outcome cannot depend on how the stream was cut.
  while (end - p >= 2 && p[0] == 0) {
    const std::size_t key_size = octet(p[1]);
    if (key_size == 0) {
      count_ = count;
      chunk_.remove_prefix(static_cast<std::size_t>(p + 2 - begin));
      return give(static_cast<std::size_t>(p + 2 - begin));
    }
    const std::string_view key(p + 2, key_size);
    const char* const length = key.data() + key_size;
    if (end - length < 2) break;
    const std::string_view value(length + 2, number(length));
    if (value.size() >= slow_value) break;
    if (limit - value.data() < static_cast<std::ptrdiff_t>(value.size())) break;
    if (count == room) {
      if (count == limits_.max_pairs) break;
      grow();
      slots = slots_.data();
      room = std::min<std::size_t>(slots_.size(), limits_.max_pairs);
    }
    if ((!marks.add(key) || count >= key_index::few) && keys_.place({slots, count}, key) != count) break;
    slots[count++] = {key, value};
    p = value.data() + value.size();
  }
  if (chunk_.empty()) return std::nullopt;

  count_ = count;
  // The box goes on in the next chunk (or is wrong): from here on its octets are ours.
  held_.assign(begin, p);
  rebase(pairs(), begin, held_.data());
  chunk_.remove_prefix(held_.size());
  enter(field::key_length, held_.size(), 2);
  return resume();
}

std::optional<box_view> box_decoder::resume() {
  while (true) {
    if (diverting_ && field_ == field::value) {
      if (!divert_some()) return std::nullopt;
    } else {
      const std::size_t missing = field_at_ + field_size_ - held_.size();
      const std::size_t taken = std::min(missing, chunk_.size());
      append(held_, pairs(), chunk_.substr(0, taken));
      chunk_.remove_prefix(taken);
      // AMP1-FRAME-014: one octet is enough to see that a key is too long.
      if (field_ == field::key_length && held_.size() > field_at_ && held_[field_at_] != 0) {
        return fail(errc::key_too_long, "AMP1-FRAME-013");
      }
      if (taken < missing) return std::nullopt;
    }
    const char* const at = held_.data() + field_at_;

    switch (field_) {
      case field::key_length: {
        const std::size_t key_size = number(at);
        if (key_size == 0) return give(dropped_ + diverted_ + held_.size());
        if (count_ == limits_.max_pairs) return fail(errc::too_many_pairs, "AMP1-FRAME-034");
        // Behind the key there is at least the length of a value.
        if (!fits(dropped_ + held_.size() + key_size + 2)) return fail(errc::box_too_large, "AMP1-FRAME-034");
        enter(field::key, held_.size(), key_size);
        break;
      }
      case field::key:
        key_at_ = field_at_;
        key_size_ = field_size_;
        place_ = keys_.place(pairs(), {at, key_size_});
        if (place_ != count_ && limits_.refuse_duplicates) return fail(errc::duplicate_key, "AMP1-FRAME-026");
        enter(field::value_length, held_.size(), 2);
        break;
      case field::value_length: {
        const std::size_t value_size = number(at);
        value_at_ = held_.size();
        diverting_ = sink_ != nullptr && is_v2() && value_size == max_value &&
                     sink_->begin(box_view(slots_.data(), count_), {held_.data() + key_at_, key_size_});
        chunk_left_ = value_size;
        if (diverting_) {
          enter(field::value, held_.size(), value_size);
          break;
        }
        if (!fits(dropped_ + held_.size() + value_size)) return fail(errc::box_too_large, "AMP1-FRAME-034");
        if (is_v2() && value_size > limits_.max_value) return fail(errc::value_too_large, "AMP2-015");
        if (is_v2() && value_size == max_value) make_room_for_chunks(value_size);
        enter(field::value, held_.size(), value_size);
        break;
      }
      case field::chunk_length: {
        const std::size_t chunk_size = number(at);
        if (diverting_) {
          held_.resize(field_at_);
          dropped_ += 2;
          chunk_left_ = chunk_size;
          enter(field::value, held_.size(), chunk_size);
          break;
        }
        if (!fits(dropped_ + held_.size() + chunk_size)) return fail(errc::box_too_large, "AMP1-FRAME-034");
        if (field_at_ - value_at_ + chunk_size > limits_.max_value) return fail(errc::value_too_large, "AMP2-015");
        held_.resize(field_at_);  // the chunks are joined
        dropped_ += 2;
        make_room_for_chunks(chunk_size);
        enter(field::value, held_.size(), chunk_size);
        break;
      }
      case field::value: {
        if (is_v2() && field_size_ == max_value) {  // AMP2-006
          enter(field::chunk_length, held_.size(), 2);
          break;
        }
        if (std::exchange(diverting_, false)) sink_->end();
        const std::string_view value(held_.data() + value_at_, held_.size() - value_at_);
        if (place_ == count_) {
          if (count_ == slots_.size()) grow();
          slots_[count_++] = {{held_.data() + key_at_, key_size_}, value};
        } else {
          slots_[place_].value = value;  // AMP1-FRAME-026: the last wins
        }
        enter(field::key_length, held_.size(), 2);
        break;
      }
    }
  }
}

std::optional<wire::failure> box_decoder::finish() {
  assert(chunk_.empty());
  if (!error_ && !given_ && !held_.empty()) {
    error_ = wire::failure{errc::truncated, position(), "AMP1-FRAME-029"};
  }
  return error_;
}

// Hands over what has come of the value's chunk in hand; true if that is all of it.
bool box_decoder::divert_some() {
  const std::size_t taken = std::min(chunk_left_, chunk_.size());
  if (taken > 0) sink_->take(chunk_.substr(0, taken));
  chunk_.remove_prefix(taken);
  chunk_left_ -= taken;
  diverted_ += taken;
  return chunk_left_ == 0;
}

// Makes room for what has come of a value whose next chunk has `first` octets, so that they are moved but once.
void box_decoder::make_room_for_chunks(std::size_t first) {
  if (held_.capacity() - held_.size() >= std::min(first, chunk_.size())) return;
  std::size_t at = std::min(first, chunk_.size()), octets = at;
  for (std::size_t size = first; size == max_value && chunk_.size() - at >= 2;) {
    size = number(chunk_.data() + at);
    const std::size_t there = std::min(size, chunk_.size() - at - 2);
    octets += there;
    at += 2 + there;
  }
  make_room(held_, pairs(), octets + 2);
}

void box_decoder::grow() { slots_.resize(2 * slots_.size()); }

void box_decoder::enter(field what, std::size_t at, std::size_t size) {
  field_ = what;
  field_at_ = at;
  field_size_ = size;
}

box_view box_decoder::give(std::uint64_t box_size) {
  box_offset_ = next_box_;
  next_box_ += box_size;
  given_ = true;
  return box_view(slots_.data(), count_);
}

void box_decoder::release() {
  keys_.clear();
  held_.clear();
  dropped_ = 0;
  diverted_ = 0;
  if (held_.capacity() > (is_v2() ? kept_octets_of_chunks : kept_octets)) held_ = {};
  if (slots_.size() > kept_slots) slots_ = std::vector<pair_view>(first_slots);
}

std::nullopt_t box_decoder::fail(errc code, wire::requirement_id broken) {
  error_ = wire::failure{code, next_box_ + dropped_ + diverted_ + field_at_, broken};
  chunk_ = {};
  return std::nullopt;
}

}  // namespace ampspec::amp
