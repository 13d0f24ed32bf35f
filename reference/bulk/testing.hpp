// What the tests of this room stand on: a hash that is no SHA-256 but tells texts apart, a clock and chance by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/desk.hpp"

#include <memory>
#include <string>

namespace ampspec::bulk {

class toy_hash final : public hasher {
 public:
  void update(std::string_view octets) override {
    for (const char c : octets) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::string finish() override {
    auto digits = std::to_string(state_);
    return std::string(32 - digits.size(), '0') + digits;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

inline hasher_maker toy_hashes() {
  return [] { return std::make_unique<toy_hash>(); };
}

/// Time stands still until it is moved; every draw differs from all before it.
struct toy_world {
  instant time = 1'000'000;
  int draws = 0;

  surroundings around() {
    return {[this] { return time; },
            [this](std::size_t size) {
              auto drawn = std::to_string(++draws);
              drawn.resize(size, '#');
              return drawn;
            },
            toy_hashes()};
  }
};

}  // namespace ampspec::bulk
