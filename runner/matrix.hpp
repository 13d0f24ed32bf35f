// `ampspec matrix`: from the results of many implementations to one report and their findings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ampspec::runner {

struct matrix_options {
  std::string manifest;              ///< which columns there are, and the packages of each (runner/matrix)
  std::string results;               ///< folder with NAME.jsonl, or NAME.why, of each column
  std::string json, html, markdown;  ///< files to write; empty: none
  std::string findings;              ///< folder for NAME.md of each column that deviates; empty: none
};

/// Writes the reports and prints a table; the last line is `judged N of M`. 0: every column was judged, 2: one was not.
/// What deviates from a baseline was told by the runs themselves.
int matrix_command(const matrix_options&);

}  // namespace ampspec::runner
