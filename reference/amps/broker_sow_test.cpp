// Stored records through the broker: queries, live parts, deletions, out-of-focus messages, deltas, expiration.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_test_support.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::amps {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<broker> fixture() { return std::make_shared<broker>(conformance_fixture()); }

constexpr std::string_view key_1 = "9835947975505047547", key_2 = "9835949075016675758";

std::string key_of(int id, std::string_view topic = "conf/sow") {
  return fnv1a().add(topic).add("\x1F").add(std::to_string(id)).text();
}

/// A client of its own broker with records 1 to `count`: {"id":1,"n":1} and so on.
struct store_of : test_client {
  explicit store_of(int count) : store_of(count, fixture()) {}
  store_of(int count, std::shared_ptr<broker> shared) : test_client(shared), b(shared) {
    log_on("demo");
    for (int id = 1; id <= count; ++id) put(id, id);
  }
  std::string put(int id, int n) {
    return ask(R"({"c":"publish","t":"conf/sow"})",
               "{\"id\":" + std::to_string(id) + ",\"n\":" + std::to_string(n) + "}");
  }
  std::shared_ptr<broker> b;
};

TEST(BrokerSow, OctetByOctet) {
  test_client c(fixture());
  c.log_on("demo");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":1})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":2})");
  EXPECT_EQ(
      c.ask(R"({"c":"sow","cid":"3","t":"conf/sow","bs":10,"a":"stats"})"),
      R"({"c":"group_begin","query_id":"3"})"
      "\n"
      R"({"c":"sow","t":"conf/sow","query_id":"3","gseq":1,"bs":2}{"k":"9835947975505047547","l":8}{"id":1}{"k":"9835949075016675758","l":8}{"id":2})"
      "\n"
      R"({"c":"group_end","query_id":"3"})"
      "\n"
      R"({"c":"ack","cid":"3","query_id":"3","a":"stats","status":"success","topic_matches":2,"matches":2,"records_returned":2})"
      "\n");
}

/// The ids of the records that a query returns, with a bar between batches.
std::string ids_of(std::string said) {
  std::string ids;
  for (std::size_t at = 0, line = 0; at < said.size(); at = line + 1) {
    line = said.find('\n', at);
    const auto text = said.substr(at, line - at);
    if (!text.starts_with("{\"c\":\"sow\"")) continue;
    if (!ids.empty()) ids += '|';
    for (auto id = text.find("{\"id\":"); id != std::string::npos; id = text.find("{\"id\":", id + 1)) {
      ids += text.substr(id + 6, text.find_first_of(",}", id) - id - 6) + " ";
    }
  }
  return ids;
}

TEST(BrokerSow, BatchesOrderLimitsAndKeys) {
  store_of c(5);
  const auto query = [&](std::string_view more) {
    return ids_of(c.ask(R"({"c":"sow","t":"conf/sow")" + std::string(more) + "}"));
  };
  EXPECT_EQ(query(""), "1 |2 |3 |4 |5 ");
  EXPECT_EQ(query(R"(,"bs":0)"), "1 |2 |3 |4 |5 ");
  EXPECT_EQ(query(R"(,"bs":2)"), "1 2 |3 4 |5 ");
  EXPECT_EQ(query(R"(,"bs":"10000")"), "1 2 3 4 5 ");
  EXPECT_EQ(query(R"(,"bs":9,"orderby":"/n DESC")"), "5 4 3 2 1 ");
  EXPECT_EQ(query(R"(,"bs":9,"top_n":2)"), "1 2 ");
  EXPECT_EQ(query(R"(,"bs":9,"top_n":2,"o":"top_n=1")"), "1 2 ");
  EXPECT_EQ(query(R"(,"bs":9,"o":"top_n=1")"), "1 ");
  EXPECT_EQ(query(R"(,"bs":9,"top_n":0)"), "");
  EXPECT_EQ(query(R"(,"bs":9,"orderby":"/n","o":"skip_n=3,top_n=5")"), "4 5 ");
  EXPECT_EQ(query(R"(,"bs":9,"orderby":"/n desc","o":"skip_n=1,top_n=2")"), "4 3 ");
  EXPECT_EQ(query(R"(,"bs":9,"filter":"/n > 2 AND /n < 5")"), "3 4 ");
  EXPECT_EQ(query(R"(,"bs":9,"sow_keys":")" + key_of(4) + "," + key_of(2) + R"(,17")"), "2 4 ");
  EXPECT_EQ(query(R"(,"bs":9,"filter":"/n < 3","sow_keys":")" + key_of(4) + "," + key_of(2) + "\""), "2 ");
  c.put(2, 0);
  EXPECT_EQ(query(R"(,"bs":9)"), "1 2 3 4 5 ");
  c.ask(R"({"c":"sow_delete","t":"conf/sow"})", R"({"id":2})");
  c.put(2, 0);
  EXPECT_EQ(query(R"(,"bs":9)"), "1 3 4 5 2 ");
}

