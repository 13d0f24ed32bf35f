// The client's side, call by call: what it writes, what ends its calls, what it keeps.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/client.hpp"

#include "reference/amps/plain_message.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace ampspec::amps {
namespace {

using kind = client_event::kind;

std::string framed(const std::string& content) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(content.size() >> shift & 0xff);
  return out + content;
}

client_options named_demo(bool keeps = false) {
  client_options options;
  options.name = "demo";
  options.store = options.reconnects = keeps;
  return options;
}

// A client whose output is read message by message.
class desk {
 public:
  explicit desk(client_options options = named_demo()) : client(std::move(options)) { client.connected(); }

  void call(std::uint64_t number, command what, std::vector<std::pair<field, std::string>> fields = {},
            std::string body = {}, std::optional<std::uint64_t> of = {}) {
    client_call c;
    c.number = number;
    c.what = what;
    for (const auto& [f, text] : fields) c.fields.set(f, text);
    c.body = std::move(body);
    c.of = of;
    client.call(std::move(c));
  }
  // The messages written since the last time, each as a map.
  std::vector<std::map<std::string, std::string>> written() {
    std::vector<std::map<std::string, std::string>> all;
    const std::string out(client.output());
    client.sent(out.size());
    frame_decoder decoder;
    decoder.feed(out);
    while (const auto frame = decoder.next()) {
      auto& one = all.emplace_back();
      for (const auto& [name, text] : plain_message(frame->header, frame->body)) one[name] = text;
    }
    return all;
  }
  void receive(const std::string& content) {
    const auto octets = framed(content);
    client.receive(octets);
  }
  // Ends of calls and messages, in words.
  std::vector<std::string> events() {
    static const std::map<kind, std::string> words{{kind::answered, "answered"},  {kind::failed, "failed"},
                                                   {kind::lost, "lost"},          {kind::refused, "refused"},
                                                   {kind::sent, "sent"},          {kind::message, "message"},
                                                   {kind::unwritten, "unwritten"}};
    std::vector<std::string> all;
    while (const auto e = client.next_event()) {
      all.push_back(words.at(e->what) + " " + std::to_string(e->number) +
                    (e->what == kind::message   ? " " + e->body
                     : e->what == kind::refused ? ""
                                                : " " + e->reason));
    }
    return all;
  }
  void log_on(const std::string& s = "0") {
    call(1, command::logon);
    const auto cid = written().at(0)["cid"];
    receive(R"({"c":"ack","cid":")" + cid + R"(","s":)" + s + R"(,"a":"processed","status":"success"})");
    EXPECT_EQ(events(), std::vector<std::string>{"answered 1 "});
  }

  amps::client client;
};

using list = std::vector<std::string>;

TEST(AmpsClient, LogsOnWithItsNameAndAsksForProcessed) {
  auto options = named_demo();
  options.user = "alice";
  options.password = "secret";
  desk d(options);
  EXPECT_EQ(d.client.output(), "");  // AMPS-FRAME-015
  d.call(7, command::logon);
  auto sent = d.written();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0]["c"], "logon");
  EXPECT_EQ(sent[0]["client_name"], "demo");
  EXPECT_EQ(sent[0]["user_id"], "alice");
  EXPECT_EQ(sent[0]["pw"], "secret");
  EXPECT_EQ(sent[0]["a"], "processed");
  EXPECT_TRUE(d.events().empty());
}

TEST(AmpsClient, SendsNothingElseBeforeItsLogonIsAcked) {
  desk d;
  d.call(1, command::publish, {{field::topic, "t"}}, "x");
  d.call(2, command::logon);
  d.call(3, command::subscribe, {{field::topic, "t"}});
  EXPECT_EQ(d.written().size(), 1u);
  EXPECT_EQ(d.events(), (list{"refused 1", "refused 3"}));
}

TEST(AmpsClient, TakesASuccessWithAReasonForASuccess) {
  desk d;
  d.call(1, command::logon);
  const auto cid = d.written()[0]["cid"];
  d.receive(R"({"c":"ack","cid":")" + cid +
            R"(","a":"processed","status":"success","reason":"authentication disabled"})");
  EXPECT_EQ(d.events(), list{"answered 1 "});
}

