// Cases by number, plans and what is held against them, and what a hunt makes of a finding.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/amp_plan.hpp"
#include "runner/fuzzing/amp_server.hpp"
#include "runner/fuzzing/amps_server.hpp"
#include "runner/fuzzing/cases.hpp"
#include "runner/fuzzing/growth.hpp"
#include "runner/fuzzing/hunt.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ampspec::runner::fuzzing {
namespace {

using naive::box;

std::string octets(const box& b) { return naive::encode(b).bytes; }
box request(const std::string& ask, const std::string& command, const box& arguments = {}) {
  box b{{"_ask", ask}, {"_command", command}};
  b.insert(b.end(), arguments.begin(), arguments.end());
  return b;
}
box error(const std::string& ask, const std::string& code) {
  return {{"_error", ask}, {"_error_code", code}, {"_error_description", "as it likes"}};
}

amp_rules with_service() {
  amp_rules rules;
  rules.refuses_repeated_keys = true;
  rules.offers = [](std::string_view) { return true; };
  return rules;
}
amp_plan plan(const std::vector<std::string>& cases) { return plan_of(cases, with_service()); }

// What is wrong if that comes, and then the end; the answer to the fence is added.
std::string judged(const amp_plan& p, const std::vector<box>& came, bool in_time = true) {
  amp_judge judge(p);
  for (const box& b : came) judge.take(octets(b));
  if (p.fenced) judge.take(octets(error("fence", "UNHANDLED")));
  const auto wrong = judge.end(in_time, false);
  return wrong ? wrong->signature : "";
}

TEST(Cases, AreAFunctionOfSeedAndNumber) {
  const std::vector<std::string> seeds{octets(request("1", "Sum", {{"a", "1"}, {"b", "2"}})),
                                       octets(request("2", "Echo", {{"data", "x"}}))};
  const case_source one(dialect::amp1, seeds, 7), same(dialect::amp1, seeds, 7), other(dialect::amp1, seeds, 8);
  std::size_t alike = 0;
  for (std::uint64_t i = 300; i-- > 0;) {
    EXPECT_EQ(one.at(i), same.at(i));
    EXPECT_LE(one.at(i).size(), 70'000u);
    if (one.at(i) == other.at(i)) ++alike;
  }
  EXPECT_LT(alike, 100u);
}

TEST(Cases, GiveRequestsTagsOfTheirOwn) {
  const std::string two = octets(request("1", "Echo", {{"data", "x"}})) + octets(request("1", "Noted"));
  const auto made = naive::decode(with_own_tags(two + std::string(1, '\0'), false, "ab"));
  ASSERT_EQ(made.boxes.size(), 2u);
  EXPECT_EQ(naive::find(made.boxes[0], "_ask"), "ab");
  EXPECT_EQ(naive::find(made.boxes[1], "_ask"), "ab.1");
  EXPECT_EQ(made.end, naive::ending::incomplete);
}

TEST(AmpPlan, TakesCasesUpToTheOneThatEndsTheConnection) {
  const std::string good = octets(request("a", "Sum", {{"a", "13"}, {"b", "81"}})), empty(2, '\0');
  const auto p = plan({good, octets(request("b", "nobody")), empty, octets(request("c", "Sum"))});
  EXPECT_EQ(p.cases, 3u);
  EXPECT_EQ(p.closes_for, "empty-box");
  EXPECT_FALSE(p.fenced);
  ASSERT_EQ(p.awaited.size(), 2u);
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"total", "94"}, {"_answer", "a"}}}), "");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED")}), "answer(Sum)/close");
  EXPECT_EQ(judged(p, {error("b", "UNKNOWN"), {{"_answer", "a"}, {"total", "94"}}}),
            "error UNHANDLED(unknown)/error UNKNOWN");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "95"}}}), "answer(Sum)/other answer");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "94"}}, error("z", "UNKNOWN")}),
            "close(empty-box)/error UNKNOWN");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "94"}}}, false), "close(empty-box)/open");
}

TEST(AmpPlan, EndsWithACallThatMustBeAnswered) {
  const auto p = plan({octets(request("a", "Defer", {{"name", "n"}}))});
  EXPECT_TRUE(p.fenced);
  EXPECT_EQ(judged(p, {}), "");
  EXPECT_EQ(judged(p, {error("a", "UNKNOWN")}), "") << "a pending call may be failed when the connection ends";
  EXPECT_EQ(judged(p, {{{"_answer", "a"}}}), "silence/answer");
  amp_judge judge(p);
  EXPECT_FALSE(judge.satisfied());
  EXPECT_EQ(judge.end(false, false)->signature, "error UNHANDLED(fence)/nothing");
}