TEST(BrokerSow, StatsTellTheTruth) {
  store_of c(5);
  const auto stats = [&](std::string_view more) {
    const auto said = c.ask(R"({"c":"sow","t":"conf/sow","bs":9,"a":"stats")" + std::string(more) + "}");
    const auto at = said.find("\"topic_matches\"");
    return said.substr(at, said.find('}', at) - at);
  };
  EXPECT_EQ(stats(R"(,"filter":"/n > 1","top_n":2)"), R"("topic_matches":5,"matches":4,"records_returned":2)");
  EXPECT_EQ(stats(R"(,"top_n":0)"), R"("topic_matches":5,"matches":5,"records_returned":0)");
  EXPECT_EQ(stats(R"(,"orderby":"/n","o":"skip_n=4,top_n=2")"),
            R"("topic_matches":5,"matches":5,"records_returned":1)");
  EXPECT_EQ(stats(R"(,"sow_keys":")" + key_of(4) + R"(,5","filter":"/n = 1")"),
            R"("topic_matches":1,"matches":0,"records_returned":0)");
}

TEST(BrokerSow, RecordsWithAndWithoutCorrelationIdComeInBatchesOfTheirOwn) {
  test_client c(fixture());
  c.log_on("demo");
  c.say(R"({"c":"publish","t":"conf/sowkey","k":"a"})", "1");
  c.say(R"({"c":"publish","t":"conf/sowkey","k":"b","x":"eA=="})", "22");
  c.say(R"({"c":"publish","t":"conf/sowkey","k":"c","x":"eQ=="})");
  EXPECT_EQ(
      c.ask(R"({"c":"sow","cid":"q","t":"conf/sowkey","bs":9,"o":"timestamp"})"),
      R"({"c":"group_begin","query_id":"q"})"
      "\n"
      R"({"c":"sow","t":"conf/sowkey","query_id":"q","gseq":1,"bs":1}{"k":"a","ts":"20260101T000000.000000Z","l":1}1)"
      "\n"
      R"({"c":"sow","t":"conf/sowkey","query_id":"q","gseq":2,"bs":2}{"k":"b","x":"eA==","ts":"20260101T000000.000000Z","l":2}22{"k":"c","x":"eQ==","ts":"20260101T000000.000000Z","l":0})"
      "\n"
      R"({"c":"group_end","query_id":"q"})"
      "\n");
  EXPECT_NE(c.ask(R"({"c":"sow","cid":"q","t":"conf/sowkey","bs":9,"o":"no_sowkey"})").find(R"("bs":1}{"l":1}1)"),
            std::string::npos);
}

TEST(BrokerSow, PatternsQueryTopicByTopic) {
  store_of c(2);
  c.say(R"({"c":"publish","t":"conf/logsow"})", R"({"id":7})");
  const auto said = c.ask(R"({"c":"sow","cid":"q","t":"^conf/","bs":9})");
  EXPECT_EQ(ids_of(said), "1 2 |7 ");
  EXPECT_NE(said.find(R"("t":"conf/logsow","query_id":"q","gseq":2,"bs":1})"), std::string::npos);
}

