// Names of verdicts.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/result.hpp"

#include <array>

namespace ampspec::conformance {

std::string_view name_of(verdict v) {
  static constexpr std::array<std::string_view, 10> names{"pass",  "fail",  "warn",  "observed", "skip",
                                                          "xfail", "xpass", "crash", "timeout",  "harness"};
  return names[static_cast<std::size_t>(v)];
}

bool breaks(verdict v) {
  return v == verdict::fail || v == verdict::crash || v == verdict::timeout || v == verdict::xpass;
}

}  // namespace ampspec::conformance
