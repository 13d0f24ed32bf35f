// Whether a process needs more and more memory, told from a few samples of the most that it has held.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ampspec::runner::fuzzing {

/// What is held after some thousand cases is the base, so that caches may fill; a process that keeps something of each
/// connection rises above it again and again.
class growth_watch {
 public:
  /// Growth that is told: more than that above the base, in at least `steps` rises of at least a mebibyte.
  static constexpr std::uint64_t most_kib = 64u << 10;
  static constexpr int steps = 6;

  /// `cases` so far, and the peak in KiB (0: not known). True if it grows; true only once.
  bool grows(std::uint64_t cases, std::uint64_t peak_kib);
  std::uint64_t base_kib() const { return base_; }
  std::uint64_t peak_kib() const { return last_; }
  /// Octets for each case since the base.
  double octets_per_case() const;

 private:
  static constexpr std::uint64_t warm_up = 2000;  // cases

  std::uint64_t base_ = 0, base_at_ = 0, last_ = 0, last_at_ = 0, risen_from_ = 0;
  int rises_ = 0;
  bool told_ = false;
};

}  // namespace ampspec::runner::fuzzing
