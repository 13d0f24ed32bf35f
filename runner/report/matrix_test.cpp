// The matrix counts what checks came to, says what was not judged, and its findings tell what a maintainer needs.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/matrix.hpp"

#include "runner/report/embargo.hpp"
#include "runner/report/json.hpp"
#include "runner/report/sample.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::verdict;

constexpr std::string_view manifest =
    "# column registry package version checksum code-base licence\n"
    "\n"
    "one   PyPI       one-amp  1.2  sha256:00  one  MIT\n"
    "one   PyPI       helper   3.4  sha256:01  one  MIT\n"
    "two   crates.io  two-amp  0.1  02         two  GPL-3.0+\n";

check_result a_check(verdict v, std::string clause, std::string signature = "") {
  auto r = failing_check();
  r.what = v;
  r.cites = {std::move(clause)};
  r.signature = std::move(signature);
  r.provided_by.clear();
  return r;
}

std::vector<conformance::transcript_entry> we_sent(std::string octets) {
  conformance::transcript_entry e;
  e.who = conformance::transcript_entry::side::ours;
  e.size = octets.size();
  e.head = std::move(octets);
  return {e};
}

class Matrix : public testing::Test {
 protected:
  Matrix() : columns(read_manifest(manifest, "manifest")) {
    for (const char* id : {"AMP1-FRAME-001", "AMP1-FRAME-002"}) {
      auto& clause = catalogue.requirements[id];
      clause.id = id;
      clause.text = "say what is " + std::string(id);
      clause.source = "protocol";
    }
  }
  void judged(std::size_t i, std::vector<check_result> checks) {
    columns[i].checks = std::move(checks);
    columns[i].summary = run_summary();
  }

  std::vector<matrix_column> columns;
  vectors::catalogue catalogue;
};

TEST_F(Matrix, ReadsColumnsWithTheirPackages) {
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].name, "one");
  ASSERT_EQ(columns[0].packages.size(), 2u);
  EXPECT_EQ(columns[0].packages[1].version, "3.4");
  EXPECT_EQ(columns[1].licence, "GPL-3.0+");
}

TEST_F(Matrix, TellsTheLineOfAManifestThatIsWrong) {
  try {
    read_manifest("# fine\none PyPI one-amp 1.2\n", "manifest.txt");
    FAIL() << "was accepted";
  } catch (const std::runtime_error& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("manifest.txt:2: 4 words; write COLUMN")) << e.what();
  }
}

TEST_F(Matrix, AKnownDeviationIsADeviation) {
  EXPECT_EQ(judged_as(a_check(verdict::xfail, "", "fail@2:close/box")), cell_state::fail);
  EXPECT_EQ(judged_as(a_check(verdict::xfail, "", "crash:SIGABRT")), cell_state::fail);
  EXPECT_EQ(judged_as(a_check(verdict::xfail, "", "warn@2:close/box")), cell_state::warn);
  EXPECT_EQ(judged_as(a_check(verdict::xpass, "")), cell_state::pass);
  EXPECT_EQ(judged_as(a_check(verdict::harness, "")), cell_state::none);
}

TEST_F(Matrix, TheWorstCheckDecidesACell) {
  auto adapters = a_check(verdict::fail, "AMP1-FRAME-002");
  adapters.provided_by = "adapter";
  judged(0, {a_check(verdict::pass, "AMP1-FRAME-001"), a_check(verdict::xfail, "AMP1-FRAME-001", "fail@1:a/b"),
             a_check(verdict::pass, "AMP1-FRAME-002"), adapters, a_check(verdict::pass, "AMP1-FRAME-999")});
  judged(1, {a_check(verdict::skip, "AMP1-FRAME-002")});
  const auto rows = rows_of(columns, catalogue);
  ASSERT_EQ(rows.size(), 2u);  // what is not catalogued has no row
  EXPECT_EQ(rows[0].cells[0].state(), cell_state::fail);
  EXPECT_EQ(rows[0].cells[0].deviating.size(), 1u);
  EXPECT_EQ(rows[0].cells[1].state(), cell_state::none);
  EXPECT_EQ(rows[1].cells[0].state(), cell_state::pass);  // the adapter's failure is none of the library's
  EXPECT_EQ(rows[1].cells[1].state(), cell_state::skip);
}

