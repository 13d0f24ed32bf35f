// The best time of each benchmark, for ratios of one run: what every benchmark program prints at its end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace ampspec {

class best_times : public benchmark::ConsoleReporter {
 public:
  best_times() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const double seconds = run.cpu_accumulated_time / static_cast<double>(run.iterations);
      const std::string& args = run.run_name.args;
      const auto [at, added] = best_.emplace(run.run_name.function_name + (args.empty() ? "" : "/" + args), seconds);
      if (!added) at->second = std::min(at->second, seconds);
    }
    ConsoleReporter::ReportRuns(runs);
  }

  /// Processor seconds of one iteration of a benchmark with its arguments, `decode/1460`; 0 if it did not run.
  double of(const std::string& name) const {
    const auto at = best_.find(name);
    return at == best_.end() ? 0 : at->second;
  }

  /// A line with the time of one over that of the other, if both ran.
  void print_ratio(const char* text, const std::string& one, const std::string& other) const {
    const double a = of(one), b = of(other);
    if (a > 0 && b > 0) std::printf("%-86s %8.2f\n", text, a / b);
  }

 private:
  std::map<std::string, double> best_;
};

}  // namespace ampspec
