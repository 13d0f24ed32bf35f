// The transaction log and the queue through the broker: bookmarks, replays, leases.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_test_support.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::amps {
namespace {

using namespace std::chrono_literals;

const std::string demo = "11953709441258804118";

/// A client `demo` of a broker of its own, with messages 1 to `count` in conf/log.
struct log_of : test_client {
  explicit log_of(int count) : log_of(count, std::make_shared<broker>(conformance_fixture())) {}
  log_of(int count, std::shared_ptr<broker> shared) : test_client(shared), b(shared) {
    log_on("demo");
    for (int s = 1; s <= count; ++s) put(s);
  }
  std::string put(int s, std::string_view topic = "conf/log") {
    return ask(R"({"c":"publish","t":")" + std::string(topic) + R"(","s":)" + std::to_string(s) + "}",
               std::to_string(s));
  }
  std::shared_ptr<broker> b;
};

std::string told(int s, std::string_view id = "1", std::string_view topic = "conf/log") {
  const auto body = std::to_string(s);
  return R"({"c":"p","t":")" + std::string(topic) + R"(","sids":")" + std::string(id) + R"(","bm":")" + demo + "|" +
         body + R"(|","l":)" + std::to_string(body.size()) + "}" + body + "\n";
}

TEST(BrokerBookmark, ReplaysThenSaysSoThenGoesOnLive) {
  log_of c(2);
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/log","bm":"0","a":"processed,completed"})"),
            R"({"c":"ack","cid":"1","sub_id":"1","a":"processed","status":"success"})"
            "\n" +
                told(1) + told(2) + R"({"c":"ack","cid":"1","sub_id":"1","bm":")" + demo +
                R"(|2|","a":"completed","status":"success"})"
                "\n");
  EXPECT_EQ(c.put(3), told(3));
}

TEST(BrokerBookmark, StartsWhereItSays) {
  log_of c(3);
  const auto replay = [&](std::string_view bookmark, std::string_view more = {}) {
    const auto said = c.ask(R"({"c":"subscribe","cid":"1","t":"conf/log","bm":")" + std::string(bookmark) + "\"" +
                            std::string(more) + "}");
    c.ask(R"({"c":"unsubscribe","sub_id":"1"})");
    return said;
  };
  EXPECT_EQ(replay(demo + "|2|"), told(3));
  EXPECT_EQ(replay("0|1|"), "");
  EXPECT_EQ(replay(demo + "|3|," + demo + "|1|"), told(2) + told(3));
  EXPECT_EQ(replay("0," + demo + "|3|"), told(1) + told(2) + told(3));
  EXPECT_EQ(replay("5|5|"), "");
  EXPECT_EQ(replay("5|5|", R"(,"o":"bookmark_not_found=epoch")"), told(1) + told(2) + told(3));
  EXPECT_EQ(replay("0", R"(,"top_n":2)"), told(1) + told(2));
  EXPECT_EQ(replay("0", R"(,"filter":"1 = 0")"), "");
  EXPECT_EQ(replay("20260101T000000Z"), told(1) + told(2) + told(3));
  EXPECT_EQ(replay("20260101T000001"), "");
  c.b->advance(virtual_start + 5s);
  c.put(4);
  EXPECT_EQ(replay("20260101T000005Z"), told(4));
}

TEST(BrokerBookmark, TopNEndsTheDelivery) {
  log_of c(1);
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/log","bm":"0","o":"top_n=2"})"), told(1));
  EXPECT_EQ(c.put(2), told(2));
  EXPECT_EQ(c.put(3), "");
  EXPECT_EQ(c.put(4), "");
}

TEST(BrokerBookmark, PatternsSeeLoggedTopicsAlone) {
  log_of c(1);
  c.ask(R"({"c":"publish","t":"conf/plain"})", "x");
  c.ask(R"({"c":"publish","t":"conf/queue","s":2})", "2");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"^conf/","bm":"0"})"), told(1));
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/plain"})", "x"), "");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"2","t":"conf/queue","bm":"0"})"), told(2, "2", "conf/queue"));
}

