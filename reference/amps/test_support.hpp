// What tests of AMPS share: how headers and frames look when a test fails, and frames written by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame.hpp"
#include "reference/wire/hex.hpp"

#include <ostream>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// `name=text` of each field. GoogleTest finds these by their names.
inline void PrintTo(const header_view& h, std::ostream* out) {
  h.for_each([&](field f, std::string_view text) { *out << names_of(f).written << '=' << text.substr(0, 60) << ' '; });
}
inline void PrintTo(const header& h, std::ostream* out) { PrintTo(h.view(), out); }
inline void PrintTo(const frame& f, std::ostream* out) {
  PrintTo(f.header, out);
  *out << "body " << wire::to_hex(f.body.substr(0, 60));
}

/// `content` behind its length, whatever it is.
inline std::string framed(std::string_view content) {
  const std::size_t n = content.size();
  std::string octets{static_cast<char>(n >> 24 & 0xff), static_cast<char>(n >> 16 & 0xff),
                     static_cast<char>(n >> 8 & 0xff), static_cast<char>(n & 0xff)};
  return octets.append(content);
}

}  // namespace ampspec::amps