TEST_F(Matrix, WhatWasNotJudgedSaysWhyAndIsNeverGreen) {
  judged(0, {a_check(verdict::pass, "AMP1-FRAME-001")});
  columns[1].not_judged = "the registry <is> away";
  const auto rows = rows_of(columns, catalogue);
  EXPECT_EQ(judged_line(columns), "judged 1 of 2");
  EXPECT_NE(matrix_markdown(columns, rows).find("| not judged: the registry <is> away |"), std::string::npos);
  EXPECT_NE(matrix_json(columns, rows).find("\"not_judged\": \"the registry <is> away\""), std::string::npos);
  const auto page = matrix_html(columns, rows);
  EXPECT_NE(page.find("not judged: the registry &lt;is&gt; away"), std::string::npos);
  EXPECT_EQ(page.find("<is>"), std::string::npos);
  EXPECT_NE(page.find("href=\"one.html#AMP1-FRAME-001\""), std::string::npos);
  EXPECT_EQ(page.find("two.html"), std::string::npos);
}

TEST_F(Matrix, ReadsResultsOrTheReasonWhyThereAreNone) {
  std::string folder = testing::TempDir() + "matrix.XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/two.why") << "no cargo here\n";
  auto sample = ordinary_sample();
  std::ofstream(folder + "/one.jsonl") << json_report(sample.summary(), sample.results);
  read_results(columns, folder);
  EXPECT_EQ(columns[0].not_judged, "");
  EXPECT_EQ(columns[0].checks.size(), sample.results.size());
  EXPECT_EQ(columns[1].not_judged, "no cargo here");
  std::filesystem::remove_all(folder);
}

TEST_F(Matrix, AFindingIsToldByItsSmallestVector) {
  auto big = a_check(verdict::xfail, "AMP1-FRAME-001", "fail@1:a/b");
  big.reason = "AMP1-FRAME-001: forgets what it was told";
  big.transcript = we_sent("aaaa");
  auto small = big;
  big.vector = "A1-BIG-001";
  small.vector = "A1-SMALL-001";
  small.transcript = we_sent("\xc0\xff\xee");
  judged(0, {big, small, a_check(verdict::pass, "AMP1-FRAME-002")});
  const auto text = findings_markdown(columns[0], catalogue);
  EXPECT_NE(text.find("## AMP1-FRAME-001 (MUST, source protocol)"), std::string::npos) << text;
  EXPECT_NE(text.find("**Effect**: forgets what it was told."), std::string::npos) << text;
  EXPECT_NE(text.find("**Smallest vector**: A1-SMALL-001"), std::string::npos) << text;
  EXPECT_NE(text.find("c0 ff ee"), std::string::npos) << text;
  EXPECT_NE(text.find("1 other vector too: A1-BIG-001"), std::string::npos) << text;
  EXPECT_EQ(text.find("AMP1-FRAME-002"), std::string::npos) << text;
}

TEST_F(Matrix, AFindingUnderAnEmbargoTellsClauseAndEffectOnly) {
  auto r = a_check(verdict::xfail, "AMP1-FRAME-001", "fail@1:a/b");
  r.vector = "A1-SECRET-001";
  r.reason = "embargo: 2027-03-01 AMP1-FRAME-001: runs a command twice";
  r.transcript = we_sent("\xc0\xff\xee");
  judged(0, {r});
  withhold(columns[0].checks, "2026-11-28");
  const auto text = findings_markdown(columns[0], catalogue);
  EXPECT_NE(text.find("**Effect**: runs a command twice."), std::string::npos) << text;
  EXPECT_NE(text.find("withheld until 2027-03-01"), std::string::npos) << text;
  EXPECT_EQ(text.find("c0 ff ee"), std::string::npos) << text;
  EXPECT_EQ(text.find("A1-SECRET-001"), std::string::npos) << text;
}

TEST_F(Matrix, WhoKeepsAllHasNoFindings) {
  judged(0, {a_check(verdict::pass, "AMP1-FRAME-001")});
  EXPECT_EQ(findings_markdown(columns[0], catalogue), "");
}

}  // namespace
}  // namespace ampspec::runner