TEST(AmpPlan, JudgesNothingWhereTheProtocolAllowsSeveralBehaviours) {
  const std::vector<box> open_ended{{{"_answer", "1"}},
                                    {{"_command", "nobody"}},
                                    request("a", "Sum", {{"a", "+1"}, {"b", "2"}}),
                                    request("a", "Divide", {{"numerator", "1"}, {"denominator", "2"}}),
                                    request("a", "StartTLS"),
                                    {{"_ask", "a"}, {"_command", "Echo"}, {"_answer", "1"}}};
  for (const box& b : open_ended) {
    const auto p = plan({octets(b), octets(request("z", "nobody"))});
    EXPECT_EQ(p.cases, 1u);
    EXPECT_EQ(p.closes_for, "");
    EXPECT_EQ(judged(p, {}), "");
  }
  const auto bad = plan({octets(request("a", "Sum", {{"a", "x"}, {"b", "2"}}))});
  EXPECT_EQ(judged(bad, {error("a", "UNKNOWN")}), "");
  EXPECT_EQ(judged(bad, {{{"_answer", "a"}, {"total", "2"}}}), "error UNKNOWN(Sum)/answer");
}

TEST(AmpPlan, SendsAWrongLengthAndNoMoreThanRefusesIt) {
  const std::string good = octets(request("a", "nobody"));
  const auto p = plan({good + std::string("\1\1", 2) + std::string(257, 'k')});
  EXPECT_EQ(p.closes_for, "key-too-long");
  EXPECT_EQ(p.sent.substr(0, good.size() + 2), good + std::string("\1\1", 2));
  const auto half = plan({std::string("\1", 1)});
  EXPECT_EQ(half.closes_for, "") << "the second octet of the length may be awaited";
}

TEST(AmpsPlan, KnowsWhatEndsAConnection) {
  const auto frame = [](const std::string& content) {
    return std::string(3, '\0') + static_cast<char>(content.size()) + content;
  };
  const auto closes = [&](const std::string& content) {
    const std::string one = frame(content);
    return amps_plan_of(std::span(&one, 1)).closes_for;
  };
  EXPECT_EQ(closes(R"({"c":"p","t":"a"})"), "");
  EXPECT_EQ(closes(R"({"t":"a"})"), "no-command");
  EXPECT_EQ(closes(R"({"c":"ack"})"), "unknown-command");
  EXPECT_NE(closes(R"({"c":{}})"), "");
  const std::string asks = frame(R"({"c":"flush","cid":"1","a":"processed"})");
  const auto p = amps_plan_of(std::span(&asks, 1));
  amps_judge judge(p);
  const std::string ack = frame(R"({"c":"ack","cid":"1","a":"processed","status":"success"})");
  judge.take(ack);
  EXPECT_FALSE(judge.has_wrong());
  judge.take(ack);
  EXPECT_EQ(judge.end(true, false)->signature, "silence/ack twice");
}

TEST(Hunt, FindsTheCasesThatAreNeeded) {
  const auto shows = [](std::span<const std::string> list) {
    const auto has = [&](const char* word) { return std::find(list.begin(), list.end(), word) != list.end(); };
    return has("b") && has("d");
  };
  EXPECT_EQ(needed({"a", "b", "c", "d", "e"}, shows), (std::vector<std::string>{"b", "d"}));
  EXPECT_EQ(needed({"a", "d"}, [](auto list) { return list.back() == "d"; }), std::vector<std::string>{"d"});
}

TEST(Hunt, BringsAStreamDownToTheFewestOctets) {
  const std::string stream = octets(request("1", "Echo", {{"data", "abc"}})) +
                             octets({{"key", "value"}, {"bad", "y!z"}}) + octets(request("2", "Noted"));
  const auto shows = [](const std::string& s) {
    const auto d = naive::decode(s);
    return std::any_of(d.boxes.begin(), d.boxes.end(), [](const box& b) {
      return std::any_of(b.begin(), b.end(),
                         [](const auto& pair) { return pair.second.find('!') != pair.second.npos; });
    });
  };
  const auto least = minimised(
      stream, [](const std::string& s) { return smaller_boxes(s, naive::format::amp1); }, shows, 1000);
  EXPECT_EQ(naive::decode(least).boxes, (std::vector<box>{{{"x", "!"}}}));
}

TEST(GrowthWatch, TellsWhatRisesAgainAndAgainOnce) {
  growth_watch rises, stays;
  int told = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    if (rises.grows(i * 1000, 10'000 + i * 2000)) ++told;
    EXPECT_FALSE(stays.grows(i * 1000, i < 50 ? 10'000 : 200'000)) << "one large box is no leak";
  }
  EXPECT_EQ(told, 1);
  EXPECT_NEAR(rises.octets_per_case(), 2048, 1);
}

}  // namespace
}  // namespace ampspec::runner::fuzzing
