// Octets as hexadecimal text and back.
// SPDX-License-Identifier: Apache-2.0
#include "reference/wire/hex.hpp"

namespace ampspec::wire {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * octets.size());
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view digits) {
  std::string octets;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const int value = digit_value(c);
    if (value < 0) return std::nullopt;
    if (high < 0) {
      high = value;
    } else {
      octets += static_cast<char>(high << 4 | value);
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return octets;
}

}  // namespace ampspec::wire
