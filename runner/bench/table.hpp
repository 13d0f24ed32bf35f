// The table that `ampspec bench interactivity` prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/result.hpp"

#include <string>

namespace ampspec::runner::bench {

/// `85 µs`, `3.4 ms`, `1.2 s`: two or three digits that say something.
std::string time_text(nanos);
/// `12.3 MiB`; `–` if 0, which is unknown.
std::string memory_text(std::uint64_t kib);
/// `1.6 x`; `–` if 0.
std::string ratio_text(double);
/// `812`, `9.4`; `–` if 0.
std::string speed_text(double megabytes_per_second);

/// What was done, for people: sizes, rates, cores.
std::string conditions_of(const interactivity&);

/// Head, one line for each way (a reason where nothing was measured), and what it means. Texts that came from the
/// target are escaped.
std::string table_of(const interactivity&);

}  // namespace ampspec::runner::bench
