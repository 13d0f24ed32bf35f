// out/junit.xml, as Jenkins, GitLab and GitHub read it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/summary.hpp"

#include <span>
#include <string>

namespace ampspec::runner {

/// A testsuite for each vector file and role, a testcase for each check. fail and xpass are failures; crash, timeout
/// and harness errors; skip and xfail skipped. Each stale line of the baseline is a failure too. Text is XML-legal
/// whatever came in.
std::string junit_report(const run_summary&, std::span<const conformance::check_result>);

}  // namespace ampspec::runner
