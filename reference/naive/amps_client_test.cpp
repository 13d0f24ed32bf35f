// The second client: what it writes and tells when it is right, and that its faults act.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ampspec::naive {
namespace {

std::string framed(const std::string& content) {
  std::string out;
  for (const std::size_t unit : {16777216u, 65536u, 256u, 1u}) out += static_cast<char>(content.size() / unit % 256);
  return out + content;
}

std::string get(const box& fields, std::string_view name) { return find(fields, name).value_or("-"); }

class desk {
 public:
  explicit desk(const faults& broken = {}, bool keeps = false) : client({broken, "demo", "", "", keeps, keeps}) {
    client.connected();
  }
  std::vector<amps_message> written() { return decode_amps(client.output()).messages; }
  std::string told() {
    std::string all;
    for (const auto& t : client.events()) {
      all += (all.empty() ? "" : ", ") + t.how + " " + std::to_string(t.call);
      if (t.how == "message") all += " " + get(t.values, "body");
      if (!t.reason.empty()) all += " " + t.reason;
    }
    return all;
  }
  void receive(const std::string& content) { client.receive(framed(content)); }
  void log_on() {
    client.call(1, "logon", {});
    const auto cid = get(written().at(0), "cid");
    receive(R"({"c":"ack","cid":")" + cid + R"(","s":7,"a":"processed","status":"success"})");
    EXPECT_EQ(told(), "answer 1");
  }

  amps_client client;
};

TEST(NaiveAmpsClient, LogsOnBeforeAnythingElse) {
  desk d;
  d.client.call(1, "publish", {{"t", "a"}, {"body", "x"}});
  EXPECT_EQ(d.told(), "refused 1 not logged on");
  EXPECT_TRUE(d.written().empty());
  desk rude({fault::amps_client_first_command_is_any});
  rude.client.call(1, "publish", {{"t", "a"}, {"body", "x"}});
  EXPECT_EQ(rude.written().size(), 1u);
}

TEST(NaiveAmpsClient, DeliversToItsSubscriptionsAlone) {
  desk d;
  d.log_on();
  d.client.call(2, "subscribe", {{"t", "a"}});
  const auto id = get(d.written().at(0), "sub_id");
  d.receive(R"({"c":"p","t":"a","sids":"other,)" + id + R"("}x)");
  EXPECT_EQ(d.told(), "message 2 x");
  d.client.call(3, "unsubscribe", {{"of", "2"}});
  EXPECT_EQ(get(d.written().at(0), "sub_id"), id);
  EXPECT_EQ(d.told(), "sent 3");
  d.receive(R"({"c":"p","t":"a","sids":")" + id + R"("}y)");
  EXPECT_EQ(d.told(), "");
}

TEST(NaiveAmpsClient, SendsAgainWhatNoAckHasCovered) {
  desk d({}, true);
  d.log_on();
  for (std::uint64_t i = 2; i < 5; ++i) d.client.call(i, "publish", {{"t", "a"}, {"body", "x"}});
  EXPECT_EQ(get(d.written().at(2), "s"), "10");
  d.receive(R"({"c":"ack","s":9,"a":"persisted","status":"success"})");
  d.client.lost();
  ASSERT_TRUE(d.client.wants_connection());
  d.client.connected();
  const auto cid = get(d.written().at(0), "cid");
  d.receive(R"({"c":"ack","cid":")" + cid + R"(","s":0,"a":"processed","status":"success"})");
  const auto again = d.written();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(get(again[0], "s"), "10");
}

TEST(NaiveAmpsClient, TellsWhatWasRefused) {
  desk d({}, true);
  d.log_on();
  d.client.call(2, "publish", {{"t", "a"}, {"body", "x"}});
  d.client.call(3, "subscribe", {{"t", "b"}});
  const auto cid = get(d.written().at(1), "cid");
  EXPECT_EQ(d.told(), "sent 2");
  d.receive(R"({"c":"ack","s":8,"a":"persisted","status":"failure","reason":"not entitled"})");
  d.receive(R"({"c":"ack","cid":")" + cid + R"(","a":"processed","status":"failure","reason":"bad filter"})");
  EXPECT_EQ(d.told(), "unwritten 8 not entitled, error 3 bad filter");
}

}  // namespace
}  // namespace ampspec::naive
