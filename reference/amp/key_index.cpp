// The slower ways of telling repeated keys: comparing a few, hashing many, and a tree for keys that defeat the hash.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/key_index.hpp"

#include <algorithm>

namespace ampspec::amp {
namespace {

// Longer runs of full slots than this do not come by chance in a table that is at most half full.
constexpr std::size_t longest_probe = 128;
constexpr std::size_t smallest_table = 64;

}  // namespace

std::size_t key_index::place_among_few(std::span<const pair_view> earlier, std::string_view key) {
  std::size_t i = 0;
  while (i < earlier.size() && earlier[i].key != key) ++i;
  return i;
}

std::size_t key_index::place_among_many(std::span<const pair_view> earlier, std::string_view key) {
  // The first keys were only compared: they follow here, when the box turns out to have many.
  for (; hashed_ < earlier.size(); ++hashed_) place_in_table(earlier.first(hashed_), earlier[hashed_].key);
  const std::size_t place = place_in_table(earlier, key);
  if (place == earlier.size()) ++hashed_;
  return place;
}

std::size_t key_index::place_in_table(std::span<const pair_view> earlier, std::string_view key) {
  if (tree_.empty()) {
    if (table_.size() < 2 * (hashed_ + 1)) grow_table();
    const std::uint64_t hash = hash_(key) & 0xffff'ffffu;
    const std::size_t mask = table_.size() - 1;
    for (std::size_t step = 0; step < longest_probe; ++step) {
      std::uint64_t& slot = table_[(hash + step) & mask];
      if (slot == 0) {
        slot = hash << 32 | (earlier.size() + 1);
        return earlier.size();
      }
      const std::size_t place = (slot & 0xffff'ffffu) - 1;
      if (slot >> 32 == hash && earlier[place].key == key) return place;
    }
    for (std::size_t i = 0; i < earlier.size(); ++i) tree_.emplace(earlier[i].key, i);
  }
  return tree_.emplace(key, earlier.size()).first->second;
}

void key_index::grow_table() {
  std::vector<std::uint64_t> larger(std::max(smallest_table, 2 * table_.size()));
  const std::size_t mask = larger.size() - 1;
  for (const std::uint64_t slot : table_) {
    if (slot == 0) continue;
    std::size_t at = (slot >> 32) & mask;
    while (larger[at] != 0) at = (at + 1) & mask;
    larger[at] = slot;
  }
  table_.swap(larger);
}

void key_index::clear_many() {
  hashed_ = 0;
  // Kept at its smallest, so that clearing costs no more than the box that was indexed.
  table_.assign(smallest_table, 0);
  if (table_.capacity() > 64 * smallest_table) table_.shrink_to_fit();
  tree_.clear();
}

}  // namespace ampspec::amp
