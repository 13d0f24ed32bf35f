// Keeps secrets out of reports: values that a target file reads from the environment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner {

/// Replaces secrets by as many asterisks, in octets and in texts, where they also stand as lower-case hex digits.
class secret_mask {
 public:
  /// Shorter values are no secrets worth the name, and hiding each `1` would hide the report.
  static constexpr std::size_t shortest = 4;

  secret_mask() = default;
  explicit secret_mask(std::span<const std::string> secrets);

  void hide_in(std::string& text) const;
  /// All that a report shows of a check: sentences, transcript, octets. The end of cut octets is hidden if a secret may
  /// begin there.
  void hide_in(conformance::check_result&) const;

 private:
  std::vector<std::string> octets_, hex_;  // the longest first, so that one inside another hides nothing of it
};

}  // namespace ampspec::runner
