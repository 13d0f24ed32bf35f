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

/// Appends `more` to `octets`, into which `pairs` point. Capacity doubles, so that the cost of moving is linear in all.
inline void append(std::vector<char>& octets, std::span<pair_view> pairs, std::string_view more) {
  if (octets.capacity() - octets.size() < more.size()) {
    std::vector<char> larger;
    larger.reserve(std::max(2 * octets.size(), octets.size() + more.size()));
    larger.insert(larger.end(), octets.begin(), octets.end());
    rebase(pairs, octets.data(), larger.data());
    octets.swap(larger);
  }
  octets.insert(octets.end(), more.begin(), more.end());
}

}  // namespace ampspec::amp
