// SHA-256 of octets, as lower-case hex.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ampspec::conformance {

std::string sha256_hex(std::string_view octets);
/// The 20 octets of it, as the answer to a WebSocket upgrade needs them.
std::string sha1(std::string_view octets);

/// The same of octets that come in pieces.
class running_sha256 {
 public:
  running_sha256();
  ~running_sha256();
  running_sha256(const running_sha256&) = delete;
  running_sha256& operator=(const running_sha256&) = delete;
  void update(std::string_view octets);
  std::string finish_hex();  ///< once, last

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace ampspec::conformance
