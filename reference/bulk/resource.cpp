// Octets by name.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/resource.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::bulk {

namespace {

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// Output number `n` of splitmix64 from state `seed`.
std::uint64_t splitmix(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

void pseudo_random(std::uint64_t seed, std::uint64_t offset, std::span<char> out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto at = offset + i;
    if (i == 0 || at % 8 == 0) word = splitmix(seed, at / 8);
    out[i] = static_cast<char>(word >> (at % 8 * 8) & 255);
  }
}

}  // namespace

std::optional<octet_source> resource_named(std::string_view name, std::uint64_t largest) {
  constexpr std::string_view fill = "fill/", prng = "prng/";
  if (name.starts_with(fill)) {
    const auto size = number(name.substr(fill.size()));
    if (!size || *size > largest) return std::nullopt;
    return octet_source{*size, [](std::uint64_t, std::span<char> out) { std::fill(out.begin(), out.end(), 'x'); }};
  }
  if (!name.starts_with(prng)) return std::nullopt;
  name.remove_prefix(prng.size());
  const auto slash = name.find('/');
  if (slash == name.npos) return std::nullopt;
  const auto seed = number(name.substr(0, slash)), size = number(name.substr(slash + 1));
  if (!seed || !size || *size > largest) return std::nullopt;
  return octet_source{*size, [seed = *seed](std::uint64_t at, std::span<char> out) { pseudo_random(seed, at, out); }};
}

std::string target_of(std::string_view resource) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string target = "/bulk/";
  for (const char c : resource) {
    if (plain.find(c) != plain.npos) {
      target += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    target += {'%', digits[octet >> 4], digits[octet & 15]};
  }
  return target;
}

}  // namespace ampspec::bulk