TEST(BrokerBookmark, GetsCopiesOfItsOwnWithoutOofs) {
  log_of c(0);
  const auto key = fnv1a().add("conf/logsow").add("\x1F").add("1").text();
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/logsow"})");
  c.say(R"({"c":"subscribe","cid":"2","t":"conf/logsow","bm":"0|1|","o":"oof"})");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/logsow","s":1})", R"({"id":1})"),
            R"({"c":"p","t":"conf/logsow","sids":"1","k":")" + key +
                R"(","l":8}{"id":1})"
                "\n"
                R"({"c":"p","t":"conf/logsow","sids":"2","bm":")" +
                demo + R"(|1|","k":")" + key +
                R"(","l":8}{"id":1})"
                "\n");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/logsow","filter":"1=1","s":2})"), "");
  c.say(R"({"c":"unsubscribe","sub_id":"all"})");
  EXPECT_EQ(
      c.ask(R"({"c":"subscribe","cid":"3","t":"conf/logsow","bm":"0","o":"no_sowkey,timestamp","a":"completed"})"),
      R"({"c":"p","t":"conf/logsow","sids":"3","bm":")" + demo +
          R"(|1|","ts":"20260101T000000.000000Z","l":8}{"id":1})"
          "\n"
          R"({"c":"ack","cid":"3","sub_id":"3","bm":")" +
          demo +
          R"(|2|","a":"completed","status":"success"})"
          "\n");
}

TEST(BrokerBookmark, PublishesWithoutSequenceHaveBookmarksOfTheServers) {
  log_of c(1);
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/log","bm":"0|1|"})");
  const auto server = fnv1a().add("demo").add("\x1F").add("loopback").text();
  for (const auto* number : {"1", "2"}) {
    EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/log"})", "b"), R"({"c":"p","t":"conf/log","sids":"1","bm":")" + server +
                                                                   "|" + number +
                                                                   R"(|","l":1}b)"
                                                                   "\n");
  }
}

TEST(BrokerBookmark, PeriodicAcksComeOnceAnInterval) {
  log_of c(0);
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/log","bm":"0","a":"persisted,completed"})"),
            R"({"c":"ack","cid":"1","sub_id":"1","bm":"0","a":"completed","status":"success"})"
            "\n");
  c.b->advance(virtual_start + 5s);
  EXPECT_EQ(c.heard(), "");
  c.put(1);
  c.b->advance(virtual_start + 5s);  // the interval has passed since completed
  EXPECT_EQ(c.heard(), R"({"c":"ack","sub_id":"1","bm":")" + demo +
                           R"(|1|","a":"persisted","status":"success"})"
                           "\n");
  c.put(2);
  c.put(3);
  c.b->advance(virtual_start + 5'999'999us);
  EXPECT_EQ(c.heard(), "");
  c.b->advance(virtual_start + 6s);
  EXPECT_EQ(c.heard(), R"({"c":"ack","sub_id":"1","bm":")" + demo +
                           R"(|3|","a":"persisted","status":"success"})"
                           "\n");
  c.b->advance(virtual_start + 60s);
  EXPECT_EQ(c.heard(), "");
}

// --- queues ----------------------------------------------------------------------------------------------------------

std::string leased(int s, std::string_view id, std::string_view lease_end) {
  const auto body = std::to_string(s);
  return R"({"c":"p","t":"conf/queue","sids":")" + std::string(id) + R"(","bm":")" + demo + "|" + body +
         R"(|","lp":"20260101T0000)" + std::string(lease_end) + R"(.000000Z","l":)" + std::to_string(body.size()) +
         "}" + body + "\n";
}

TEST(BrokerQueue, GrantsABacklog) {
  log_of c(0);
  const auto granted = [&](std::string_view asked) {
    const auto said = c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue","a":"processed","o":"replace)" +
                            std::string(asked) + "\"}");
    const auto at = said.find("max_backlog=");
    return said.substr(at, said.find('"', at) - at);
  };
  EXPECT_EQ(granted(""), "max_backlog=1");
  EXPECT_EQ(granted(",max_backlog=0"), "max_backlog=1");
  EXPECT_EQ(granted(",max_backlog=7"), "max_backlog=7");
  EXPECT_EQ(granted(",max_backlog=1000"), "max_backlog=10");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue","a":"processed","o":"replace"})"),
            R"({"c":"ack","cid":"1","sub_id":"1","opts":"max_backlog=1","a":"processed","status":"success"})"
            "\n");
}

TEST(BrokerQueue, OneMessageAtATimeUntilItIsAcknowledged) {
  log_of c(0);
  EXPECT_EQ(c.put(1, "conf/queue"), "");
  c.put(2, "conf/queue");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue"})"), leased(1, "1", "02"));
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|1|","cid":"9","a":"processed,stats"})"),
            R"({"c":"ack","cid":"9","a":"processed","status":"success"})"
            "\n"
            R"({"c":"ack","cid":"9","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1})"
            "\n" +
                leased(2, "1", "02"));
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|1|,7|7|","a":"stats"})"),
            R"({"c":"ack","a":"stats","status":"success","topic_matches":0,"matches":0,"records_deleted":0})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|2|","o":"cancel"})"),
            leased(2, "1", "02"));
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|2|","o":"expire"})"), "");
  c.b->advance(virtual_start + 10s);
  EXPECT_EQ(c.heard(), "");
}

