// SHA-256 of octets that come in pieces, as lower-case hex.
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
  /// Once, and last.
  std::string hex();

 private:
  struct freed {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, freed> context_;
};

}  // namespace ampspec::behaviour
