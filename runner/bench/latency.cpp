// Latencies of many calls in the few figures that are told of them.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/latency.hpp"

#include <algorithm>

namespace ampspec::runner::bench {

nanos percentile(std::span<const nanos> sorted, unsigned percent) {
  const auto rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

spread spread_of(std::vector<nanos> latencies) {
  if (latencies.empty()) return {};
  std::sort(latencies.begin(), latencies.end());
  return {latencies.size(), percentile(latencies, 50), percentile(latencies, 99), latencies.back()};
}

}  // namespace ampspec::runner::bench