TEST(BrokerSow, LargeRecordsSplitABatch) {
  auto config = conformance_fixture();
  config.max_frame = 10'000;
  store_of c(0, std::make_shared<broker>(config));
  for (const auto* k : {"a", "b", "c"})
    c.say(R"({"c":"publish","t":"conf/sowkey","k":")" + std::string(k) + "\"}", std::string(4'000, 'x'));
  const auto said = c.ask(R"({"c":"sow","cid":"q","t":"conf/sowkey","bs":9})");
  EXPECT_NE(said.find(R"("gseq":1,"bs":2})"), std::string::npos);
  EXPECT_NE(said.find(R"("gseq":2,"bs":1})"), std::string::npos);
}

TEST(BrokerSow, KeysAreMadeOfTopicAndFieldOrGiven) {
  test_client c(fixture());
  c.log_on("demo");
  c.say(R"({"c":"subscribe","cid":"1","t":"^conf/"})");
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":"1"})").find(key_1),
            std::string::npos);  // as the text says
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":2,"id":1})").find(key_2), std::string::npos);
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/logsow"})", R"({"id":1})").find(key_1), std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sowkey","k":"a+/="})", "x").find(R"("k":"a+/=")"), std::string::npos);
  for (const auto* body : {R"({"id":null})", R"({"id":""})", R"({"id":[1]})", R"({"id":{}})", "x", "{}"}) {
    EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow","a":"processed,persisted","cid":"1"})", body)
                  .find(R"("a":"persisted","status":"failure","reason":"bad sow key"})"),
              std::string::npos)
        << body;
  }
}

TEST(BrokerSow, DeletesInEachForm) {
  store_of c(5);
  const auto deletion = [&](std::string_view more, std::string_view body = {}) {
    const auto said = c.ask(R"({"c":"sow_delete","t":"conf/sow","a":"stats")" + std::string(more) + "}", body);
    const auto at = said.find("\"topic_matches\"");
    return at == std::string::npos ? said : said.substr(at, said.find('}', at) - at);
  };
  EXPECT_EQ(deletion(R"(,"filter":"/n = 9")"), R"("topic_matches":5,"matches":0,"records_deleted":0)");
  EXPECT_EQ(deletion(R"(,"filter":"/n = 1")"), R"("topic_matches":5,"matches":1,"records_deleted":1)");
  EXPECT_EQ(deletion(R"(,"sow_keys":")" + key_of(2) + "," + key_of(2) + R"(,9")"),
            R"("topic_matches":1,"matches":1,"records_deleted":1)");
  EXPECT_EQ(deletion("", R"({"id":3,"n":99})"), R"("topic_matches":1,"matches":1,"records_deleted":1)");
  EXPECT_EQ(deletion("", R"({"id":3})"), R"("topic_matches":0,"matches":0,"records_deleted":0)");
  EXPECT_EQ(deletion(R"(,"bm":"1|1|")"), R"("topic_matches":0,"matches":0,"records_deleted":0)");
  EXPECT_EQ(ids_of(c.ask(R"({"c":"sow","t":"conf/sow","bs":9})")), "4 5 ");
  EXPECT_EQ(deletion(R"(,"filter":"1=1")"), R"("topic_matches":2,"matches":2,"records_deleted":2)");
  EXPECT_EQ(ids_of(c.ask(R"({"c":"sow","t":"conf/sow","bs":9})")), "");
  c.put(1, 1);
  c.say(R"({"c":"publish","t":"conf/logsow"})", R"({"id":1})");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"^conf/.*sow$","a":"stats","filter":"/id = 1"})"),
            R"({"c":"ack","a":"stats","status":"success","topic_matches":2,"matches":2,"records_deleted":2})"
            "\n");
}

// --- live parts ------------------------------------------------------------------------------------------------------

TEST(BrokerSowAndSubscribe, GroupThenLive) {
  store_of c(2);
  EXPECT_EQ(
      c.ask(
          R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","bs":9,"filter":"/n > 1","o":"oof","a":"processed,completed,stats"})"),
      R"({"c":"ack","cid":"s","query_id":"s","sub_id":"s","a":"processed","status":"success"})"
      "\n"
      R"({"c":"group_begin","query_id":"s"})"
      "\n"
      R"({"c":"sow","t":"conf/sow","query_id":"s","gseq":1,"bs":1}{"k":")" +
          std::string(key_2) +
          R"(","l":14}{"id":2,"n":2})"
          "\n"
          R"({"c":"group_end","query_id":"s"})"
          "\n"
          R"({"c":"ack","cid":"s","query_id":"s","sub_id":"s","a":"completed","status":"success"})"
          "\n"
          R"({"c":"ack","cid":"s","query_id":"s","sub_id":"s","a":"stats","status":"success","topic_matches":2,"matches":1,"records_returned":1})"
          "\n");
  EXPECT_EQ(c.put(1, 5), R"({"c":"p","t":"conf/sow","sids":"s","k":")" + std::string(key_1) +
                             R"(","l":14}{"id":1,"n":5})"
                             "\n");
  EXPECT_EQ(c.put(1, 0), R"({"c":"oof","t":"conf/sow","sids":"s","k":")" + std::string(key_1) +
                             R"(","reason":"match","l":14}{"id":1,"n":0})"
                             "\n");
  EXPECT_EQ(c.put(1, 1), "");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/sow","filter":"1=1"})"),
            R"({"c":"oof","t":"conf/sow","sids":"s","k":")" + std::string(key_2) +
                R"(","reason":"deleted","l":14}{"id":2,"n":2})"
                "\n");
}

