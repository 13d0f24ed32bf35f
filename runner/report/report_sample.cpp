// Writes the reports of a made-up run, for the browser test and for looking at them.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/console.hpp"
#include "runner/report/html.hpp"
#include "runner/report/json.hpp"
#include "runner/report/junit.hpp"
#include "runner/report/sample.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <unistd.h>

int main(int argc, char** argv) {
  using namespace ampspec::runner;
  const std::string kind = argc > 1 ? argv[1] : "";
  const std::map<std::string, sample_run (*)()> kinds{{"ordinary", ordinary_sample},
                                                      {"hostile", hostile_sample},
                                                      {"empty", empty_sample},
                                                      {"passing", [] { return large_sample(3000, 0); }},
                                                      {"large", [] { return large_sample(3000, 9); }},
                                                      {"failing", [] { return large_sample(3000, 1); }}};
  if (argc != 3 || !kinds.contains(kind)) {
    std::cerr << "usage: report_sample ordinary|hostile|empty|passing|large|failing FOLDER\n";
    return 2;
  }
  const auto sample = kinds.at(kind)();
  const auto summary = sample.summary();
  const std::filesystem::path folder = argv[2];
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "report.html") << html_report(summary, sample.results, sample.catalogue);
  std::ofstream(folder / "results.jsonl") << json_report(summary, sample.results);
  std::ofstream(folder / "junit.xml") << junit_report(summary, sample.results);

  console out(std::cout, screen_of(STDOUT_FILENO));
  for (const auto& result : sample.results) out.expect(result.suite, 1);
  for (const auto& result : sample.results) out.finished(result);
  out.close(summary, sample.results);
}
