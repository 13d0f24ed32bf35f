// SHA-256 a second time, for streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::naive {

class sha256 {
 public:
  void add(std::string_view octets);
  /// Of all that was added so far, as lower-case hex.
  std::string hex() const;

 private:
  void take(std::string_view block);  // of 64 octets

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;
  std::uint64_t octets_ = 0;
};

}  // namespace ampspec::naive