TEST(BrokerSowAndSubscribe, WithoutOofNothingIsTold) {
  store_of c(2);
  c.ask(R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","filter":"/n > 1"})");
  EXPECT_EQ(c.put(2, 0), "");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/sow","filter":"1=1"})"), "");
}

TEST(BrokerSowAndSubscribe, OnATopicWithoutRecordsTheGroupIsEmpty) {
  test_client c(fixture());
  c.log_on("demo");
  const std::string group = R"({"c":"group_begin","query_id":"q"})"
                            "\n"
                            R"({"c":"group_end","query_id":"q"})"
                            "\n";
  for (const auto* command : {"sow_and_subscribe", "sow_and_delta_subscribe"}) {
    EXPECT_EQ(c.ask(R"({"c":")" + std::string(command) + R"(","cid":"s","query_id":"q","t":"plain","o":"replace"})"),
              group);
    EXPECT_EQ(c.ask(R"({"c":"publish","t":"plain"})", R"({"a":1})"), R"({"c":"p","t":"plain","sids":"s","l":7}{"a":1})"
                                                                     "\n");
  }
}

TEST(BrokerSowAndSubscribe, ReplaceSendsWhatIsNewAndOofsWhatIsGone) {
  store_of c(4);
  c.ask(R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","filter":"/n < 3"})");
  EXPECT_EQ(
      c.ask(
          R"({"c":"sow_and_subscribe","cid":"t","sub_id":"s","t":"conf/sow","bs":9,"filter":"/n > 1","o":"replace,oof","a":"completed,stats"})"),
      R"({"c":"group_begin","query_id":"t"})"
      "\n"
      R"({"c":"sow","t":"conf/sow","query_id":"t","gseq":1,"bs":2}{"k":")" +
          key_of(3) + R"(","l":14}{"id":3,"n":3}{"k":")" + key_of(4) +
          R"(","l":14}{"id":4,"n":4})"
          "\n"
          R"({"c":"group_end","query_id":"t"})"
          "\n"
          R"({"c":"oof","t":"conf/sow","sids":"s","k":")" +
          key_of(1) +
          R"(","reason":"match","l":14}{"id":1,"n":1})"
          "\n"
          R"({"c":"ack","cid":"t","query_id":"t","sub_id":"s","a":"completed","status":"success"})"
          "\n"
          R"({"c":"ack","cid":"t","query_id":"t","sub_id":"s","a":"stats","status":"success","topic_matches":4,"matches":3,"records_returned":2})"
          "\n");
}

TEST(BrokerSowAndSubscribe, TopNLimitsTheQueryPartAlone) {
  store_of c(3);
  EXPECT_EQ(ids_of(c.ask(R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","top_n":1})")), "1 ");
  EXPECT_NE(c.put(3, 9), "");
}

// --- delta -----------------------------------------------------------------------------------------------------------

TEST(BrokerDelta, PublishMergesAndSubscribersSeeTheWholeRecord) {
  test_client c(fixture());
  c.log_on("demo");
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/sow"})");
  EXPECT_NE(c.ask(R"({"c":"delta_publish","t":"conf/sow","x":"eA=="})", R"({"id":1,"a":{"x":1},"b":2})")
                .find(R"("x":"eA==","l":26}{"id":1,"a":{"x":1},"b":2})"),
            std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"delta_publish","t":"conf/sow"})", R"({"id":1,"a":{"y":2},"b":null})")
                .find(R"("x":"eA==","l":32}{"id":1,"a":{"x":1,"y":2},"b":2})"),
            std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"delta_publish","t":"conf/sow","x":"eQ=="})", R"({"id":1})").find(R"("x":"eQ==","l":32})"),
            std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1})").find(R"(","l":8}{"id":1})"), std::string::npos);
  c.say(R"({"c":"unsubscribe","sub_id":"1"})");
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/sow","o":"oof","filter":"/n = 1"})");
  c.ask(R"({"c":"delta_publish","t":"conf/sow"})", R"({"id":1,"n":1,"m":5})");
  EXPECT_NE(c.ask(R"({"c":"delta_publish","t":"conf/sow"})", R"({"id":1,"n":2})")
                .find(R"("reason":"match","l":20}{"id":1,"n":2,"m":5})"),
            std::string::npos);
}

