// Eight octets at a time: loading them, and finding one among them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace ampspec::amps::octet_words {

/// Eight octets as a number whose lowest eight bits are the first of them, on every machine.
inline std::uint64_t load(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

constexpr std::uint64_t every(char c) { return 0x0101010101010101u * static_cast<unsigned char>(c); }

/// The highest bit of each octet of `word` that equals that octet of `pattern`. Exact up to the first that does; octets
/// behind that one may be marked falsely.
constexpr std::uint64_t equal(std::uint64_t word, std::uint64_t pattern) {
  const std::uint64_t x = word ^ pattern;
  return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/// The same for octets below `limit`, which is at most 0x80.
constexpr std::uint64_t below(std::uint64_t word, std::uint8_t limit) {
  return (word - 0x0101010101010101u * limit) & ~word & 0x8080808080808080u;
}

/// Which octet the first mark belongs to.
constexpr int first(std::uint64_t marks) { return std::countr_zero(marks) >> 3; }

/// The first `count` octets of `word`, 0 to 8; the others become 0.
constexpr std::uint64_t keep(std::uint64_t word, int count) {
  return count == 8 ? word : word & ((std::uint64_t{1} << (8 * count)) - 1);
}

}  // namespace ampspec::amps::octet_words
