// The conversation that an unmodified client was seen to hold (its lines as observed), played against the broker.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_test_support.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::amps {
namespace {

using namespace std::chrono_literals;

std::string key_of(int id) { return fnv1a().add("orders").add("\x1F").add(std::to_string(id)).text(); }

TEST(BrokerTranscript, IsUnderstoodAndAnsweredInKind) {
  auto config = conformance_fixture();
  config.topics.push_back({.name = "orders", .sow = true, .key_fields = {*path::of("/id")}});
  config.topics.push_back({.name = "t", .key_fields = {}, .logged = true});
  config.denials.push_back({"secret", "demo"});
  const auto b = std::make_shared<broker>(config);
  test_client c(b);

  EXPECT_EQ(
      c.ask(
          R"({"c":"logon","cid":"auto0","a":"processed","version":"5.3.4.0.378635.60b2fcc:javascript","client_name":"demo","user_id":"demo"})"),
      R"({"c":"ack","cid":"auto0","client_name":"demo","s":0,"bm":"11953709441258804118|0|","a":"processed","status":"success","reason":"authentication disabled","version":"5.3.5.0"})"
      "\n");

  // Publishing.
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"orders"})", R"({"id":1,"region":"US"})"), "");
  EXPECT_EQ(
      c.ask(R"({"c":"publish","t":"orders","a":"persisted","x":"QUJD","cid":"auto1"})", R"({"id":2,"region":"EU"})"),
      R"({"c":"ack","cid":"auto1","a":"persisted","status":"success"})"
      "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"orders","x":"QUJD","cid":"auto3","a":""})", R"({"id":2,"region":"EU"})"), "");
  EXPECT_EQ(c.ask(R"({"c":"delta_publish","t":"orders","e":30,"x":"abc=","cid":"auto14","a":""})", R"({"id":2})"), "");

  // With a store: three publishes, one ack.
  for (const auto* s : {"1795302463854000001", "1795302463854000002", "1795302463854000003"}) {
    EXPECT_EQ(c.ask(R"({"c":"publish","t":"t","a":"persisted","s":")" + std::string(s) + "\"}", R"({"i":0})"), "");
  }
  b->advance(virtual_start + 1s);
  EXPECT_EQ(
      c.heard(),
      R"({"c":"ack","s":1795302463854000003,"bm":"11953709441258804118|1795302463854000003|","a":"persisted","status":"success"})"
      "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"secret","a":"persisted","s":"1795302464032000001"})", "x"),
            R"({"c":"ack","s":1795302464032000001,"a":"persisted","status":"failure","reason":"not entitled"})"
            "\n");

  // Subscribing.
  EXPECT_EQ(c.ask(R"({"c":"subscribe","t":"orders","filter":"","cid":"auto2","sub_id":"auto2","a":"processed"})"),
            R"({"c":"ack","cid":"auto2","sub_id":"auto2","a":"processed","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"orders","x":"QUJD"})", R"({"id":3,"region":"US"})"),
            R"({"c":"p","t":"orders","sids":"auto2","k":")" + key_of(3) +
                R"(","x":"QUJD","l":22}{"id":3,"region":"US"})"
                "\n");
  EXPECT_EQ(c.ask(R"({"c":"unsubscribe","sub_id":"auto2","a":"processed","cid":"auto4"})"),
            R"({"c":"ack","cid":"auto4","a":"processed","status":"success"})"
            "\n");

  // A query with stats.
  EXPECT_EQ(
      c.ask(
          R"({"c":"sow","t":"orders","filter":"/region = 'US'","a":"processed,completed,stats","cid":"auto5","query_id":"auto5","bs":10})"),
      R"({"c":"ack","cid":"auto5","query_id":"auto5","a":"processed","status":"success"})"
      "\n"
      R"({"c":"group_begin","query_id":"auto5"})"
      "\n"
      R"({"c":"sow","t":"orders","query_id":"auto5","gseq":1,"bs":1}{"k":")" +
          key_of(1) +
          R"(","l":22}{"id":1,"region":"US"})"
          "\n"
          R"({"c":"sow","t":"orders","query_id":"auto5","gseq":2,"bs":1}{"k":")" +
          key_of(3) +
          R"(","x":"QUJD","l":22}{"id":3,"region":"US"})"
          "\n"
          R"({"c":"group_end","query_id":"auto5"})"
          "\n"
          R"({"c":"ack","cid":"auto5","query_id":"auto5","a":"completed","status":"success"})"
          "\n"
          R"({"c":"ack","cid":"auto5","query_id":"auto5","a":"stats","status":"success","topic_matches":3,"matches":2,"records_returned":2})"
          "\n");

  // A query that goes on, with what leaves it.
  const auto opened = c.ask(
      R"({"c":"sow_and_subscribe","t":"orders","filter":"/region = 'US'","o":"oof","cid":"auto6","sub_id":"auto6","query_id":"auto6","bs":10,"a":"processed"})");
  EXPECT_TRUE(opened.starts_with(
      R"({"c":"ack","cid":"auto6","query_id":"auto6","sub_id":"auto6","a":"processed","status":"success"})"
      "\n"
      R"({"c":"group_begin","query_id":"auto6"})"));
  EXPECT_TRUE(opened.ends_with(R"({"c":"group_end","query_id":"auto6"})"
                               "\n"));
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"orders"})", R"({"id":4,"region":"US"})"),
            R"({"c":"p","t":"orders","sids":"auto6","k":")" + key_of(4) +
                R"(","l":22}{"id":4,"region":"US"})"
                "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"orders"})", R"({"id":1,"region":"EU"})"),
            R"({"c":"oof","t":"orders","sids":"auto6","k":")" + key_of(1) +
                R"(","reason":"match","l":22}{"id":1,"region":"EU"})"
                "\n");

  // Deletion in three forms.
  EXPECT_EQ(
      c.ask(R"({"c":"sow_delete","t":"orders","sow_keys":")" + key_of(3) + R"(","a":"stats","cid":"auto7"})"),
      R"({"c":"oof","t":"orders","sids":"auto6","k":")" + key_of(3) +
          R"(","x":"QUJD","reason":"deleted","l":22}{"id":3,"region":"US"})"
          "\n"
          R"({"c":"ack","cid":"auto7","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1})"
          "\n");
  EXPECT_EQ(
      c.ask(R"({"c":"sow_delete","t":"orders","filter":"/id = 1","a":"stats","cid":"auto7"})"),
      R"({"c":"ack","cid":"auto7","a":"stats","status":"success","topic_matches":3,"matches":1,"records_deleted":1})"
      "\n");
  EXPECT_EQ(
      c.ask(R"({"c":"sow_delete","t":"orders","a":"stats","cid":"auto9"})", R"({"id":4})"),
      R"({"c":"oof","t":"orders","sids":"auto6","k":")" + key_of(4) +
          R"(","reason":"deleted","l":22}{"id":4,"region":"US"})"
          "\n"
          R"({"c":"ack","cid":"auto9","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1})"
          "\n");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":"1|2|","cid":"auto10","a":""})"), "");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/queue","bm":"99|1|,99|2|","o":"cancel","cid":"auto3","a":""})"), "");

  // Errors.
  EXPECT_EQ(c.ask(R"({"c":"subscribe","t":"secret","filter":"","cid":"auto8","sub_id":"auto8","a":"processed"})"),
            R"({"c":"ack","cid":"auto8","sub_id":"auto8","a":"processed","status":"failure","reason":"not entitled"})"
            "\n");
  EXPECT_EQ(
      c.ask(
          R"({"c":"sow","t":"nosow","filter":"","cid":"auto9","query_id":"auto9","bs":10,"a":"processed,completed"})"),
      R"({"c":"ack","cid":"auto9","query_id":"auto9","a":"processed","status":"failure","reason":"invalid topic"})"
      "\n");

  // Heartbeat and flush.
  EXPECT_EQ(c.ask(R"({"c":"heartbeat","a":"received","o":"start,1","cid":"auto1"})"),
            R"({"c":"ack","cid":"auto1","a":"received","status":"success"})"
            "\n");
  b->advance(virtual_start + 2s);
  EXPECT_EQ(c.heard(), "{\"c\":\"heartbeat\"}\n");
  EXPECT_EQ(c.ask(R"({"c":"heartbeat","o":"beat","cid":"auto2"})"), "");
  EXPECT_EQ(c.ask(R"({"c":"flush","a":"processed","client_name":"demo","cid":"auto10"})"),
            R"({"c":"ack","cid":"auto10","a":"processed","status":"success"})"
            "\n");

  // After a reconnect: the same subscription from its bookmarks, then the stored publishes again.
  c.stream().lost();
  test_client again(b);
  again.log_on("demo", R"(,"user_id":"demo")");
  EXPECT_EQ(
      again.ask(
          R"({"c":"subscribe","t":"t","bm":"11953709441258804118|1795302463854000002|","sub_id":"S1","cid":"auto3","a":"persisted,processed"})"),
      R"({"c":"ack","cid":"auto3","sub_id":"S1","a":"processed","status":"success"})"
      "\n"
      R"({"c":"p","t":"t","sids":"S1","bm":"11953709441258804118|1795302463854000003|","l":7}{"i":0})"
      "\n");
  EXPECT_EQ(again.ask(R"({"c":"publish","t":"t","a":"persisted","s":"1795302463854000003"})", R"({"i":0})"),
            R"({"c":"ack","s":1795302463854000003,"a":"persisted","status":"failure","reason":"duplicate"})"
            "\n");
}

}  // namespace
}  // namespace ampspec::amps
