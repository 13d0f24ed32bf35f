// SHA-256 of octets that come in pieces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ampspec::behaviour {

class sha256 {
 public:
  sha256();
  void add(std::string_view octets);
  /// The 32 octets, or the same as lower-case hex: one of the two, once, and last.
  std::string octets();
  std::string hex();

 private:
  struct freed {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, freed> context_;
};

}  // namespace ampspec::behaviour
