// Made-up runs for the tests of the reports: an ordinary one, a hostile one, a large one, an empty one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/summary.hpp"

#include <cstddef>
#include <vector>

namespace ampspec::runner {

struct sample_run {
  run_facts facts;
  std::vector<conformance::check_result> results;
  vectors::catalogue catalogue;

  run_summary summary() const { return summarize(facts, results, catalogue); }
};

/// A server that breaks three clauses: every verdict occurs, two causes have several checks.
sample_run ordinary_sample();
/// Every text and octet that an implementation or a file can supply tries to break out: markup, scripts, ANSI escapes,
/// NUL, invalid UTF-8, direction marks, heads of 2 KiB, marks and fields that lie outside.
sample_run hostile_sample();
/// `checks` passes in three roles, by 209 clauses; every `every_fails`-th one fails (0: none).
sample_run large_sample(std::size_t checks, std::size_t every_fails);
sample_run empty_sample();

/// A failing check of the server role in which we send `ours` and get `theirs`; for tests to change.
conformance::check_result failing_check();

}  // namespace ampspec::runner
