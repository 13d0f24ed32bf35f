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

/// The keys of one box, which are kept by the caller; holds no view into them. Few keys are compared, many are hashed,
/// and where hashes collide too often (someone chose the keys so) a tree takes over.
class key_index {
 public:
  using hash_function = std::size_t (*)(std::string_view);
  static std::size_t standard_hash(std::string_view key) { return std::hash<std::string_view>{}(key); }

  explicit key_index(hash_function hash = &standard_hash) : hash_(hash) {}

  /// The place of `key` among `earlier`. If it is not there, `earlier.size()`, and the caller must append it before
  /// the next call.
  std::size_t place(std::span<const pair_view> earlier, std::string_view key) {
    if (earlier.size() >= few) return place_among_many(earlier, key);
    const std::uint64_t mark = mark_of(key);
    // Most boxes have few keys, all of which leave different marks: then no key is compared at all.
    const bool maybe_there = (marks_ & mark) != 0;
    marks_ |= mark;
    return maybe_there ? place_among_few(earlier, key) : earlier.size();
  }

  /// Forgets all keys.
  void clear() {
    marks_ = 0;
    if (hashed_ != 0) clear_many();
  }

 private:
  static constexpr std::size_t few = 16;

  static std::uint64_t mark_of(std::string_view key) {
    const auto first = static_cast<unsigned char>(key.front()), last = static_cast<unsigned char>(key.back());
    return std::uint64_t{1} << ((first + 5u * last + 11u * key.size()) & 63u);
  }
  static std::size_t place_among_few(std::span<const pair_view> earlier, std::string_view key);
  std::size_t place_among_many(std::span<const pair_view> earlier, std::string_view key);
  std::size_t place_in_table(std::span<const pair_view> earlier, std::string_view key);
  void grow_table();
  void clear_many();

  hash_function hash_;
  std::uint64_t marks_ = 0;
  std::size_t hashed_ = 0;            // keys in table_ or tree_
  std::vector<std::uint64_t> table_;  // open addressing: hash in the upper half, place + 1 in the lower; 0 is free
  std::map<std::string, std::size_t, std::less<>> tree_;
};

}  // namespace ampspec::amp
