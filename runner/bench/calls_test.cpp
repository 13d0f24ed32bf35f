// Tests of what is said in `bench calls`, and of its table; against servers it is tested end to end.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/calls.hpp"

#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "runner/bench/line.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner::bench {
namespace {

std::string taken(talker& from) {
  const std::string octets(from.output());
  from.sent(octets.size());
  return octets;
}

std::size_t boxes_in(const std::string& octets) {
  amp::box_decoder decoder;
  decoder.feed(octets);
  std::size_t n = 0;
  while (const auto box = decoder.next()) n += box->find("_command") == "Echo";
  return decoder.finish() ? 0 : n;
}

TEST(BenchCalls, AnEchoKeepsItsWindowFull) {
  const auto talk = make_echo_talker(3, call_request());
  const auto octets = taken(*talk);
  EXPECT_EQ(boxes_in(octets), 3u);
  EXPECT_EQ(talk->output(), "");
  const auto one = octets.size() / 3;
  talk->receive(octets.substr(0, one - 1));
  EXPECT_EQ(talk->answered(), 0u);
  talk->receive(octets.substr(one - 1, one + 1));
  EXPECT_EQ(talk->answered(), 2u);
  EXPECT_EQ(boxes_in(taken(*talk)), 2u);
}

TEST(BenchCalls, CallsKeepTheirWindowFull) {
  const auto talk = make_call_talker(3);
  const auto octets = taken(*talk);
  EXPECT_EQ(boxes_in(octets), 3u);
  amp::box_decoder decoder;
  decoder.feed(octets);
  std::string answers;
  for (int i = 0; i < 2; ++i) {
    const auto box = decoder.next();
    const amp::box answer{{"_answer", *box->find("_ask")}, {"data", *box->find("data")}};
    ASSERT_FALSE(amp::encode(answer, answers));
  }
  talk->receive(answers);
  EXPECT_EQ(talk->answered(), 2u);
  EXPECT_EQ(boxes_in(taken(*talk)), 2u);
}

TEST(BenchCalls, AWrongAnswerIsNoCall) {
  const auto talk = make_call_talker(1);
  const auto octets = taken(*talk);
  amp::box_decoder decoder;
  decoder.feed(octets);
  const amp::box answer{{"_answer", *decoder.next()->find("_ask")}, {"data", "other"}};
  std::string answers;
  ASSERT_FALSE(amp::encode(answer, answers));
  EXPECT_THROW(talk->receive(answers), broken);
}

TEST(BenchCalls, PublishesKeepTheirWindowFull) {
  const auto framed = [](const std::string& message) {
    return std::string(3, '\0') + static_cast<char>(message.size()) + message;
  };
  const auto talk = make_publish_talker(3);
  EXPECT_EQ(taken(*talk).find(R"("c":"publish")"), std::string::npos);
  talk->receive(framed(R"({"c":"ack","cid":"s","sub_id":"s","status":"success"})"));
  const auto one = publish_request();
  EXPECT_EQ(taken(*talk), one + one + one);
  const auto delivery = framed(R"({"c":"p","t":"conf/plain/bench","sids":"s","l":34})" + one.substr(one.rfind("{")));
  talk->receive(delivery.substr(0, 20));
  EXPECT_EQ(talk->answered(), 0u);
  talk->receive(delivery.substr(20) + delivery);
  EXPECT_EQ(talk->answered(), 2u);
  EXPECT_EQ(taken(*talk), one + one);
  EXPECT_THROW(talk->receive(framed(R"({"c":"p","t":"conf/plain/bench","sids":"s","l":1}x)")), broken);
  EXPECT_THROW(make_publish_talker(1)->receive(framed(R"({"c":"ack","cid":"s","status":"failure"})")), broken);
}

TEST(BenchCalls, TheTableTellsRatiosAndGoals) {
  const calls_result r{
      "reference", "", 5, true, {{1, 24310.4, 22900, 0.942}, {64, 812345, 403000, 0.496}, {8, 100, 1, 0.0123}}, true};
  EXPECT_EQ(table_of(r, "calls", calls_goal),
            "reference: calls over loopback, all on one core, as a ratio to a raw echo of the same octets "
            "(medians of 5 rounds)\n\n"
            "window        echoes/s       calls/s    ratio     goal\n"
            "1               24,310        22,900     0.94  >= 0.90\n"
            "64             812,345       403,000     0.50  >= 0.45\n"
            "8                  100             1    0.012\n");
  EXPECT_EQ(table_of(r, "calls", nullptr).find("goal"), std::string::npos);
}

TEST(BenchCalls, WhyItBrokeOffIsTold) {
  EXPECT_NE(table_of({"x", "the server closed the connection", 5, true, {}, false}, "calls", calls_goal)
                .find("failed: the server closed"),
            std::string::npos);
}

}  // namespace
}  // namespace ampspec::runner::bench