TEST(AmpsClient, ClosesAfterAFailedLogonAndSendsNothingMore) {
  desk d;
  d.call(1, command::logon);
  const auto cid = d.written()[0]["cid"];
  d.receive(R"({"c":"ack","cid":")" + cid + R"(","a":"processed","status":"failure","reason":"auth failure"})");
  EXPECT_EQ(d.events(), list{"failed 1 auth failure"});
  EXPECT_TRUE(d.client.wants_close());
  d.call(2, command::publish, {{field::topic, "t"}});
  EXPECT_TRUE(d.written().empty());
  EXPECT_EQ(d.events(), list{"refused 2"});
}

TEST(AmpsClient, AnswersAChallengeByAFreshLogon) {
  auto options = named_demo();
  options.user = "u1";
  options.authenticate = [](std::string_view c) { return "re:" + std::string(c); };
  desk d(options);
  d.call(1, command::logon);
  const auto first = d.written()[0]["cid"];
  d.receive(R"({"c":"ack","cid":")" + first + R"(","a":"processed","status":"retry","user_id":"u2","pw":"chal"})");
  auto again = d.written();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_NE(again[0]["cid"], first);
  EXPECT_EQ(again[0]["user_id"], "u2");
  EXPECT_EQ(again[0]["pw"], "re:chal");
  EXPECT_TRUE(d.events().empty());
}

TEST(AmpsClient, DeliversToEachSubscriptionThatIsNamedAndToNoOther) {
  desk d;
  d.log_on();
  d.call(2, command::subscribe, {{field::topic, "t"}});
  d.call(3, command::subscribe, {{field::topic, "t"}});
  auto sent = d.written();
  const auto a = sent[0]["sub_id"], b = sent[1]["sub_id"];
  d.receive(R"({"c":"p","t":"t","sids":")" + b + ",unknown," + a + R"("}x)");
  d.receive(R"({"c":"p","t":"t","sids":"unknown"}y)");
  EXPECT_EQ(d.events(), (list{"message 3 x", "message 2 x"}));
  d.receive(R"({"c":"ack","cid":")" + sent[1]["cid"] + R"(","a":"processed","status":"success"})");
  d.receive(R"({"c":"ack","cid":")" + sent[0]["cid"] +
            R"(","a":"processed","status":"failure","reason":"bad filter"})");
  EXPECT_EQ(d.events(), (list{"answered 3 ", "failed 2 bad filter"}));
  d.receive(R"({"c":"p","t":"t","sids":")" + a + "," + b + R"("}z)");
  EXPECT_EQ(d.events(), list{"message 3 z"});
}

TEST(AmpsClient, ReplacesUnderTheSameIdAndKeepsTheOldOneIfThatFails) {
  desk d;
  d.log_on();
  d.call(2, command::subscribe, {{field::topic, "t"}});
  auto first = d.written()[0];
  d.receive(R"({"c":"ack","cid":")" + first["cid"] + R"(","a":"processed","status":"success"})");
  d.call(3, command::subscribe, {{field::topic, "t"}, {field::options, "replace"}}, {}, 2);
  auto second = d.written()[0];
  EXPECT_EQ(second["sub_id"], first["sub_id"]);
  d.receive(R"({"c":"ack","cid":")" + second["cid"] + R"(","a":"processed","status":"failure","reason":"bad filter"})");
  d.receive(R"({"c":"p","t":"t","sids":")" + first["sub_id"] + R"("}x)");
  EXPECT_EQ(d.events(), (list{"answered 2 ", "failed 3 bad filter", "message 2 x"}));
}

TEST(AmpsClient, EndsAQueryWhenItIsCompletedAndGivesEachRecord) {
  desk d;
  d.log_on();
  d.call(2, command::sow, {{field::topic, "t"}});
  auto sent = d.written()[0];
  EXPECT_EQ(sent["a"], "processed,completed");
  const auto ack = [&](const char* type) {
    d.receive(R"({"c":"ack","cid":")" + sent["cid"] + R"(","a":")" + type + R"(","status":"success"})");
  };
  ack("processed");
  d.receive(R"({"c":"sow","t":"t","query_id":")" + sent["query_id"] + R"(","bs":2}{"k":"1","l":1}a{"k":"2","l":2}bc)");
  EXPECT_EQ(d.events(), (list{"message 2 a", "message 2 bc"}));
  ack("completed");
  EXPECT_EQ(d.events(), list{"answered 2 "});
}

