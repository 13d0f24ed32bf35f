// The commands below `ampspec bench`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/measure.hpp"

#include <string>
#include <vector>

namespace ampspec::runner {

struct bench_options {
  std::string target = "reference";  ///< a built-in name or a file
  bench::measure_options each;
  std::vector<std::string> ways;  ///< names; empty: all
  std::string json, html;
};

/// Exit codes: 0 measured, 1 a way that the target offers broke off, 2 usage.
int bench_interactivity_command(const bench_options&);

/// Exit codes likewise.
int bench_calls_command(const std::string& target, double seconds);
/// `uri`: of an AMPS server that is up; empty: the loopback broker.
int bench_publishes_command(const std::string& uri, double seconds);

/// What these files (of `--json`) hold as a section of the report; empty without files. Throws usage_error for a file
/// that is none of ours.
std::string bench_section(const std::vector<std::string>& files);

/// One way against a target that is up; its result on standard output. What bench_interactivity_command starts.
int bench_way_command(const std::string& way, const bench::measure_options&);

}  // namespace ampspec::runner
