// A made-up result for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/result.hpp"

namespace ampspec::runner::bench {

/// Idle p99 100 us; stream measured; BigString broke off; AMPv2 not offered; bulk measured.
inline interactivity sample_interactivity() {
  using std::chrono::microseconds;
  interactivity b{"my-server", "0.2.0", 32, 2, 500, "each side on a core of its own", {}};
  b.ways.push_back(
      {way::idle, "", "", {1000, microseconds(60), microseconds(100), microseconds(850)}, 0, 0, 9011, 12902});
  b.ways.push_back(
      {way::stream, "", "", {1004, microseconds(90), microseconds(320), microseconds(1500)}, 31, 496.25, 9216, 13312});
  b.ways.push_back({way::big_string, "", "the target closed the connection", {}, 0, 0, 0, 0});
  b.ways.push_back({way::amp2, "it has no server for AMPv2", "", {}, 0, 0, 0, 0});
  b.ways.push_back(
      {way::bulk, "", "", {1001, microseconds(70), microseconds(3400), microseconds(1'250'000)}, 12, 9.5, 14336, 0});
  return b;
}

}  // namespace ampspec::runner::bench
