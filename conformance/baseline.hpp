// Baselines: known deviations, each bound to its failure signature and given a reason.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

/// `VECTOR[/variant] ROLE SIGNATURE # reason`; in the variant of a line a blank is `%20`, likewise control characters
/// and `%`.
struct baseline_line {
  std::string vector, variant;
  vectors::role role = vectors::role::codec;
  std::string signature, reason;
  std::string above;  ///< comment and blank lines between the line before and this one
  int number = 0;     ///< line in the file
};

struct baseline {
  std::string path;
  std::string head, tail;  ///< comment and blank lines before the first line, and behind the last one
  std::vector<baseline_line> lines;
};

/// What is wrong with a baseline: a line that can't be read, or one that no longer tells the truth.
struct baseline_problem {
  int line = 0;
  std::string text;
  bool unread = false;  ///< the baseline does not have the line: to render it would drop it
};

/// Reads the text of a baseline. Blank lines and lines that begin with `#` are free. A line without a reason, or with
/// the reason TODO, is a problem.
baseline parse_baseline(std::string_view text, std::string path, std::vector<baseline_problem>& problems);

/// True if a line lists this deviation, by its signature.
bool lists(const baseline&, const check_result&);

/// Turns listed results into xfail (with the reason), and listed results that pass into xpass. Lines whose check has
/// another signature or was not among `results` are stale: they are told in the result and make the run fail.
/// `selected_all` is false where the user chose a part of the vectors: then a line whose check was not selected is no
/// problem.
std::vector<baseline_problem> apply_baseline(const baseline&, std::vector<check_result>& results, bool selected_all);

/// The text of a baseline for these results (as they were before `apply_baseline`): reasons of `old` are kept where
/// vector, role, variant and signature are the same, others are `TODO`. The comments of `old` stay where they are;
/// those above a line that goes, go with it.
std::string render_baseline(const baseline& old, const std::vector<check_result>& results);

}  // namespace ampspec::conformance
