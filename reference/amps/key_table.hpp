// Finds the field of a key by one look into a table that the compiler has made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/field.hpp"
#include "reference/amps/octet_words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ampspec::amps::key_table {

inline constexpr std::size_t longest_key = 16;
inline constexpr std::uint8_t no_field = 0xff;

/// A key as two words: its first eight octets, and its last eight if it has more. Equal keys of one length have equal
/// words, and different keys different ones, up to `longest_key` octets.
struct words {
  std::uint64_t head = 0, tail = 0;
  std::uint32_t size = 0;
  constexpr bool operator==(const words&) const = default;
};

constexpr std::size_t slots = 256;
constexpr std::size_t slot_of(const words& w) {
  return static_cast<std::size_t>(((w.head ^ (w.tail * 3) ^ w.size) * 0x7e5bbb255d301d11u) >> 56);
}

constexpr words words_of(std::string_view key) {
  const auto load = [&](std::size_t from, std::size_t count) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{static_cast<unsigned char>(key[from + i])} << (8 * i);
    return word;
  };
  const auto size = static_cast<std::uint32_t>(key.size());
  if (key.size() <= 8) return {load(0, key.size()), 0, size};
  return {load(0, 8), load(key.size() - 8, 8), size};
}

struct entry {
  words key;
  std::uint8_t id = no_field;
};

struct table {
  std::array<entry, slots> at{};
  bool collides = false;
};

constexpr table make() {
  table t;
  const auto put = [&](std::string_view name, field f) {
    if (name.empty()) return;
    const words w = words_of(name);
    entry& e = t.at[slot_of(w)];
    t.collides = t.collides || e.id != no_field || name.size() > longest_key;
    e = {w, static_cast<std::uint8_t>(f)};
  };
  for (const field_names& f : all_fields) {
    put(f.written, f.id);
    for (const std::string_view name : f.also) put(name, f.id);
  }
  return t;
}

inline constexpr table names = make();
static_assert(!names.collides, "two names share a slot: choose another multiplier");

/// The field of that key, or `no_field`.
inline std::uint8_t find(const words& w) {
  const entry& e = names.at[slot_of(w)];
  return e.key == w ? e.id : no_field;
}

}  // namespace ampspec::amps::key_table
