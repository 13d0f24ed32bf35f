// results.jsonl: one object for each check, the summary last; written here and read again here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/summary.hpp"

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ampspec::runner {

/// One line without its newline. Octets are hex; invalid UTF-8 in texts becomes U+FFFD. Never throws for content.
std::string json_line(const conformance::check_result&);
/// `{"summary": {...}}`
std::string json_line(const run_summary&);

/// The whole file.
std::string json_report(const run_summary&, std::span<const conformance::check_result>);

struct loaded_results {
  std::vector<conformance::check_result> checks;
  std::optional<run_summary> summary;  ///< none: the run that wrote the file was cut short
};

class results_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;  ///< `file:line: what is wrong`
};

/// Reads what json_report wrote. Throws results_error if the file cannot be read or a line is not one of ours; unknown
/// keys are ignored.
loaded_results load_results(const std::filesystem::path& file);

}  // namespace ampspec::runner
