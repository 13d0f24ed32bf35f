// What tests of boxes share: names of many keys, and how a box looks when a test fails.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/wire/hex.hpp"

#include <ostream>
#include <string>

namespace ampspec::amp {

/// `key:value` pairs in hex, values cut after 60 octets. GoogleTest finds it by its name.
inline void PrintTo(const box& b, std::ostream* out) {
  for (const pair_view& p : b) *out << wire::to_hex(p.key) << ':' << wire::to_hex(p.value.substr(0, 60)) << ' ';
}

/// `key0`, `key1`... (By `append`, since g++ 12 warns falsely of "text" + to_string(n) when it optimizes.)
template <class Number>
std::string numbered(const char* text, Number n) {
  return std::string(text).append(std::to_string(n));
}

}  // namespace ampspec::amp
