// `ampspec matrix`: reads the manifest and the results, writes the reports.
// SPDX-License-Identifier: Apache-2.0
#include "runner/matrix.hpp"

#include "runner/files.hpp"
#include "runner/library.hpp"
#include "runner/report/matrix.hpp"
#include "runner/report/text.hpp"
#include "runner/run.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace ampspec::runner {
namespace fs = std::filesystem;

int matrix_command(const matrix_options& o) {
  check_writable("--json", o.json);
  check_writable("--html", o.html);
  check_writable("--markdown", o.markdown);
  if (!fs::is_directory(o.results)) throw usage_error("RESULTS " + o.results + " is no folder");
  const auto lib = load_library();
  auto columns = read_manifest(read_file(o.manifest), o.manifest);
  if (columns.empty()) throw usage_error(o.manifest + " names no implementation");
  read_results(columns, o.results);
  const auto rows = rows_of(columns, lib.catalogue);

  if (!o.json.empty()) write_file(o.json, matrix_json(columns, rows));
  if (!o.html.empty()) write_file(o.html, matrix_html(columns, rows));
  if (!o.markdown.empty()) write_file(o.markdown, matrix_markdown(columns, rows));
  if (!o.findings.empty()) {
    fs::create_directories(o.findings);
    for (const auto& c : columns) {
      if (!c.not_judged.empty()) continue;  // what is known of it stays as it was written
      const auto file = fs::path(o.findings) / (c.name + ".md");
      if (const auto text = findings_markdown(c, lib.catalogue); !text.empty()) {
        write_file(file, text);
      } else {
        fs::remove(file);
      }
    }
  }

  std::cout << in_column("implementation", 22) << in_column("fail", 7) << in_column("warn", 7) << in_column("pass", 7)
            << "skip\n";
  for (const auto& c : columns) {
    std::cout << in_column(c.name, 22);
    if (!c.not_judged.empty()) {
      std::cout << "not judged: " << escaped(c.not_judged) << "\n";
      continue;
    }
    const auto count = [&](cell_state s) {
      return std::to_string(std::count_if(c.checks.begin(), c.checks.end(),
                                          [&](const auto& r) { return judged_as(r) == s && r.provided_by.empty(); }));
    };
    std::cout << in_column(count(cell_state::fail), 7) << in_column(count(cell_state::warn), 7)
              << in_column(count(cell_state::pass), 7) << count(cell_state::skip) << "\n";
  }
  std::cout << judged_line(columns) << std::endl;
  return std::all_of(columns.begin(), columns.end(), [](const auto& c) { return c.not_judged.empty(); }) ? 0 : 2;
}

}  // namespace ampspec::runner
