// What the decoder is measured against: a bare zero-copy walk over whole boxes that also refuses repeated keys.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace ampspec::bench {

/// Decodes one buffer that it must have as a whole. No limits, no failure with a place, no way to go on with the next
/// chunk.
class plain_decoder {
 public:
  struct pair {
    std::string_view key, value;
  };

  explicit plain_decoder(std::string_view octets) : at_(octets.data()), end_(at_ + octets.size()) {}

  /// True if there is a further whole box; it is in `pairs`.
  bool next() {
    pairs.clear();
    const char* p = at_;
    while (end_ - p >= 2) {
      if (p[0] != 0) return false;
      const std::size_t key_size = static_cast<unsigned char>(p[1]);
      p += 2;
      if (key_size == 0) {
        at_ = p;
        return true;
      }
      if (static_cast<std::size_t>(end_ - p) < key_size + 2) return false;
      const std::string_view key(p, key_size);
      p += key_size;
      const std::size_t value_size =
          static_cast<std::size_t>(static_cast<unsigned char>(p[0])) << 8 | static_cast<unsigned char>(p[1]);
      p += 2;
      if (static_cast<std::size_t>(end_ - p) < value_size) return false;
      for (const pair& earlier : pairs) {
        if (earlier.key == key) return false;
      }
      pairs.push_back({key, {p, value_size}});
      p += value_size;
    }
    return false;
  }

  std::vector<pair> pairs;

 private:
  const char* at_;
  const char* end_;
};

}  // namespace ampspec::bench
