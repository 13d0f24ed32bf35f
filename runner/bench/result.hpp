// What `ampspec bench interactivity` found out, as its table, its JSON and its picture take it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/latency.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::bench {

/// The connection with nothing on it but small calls, and the four ways to move a large value beside them.
enum class way { idle, stream, big_string, amp2, bulk };

inline constexpr way all_ways[] = {way::idle, way::stream, way::big_string, way::amp2, way::bulk};

/// `idle`, `stream`, `BigString`, `AMPv2`, `bulk`: for people.
std::string_view title_of(way);
/// `idle`, `stream`, `bigstring`, `amp2`, `bulk`: for files and options.
std::string_view name_of(way);

struct way_result {
  bench::way way = bench::way::idle;
  std::string not_offered;  ///< why the target has no such way; empty: it has. No figure is set then
  std::string failed;       ///< why the measurement broke off; empty: it did not. No figure is set then
  spread calls;             ///< the small calls that were made while values moved
  std::uint64_t transfers = 0;
  double megabytes_per_second = 0;             ///< of the values, 10^6 octets; 0 if idle
  std::uint64_t ours_kib = 0, theirs_kib = 0;  ///< peak RSS; 0: unknown, as of a server that we did not start

  bool measured() const { return not_offered.empty() && failed.empty(); }
  bool operator==(const way_result&) const = default;
};

struct interactivity {
  std::string target, suite_version;
  std::uint64_t megabytes = 0;         ///< of one value, 10^6 octets
  double seconds = 0;                  ///< each way moves values for at least so long
  std::uint64_t calls_per_second = 0;  ///< small calls fall due at this rate, answered or not
  std::string cores;                   ///< which processors the two sides were held to, in words
  std::vector<way_result> ways;

  /// p99 of a way as a multiple of p99 on the idle connection; 0 if one of them was not measured.
  double ratio_to_idle(const way_result&) const;
  bool operator==(const interactivity&) const = default;
};

/// What the small calls of a stream may cost at most, as `ratio_to_idle`.
inline constexpr double stream_goal = 10;

}  // namespace ampspec::runner::bench
