// Writes the picture of a made-up measurement, alone and in a report, for the browser test and for looking at it.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/picture.hpp"
#include "runner/bench/sample.hpp"
#include "runner/report/html.hpp"
#include "runner/report/sample.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

int main(int argc, char** argv) {
  using namespace ampspec::runner;
  if (argc != 2) {
    std::cerr << "usage: bench_sample FOLDER\n";
    return 2;
  }
  std::vector<bench::interactivity> all(2, bench::sample_interactivity());
  all[1].target = "<b>other</b>";
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const auto run = ordinary_sample();
  std::ofstream(folder / "bench.html") << page_of(all);
  std::ofstream(folder / "report.html") << html_report(run.summary(), run.results, run.catalogue, section_of(all));
}
