// Octets that grow at the end while views into them stay right: for a box whose parts come one after the other.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// Points views of octets at `from` to their copy at `to`.
inline void rebase(std::span<pair_view> pairs, const char* from, const char* to) {
  for (pair_view& p : pairs) {
    p.key = {to + (p.key.data() - from), p.key.size()};
    p.value = {to + (p.value.data() - from), p.value.size()};
  }
}

/// Makes room for `more` octets behind those in `octets`, into which `pairs` point. Capacity doubles, so that the cost
/// of moving is linear in all.
inline void make_room(std::vector<char>& octets, std::span<pair_view> pairs, std::size_t more) {
  if (octets.capacity() - octets.size() >= more) return;
  std::vector<char> larger;
  larger.reserve(std::max(2 * octets.size(), octets.size() + more));
  larger.insert(larger.end(), octets.begin(), octets.end());
  rebase(pairs, octets.data(), larger.data());
  octets.swap(larger);
}

/// Appends `more` to `octets`, into which `pairs` point.
inline void append(std::vector<char>& octets, std::span<pair_view> pairs, std::string_view more) {
  make_room(octets, pairs, more.size());
  octets.insert(octets.end(), more.begin(), more.end());
}

}  // namespace ampspec::amp