TEST(BrokerDelta, SubscribersGetWhatChanged) {
  store_of c(1);
  c.say(R"({"c":"delta_subscribe","cid":"d","t":"conf/sow"})");
  EXPECT_EQ(c.put(1, 2), R"({"c":"p","t":"conf/sow","sids":"d","k":")" + std::string(key_1) +
                             R"(","l":14}{"id":1,"n":2})"
                             "\n");
  EXPECT_NE(c.put(1, 2).find(R"("l":8}{"id":1})"), std::string::npos);
  EXPECT_NE(c.put(2, 2).find(R"("l":14}{"id":2,"n":2})"), std::string::npos);
  c.say(R"({"c":"delta_subscribe","cid":"e","t":"conf/sow","o":"no_empties"})");
  EXPECT_NE(c.put(1, 2).find(R"("sids":"d")"), std::string::npos);
  EXPECT_NE(c.put(1, 3).find(R"("sids":"d,e")"), std::string::npos);
  c.say(R"({"c":"subscribe","cid":"f","t":"conf/sow"})");
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"n":3,"z":1})").find(R"("sids":"d,e,f",)"),
            std::string::npos);
  EXPECT_NE(
      c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"n":3,"z":2})").find(R"("l":20}{"id":1,"n":3,"z":2})"),
      std::string::npos);
}

TEST(BrokerDelta, FullWhereTheOldRecordWasOutsideTheFilter) {
  store_of c(1);
  c.say(R"({"c":"sow_and_delta_subscribe","cid":"d","t":"conf/sow","filter":"/n > 1","o":"oof"})");
  c.heard();
  EXPECT_NE(c.put(1, 2).find(R"({"id":1,"n":2})"), std::string::npos);
  EXPECT_NE(c.put(1, 0).find("oof"), std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"m":7,"n":5})").find(R"({"id":1,"m":7,"n":5})"),
            std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"m":7,"n":6})").find(R"("l":14}{"id":1,"n":6})"),
            std::string::npos);
}

// --- select, conflation ----------------------------------------------------------------------------------------------

TEST(BrokerSelect, ShapesWhatIsDeliveredAndNotWhatIsMatched) {
  store_of c(1);
  c.say(R"({"c":"subscribe","cid":"s","t":"conf/sow","filter":"/n > 0","o":"select=[-/,+/id],oof"})");
  c.say(R"({"c":"subscribe","cid":"t","t":"conf/sow"})");
  EXPECT_EQ(c.put(1, 3), R"({"c":"p","t":"conf/sow","sids":"t","k":")" + std::string(key_1) +
                             R"(","l":14}{"id":1,"n":3})"
                             "\n"
                             R"({"c":"p","t":"conf/sow","sids":"s","k":")" +
                             std::string(key_1) +
                             R"(","l":8}{"id":1})"
                             "\n");
  EXPECT_NE(c.put(1, 0).find(R"("reason":"match","l":8}{"id":1})"), std::string::npos);
  EXPECT_NE(c.ask(R"({"c":"sow","t":"conf/sow","o":"select=[-/id]"})").find(R"("l":7}{"n":0})"), std::string::npos);
  c.say(R"({"c":"unsubscribe","sub_id":"all"})");
  c.say(R"({"c":"delta_subscribe","cid":"d","t":"conf/sow","o":"select=[-/n],no_empties"})");
  EXPECT_EQ(c.put(1, 8), "");
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"n":8,"m":1})").find(R"({"id":1,"m":1})"),
            std::string::npos);
}

