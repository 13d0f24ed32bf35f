// Octets as one line of ASCII, for traces and error texts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ampspec::peer {

/// Printable ASCII as it is, but for quotes and backslashes; everything else as \xNN.
inline std::string escaped(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '"' && c != '\\') {
      text += c;
    } else {
      text += "\\x";
      text += digits[octet >> 4];
      text += digits[octet & 15];
    }
  }
  return text;
}

}  // namespace ampspec::peer
