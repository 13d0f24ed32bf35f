// Times of the broker: its clock, the text of its timestamps, and the intervals that clients name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/field_values.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

using duration = std::chrono::microseconds;
/// UTC, to the microsecond.
using moment = std::chrono::sys_time<duration>;

/// Where a virtual clock begins: 2026-01-01T00:00:00Z.
inline constexpr moment virtual_start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

/// The basic form: `20260101T000000.000000Z` (AMPS-HDR-035).
inline std::string timestamp_of(moment when) { return timestamp_text(when.time_since_epoch().count()); }

/// Digits and one of `ns us ms s m h d w` in any case, without a unit seconds; rounded up to a microsecond. Nothing for
/// anything else, and beyond 10,000 weeks.
std::optional<duration> interval_of(std::string_view text);

}  // namespace ampspec::amps
