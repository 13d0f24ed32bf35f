// Where cases are played: against a server over connections, or against a codec behind its adapter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/fuzzing/difference.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace ampspec::runner::fuzzing {

using conformance::millis;

class arena {
 public:
  virtual ~arena() = default;
  /// Plays as many of the cases as go together, at least one of them. `deadline` bounds each wait. Throws
  /// conformance::mishap if the implementation can't be started any more.
  virtual played play(std::span<const std::string> cases, millis deadline) = 0;
  /// The most that its process has held so far, in KiB; 0 if that is not known.
  virtual std::uint64_t peak_rss_kib() const = 0;
  /// What it may hold by now since it was told to keep it, in KiB.
  virtual std::uint64_t kept_kib() const { return 0; }
  /// The end of what it has printed.
  virtual std::string log() const = 0;
  /// In one word what a stream of cases is, so that two findings of one kind can be told from two of different kinds.
  virtual std::string shape(std::string_view stream) const = 0;
  /// Streams that say less than this one, each by one step, the boldest first: whoever minimises tries them.
  virtual std::vector<std::string> smaller(const std::string& stream) const = 0;

  std::uint64_t connections = 0;  ///< or operations
};

}  // namespace ampspec::runner::fuzzing
