// Cases by number: each is a function of a seed and its number alone, so that a run goes on where another ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/mutator.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::fuzzing {

enum class dialect { amp1, amp2, amps };
/// Of `amp1`, `amp2`, `amps`.
dialect dialect_of(std::string_view protocol);

/// Streams of octets as a hostile or careless peer sends them. AMP: three of four are whole requests with other values,
/// so that connections go on and what comes later finds something there.
class case_source {
 public:
  /// `seeds` may not be empty.
  case_source(dialect, std::vector<std::string> seeds, std::uint64_t seed);

  /// The case of that number. Most begin at a border of a box or frame and are short; one in 64 has up to 70,000
  /// octets. AMP: in seven of eight the tags of requests are such as no other case has, since a tag that is used twice
  /// in one write may be refused (AMP1-CONV-032).
  std::string at(std::uint64_t number) const;

 private:
  std::string changed(std::string stream, std::size_t longest, fuzz::dice&) const;
  std::string a_call(fuzz::dice&) const;

  const dialect dialect_;
  const std::vector<std::string> seeds_;
  std::vector<std::string> calls_;  // those of the seeds that are whole requests which want answers
  const std::uint64_t seed_;
};

/// The mutation of plain octets that the length-aware mutators use beside their own: flips, numbers, insertions,
/// deletions. What `fuzz::engine_mutation` wants, from dice instead of an engine.
std::string mutate_octets(std::string octets, std::size_t longest, fuzz::dice&);

/// Each `_ask` of the whole boxes of a stream made `prefix`, `prefix` and `.1`, and so on; boxes with a repeated key
/// stay.
std::string with_own_tags(std::string_view stream, bool second, const std::string& prefix);

}  // namespace ampspec::runner::fuzzing
