// Tells whether a key was in a box before, at a cost that no choice of keys can make quadratic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// Tells cheaply that a key is new: most boxes have few keys, all of which leave different marks.
class key_marks {
 public:
  /// True if no key that leaves this mark was added before.
  bool add(std::string_view key) {
    const auto first = static_cast<unsigned char>(key.front()), last = static_cast<unsigned char>(key.back());
    const std::uint64_t mark = std::uint64_t{1} << ((first + 5u * last + 11u * key.size()) & 63u);
    const bool is_new = (marks_ & mark) == 0;
    marks_ |= mark;
    return is_new;
  }

 private:
  std::uint64_t marks_ = 0;
};

/// The keys of one box, which are kept by the caller; holds no view into them. Few keys are compared, many are hashed,
/// and where hashes collide too often (someone chose the keys so) a tree takes over.
class key_index {
 public:
  using hash_function = std::size_t (*)(std::string_view);
  static std::size_t standard_hash(std::string_view key) { return std::hash<std::string_view>{}(key); }

  explicit key_index(hash_function hash = &standard_hash) : hash_(hash) {}

  /// Up to so many earlier keys `place` only compares and remembers nothing, so that it need not be told of keys that
  /// are known to be new.
  static constexpr std::size_t few = 16;

  /// The place of `key` among `earlier`. If it is not there, `earlier.size()`; then the caller appends it before the
  /// next call.
  std::size_t place(std::span<const pair_view> earlier, std::string_view key) {
    return earlier.size() < few ? place_among_few(earlier, key) : place_among_many(earlier, key);
  }

  /// Forgets all keys.
  void clear() {
    if (hashed_ != 0) clear_many();
  }

 private:
  static std::size_t place_among_few(std::span<const pair_view> earlier, std::string_view key);
  std::size_t place_among_many(std::span<const pair_view> earlier, std::string_view key);
  std::size_t place_in_table(std::span<const pair_view> earlier, std::string_view key);
  void grow_table();
  void clear_many();

  hash_function hash_;
  std::size_t hashed_ = 0;            // keys in table_ or tree_
  std::vector<std::uint64_t> table_;  // open addressing: hash in the upper half, place + 1 in the lower; 0 is free
  std::map<std::string, std::size_t, std::less<>> tree_;
};

}  // namespace ampspec::amp
