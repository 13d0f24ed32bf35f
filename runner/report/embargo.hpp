// Keeps a finding of weight for security out of reports until its maintainer had time: a baseline line says until when.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ampspec::runner {

/// A reason that begins with `embargo: 2027-03-01`, and what stands behind the date.
struct embargo {
  std::string until;  ///< the first day on which it may be shown, ISO 8601
  std::string effect;
};
/// Nothing if the reason has no embargo. One whose date is not YYYY-MM-DD never ends: 9999-12-31.
std::optional<embargo> embargo_of(std::string_view reason);

/// Takes from each result under an embargo that has not ended by `today` (ISO 8601) all but the check's name, its
/// clauses, its verdict and the effect. Returns how many there were.
std::size_t withhold(std::span<conformance::check_result>, std::string_view today);

/// Whether `withhold` took something from it.
bool withheld(const conformance::check_result&);

}  // namespace ampspec::runner
