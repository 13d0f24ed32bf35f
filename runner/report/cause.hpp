// Folds failing checks that fail alike into causes, so that a reader sees each mistake once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ampspec::runner {

/// Checks that fail alike: same role and signature, same words (numbers, quotations and boxes aside) for what was got,
/// and linked by a clause that they cite or a fault that they would catch. Positions are those of the results.
struct cause {
  std::size_t example = 0;           ///< the one that sends least
  std::vector<std::size_t> members;  ///< all of them, the example included, in order
  std::vector<std::string>
      faults;  ///< it looks like one of these: named by most members, and by no judged check of that role that passed
};

/// Causes of everything that is fail, crash, timeout, harness, xpass or warn: what breaks a run first, then by
/// position.
std::vector<cause> causes_of(std::span<const conformance::check_result>);

/// The vectors of a cause other than its example, runs of numbers folded: `A1-LIM-043 … A1-LIM-048`.
std::vector<std::string> other_vectors(const cause&, std::span<const conformance::check_result>);

}  // namespace ampspec::runner