TEST(BrokerQueue, LeasesEnd) {
  log_of c(0);
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/queue"})");
  EXPECT_EQ(c.put(1, "conf/queue"), leased(1, "1", "02"));
  c.b->advance(virtual_start + 1'999'999us);
  EXPECT_EQ(c.heard(), "");
  c.b->advance(virtual_start + 2s);
  EXPECT_EQ(c.heard(), leased(1, "1", "04"));
  // Acknowledged by another, while nobody holds it.
  c.say(R"({"c":"unsubscribe","sub_id":"1"})");
  test_client other(c.b);
  EXPECT_EQ(other.log_on("other").ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|1|","a":"stats"})"),
            R"({"c":"ack","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue"})"), "");
}

TEST(BrokerQueue, SharesByRatioAndReturnsWhatLeaversHold) {
  const auto b = std::make_shared<broker>(conformance_fixture());
  log_of publisher(0, b);
  test_client one(b), two(b);
  one.log_on("one").say(R"({"c":"subscribe","cid":"1","t":"conf/queue","o":"max_backlog=2"})");
  two.log_on("two").say(R"({"c":"subscribe","cid":"2","t":"conf/queue","o":"max_backlog=4"})");
  for (int s = 1; s <= 7; ++s) publisher.put(s, "conf/queue");
  EXPECT_EQ(one.heard(), leased(1, "1", "02") + leased(4, "1", "02"));
  EXPECT_EQ(two.heard(), leased(2, "2", "02") + leased(3, "2", "02") + leased(5, "2", "02") + leased(6, "2", "02"));
  // Anyone may acknowledge.
  EXPECT_EQ(publisher.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|2|"})"), "");
  EXPECT_EQ(two.heard(), leased(7, "2", "02"));
  one.stream().lost();
  EXPECT_EQ(two.heard(), "");
  EXPECT_EQ(publisher.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|3|"})"), "");
  EXPECT_EQ(two.heard(), leased(1, "2", "02"));
  two.say(R"({"c":"unsubscribe","sub_id":"2"})");
  EXPECT_EQ(publisher.ask(R"({"c":"subscribe","cid":"p","t":"conf/queue","o":"max_backlog=3"})"),
            leased(1, "p", "02") + leased(4, "p", "02") + leased(5, "p", "02"));
}

TEST(BrokerQueue, FiltersPatternsAndDeletionsByFilter) {
  log_of c(0);
  c.say(R"({"c":"subscribe","cid":"0","t":"^conf/"})");
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/queue","filter":"/a = 1","o":"max_backlog=10,timestamp"})");
  const auto put = [&](int s, std::string_view body) {
    return c.ask(R"({"c":"publish","t":"conf/queue","x":"eA==","s":)" + std::to_string(s) + "}", body);
  };
  EXPECT_EQ(put(1, R"({"a":2})"), "");
  EXPECT_EQ(put(2, R"({"a":1})"),
            R"({"c":"p","t":"conf/queue","sids":"1","bm":")" + demo +
                R"(|2|","x":"eA==","ts":"20260101T000000.000000Z","lp":"20260101T000002.000000Z","l":7}{"a":1})"
                "\n");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","filter":"/a > 1","a":"completed,stats"})"),
            R"({"c":"ack","a":"completed","status":"success"})"
            "\n"
            R"({"c":"ack","a":"stats","status":"success","topic_matches":2,"matches":1,"records_deleted":1})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"2","t":"conf/queue"})"), "");
}

TEST(BrokerQueue, ReplaceKeepsLeases) {
  log_of c(0);
  for (int s = 1; s <= 4; ++s) c.put(s, "conf/queue");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue","o":"max_backlog=2"})"),
            leased(1, "1", "02") + leased(2, "1", "02"));
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"conf/queue","o":"replace"})"), "");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|1|"})"), "");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":")" + demo + R"(|2|"})"), leased(3, "1", "02"));
}

TEST(BrokerQueue, DeltaSubscribersGetFullMessages) {
  log_of c(0);
  c.say(R"({"c":"delta_subscribe","cid":"1","t":"conf/queue"})");
  EXPECT_EQ(c.put(1, "conf/queue"), leased(1, "1", "02"));
}

}  // namespace
}  // namespace ampspec::amps
