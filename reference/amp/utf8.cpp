// UTF-8: replacing what is wrong, cutting where it is right.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace ampspec::amp {
namespace {

struct sequence {
  std::size_t size;  // octets that belong together, at least 1
  bool valid;
};

// The character at the beginning of `text`, or the octets that could have begun one.
sequence first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xc2 || lead > 0xf4) return {1, false};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second octet is bounded more narrowly: no overlong forms, no surrogates, nothing above U+10FFFF.
  unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  for (std::size_t i = 1; i < size; ++i, low = 0x80, high = 0xbf) {
    if (i == text.size() || at(i) < low || at(i) > high) return {i, false};
  }
  return {size, true};
}

}  // namespace

std::string valid_utf8(std::string_view octets) {
  std::string text;
  text.reserve(octets.size());
  while (!octets.empty()) {
    const std::size_t right = valid_utf8_prefix(octets);
    text += octets.substr(0, right);
    octets.remove_prefix(right);
    if (octets.empty()) break;
    text += "\xef\xbf\xbd";
    octets.remove_prefix(first_of(octets).size);
  }
  return text;
}

std::size_t valid_utf8_prefix(std::string_view octets) {
  std::size_t at = 0;
  while (at < octets.size()) {
    // Most text is ASCII: eight octets at a time as long as none has its highest bit.
    std::uint64_t eight = 0;
    if (octets.size() - at >= sizeof eight) {
      std::memcpy(&eight, octets.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const auto [size, valid] = first_of(octets.substr(at));
    if (!valid) break;
    at += size;
  }
  return at;
}

std::string_view cut_utf8(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace ampspec::amp
