// Which named faults the vectors catch: the proof that the suite bites.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/library.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ampspec::runner {

/// Plays one vector, in every role and at every matrix point, in process: against the reference, the naive
/// implementation
/// (`naive`), or the naive one with a fault of its list. Throws std::runtime_error for a fault that it does not know.
std::vector<conformance::check_result> play_in_process(const vectors::vector&, const vectors::catalogue&, bool naive,
                                                       const std::string& fault = {}, bool until_caught = false);

/// True if a result shows that something is wrong.
bool shows_fault(const conformance::check_result&);

struct fault_score {
  std::map<std::string, std::vector<std::string>>
      caught;                         ///< fault -> ids of the vectors that caught it, of those that name it
  std::vector<std::string> survived;  ///< no vector that names it (or none names it) shows it
  std::vector<std::string> planned;   ///< counted nowhere
  std::set<std::string> proven;       ///< clauses cited by a vector that caught a fault tagged with that clause
};

/// Plays every fault against the vectors that name it. `all_killers`: don't stop at the first that catches it.
fault_score score_faults(const library&, bool all_killers);

/// Throws usage_error unless `program` can be given that fault: a peer (`amp1`, `amp2`, `amps`) or an `adapter`.
void check_fault(const std::string& fault, const std::string& program);

/// `ampspec faults`: the list, or with `score` the kill score; exit 1 if a fault survives.
int faults_command(bool score, bool as_json);

}  // namespace ampspec::runner
