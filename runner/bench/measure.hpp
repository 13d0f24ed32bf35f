// Measures one way against one target: small calls at a steady rate while values move.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace ampspec::runner::bench {

struct measure_options {
  bench::way way = bench::way::idle;
  std::string uri;  ///< of the target, tcp://HOST:PORT
  std::uint64_t megabytes = 32;
  double seconds = 2;
  std::uint64_t calls_per_second = 500;
  std::chrono::milliseconds silence{10'000};  ///< nothing moves for so long: it has failed
  std::chrono::milliseconds most{60'000};     ///< for all of it
};

/// Blocks until it is done, at most `most`. Whatever the target does is told in the result. Everything happens on the
/// calling thread; `ours_kib` is the peak of this process, so each measurement is given a process of its own.
way_result measure(const measure_options&);

}  // namespace ampspec::runner::bench
