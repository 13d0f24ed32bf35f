// The owning box, and how boxes compare.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box.hpp"

#include "reference/amp/growing_octets.hpp"

#include <algorithm>
#include <tuple>

namespace ampspec::amp {

box::box(std::initializer_list<pair_view> pairs) : box(box_view(pairs.begin(), pairs.size())) {}

box::box(box_view other) {
  std::size_t size = 0;
  for (const pair_view& p : other) size += p.key.size() + p.value.size();
  octets_.reserve(size);
  pairs_.reserve(other.size());
  for (const pair_view& p : other) add(p.key, p.value);
}

box::box(const box& other) : box(box_view(other)) {}

box& box::operator=(const box& other) {
  box copy(other);
  *this = std::move(copy);
  return *this;
}

void box::add(std::string_view key, std::string_view value) {
  const std::size_t key_at = octets_.size(), value_at = key_at + key.size();
  append(octets_, pairs_, key);
  append(octets_, pairs_, value);
  pairs_.push_back({{octets_.data() + key_at, key.size()}, {octets_.data() + value_at, value.size()}});
}

bool box_view::same_pairs(box_view other) const {
  if (size() != other.size()) return false;
  if (std::ranges::equal(pairs_, other.pairs_)) return true;
  const auto sorted = [](box_view v) {
    std::vector<pair_view> pairs(v.begin(), v.end());
    std::ranges::sort(pairs, {}, [](const pair_view& p) { return std::tie(p.key, p.value); });
    return pairs;
  };
  return sorted(*this) == sorted(other);
}

}  // namespace ampspec::amp
