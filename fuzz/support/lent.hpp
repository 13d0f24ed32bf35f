// Octets that a callee may look at during a call, and never again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

namespace ampspec::fuzz {

/// A copy of octets that is there for one call. Who reads past its end, or keeps a view into it for later, is found out
/// by the address sanitizer; without it every copy is a plain block of the heap. Where a stream is fed octet by octet
/// such a block for each would take a quarter of the time, and so would one for a very long stream, whose pages the
/// kernel must bring each time. Both stand in memory that is poisoned but for them instead, each behind the last, so
/// that a place is not lent again at once. Who holds one may lend two hundred small ones meanwhile, or one large one.
class lent {
 public:
  explicit lent(std::string_view octets);
  ~lent();
  lent(const lent&) = delete;
  lent& operator=(const lent&) = delete;

  /// The octets; valid as long as this is.
  operator std::string_view() const { return octets_; }

 private:
  std::unique_ptr<char[]> block_;  // of a copy that is neither small nor large
  std::string_view octets_;
};

}  // namespace ampspec::fuzz
