// SHA-256 as this room sees it: somebody else computes it, since no library is known here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ampspec::bulk {

class hasher {
 public:
  hasher() = default;
  hasher(const hasher&) = delete;
  hasher& operator=(const hasher&) = delete;
  virtual ~hasher() = default;
  virtual void update(std::string_view) = 0;
  /// The 32 octets of the hash of everything so far; called once, last.
  virtual std::string finish() = 0;
};

/// Makes a SHA-256 of nothing yet.
using hasher_maker = std::function<std::unique_ptr<hasher>()>;

inline std::string hash_of(const hasher_maker& make, std::string_view octets) {
  const auto hash = make();
  hash->update(octets);
  return hash->finish();
}

}  // namespace ampspec::bulk