TEST(AmpsClient, KeepsWhatItPublishesUntilAnAckCoversIt) {
  desk d(named_demo(true));
  d.log_on("41");
  for (std::uint64_t i = 0; i < 3; ++i) d.call(2 + i, command::publish, {{field::topic, "t"}}, "m");
  auto sent = d.written();
  EXPECT_EQ(sent[0]["s"], "42");
  EXPECT_EQ(sent[2]["s"], "44");
  EXPECT_EQ(sent[0]["a"], "persisted");
  EXPECT_EQ(d.events().size(), 3u);
  d.receive(R"({"c":"ack","s":43,"a":"persisted","status":"success"})");
  EXPECT_EQ(d.client.unpersisted(), 1u);
  d.receive(R"({"c":"ack","s":44,"a":"persisted","status":"failure","reason":"not entitled"})");
  EXPECT_EQ(d.events(), list{"unwritten 44 not entitled"});
  EXPECT_EQ(d.client.unpersisted(), 0u);
}

TEST(AmpsClient, GoesOnWhereItWasOnAFurtherConnection) {
  desk d(named_demo(true));
  d.log_on();
  d.call(2, command::subscribe, {{field::topic, "t"}, {field::options, "replace,oof"}});
  auto entered = d.written()[0];
  d.receive(R"({"c":"ack","cid":")" + entered["cid"] + R"(","a":"processed","status":"success"})");
  for (std::uint64_t i = 0; i < 3; ++i) d.call(3 + i, command::publish, {{field::topic, "t"}}, "m");
  d.written();
  d.events();
  d.client.lost();
  ASSERT_TRUE(d.client.wants_connection());
  d.client.connected();
  const auto logon = d.written().at(0);
  EXPECT_EQ(logon.at("c"), "logon");
  d.receive(R"({"c":"ack","cid":")" + logon.at("cid") + R"(","s":1,"a":"processed","status":"success"})");
  auto again = d.written();
  ASSERT_EQ(again.size(), 3u);
  EXPECT_EQ(again[0]["c"], "subscribe");
  EXPECT_EQ(again[0]["sub_id"], entered["sub_id"]);
  EXPECT_NE(again[0]["cid"], entered["cid"]);
  EXPECT_EQ(again[0]["opts"], "oof");
  EXPECT_EQ(again[1]["s"], "2");
  EXPECT_EQ(again[2]["s"], "3");
  EXPECT_TRUE(d.events().empty());
}

TEST(AmpsClient, WritesNothingOfAMessageAboveTheLimit) {
  auto options = named_demo(true);
  options.limit = 200;
  desk d(options);
  d.log_on();
  d.call(2, command::publish, {{field::topic, "t"}}, std::string(200, 'x'));
  EXPECT_EQ(d.events(), list{"refused 2"});
  EXPECT_TRUE(d.written().empty());
  d.call(3, command::publish, {{field::topic, "t"}}, "x");
  EXPECT_EQ(d.written().at(0).at("s"), "1");
}

TEST(AmpsClient, ClosesOverOctetsThatAreNoMessage) {
  desk d;
  d.log_on();
  d.call(2, command::subscribe, {{field::topic, "t"}});
  d.receive(R"({"c":"p")");
  EXPECT_TRUE(d.client.wants_close());
  d.client.lost();
  EXPECT_EQ(d.events(), list{"lost 2 "});
  EXPECT_FALSE(d.client.wants_connection());
}

TEST(AmpsClient, BeatsOnceHeartbeatsAreStarted) {
  desk d;
  d.log_on();
  d.receive(R"({"c":"heartbeat"})");
  EXPECT_TRUE(d.written().empty());
  d.call(2, command::heartbeat, {{field::options, "start,1"}});
  const auto cid = d.written()[0]["cid"];
  d.receive(R"({"c":"ack","cid":")" + cid + R"(","a":"processed","status":"success"})");
  d.receive(R"({"c":"heartbeat"})");
  EXPECT_EQ(d.written().at(0).at("opts"), "beat");
}

