// The result of one check: verdict, signature, and what a stranger needs to see why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

enum class verdict { pass, fail, warn, observed, skip, xfail, xpass, crash, timeout, harness };
std::string_view name_of(verdict);

/// A labelled stretch of one entry's octets. `at` counts from the first octet of the entry.
struct noted_field {
  std::uint64_t at = 0, size = 0;
  std::string label;
};

/// One event of a play, as printed on failure.
struct transcript_entry {
  /// We sent; the implementation sent or answered; neither (a close, a silence, a call).
  enum class side { ours, theirs, note };
  side who = side::note;
  int step = 0;  ///< number of the step in the vector, from 1; 0: the fence at the end, or none
  std::string connection;
  std::string text;        ///< for notes, and a caption for octets
  std::string head;        ///< the first octets, at most 2 KiB
  std::uint64_t size = 0;  ///< of all octets
  std::vector<noted_field> fields;
  std::uint64_t mark_at = 0, mark_size = 0;  ///< octets to point at (`^^^`); size 0: none
  std::string mark_text;                     ///< what is wrong there
  double ms = 0;                             ///< since the play began
};

struct check_result {
  std::string vector, title, suite, variant, protocol, transport;
  vectors::role role = vectors::role::codec;
  std::vector<std::string> cites, catches;
  vectors::level level = vectors::level::must;
  std::string source;  ///< protocol, reconstructed, project: of the deciding clause
  /// Who stands in for the library in all that is cited, such as `adapter`; empty: it is the library that is judged.
  std::string provided_by;
  std::string file;
  int line = 0;  ///< where the vector stands
  verdict what = verdict::pass;
  std::string signature;      ///< closed words, empty for a pass: `fail@2:close/box`
  std::string expected, got;  ///< one sentence each, for people
  std::string reason;         ///< of a skip, xfail (from the baseline), observed, harness
  std::string cut;  ///< the segmentation that failed: `whole`, `every octet`, `before octet 17`; empty for a pass
  std::map<std::string, std::string> choices;  ///< choice -> branch seen
  /// Of the failing play (of the whole-octets play of a pass where traces are wanted).
  std::vector<transcript_entry> transcript;
  /// The verdict rests on something that did not come in time: ask the canary before believing it.
  bool by_deadline = false;
  std::uint64_t plays = 0;
  double ms = 0;
};

/// `fail`, `crash`, `timeout`, `xpass`: what makes a run not conform.
bool breaks(verdict);

}  // namespace ampspec::conformance
