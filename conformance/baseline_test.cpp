// Tests of baselines: what they excuse, and how they refuse to rot.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/baseline.hpp"

#include <gtest/gtest.h>

namespace ampspec::conformance {
namespace {

check_result result(const std::string& id, verdict v, const std::string& signature = {},
                    const std::string& variant = {}) {
  check_result r;
  r.vector = id;
  r.variant = variant;
  r.role = vectors::role::server;
  r.what = v;
  r.signature = signature;
  return r;
}

baseline read(std::string_view text) {
  std::vector<baseline_problem> problems;
  auto b = parse_baseline(text, "known.txt", problems);
  EXPECT_TRUE(problems.empty()) << problems.front().text;
  return b;
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<baseline_problem> problems;
  parse_baseline(text, "known.txt", problems);
  std::vector<std::string> texts;
  for (const auto& p : problems) texts.push_back(std::to_string(p.line) + ": " + p.text);
  return texts;
}

TEST(Baseline, ExcusesAListedFailureWithItsReason) {
  std::vector<check_result> results{result("V-1", verdict::fail, "fail@2:box/close")};
  EXPECT_TRUE(apply_baseline(read("V-1 server fail@2:box/close # known since 1.0\n"), results, true).empty());
  EXPECT_EQ(results[0].what, verdict::xfail);
  EXPECT_EQ(results[0].reason, "known since 1.0");
}

TEST(Baseline, ExcusesWarningsCrashesAndTimeouts) {
  std::vector<check_result> results{result("V-1", verdict::warn, "warn@1:a/b"),
                                    result("V-2", verdict::crash, "crash:SIGSEGV"),
                                    result("V-3", verdict::timeout, "timeout@3:box")};
  EXPECT_TRUE(
      apply_baseline(read("V-1 server warn@1:a/b # r\nV-2 server crash:SIGSEGV # r\nV-3 server timeout@3:box # r\n"),
                     results, true)
          .empty());
  for (const auto& r : results) EXPECT_EQ(r.what, verdict::xfail);
}

TEST(Baseline, ListsADeviationByItsSignature) {
  const auto known = read("V-1 server fail@2:box/close # r\n");
  EXPECT_TRUE(lists(known, result("V-1", verdict::fail, "fail@2:box/close")));
  EXPECT_FALSE(lists(known, result("V-1", verdict::fail, "fail@3:box/close")));
  EXPECT_FALSE(lists(known, result("V-2", verdict::fail, "fail@2:box/close")));
}

TEST(Baseline, IsStaleWhenAListedCheckPasses) {
  std::vector<check_result> results{result("V-1", verdict::pass)};
  EXPECT_EQ(apply_baseline(read("V-1 server fail@2:box/close # r\n"), results, true).size(), 1u);
  EXPECT_EQ(results[0].what, verdict::xpass);
}

TEST(Baseline, IsStaleWhenTheSignatureIsAnother) {
  std::vector<check_result> results{result("V-1", verdict::fail, "fail@3:box/close")};
  EXPECT_EQ(apply_baseline(read("V-1 server fail@2:box/close # r\n"), results, true).size(), 1u);
  EXPECT_EQ(results[0].what, verdict::fail);
}

TEST(Baseline, IsStaleWhenAListedCheckWasNotRunUnlessAPartWasChosen) {
  std::vector<check_result> results;
  EXPECT_EQ(apply_baseline(read("V-1 server fail@2:box/close # r\n"), results, true).size(), 1u);
  EXPECT_TRUE(apply_baseline(read("V-1 server fail@2:box/close # r\n"), results, false).empty());
}

TEST(Baseline, IsStaleWhenAListedCheckWasSkipped) {
  std::vector<check_result> results{result("V-1", verdict::skip)};
  EXPECT_EQ(apply_baseline(read("V-1 server fail@2:box/close # r\n"), results, false).size(), 1u);
}

TEST(Baseline, NeedsAReasonForEachLine) {
  EXPECT_EQ(problems_of("V-1 server fail@2:box/close\n").size(), 1u);
  EXPECT_EQ(problems_of("V-1 server fail@2:box/close # TODO\n").size(), 1u);
  EXPECT_TRUE(problems_of("# a comment\n\nV-1 server fail@2:box/close # because\n").empty());
}

TEST(Baseline, TellsLinesThatItCannotRead) {
  EXPECT_EQ(problems_of("V-1 fail@2:box/close # r\n").size(), 1u);
  EXPECT_EQ(problems_of("V-1 kodec fail@2:box/close # r\n").size(), 1u);
  EXPECT_EQ(problems_of("V-1 server fail@2:box/close and more # r\n").size(), 1u);
  EXPECT_EQ(problems_of("V-1 server fail@2:a/b # r\nV-1 server fail@3:a/b # r\n"),
            std::vector<std::string>{"2: V-1 server stands in line 1 too"});
}

TEST(Baseline, TakesALineWithoutVariantForAllPointsWithoutALineOfTheirOwn) {
  std::vector<check_result> results{result("V-1", verdict::fail, "fail@1:a/b", "n=0"),
                                    result("V-1", verdict::fail, "fail@1:a/b", "n=1"),
                                    result("V-1", verdict::fail, "fail@9:a/b", "n=2")};
  EXPECT_TRUE(
      apply_baseline(read("V-1 server fail@1:a/b # r\nV-1/n=2 server fail@9:a/b # other\n"), results, true).empty());
  EXPECT_EQ(results[2].reason, "other");
}

TEST(Baseline, IsWrittenSoThatItExcusesWhatWasSeenAndKeepsReasons) {
  std::vector<check_result> results{result("V-1", verdict::fail, "fail@1:a/b", "n=0"),
                                    result("V-1", verdict::pass, "", "n=1"),
                                    result("V-2", verdict::warn, "warn@1:a/b")};
  const auto text = render_baseline(read("V-2 server warn@1:a/b # kept\n"), results);
  EXPECT_NE(text.find("V-1/n=0 server fail@1:a/b # TODO\n"), std::string::npos) << text;
  EXPECT_NE(text.find("V-2 server warn@1:a/b # kept\n"), std::string::npos) << text;
  std::vector<baseline_problem> problems;
  const auto again = parse_baseline(text, "known.txt", problems);
  EXPECT_EQ(problems.size(), 1u);  // the TODO
  EXPECT_TRUE(apply_baseline(again, results, true).empty());
}

TEST(Baseline, KeepsTheCommentsOfTheOldFile) {
  std::vector<check_result> results{result("V-1", verdict::warn, "warn@1:a/b"), result("V-2", verdict::pass, ""),
                                    result("V-3", verdict::warn, "warn@1:a/b")};
  const auto old = read(
      "# ours\n\n# and ours\nV-1 server warn@1:a/b # r\n# of two\nV-2 server warn@1:a/b # r\n"
      "# of three\nV-3 server warn@1:a/b # r\n# the end\n");
  EXPECT_EQ(render_baseline(old, results),
            "# ours\n\n# and ours\nV-1 server warn@1:a/b # r\n# of three\nV-3 server warn@1:a/b # r\n# the end\n");
}

TEST(Baseline, WritesAnyMatrixValueAsOneWordAndReadsItBack) {
  for (const std::string value :
       {"two words", "two lines\nof text", " #", "100%", "%20", "%2", "a,b=c/d", "\x7f\xc3\xa9"}) {
    std::vector<check_result> results{result("V-1", verdict::fail, "fail@1:a/b", "text=" + value),
                                      result("V-1", verdict::pass, "", "text=other")};
    std::vector<baseline_problem> problems;
    const auto again = parse_baseline(render_baseline({}, results), "known.txt", problems);
    ASSERT_EQ(again.lines.size(), 1u) << value;
    EXPECT_EQ(again.lines.front().variant, "text=" + value);
    EXPECT_TRUE(apply_baseline(again, results, true).empty()) << value;
  }
  EXPECT_EQ(read("V-1/t=two%20words server fail@1:a/b # r\n").lines.front().variant, "t=two words");
}

}  // namespace
}  // namespace ampspec::conformance
