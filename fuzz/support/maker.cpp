// Takes values from the front of an input.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/maker.hpp"

#include <algorithm>
#include <array>

namespace ampspec::fuzz {
namespace {

constexpr std::array<std::size_t, 16> sizes{127,   128,   254,   255,   256,   257,    4096,   32767,
                                            32768, 65533, 65534, 65535, 65536, 131069, 131070, 131071};

}  // namespace

std::uint8_t maker::octet() {
  const std::string_view one = take(1);
  return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
}

std::string_view maker::take(std::size_t size) {
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(taken.size());
  return taken;
}

std::string maker::text() {
  const std::uint8_t how = octet();
  if (how < 0xe0) return std::string(take(how % 32));
  std::size_t size = sizes[how % sizes.size()];
  if (size > repeated_left_) size %= 300;
  repeated_left_ -= std::min(size, repeated_left_);
  std::string made(size, how < 0xf0 ? 'a' : static_cast<char>(octet()));
  if (made.front() < static_cast<char>(0xe0) && made.front() >= static_cast<char>(0xc2)) {
    for (std::size_t i = 1; i < size; i += 2) made[i] = '\xa9';  // characters of two octets
  }
  const std::string_view end = take(how < 0xf0 ? 0 : 1);  // so that two long texts may differ in their last octet
  if (!end.empty()) made.back() = end.front();
  return made;
}

}  // namespace ampspec::fuzz
