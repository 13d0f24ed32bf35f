// Implementations side by side: clauses down, implementations across, and what each came to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/summary.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner {

/// One package of an implementation, as the manifest pins it.
struct pinned_package {
  std::string registry, package, version, checksum;
};

/// One implementation: a column of the manifest, and its run.
struct matrix_column {
  std::string name, code_base, licence;
  std::vector<pinned_package> packages;
  std::string not_judged;  ///< why, in words; empty: judged
  std::optional<run_summary> summary;
  std::vector<conformance::check_result> checks;
};

/// Reads a manifest: lines of seven words (column, registry, package, version, checksum, code base, licence), several
/// for a column that has several packages; blank lines and those that begin with `#` are free. Throws
/// std::runtime_error with file and line.
std::vector<matrix_column> read_manifest(std::string_view text, const std::string& path);

/// Fills the columns from a folder: `NAME.jsonl` is what `ampspec run --json` wrote, `NAME.why` tells in words why
/// there is none. A column with neither was not judged either. Throws results_error.
void read_results(std::vector<matrix_column>&, const std::filesystem::path& folder);

enum class cell_state { none, skip, pass, warn, fail };
std::string_view name_of(cell_state);

/// What the checks that cite a clause came to in a column: known deviations (xfail) count as what they deviate by. What
/// somebody else than the library provides does not count.
struct matrix_cell {
  std::uint64_t pass = 0, warn = 0, fail = 0, skip = 0;
  std::vector<std::string> deviating;  ///< vectors, each once

  cell_state state() const;
};

struct matrix_row {
  const vectors::requirement* clause = nullptr;
  std::vector<matrix_cell> cells;  ///< one for each column
};

/// The clauses that some column's checks cite, by id.
std::vector<matrix_row> rows_of(std::span<const matrix_column>, const vectors::catalogue&);

/// `fail`, `warn`, `pass` or `skip`, or none for what says nothing about the implementation (harness).
cell_state judged_as(const conformance::check_result&);

/// `judged 7 of 8`
std::string judged_line(std::span<const matrix_column>);

std::string matrix_json(std::span<const matrix_column>, std::span<const matrix_row>);
std::string matrix_markdown(std::span<const matrix_column>, std::span<const matrix_row>);
/// One page; each cell leads to the clause in the column's own page, `NAME.html` beside it.
std::string matrix_html(std::span<const matrix_column>, std::span<const matrix_row>);

/// What a maintainer can act on: for each way in which the implementation deviates the clause, what was sent, what came
/// and what was expected, by the smallest vector that shows it. Empty if it does not deviate.
std::string findings_markdown(const matrix_column&, const vectors::catalogue&);

}  // namespace ampspec::runner
