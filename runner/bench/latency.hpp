// Latencies of many calls in the few figures that are told of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace ampspec::runner::bench {

using nanos = std::chrono::nanoseconds;

/// Exact, by nearest rank: each figure is a latency that was measured, none is interpolated. All 0 if `count` is.
struct spread {
  std::size_t count = 0;
  nanos p50{0}, p99{0}, worst{0};
  bool operator==(const spread&) const = default;
};

/// The smallest of `sorted` (ascending, not empty) that at least `percent` (1 to 100) of a hundred do not exceed.
nanos percentile(std::span<const nanos> sorted, unsigned percent);

spread spread_of(std::vector<nanos> latencies);

}  // namespace ampspec::runner::bench
