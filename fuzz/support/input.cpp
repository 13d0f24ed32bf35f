// Reads settings from the front of an input, and makes cuts and limits of them.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/input.hpp"

#include <algorithm>
#include <array>

namespace ampspec::fuzz {
namespace {

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

// xorshift: a few numbers from a seed, the same everywhere.
std::uint32_t next(std::uint32_t& state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

constexpr std::size_t most_small_parts = 4096;

}  // namespace

wire_input read_input(std::string_view octets) {
  if (octets.size() < header_size || (octet(octets[0]) & 0x80) == 0) return {{}, octets};
  settings s;
  const std::uint8_t flags = octet(octets[0]);
  s.divert = (flags & 0x40) != 0;
  s.second = (flags & 0x20) != 0;
  s.lenient = (flags & 0x10) != 0;
  s.cut = flags & 7;
  s.seed = octet(octets[1]);
  s.octets_limit = octet(octets[2]) >> 4;
  s.pairs_limit = octet(octets[2]) & 15;
  s.value_limit = octet(octets[3]) & 15;
  return {s, octets.substr(header_size)};
}

std::string written(const settings& s) {
  const int flags = 0x80 | (s.divert ? 0x40 : 0) | (s.second ? 0x20 : 0) | (s.lenient ? 0x10 : 0) | (s.cut & 7);
  return {static_cast<char>(flags), static_cast<char>(s.seed), static_cast<char>(s.octets_limit << 4 | s.pairs_limit),
          static_cast<char>(s.value_limit)};
}

std::vector<std::size_t> cuts(const settings& s, std::size_t size) {
  std::vector<std::size_t> parts;
  std::uint32_t state = s.seed * 2654435761u + 1;
  const auto part_size = [&]() -> std::size_t {
    if (parts.size() >= most_small_parts) return size;
    switch (s.cut) {
      case 1:
        return 1;
      case 2:
        return parts.empty() ? s.seed + 1u : size;  // two parts
      case 3:
        return s.seed + 1u;
      case 4:
        return 1 + next(state) % 4;
      case 5:
        return 1 + next(state) % 64;
      case 6:
        return std::size_t{1} << next(state) % 17;
      case 7:
        return parts.empty() && size > s.seed ? size - s.seed : size;  // two parts, counted from the end
      default:
        return size;
    }
  };
  for (std::size_t at = 0; at < size; at += parts.back()) parts.push_back(std::min(part_size(), size - at));
  return parts;
}

amp::limits amp_limits(const settings& s) {
  const amp::limits usual;
  const std::array<std::uint32_t, 16> pairs{usual.max_pairs, 1, 2, 3, 4, 8, 15, 16, 17, 31, 32, 33, 64, 255, 256, 1000};
  const std::array<std::uint64_t, 16> octets{usual.max_box, 2,    3,    8,     16,    32,    64,     128,
                                             256,           1024, 4096, 65535, 65536, 65549, 131072, 200000};
  const std::array<std::uint64_t, 16> value{usual.max_value, 1,     2,      255,    256,    65534,  65535,  65536,
                                            65537,           65600, 131069, 131070, 131071, 131072, 196605, 200000};
  amp::limits l;
  l.max_pairs = pairs[s.pairs_limit];
  l.max_box = octets[s.octets_limit];
  l.max_value = value[s.value_limit];
  l.refuse_duplicates = !s.lenient;
  l.version = s.second ? amp::version::v2 : amp::version::v1;
  return l;
}

amps::decoder_limits amps_limits(const settings& s) {
  const amps::decoder_limits usual;
  const std::array<std::uint64_t, 16> octets{
      usual.max_frame, 1,       std::uint64_t{1} << 32, 15, 16, 32, 64, 127, 128, 255, 256, 1024, 4096, 4097,
      65536,           1u << 20};
  const std::array<std::uint64_t, 16> whole{
      usual.whole_up_to, 0, 1, 2, 8, 16, 32, 33, 64, 128, 255, 256, 1000, 1024, 4096, 65536};
  return {octets[s.octets_limit], whole[s.value_limit]};
}

}  // namespace ampspec::fuzz
