// Tests of how failures are folded.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/cause.hpp"

#include "runner/report/sample.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::verdict;

check_result failing(std::string id) {
  check_result r;
  r.vector = std::move(id);
  r.what = verdict::fail;
  r.signature = "fail@1:close/box";
  r.got = "answered after 3 ms";
  r.cites = {"AMP1-FRAME-013"};
  return r;
}

TEST(Causes, FoldWhatFailsAlike) {
  std::vector<check_result> results{failing("A-001"), failing("A-002"), failing("A-003")};
  // Numbers, quotations and boxes do not make another cause.
  results[0].got = "delivered 2 boxes {\"a\": \"1\"}, {\"b\": \"}\"}, after 31 ms";
  results[1].got = "delivered 3 boxes {\"c\": \"x\"}, after 412 ms";
  results[2].got = "delivered 9 boxes , after 1 ms";
  const auto causes = causes_of(results);
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].members, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(other_vectors(causes[0], results), std::vector<std::string>{"A-002 … A-003"});
}

TEST(Causes, KeepApartWhatDiffersInOneThing) {
  const std::vector<void (*)(check_result&)> changes{
      [](check_result& r) { r.signature = "fail@2:close/box"; }, [](check_result& r) { r.got = "nothing came"; },
      [](check_result& r) { r.role = vectors::role::client; },   [](check_result& r) { r.cites = {"AMP1-CONV-001"}; },
      [](check_result& r) { r.what = verdict::warn; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    std::vector<check_result> results{failing("A-001"), failing("A-002")};
    changes[i](results[1]);
    EXPECT_EQ(causes_of(results).size(), 2u) << "change " << i;
  }
}

TEST(Causes, LinkOverAFaultWhereTheClausesDiffer) {
  std::vector<check_result> results{failing("A-001"), failing("A-002")};
  results[1].cites = {"AMP1-FRAME-041"};
  results[0].catches = results[1].catches = {"key-limit-missing"};
  EXPECT_EQ(causes_of(results).size(), 1u);
}

TEST(Causes, LookLikeNoFaultWhereAProgramBrokeOff) {
  for (const auto what : {verdict::crash, verdict::timeout}) {
    std::vector<check_result> results{failing("A-001")};
    results[0].catches = {"key-limit-missing"};
    EXPECT_EQ(causes_of(results)[0].faults.size(), 1u);
    results[0].what = what;
    results[0].signature = what == verdict::crash ? "crash:exit-4" : "timeout:accept";
    EXPECT_TRUE(causes_of(results)[0].faults.empty());
  }
}

TEST(Causes, LinkThroughAThirdCheckThatComesLast) {
  std::vector<check_result> results{failing("A-001"), failing("A-002"), failing("A-003")};
  results[1].cites = {"AMP1-FRAME-041"};
  results[2].cites = {"AMP1-FRAME-013", "AMP1-FRAME-041"};
  EXPECT_EQ(causes_of(results).size(), 1u);
}

TEST(Causes, NameOnlyFaultsThatNoPassingCheckRulesOut) {
  std::vector<check_result> results{failing("A-001"), failing("A-002")};
  results[0].catches = {"key-limit-missing", "key-limit-off-by-one"};
  results[1] = results[0];
  results[1].vector = "A-002";
  EXPECT_EQ(causes_of(results)[0].faults, (std::vector<std::string>{"key-limit-missing", "key-limit-off-by-one"}));
  results.push_back(failing("A-003"));
  results[2].what = verdict::pass;
  results[2].catches = {"key-limit-missing"};
  EXPECT_EQ(causes_of(results)[0].faults, std::vector<std::string>{"key-limit-off-by-one"});
}

TEST(Causes, LeaveOutWhatIsNoFinding) {
  std::vector<check_result> results{failing("A-001"), failing("A-002"), failing("A-003"), failing("A-004")};
  results[0].what = verdict::pass;
  results[1].what = verdict::skip;
  results[2].what = verdict::observed;
  results[3].what = verdict::xfail;
  EXPECT_TRUE(causes_of(results).empty());
}

TEST(Causes, PutWhatBreaksTheRunBeforeWarnings) {
  std::vector<check_result> results{failing("A-001"), failing("A-002"), failing("A-003")};
  results[0].what = verdict::warn;
  results[2].what = verdict::crash;
  const auto causes = causes_of(results);
  ASSERT_EQ(causes.size(), 3u);
  EXPECT_EQ(causes[0].example, 2u);
  EXPECT_EQ(causes[2].example, 0u);
}

TEST(Causes, ShowTheSmallestExample) {
  std::vector<check_result> results{failing_check(), failing_check()};
  results[0].transcript[0].size = 70000;
  EXPECT_EQ(causes_of(results)[0].example, 1u);
}

TEST(OtherVectors, FoldOnlyNumbersThatFollowEachOther) {
  std::vector<check_result> results;
  for (const auto id : {"A-001", "A-002", "A-003", "A-005", "B-006", "odd", "A-99999999999999999999"})
    results.push_back(failing(id));
  const auto causes = causes_of(results);
  EXPECT_EQ(other_vectors(causes[0], results),
            (std::vector<std::string>{"A-002 … A-003", "A-005", "A-99999999999999999999", "B-006", "odd"}));
}

}  // namespace
}  // namespace ampspec::runner
