// The run in numbers, counted from its results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner {

/// What the results do not tell.
struct run_facts {
  std::string target, target_version, suite_version;
  std::string command;       ///< how the target is run, without filters: `ampspec run twisted`
  std::string command_tail;  ///< what must stand last: `-- ./adapter`; may be empty
  std::uint64_t seed = 0;
  double seconds = 0;
  std::uint64_t peak_rss_kib = 0, peer_peak_rss_kib = 0;
  std::map<std::string, std::vector<std::string>>
      provided_by;                          ///< who -> features that are its code, not the library's
  std::vector<std::string> stale_baseline;  ///< lines of the baseline that no longer hold, as sentences
  std::vector<std::string> remarks;         ///< what a reader must know to trust the numbers
  bool out_of_time = false;
};

/// Clauses of the protocols that were run. A clause is cited if a check that cites it was judged (neither skip nor
/// harness). What somebody else than the library provides is not counted here.
struct clause_counts {
  std::uint64_t catalogued = 0, must = 0, cited = 0, must_cited = 0, excluded = 0;
  std::map<std::string, std::uint64_t> broken;      ///< clause -> checks that cite it and failed
  std::map<std::string, std::string> excluded_for;  ///< clause -> why it can't be tested
};

/// The checks of what somebody else than the library provides.
struct provided_counts {
  std::uint64_t checks = 0, pass = 0, broken = 0, warn = 0;  ///< broken: fail, crash, timeout; the rest is none of them
};

enum class outcome { conforms, does_not_conform, stale_baseline, nothing_judged, harness_fault, out_of_time };
/// `conforms`, `does not conform`...
std::string_view name_of(outcome);
/// 0, 1, 2, 3 or 4, as documented for `ampspec run`.
int exit_code(outcome);

struct run_summary : run_facts {
  std::uint64_t vectors = 0, checks = 0, plays = 0;
  std::array<std::uint64_t, 10> by_verdict{};
  std::map<std::string, std::map<std::string, std::uint64_t>> choices;  ///< choice -> branch -> checks that saw it
  clause_counts clauses;
  std::map<std::string, provided_counts> provided;  ///< who -> checks; nobody who provides a test service only

  std::uint64_t of(conformance::verdict v) const { return by_verdict[static_cast<std::size_t>(v)]; }
  /// A failure outweighs a fault of ours, that one the time, that one the baseline.
  runner::outcome outcome() const;
};

run_summary summarize(run_facts, std::span<const conformance::check_result>, const vectors::catalogue&);

/// The clauses of every protocol that has a result, by id.
std::vector<const vectors::requirement*> clauses_of_run(std::span<const conformance::check_result>,
                                                        const vectors::catalogue&);

/// The command that plays this vector alone, with its trace.
std::string again_command(const run_facts&, std::string_view vector);

}  // namespace ampspec::runner