TEST(BrokerConflation, LatestOfAKeyOnceAnInterval) {
  store_of c(0);
  c.say(R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","o":"conflation=1s,oof","filter":"/n >= 0"})");
  c.heard();
  c.put(1, 1);
  c.put(2, 1);
  EXPECT_EQ(c.put(1, 2), "");
  c.b->advance(virtual_start + 1s);
  EXPECT_EQ(c.heard(), R"({"c":"p","t":"conf/sow","sids":"s","k":")" + std::string(key_1) +
                           R"(","l":14}{"id":1,"n":2})"
                           "\n"
                           R"({"c":"p","t":"conf/sow","sids":"s","k":")" +
                           std::string(key_2) +
                           R"(","l":14}{"id":2,"n":1})"
                           "\n");
  c.put(1, 3);
  c.put(1, -1);
  c.put(3, 1);
  EXPECT_EQ(c.put(3, -1), "");
  c.b->advance(virtual_start + 2s);
  EXPECT_EQ(c.heard(), R"({"c":"oof","t":"conf/sow","sids":"s","k":")" + std::string(key_1) +
                           R"(","reason":"match","l":15}{"id":1,"n":-1})"
                           "\n");
  c.put(1, 4);
  EXPECT_EQ(c.ask(R"({"c":"sow_and_subscribe","cid":"s","t":"conf/sow","o":"replace","a":"processed","filter":"1=0"})")
                .substr(0, 11),
            R"({"c":"p","t)");
  c.b->advance(virtual_start + 9s);
  EXPECT_EQ(c.heard(), "");
}

TEST(BrokerConflation, ByAKeyOfItsOwnOnAPlainTopic) {
  store_of c(0);
  c.say(R"({"c":"subscribe","cid":"s","t":"plain","o":"conflation=10ms,conflation_key=[/a,/b]"})");
  for (const auto* body :
       {R"({"a":1,"b":1,"n":1})", R"({"a":1,"b":2,"n":2})", R"({"a":"1","b":1,"n":3})", "x", R"({"b":null})"}) {
    c.say(R"({"c":"publish","t":"plain"})", body);
  }
  EXPECT_EQ(c.heard(), "");
  c.b->advance(virtual_start + 10ms);
  EXPECT_EQ(c.heard(), R"({"c":"p","t":"plain","sids":"s","l":21}{"a":"1","b":1,"n":3})"
                       "\n"
                       R"({"c":"p","t":"plain","sids":"s","l":19}{"a":1,"b":2,"n":2})"
                       "\n"
                       R"({"c":"p","t":"plain","sids":"s","l":10}{"b":null})"
                       "\n");
  c.say(R"({"c":"subscribe","cid":"t","t":"plain","o":"conflation=none"})");
  EXPECT_NE(c.ask(R"({"c":"publish","t":"plain"})", "y").find(R"("sids":"t")"), std::string::npos);
}

// --- expiration ------------------------------------------------------------------------------------------------------

TEST(BrokerExpiration, RecordsLeaveAtTheirTime) {
  store_of c(0);
  c.say(R"({"c":"subscribe","cid":"s","t":"conf/sow","o":"oof"})");
  const auto put = [&](std::string_view e) {
    c.ask(R"({"c":"publish","t":"conf/sow")" + std::string(e) + "}", R"({"id":1})");
  };
  put(R"(,"e":2)");
  c.b->advance(virtual_start + 1s);
  put(R"(,"e":"2")");  // a new life
  c.b->advance(virtual_start + 2'999'999us);
  EXPECT_EQ(c.heard(), "");
  c.b->advance(virtual_start + 3s);
  EXPECT_EQ(c.heard(), R"({"c":"oof","t":"conf/sow","sids":"s","k":")" + std::string(key_1) +
                           R"(","reason":"expired","l":8}{"id":1})"
                           "\n");
  EXPECT_EQ(ids_of(c.ask(R"({"c":"sow","t":"conf/sow"})")), "");
  put(R"(,"e":2)");
  put(R"(,"e":0)");
  put(R"(,"e":2)");
  put("");
  c.b->advance(virtual_start + 1h);
  EXPECT_EQ(c.heard(), "");
  c.say(R"({"c":"publish","t":"conf/logsow","e":1})", R"({"id":5})");
  c.b->advance(virtual_start + 2h);
  EXPECT_EQ(ids_of(c.ask(R"({"c":"sow","t":"conf/logsow"})")), "5 ");
}

}  // namespace
}  // namespace ampspec::amps
