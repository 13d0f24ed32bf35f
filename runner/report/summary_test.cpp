// Tests of the numbers of a run.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/summary.hpp"

#include "runner/report/sample.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

using conformance::verdict;

/// One check with each of these verdicts.
run_summary run_of(std::initializer_list<verdict> verdicts, run_facts facts = {}) {
  std::vector<conformance::check_result> results;
  for (const auto v : verdicts) {
    results.push_back(failing_check());
    results.back().what = v;
  }
  return summarize(std::move(facts), results, ordinary_sample().catalogue);
}

TEST(Summary, CountsEveryVerdictOnce) {
  const auto s = ordinary_sample().summary();
  std::uint64_t sum = 0;
  for (const auto n : s.by_verdict) sum += n;
  EXPECT_EQ(sum, s.checks);
  EXPECT_EQ(s.checks, 23u);
  EXPECT_EQ(s.vectors, 14u);
  EXPECT_EQ(s.of(verdict::fail), 5u);
  EXPECT_EQ(s.choices.at("duplicate-key").at("last-wins"), 1u);
}

TEST(Summary, CountsClausesOfTheProtocolsThatWereRun) {
  const auto s = ordinary_sample().summary();
  EXPECT_EQ(s.clauses.catalogued, 8u) << "AMP2 was not run";
  EXPECT_EQ(s.clauses.must, 6u);
  EXPECT_EQ(s.clauses.cited, 5u);
  EXPECT_EQ(s.clauses.must_cited, 4u);
  EXPECT_EQ(s.clauses.excluded, 1u);
}

TEST(Summary, CountsAClauseAsCitedOnlyIfACheckWasJudged) {
  EXPECT_EQ(run_of({verdict::pass}).clauses.cited, 1u);
  EXPECT_EQ(run_of({verdict::skip, verdict::harness}).clauses.cited, 0u);
}

TEST(Summary, NamesAClauseBrokenForFailuresOnly) {
  EXPECT_EQ(run_of({verdict::fail, verdict::crash, verdict::timeout}).clauses.broken.at("AMP1-FRAME-013"), 3u);
  EXPECT_TRUE(run_of({verdict::pass, verdict::warn, verdict::xfail, verdict::harness}).clauses.broken.empty());
}

TEST(Summary, CountsWhatTheLibraryDoesNotProvideByItself) {
  std::vector<conformance::check_result> results{failing_check(), failing_check(), failing_check()};
  results[0].provided_by = results[1].provided_by = "adapter";
  results[1].what = verdict::pass;
  results[2].cites = {"AMP1-FRAME-004"};
  const auto s = summarize({}, results, ordinary_sample().catalogue);
  EXPECT_EQ(s.clauses.broken, (std::map<std::string, std::uint64_t>{{"AMP1-FRAME-004", 1}}));
  EXPECT_EQ(s.provided.at("adapter").checks, 2u);
  EXPECT_EQ(s.provided.at("adapter").broken, 1u);
  EXPECT_EQ(s.provided.at("adapter").pass, 1u);
  EXPECT_EQ(s.outcome(), outcome::does_not_conform) << "the run fails all the same: a baseline may excuse it";
}

TEST(Summary, EndsWithTheExitCodeOfItsWorst) {
  run_facts stale, late;
  stale.stale_baseline = {"a line"};
  late.out_of_time = true;
  EXPECT_EQ(
      exit_code(run_of({verdict::pass, verdict::warn, verdict::xfail, verdict::observed, verdict::skip}).outcome()), 0);
  EXPECT_EQ(exit_code(run_of({verdict::pass, verdict::fail}).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::pass, verdict::crash}).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::pass, verdict::timeout}).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::pass, verdict::xpass}).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::pass}, stale).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::skip}).outcome()), 2) << "nothing that did not run is green";
  EXPECT_EQ(exit_code(run_of({}).outcome()), 2);
  EXPECT_EQ(exit_code(run_of({verdict::pass, verdict::harness}).outcome()), 3);
  EXPECT_EQ(exit_code(run_of({verdict::fail, verdict::harness}).outcome()), 1);
  EXPECT_EQ(exit_code(run_of({verdict::pass}, late).outcome()), 4);
}

TEST(AgainCommand, PutsTheFilterBeforeTheCommandOfTheTarget) {
  run_facts facts;
  facts.command = "ampspec run --codec";
  facts.command_tail = "-- ./adapter -v";
  EXPECT_EQ(again_command(facts, "A1-LIM-042"), "ampspec run --codec --only A1-LIM-042 --trace -- ./adapter -v");
}

}  // namespace
}  // namespace ampspec::runner
