// The hunt: plays case after case, and brings what it finds down to the one case and the fewest octets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/fuzzing/arena.hpp"
#include "runner/fuzzing/cases.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ampspec::runner::fuzzing {

struct hunt_options {
  std::uint64_t from = 0;     ///< number of the first case
  std::uint64_t cases = 0;    ///< so many; 0: until the time is over
  double seconds = 60;        ///< at most; 0: no bound
  millis deadline{2000};      ///< for an answer
  std::size_t findings = 20;  ///< ends when there are so many of different kinds
};

struct found {
  difference what;
  std::string shape;         ///< of the octets: what it is told apart by, beside the signature
  std::uint64_t number = 0;  ///< of the case that showed it
  std::uint64_t batch = 0;   ///< of the first case of its connection
  std::string octets;        ///< minimised
  std::size_t before = 0;    ///< octets of the cases of the connection, before that
  bool again = true;         ///< false: it was seen once, and not when it was played again
  std::uint64_t times = 1;   ///< connections with the same signature
};

struct hunt_result {
  std::uint64_t cases = 0, next = 0, connections = 0;
  double seconds = 0;
  std::vector<found> findings;
  std::uint64_t passing = 0;  ///< seen once and not again, without the process ending
  bool interrupted = false, gave_up = false;
  std::string why;                 ///< it gave up
  std::uint64_t peak_rss_kib = 0;  ///< of the implementation
};

/// `progress` is called some times a second, `tell` with each new finding. Stops soon after `stop` is set.
hunt_result hunt(arena&, const case_source&, const hunt_options&, const std::atomic<bool>& stop,
                 const std::function<void(const hunt_result&)>& progress,
                 const std::function<void(const found&)>& tell);

/// The least stream that `shows` accepts and that single steps of `smaller` lead to, within `tries` tries.
std::string minimised(std::string stream, const std::function<std::vector<std::string>(const std::string&)>& smaller,
                      const std::function<bool(const std::string&)>& shows, std::size_t tries);

/// Of cases that together show something, those that are needed: the shortest front, of that the last alone if it does,
/// else without each one that can be left out.
std::vector<std::string> needed(std::vector<std::string> cases,
                                const std::function<bool(std::span<const std::string>)>& shows);

}  // namespace ampspec::runner::fuzzing