TEST(AmpsClient, TakesMessagesAtEverySplit) {
  const std::string stream = framed(R"({"c":"p","t":"t","sids":"2"}abc)") + framed(R"({"c":"p","t":"t","sids":"2"}d)");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    desk d;
    d.log_on();
    d.call(2, command::subscribe, {{field::topic, "t"}});
    d.written();
    d.client.receive(std::string_view(stream).substr(0, cut));
    d.client.receive(std::string_view(stream).substr(cut));
    EXPECT_EQ(d.events(), (list{"message 2 abc", "message 2 d"})) << cut;
  }
}

// --- over WebSocket
// ---------------------------------------------------------------------------------------------------

client_options over_websocket(std::string message_type = "json") {
  auto options = named_demo();
  options.websocket = true;
  options.message_type = std::move(message_type);
  return options;
}

ws_message text_message(std::string octets) { return {ws_kind::text, std::move(octets)}; }
ws_message count_message(char n) { return {ws_kind::binary, {n, 0, 0, 0}}; }

// Logged on, whatever is written.
void log_on(desk& d) {
  d.call(1, command::logon);
  d.client.take_messages();
  d.client.receive(ws_kind::text, R"({"c":"ack","cid":"1","s":0,"a":"processed","status":"success"})");
  EXPECT_EQ(d.events(), list{"answered 1 "});
}

TEST(AmpsClient, OverWebSocketSaysItsModeAndCountsWhatFollows) {
  desk d(over_websocket());
  EXPECT_EQ(d.client.take_messages(), std::vector{text_message("text")});
  log_on(d);
  d.call(2, command::publish, {{field::topic, "a"}}, "body");
  const std::vector publish{count_message(2), text_message(R"({"c":"p","t":"a"})"), text_message("body")};
  EXPECT_EQ(d.client.take_messages(), publish);
  d.call(3, command::publish, {{field::topic, "a"}});
  const std::vector empty{count_message(1), text_message(R"({"c":"p","t":"a"})")};
  EXPECT_EQ(d.client.take_messages(), empty);
  EXPECT_TRUE(d.client.output().empty());
}

TEST(AmpsClient, OverWebSocketHasBinaryBodiesForOtherTypes) {
  desk d(over_websocket("nvfix"));
  EXPECT_EQ(d.client.take_messages(), std::vector{text_message("binary")});
  log_on(d);
  d.call(2, command::publish, {{field::topic, "a"}}, "body");
  EXPECT_EQ(d.client.take_messages().at(2), (ws_message{ws_kind::binary, "body"}));
}

TEST(AmpsClient, OverWebSocketDeliversWhatFollowsItsHeader) {
  desk d(over_websocket());
  log_on(d);
  d.call(2, command::sow_and_subscribe, {{field::topic, "a"}});
  d.client.receive(ws_kind::text, R"({"c":"ack","cid":"2","sub_id":"2","a":"processed","status":"success"})");
  d.client.receive(ws_kind::text, R"({"c":"group_begin","query_id":"2"})");
  d.client.receive(ws_kind::text, R"({"c":"sow","t":"a","query_id":"2","bs":2})");
  for (const char* part : {R"({"k":"1","l":1})", "x", R"({"k":"2","l":0})", ""}) d.client.receive(ws_kind::text, part);
  d.client.receive(ws_kind::text, R"({"c":"p","t":"a","sids":"2","l":4})");
  d.client.receive(ws_kind::text, "live");
  EXPECT_EQ(d.events(), (list{"answered 2 ", "message 2 x", "message 2 ", "message 2 live"}));
  EXPECT_FALSE(d.client.wants_close());
  d.client.receive(ws_kind::binary, R"({"c":"heartbeat"})");
  EXPECT_TRUE(d.client.wants_close());
  EXPECT_EQ(d.client.close_code(), 1002);
}

TEST(AmpsClient, BearsSilenceForTwiceItsInterval) {
  desk d;
  d.log_on();
  EXPECT_EQ(d.client.patience(), std::nullopt);
  d.call(2, command::heartbeat, {{field::options, "start,3"}});
  const auto cid = d.written().at(0)["cid"];
  d.receive(R"({"c":"ack","cid":")" + cid + R"(","a":"processed","status":"success"})");
  EXPECT_EQ(d.client.patience(), 6u);
  d.client.ran_out();
  EXPECT_TRUE(d.client.wants_close());
  EXPECT_EQ(d.client.patience(), std::nullopt);
}

}  // namespace
}  // namespace ampspec::amps
