// The broker as its clients see it: logon, acks, publishing, subscribing, limits; by the octet where that is specified.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_test_support.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::amps {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<broker> fixture(fixture_options options = {}) {
  return std::make_shared<broker>(conformance_fixture(options));
}

// --- logon -----------------------------------------------------------------------------------------------------------

TEST(BrokerLogon, AnswersOctetByOctet) {
  test_client c(fixture());
  EXPECT_EQ(
      c.ask(R"({"c":"logon","cid":"1","a":"processed","client_name":"demo"})"),
      R"({"c":"ack","cid":"1","client_name":"demo","s":0,"bm":"11953709441258804118|0|","a":"processed","status":"success","reason":"authentication disabled","version":"5.3.5.0"})"
      "\n");
}

TEST(BrokerLogon, ReceivedComesFirstAndNamesTheClient) {
  test_client c(fixture());
  EXPECT_TRUE(c.ask(R"({"c":"logon","cid":"1","a":"processed,received","client_name":"demo"})")
                  .starts_with(R"({"c":"ack","cid":"1","client_name":"demo","a":"received","status":"success"})"
                               "\n"
                               R"({"c":"ack","cid":"1","client_name":"demo","s":0,)"));
}

TEST(BrokerLogon, WithoutAckTypeIsSilentAndCounts) {
  test_client c(fixture());
  EXPECT_EQ(c.ask(R"({"c":"logon","cid":"1","client_name":"demo"})"), "");
  EXPECT_EQ(c.ask(R"({"c":"flush","cid":"2","a":"processed"})"),
            R"({"c":"ack","cid":"2","a":"processed","status":"success"})"
            "\n");
}

TEST(BrokerLogon, CommandsBeforeItFailAndLeaveTheConnectionOpen) {
  test_client c(fixture());
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"1","t":"x","a":"received,processed"})"),
            R"({"c":"ack","cid":"1","sub_id":"1","a":"received","status":"success"})"
            "\n"
            R"({"c":"ack","cid":"1","sub_id":"1","a":"processed","status":"failure","reason":"logon required"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"x","s":4,"a":"persisted"})", "b"),
            R"({"c":"ack","s":4,"a":"persisted","status":"failure","reason":"logon required"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"x"})", "b"), "");
  EXPECT_FALSE(c.closed());
}

TEST(BrokerLogon, OnlyOnce) {
  test_client c(fixture());
  c.log_on("demo");
  EXPECT_EQ(
      c.ask(R"({"c":"logon","cid":"2","a":"processed","client_name":"other"})"),
      R"({"c":"ack","cid":"2","client_name":"other","a":"processed","status":"failure","reason":"duplicate logon attempt"})"
      "\n");
  EXPECT_FALSE(c.closed());
}

std::string failed_logon(std::string_view more, fixture_options options = {}) {
  test_client c(fixture(options));
  const auto said = c.ask(R"({"c":"logon","a":"processed")" + std::string(more) + "}");
  EXPECT_TRUE(c.closed()) << more;
  const auto at = said.find("\"reason\":\"");
  return at == std::string::npos ? said : said.substr(at + 10, said.find('"', at + 10) - at - 10);
}

TEST(BrokerLogon, FailsWithItsReasonAndCloses) {
  EXPECT_EQ(failed_logon(""), "no client name");
  EXPECT_EQ(failed_logon(R"(,"client_name":"")"), "no client name");
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","mt":"xml")"), "invalid message type");
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","o":"ack_conflation=x")"), "invalid options");
  EXPECT_EQ(failed_logon(R"(,"o":"ack_conflation")"), "invalid options");
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","o":"pretty=no")"), "invalid options");
  const fixture_options users{.authentication = true};
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","user_id":"alice","pw":"wrong")", users), "auth failure");
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","user_id":"eve","pw":"secret")", users), "auth failure");
  EXPECT_EQ(failed_logon(R"(,"client_name":"a","pw":"secret")", users), "auth failure");
}

TEST(BrokerLogon, WithUsersSucceedsWithoutAReason) {
  test_client c(fixture({.authentication = true}));
  EXPECT_EQ(
      c.ask(
          R"({"c":"logon","cid":"1","a":"processed","client_name":"demo","user_id":"alice","pw":"secret","o":"pretty","x":"?","version":"z"})"),
      R"({"c":"ack","cid":"1","client_name":"demo","s":0,"bm":"11953709441258804118|0|","a":"processed","status":"success","version":"5.3.5.0"})"
      "\n");
}

TEST(BrokerLogon, ANameInUseGoesToTheNewerOfOneUser) {
  const auto b = fixture();
  test_client older(b), newer(b), other(b);
  older.log_on("demo");
  older.ask(R"({"c":"subscribe","t":"x","cid":"1"})");
  newer.log_on("demo");
  EXPECT_TRUE(older.closed());
  EXPECT_FALSE(newer.closed());
  EXPECT_EQ(newer.ask(R"({"c":"publish","t":"x"})", "b"), "");
  EXPECT_EQ(older.heard(), "");
  EXPECT_EQ(other.ask(R"({"c":"logon","a":"processed","client_name":"demo","user_id":"bob"})"),
            R"({"c":"ack","client_name":"demo","a":"processed","status":"failure","reason":"name in use"})"
            "\n");
  EXPECT_TRUE(other.closed());
  EXPECT_FALSE(newer.closed());
  newer.stream().lost();
  test_client last(b);
  EXPECT_NE(last.ask(R"({"c":"logon","a":"processed","client_name":"demo","user_id":"bob"})").find("success"),
            std::string::npos);
}

TEST(BrokerLogon, NamesRepeatWithoutATransactionLog) {
  const auto b = fixture({.logged = false});
  test_client a(b), c(b);
  a.log_on("demo");
  c.log_on("demo", R"(,"user_id":"bob")");
  EXPECT_FALSE(a.closed());
  EXPECT_FALSE(c.closed());
}

// --- acks ------------------------------------------------------------------------------------------------------------

TEST(BrokerAcks, EachSupportedTypeComesOnceInOrder) {
  test_client c(fixture());
  c.log_on("demo");
  const std::string all = R"("a":"stats,persisted,completed,processed,received,parsed,none,stats","cid":"9")";
  const auto ack = [](std::string_view type, std::string_view ids = {}, std::string_view more = {}) {
    return R"({"c":"ack","cid":"9",)" + std::string(ids) + R"("a":")" + std::string(type) + R"(","status":"success")" +
           std::string(more) + "}\n";
  };
  const auto short_form = [&](std::string_view command) { return "{\"c\":\"" + std::string(command) + "\"," + all; };
  EXPECT_EQ(c.ask(short_form("publish") + R"(,"t":"x"})", "b"),
            ack("received") + ack("processed") + ack("completed") + ack("persisted"));
  EXPECT_EQ(c.ask(short_form("delta_publish") + R"(,"t":"x"})", "b"),
            ack("received") + ack("processed") + ack("completed") + ack("persisted"));
  const std::string sub = R"("sub_id":"9",)", query = R"("query_id":"9",)", both = query + sub;
  EXPECT_EQ(c.ask(short_form("subscribe") + R"(,"t":"x"})"), ack("received", sub) + ack("processed", sub));
  c.ask(R"({"c":"unsubscribe","sub_id":"all"})");
  EXPECT_EQ(c.ask(short_form("delta_subscribe") + R"(,"t":"x"})"),
            ack("received", sub) + ack("processed", sub) +
                ack("stats", sub, R"(,"topic_matches":0,"matches":0,"records_returned":0)"));
  c.ask(R"({"c":"unsubscribe","sub_id":"all"})");
  const std::string group = R"({"c":"group_begin","query_id":"9"})"
                            "\n"
                            R"({"c":"group_end","query_id":"9"})"
                            "\n";
  const std::string counts = R"(,"topic_matches":0,"matches":0,"records_returned":0)";
  EXPECT_EQ(
      c.ask(short_form("sow") + R"(,"t":"conf/sow"})"),
      ack("received", query) + ack("processed", query) + group + ack("completed", query) + ack("stats", query, counts));
  for (const auto* command : {"sow_and_subscribe", "sow_and_delta_subscribe"}) {
    EXPECT_EQ(c.ask(short_form(command) + R"(,"t":"x"})"), ack("received", both) + ack("processed", both) + group +
                                                               ack("completed", both) + ack("stats", both, counts));
    EXPECT_EQ(c.ask(short_form("unsubscribe") + R"(,"sub_id":"9"})"), ack("received") + ack("processed"));
  }
  const std::string deleted = R"(,"topic_matches":0,"matches":0,"records_deleted":0)";
  EXPECT_EQ(c.ask(short_form("sow_delete") + R"(,"t":"conf/sow","filter":"1=1"})"),
            ack("received") + ack("processed") + ack("completed") + ack("persisted") + ack("stats", {}, deleted));
  EXPECT_EQ(c.ask(short_form("sow_delete") + R"(,"t":"conf/sow","sow_keys":"1","query_id":"q","sub_id":"s"})"),
            ack("received", R"("query_id":"q","sub_id":"s",)") + ack("processed", R"("query_id":"q","sub_id":"s",)") +
                ack("persisted", R"("query_id":"q","sub_id":"s",)") +
                ack("stats", R"("query_id":"q","sub_id":"s",)", deleted));
  EXPECT_EQ(c.ask(short_form("flush") + R"(,"client_name":"demo"})"),
            ack("received") + ack("processed") + ack("completed") + ack("persisted"));
  EXPECT_EQ(c.ask(short_form("heartbeat") + R"(,"o":"beat"})"), ack("received") + ack("processed"));
  EXPECT_EQ(c.ask(short_form("start_timer") + "}"), ack("processed") + ack("completed"));
}

TEST(BrokerAcks, NothingAskedNothingSent) {
  test_client c(fixture());
  c.log_on("demo");
  for (const auto* command :
       {R"({"c":"publish","t":"y"})", R"({"c":"publish"})", R"({"c":"subscribe","t":"x","cid":"1"})",
        R"({"c":"subscribe","t":"x","cid":"1","a":""})", R"({"c":"unsubscribe"})", R"({"c":"sow","t":"nosow"})",
        R"({"c":"sow_delete","t":"conf/sow"})", R"({"c":"flush","a":"none"})", R"({"c":"heartbeat","o":"start,0"})",
        R"({"c":"sow_delete","t":"conf/sow","filter":"1=1"})"}) {
    EXPECT_EQ(c.ask(command), "") << command;
  }
}

TEST(BrokerAcks, UnknownCommandsCloseWithoutAnAck) {
  for (const auto* command : {R"({"c":"fetch","a":"received,processed","cid":"1"})", R"({"c":"ack","a":"processed"})",
                              R"({"c":"oof"})", R"({"c":"group_begin"})", R"({"c":"group_end"})",
                              R"({"a":"processed"})", "{}", "x", R"({"c":"flush")", R"({"c":{"a":1}})"}) {
    test_client c(fixture());
    c.log_on("demo");
    c.write(framed(R"({"c":"flush","a":"processed","cid":"0"})") + framed(command) +
            framed(R"({"c":"flush","a":"processed"})"));
    EXPECT_EQ(c.heard(), R"({"c":"ack","cid":"0","a":"processed","status":"success"})"
                         "\n")
        << command;
    EXPECT_TRUE(c.closed()) << command;
  }
}

std::string reason_of(test_client& c, std::string_view command, std::string_view body = {}) {
  const auto said = c.ask(command, body);
  const auto at = said.find("\"reason\":\"");
  return at == std::string::npos ? "(" + said + ")" : said.substr(at + 10, said.find('"', at + 10) - at - 10);
}

TEST(BrokerFailures, FirstMatchWins) {
  test_client c(fixture());
  c.log_on("bob", R"(,"user_id":"bob")");
  c.ask(R"({"c":"subscribe","t":"x","cid":"1"})");
  const auto reason = [&](std::string_view rest, std::string_view body = {}) {
    return reason_of(c, R"({"a":"processed","cid":"5",)" + std::string(rest) + "}", body);
  };
  // 3 before all that follows
  EXPECT_EQ(reason(R"("c":"sow","top_n":"x")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"sow","bs":10001,"t":"conf/sow")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"sow","o":"skip_n=1","t":"conf/sow","orderby":"/id")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"publish","e":"1.5")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"publish","s":-1)"), "invalid options");
  EXPECT_EQ(reason(R"("c":"publish","t":"x","x":"a b")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"heartbeat")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"heartbeat","o":"start,x")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"subscribe","sub_id":"all","o":"pause")"), "invalid options");
  // 4
  EXPECT_EQ(reason(R"("c":"subscribe","sub_id":"all")"), "invalid subid");
  EXPECT_EQ(reason(R"("c":"subscribe","sub_id":"a,b")"), "invalid subid");
  EXPECT_EQ(reason(R"("c":"subscribe","sub_id":"1")"), "subid in use");
  EXPECT_EQ(reason(R"("c":"unsubscribe")"), "invalid subid");
  // 5
  EXPECT_EQ(reason(R"("c":"subscribe","filter":"(")"), "no topic");
  EXPECT_EQ(reason(R"("c":"publish","t":"")", "b"), "no topic");
  EXPECT_EQ(reason(R"("c":"sow")"), "no topic");
  EXPECT_EQ(reason(R"("c":"sow_delete")"), "no topic");
  // 6
  EXPECT_EQ(reason(R"("c":"subscribe","t":"[abc","filter":"(")"), "bad regex topic");
  EXPECT_EQ(reason(R"("c":"sow","t":"(abc")"), "bad regex topic");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"*abc","filter":"1=1")"), "bad regex topic");
  // 7
  EXPECT_EQ(reason(R"("c":"subscribe","t":"conf/secret","filter":"(")"), "not entitled");
  EXPECT_EQ(reason(R"("c":"sow","t":"conf/secret")"), "not entitled");
  EXPECT_EQ(reason(R"("c":"publish","t":"conf/secret")"), "not entitled");
  EXPECT_EQ(reason(R"("c":"publish","t":"/AMPS/x")"), "not entitled");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/secret","filter":"(")"), "not entitled");
  // 8
  EXPECT_EQ(reason(R"("c":"sow","t":"nosow","filter":"(")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"sow","t":"conf/queue")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"sow","t":"^nothing$")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"nosow","filter":"(")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/queue","sow_keys":"1")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/queue")", "{}"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"subscribe","t":"plain","bm":"0","filter":"(")"), "invalid topic");
  EXPECT_EQ(reason(R"("c":"subscribe","t":"plain","o":"conflation=1s","filter":"(")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"subscribe","t":"conf/queue","o":"conflation=1s,conflation_key=[/a]")"), "invalid options");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/queue","o":"cancel,expire","bm":"1|1|")"), "invalid options");
  // 9
  EXPECT_EQ(reason(R"("c":"sow","t":"conf/sow","filter":"/a = ","orderby":"x")"), "bad filter");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/sow","filter":"(","sow_keys":"1")"), "bad filter");
  // 10
  EXPECT_EQ(reason(R"("c":"sow","t":"conf/sow","orderby":"id")"), "invalid order by");
  EXPECT_EQ(reason(R"("c":"sow","t":"conf/sow","o":"skip_n=1,top_n=1")"), "orderby required");
  // 11
  EXPECT_EQ(reason(R"("c":"subscribe","t":"conf/log","bm":"x")"), "invalid bookmark");
  EXPECT_EQ(reason(R"("c":"subscribe","t":"conf/log","bm":"[1|1|:2|2|]")"), "invalid bookmark");
  EXPECT_EQ(reason(R"("c":"subscribe","t":"conf/log","bm":"1|5|","o":"bookmark_not_found=fail")"), "invalid bookmark");
  EXPECT_EQ(reason(R"("c":"delta_subscribe","t":"conf/log","bm":"0")"), "not supported");
  // 12
  EXPECT_EQ(reason(R"("c":"publish","t":"conf/sow")", R"({"x":1})"), "bad sow key");
  EXPECT_EQ(reason(R"("c":"publish","t":"conf/sowkey")", "{}"), "bad sow key");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/sow")", "{}"), "bad sow key");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/sow")"), "no filter or bookmark");
  EXPECT_EQ(reason(R"("c":"sow_delete","t":"conf/sow","filter":"1=1","sow_keys":"1")"),
            "sow_delete command only supports one of: filter, sow_keys, bookmark, or data");
  EXPECT_FALSE(c.closed());
  EXPECT_EQ(reason(R"("c":"flush")"), R"(({"c":"ack","cid":"5","a":"processed","status":"success"})"
                                      "\n)");
}

TEST(BrokerFailures, OptionsThatAreDocumentedAndNotBuiltAreRefused) {
  test_client c(fixture());
  c.log_on("demo");
  for (const auto* option :
       {"pause", "resume", "rate=5", "rate_max_gap=1s", "grouping=[/a]", "projection=[/a]", "select=[a]", "select=x",
        "conflation", "conflation=x", "conflation_key=[/a]", "oof=1", "replace=yes", "timestamp=", "max_backlog=x"}) {
    EXPECT_EQ(reason_of(c, R"({"c":"subscribe","a":"processed","t":"x","cid":"1","o":")" + std::string(option) + "\"}"),
              "invalid options")
        << option;
  }
  EXPECT_EQ(
      reason_of(
          c,
          R"({"c":"sow_and_subscribe","a":"processed","t":"conf/sow","cid":"1","o":"skip_n=1,top_n=1","orderby":"/id"})"),
      "invalid options");
  EXPECT_EQ(reason_of(c, R"({"c":"sow_delete","a":"processed","t":"conf/queue","bm":"1|1|","o":"lease_extension=1s"})"),
            "invalid options");
  // Names that no documentation knows, and those of other commands.
  EXPECT_EQ(
      c.ask(
          R"({"c":"subscribe","a":"processed","t":"x","cid":"1","o":" , shiny=[a,b], skip_n=x,cancel , no_empties=1,Pause"})"),
      R"({"c":"ack","cid":"1","sub_id":"1","a":"processed","status":"success"})"
      "\n");
}

// --- publish and subscribe -------------------------------------------------------------------------------------------

TEST(BrokerDelivery, OctetByOctet) {
  test_client c(fixture());
  c.log_on("demo");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"2","t":"conf/sow","a":"processed","o":"oof"})"),
            R"({"c":"ack","cid":"2","sub_id":"2","a":"processed","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/sow","x":"QUJD"})", R"({"id":1,"region":"US"})"),
            R"({"c":"p","t":"conf/sow","sids":"2","k":"9835947975505047547","x":"QUJD","l":22}{"id":1,"region":"US"})"
            "\n");
  EXPECT_EQ(
      c.ask(R"({"c":"sow_delete","t":"conf/sow","sow_keys":"9835947975505047547"})"),
      R"({"c":"oof","t":"conf/sow","sids":"2","k":"9835947975505047547","x":"QUJD","reason":"deleted","l":22}{"id":1,"region":"US"})"
      "\n");
}

TEST(BrokerDelivery, FiltersTopicsAndSubscriptionsDecide) {
  const auto b = fixture();
  test_client a(b), c(b);
  a.log_on("a");
  c.log_on("c");
  a.say(R"({"c":"subscribe","cid":"1","t":"x","filter":"/a = 1"})");
  a.say(R"({"c":"subscribe","cid":"2","t":"x"})");
  a.say(R"({"c":"subscribe","cid":"3","t":"^(x|y)$","filter":"/a > 0"})");
  a.say(R"({"c":"subscribe","cid":"4","t":"^(x|y)$","o":"non_regex_topic"})");
  c.say(R"({"c":"subscribe","cid":"1","t":"X"})");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"x"})", R"({"a":1})"), "");
  EXPECT_EQ(a.heard(), R"({"c":"p","t":"x","sids":"1,2,3","l":7}{"a":1})"
                       "\n");
  c.ask(R"({"c":"publish","t":"y"})", R"({"a":2})");
  c.ask(R"({"c":"publish","t":"x"})", "\x01{\"");
  c.ask(R"({"c":"publish","t":"^(x|y)$"})");
  EXPECT_EQ(a.heard(), R"({"c":"p","t":"y","sids":"3","l":7}{"a":2})"
                       "\n"
                       R"({"c":"p","t":"x","sids":"2","l":3})"
                       "\x01{\"\n"
                       R"({"c":"p","t":"^(x|y)$","sids":"4","l":0})"
                       "\n");
  a.say(R"({"c":"unsubscribe","sub_id":"1,3,nobody"})");
  c.ask(R"({"c":"publish","t":"x"})", R"({"a":1})");
  EXPECT_EQ(a.heard(), R"({"c":"p","t":"x","sids":"2","l":7}{"a":1})"
                       "\n");
  a.say(R"({"c":"unsubscribe","sub_id":"all"})");
  c.ask(R"({"c":"publish","t":"x"})", R"({"a":1})");
  EXPECT_EQ(a.heard(), "");
}

TEST(BrokerDelivery, ReplaceKeepsTheSubscriptionsPlaceAndChangesItsTerms) {
  test_client c(fixture());
  c.log_on("c");
  c.say(R"({"c":"subscribe","cid":"1","t":"x","filter":"/a = 1"})");
  c.say(R"({"c":"subscribe","cid":"2","t":"y"})");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","cid":"7","sub_id":"1","t":"y","o":"replace,timestamp","a":"processed"})"),
            R"({"c":"ack","cid":"7","sub_id":"1","a":"processed","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"x"})", R"({"a":1})"), "");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"y"})", "b"),
            R"({"c":"p","t":"y","sids":"1,2","ts":"20260101T000000.000000Z","l":1}b)"
            "\n");
  EXPECT_EQ(
      reason_of(c, R"({"c":"subscribe","cid":"7","sub_id":"1","t":"y","filter":"(","o":"replace","a":"processed"})"),
      "bad filter");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"y"})", "b"),
            R"({"c":"p","t":"y","sids":"1,2","ts":"20260101T000000.000000Z","l":1}b)"
            "\n");
}

TEST(BrokerDelivery, DisconnectRemovesSubscriptions) {
  const auto b = fixture();
  test_client publisher(b);
  publisher.log_on("p");
  {
    test_client c(b);
    c.log_on("c");
    c.say(R"({"c":"subscribe","cid":"1","t":"x"})");
    publisher.say(R"({"c":"publish","t":"x"})", "b");
    EXPECT_EQ(c.heard(), R"({"c":"p","t":"x","sids":"1","l":1}b)"
                         "\n");
    c.stream().lost();
    publisher.say(R"({"c":"publish","t":"x"})", "b");
    EXPECT_EQ(c.heard(), "");
  }
  publisher.say(R"({"c":"publish","t":"x"})", "b");
}

TEST(BrokerDelivery, EntitlementIsSilentForPatternsAndReplace) {
  const auto b = fixture();
  test_client alice(b), bob(b);
  alice.log_on("alice", R"(,"user_id":"alice")");
  bob.log_on("bob", R"(,"user_id":"bob")");
  bob.say(R"({"c":"subscribe","cid":"1","t":"^conf/.*"})");
  bob.say(R"({"c":"subscribe","cid":"2","t":"conf/plain"})");
  alice.say(R"({"c":"publish","t":"conf/secret"})", "b");
  EXPECT_EQ(bob.heard(), "");
  EXPECT_EQ(bob.ask(R"({"c":"subscribe","cid":"3","sub_id":"2","t":"conf/secret","o":"replace","a":"processed"})"),
            R"({"c":"ack","cid":"3","sub_id":"2","a":"processed","status":"success"})"
            "\n");
  alice.say(R"({"c":"publish","t":"conf/secret"})", "b");
  alice.say(R"({"c":"publish","t":"conf/plain"})", "b");
  EXPECT_EQ(bob.heard(), R"({"c":"p","t":"conf/plain","sids":"1","l":1}b)"
                         "\n");
}

TEST(BrokerDelivery, TypesDoNotMeet) {
  const auto b = fixture();
  test_client json(b), binary(b);
  json.log_on("j");
  binary.log_on("b", R"(,"mt":"binary")");
  json.say(R"({"c":"subscribe","cid":"1","t":"conf/sow"})");
  binary.say(R"({"c":"subscribe","cid":"1","t":"conf/sow"})");
  EXPECT_EQ(binary.ask(R"({"c":"publish","t":"conf/sow"})", "\x01"), R"({"c":"p","t":"conf/sow","sids":"1","l":1})"
                                                                     "\x01\n");
  EXPECT_EQ(json.heard(), "");
  EXPECT_EQ(reason_of(binary, R"({"c":"sow","t":"conf/sow","a":"processed"})"), "invalid topic");
  EXPECT_EQ(binary.ask(R"({"c":"delta_publish","t":"conf/sow"})", "{}"),
            R"({"c":"p","t":"conf/sow","sids":"1","l":2}{})"
            "\n");
}

TEST(BrokerDelivery, IdsAreMadeUpWhereNoneIsGiven) {
  test_client c(fixture());
  c.log_on("c");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","t":"x","a":"processed"})"),
            R"({"c":"ack","sub_id":"auto-1","a":"processed","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"subscribe","t":"x","sub_id":"","a":"processed"})"),
            R"({"c":"ack","sub_id":"auto-2","a":"processed","status":"success"})"
            "\n");
}

TEST(BrokerDelivery, WhatIsAskedByAnyIsInTheOneCopy) {
  test_client c(fixture());
  c.log_on("c");
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/logsow","o":"no_sowkey"})");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/logsow","s":1})", R"({"id":"1"})"),
            R"({"c":"p","t":"conf/logsow","sids":"1","l":10}{"id":"1"})"
            "\n");
  c.say(R"({"c":"subscribe","cid":"2","t":"conf/logsow","o":"no_sowkey,bookmark"})");
  const auto bookmark = fnv1a().add("c").text();
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/logsow","s":2})", R"({"id":"1"})"),
            R"({"c":"p","t":"conf/logsow","sids":"1,2","bm":")" + bookmark +
                R"(|2|","l":10}{"id":"1"})"
                "\n");
  c.say(R"({"c":"subscribe","cid":"3","t":"conf/logsow","o":"timestamp"})");
  const auto key = fnv1a().add("conf/logsow").add("\x1F").add("1").text();
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/logsow","s":3})", R"({"id":"1"})"),
            R"({"c":"p","t":"conf/logsow","sids":"1,2,3","bm":")" + bookmark + R"(|3|","k":")" + key +
                R"(","ts":"20260101T000000.000000Z","l":10}{"id":"1"})"
                "\n");
}

// --- persisted acks --------------------------------------------------------------------------------------------------

TEST(BrokerPersisted, ConflatesSuccessesAndTellsFailuresAlone) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo", R"(,"user_id":"bob")");
  for (const auto* topic : {"conf/log", "conf/log", "conf/secret", "conf/log", "conf/log"}) {
    static int s = 0;
    c.say(R"({"c":"publish","a":"persisted","t":")" + std::string(topic) + R"(","s":)" + std::to_string(++s) + "}",
          "b");
  }
  EXPECT_EQ(c.heard(), R"({"c":"ack","s":2,"bm":"11953709441258804118|2|","a":"persisted","status":"success"})"
                       "\n"
                       R"({"c":"ack","s":3,"a":"persisted","status":"failure","reason":"not entitled"})"
                       "\n");
  b->advance(virtual_start + 999'999us);
  EXPECT_EQ(c.heard(), "");
  b->advance(virtual_start + 1s);
  EXPECT_EQ(c.heard(), R"({"c":"ack","s":5,"bm":"11953709441258804118|5|","a":"persisted","status":"success"})"
                       "\n");
  b->advance(virtual_start + 10s);
  EXPECT_EQ(c.heard(), "");
}

TEST(BrokerPersisted, DuplicatesAreDiscardedAndNamed) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo");
  c.say(R"({"c":"subscribe","cid":"1","t":"conf/log"})");
  c.ask(R"({"c":"publish","t":"conf/log","s":5})", "b");
  EXPECT_EQ(
      c.ask(R"({"c":"publish","t":"conf/log","s":5,"cid":"2","a":"received,processed,completed,persisted"})", "b"),
      R"({"c":"ack","cid":"2","a":"received","status":"success"})"
      "\n"
      R"({"c":"ack","cid":"2","a":"processed","status":"success"})"
      "\n"
      R"({"c":"ack","cid":"2","a":"completed","status":"success"})"
      "\n"
      R"({"c":"ack","cid":"2","s":5,"a":"persisted","status":"failure","reason":"duplicate"})"
      "\n");
  EXPECT_NE(c.ask(R"({"c":"publish","t":"conf/log","s":6})", "b"), "");
  c.stream().lost();
  test_client again(b);
  EXPECT_NE(again.ask(R"({"c":"logon","a":"processed","client_name":"demo"})")
                .find(R"("s":6,"bm":"11953709441258804118|6|")"),
            std::string::npos);
}

TEST(BrokerPersisted, IndividualAcksNameTheirCommand) {
  test_client c(fixture());
  c.log_on("demo");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"plain","cid":"1","a":"persisted"})", "b"),
            R"({"c":"ack","cid":"1","a":"persisted","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"plain","cid":"1","s":7,"a":"persisted"})", "b"),
            R"({"c":"ack","cid":"1","s":7,"bm":"11953709441258804118|7|","a":"persisted","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"conf/log","cid":"2","a":"persisted"})", "b"),
            R"({"c":"ack","cid":"2","a":"persisted","status":"success"})"
            "\n");
  // A pending one goes first where the individual one names a sequence, and only there.
  c.ask(R"({"c":"publish","t":"conf/log","s":8,"a":"persisted"})", "b");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"plain","cid":"3","a":"persisted"})", "b"),
            R"({"c":"ack","cid":"3","a":"persisted","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"plain","s":9,"a":"persisted"})", "b"),
            R"({"c":"ack","s":8,"bm":"11953709441258804118|8|","a":"persisted","status":"success"})"
            "\n"
            R"({"c":"ack","s":9,"bm":"11953709441258804118|9|","a":"persisted","status":"success"})"
            "\n");
}

TEST(BrokerPersisted, FlushAndIntervalBringTheConflatedOne) {
  const auto b = fixture();
  test_client c(b), now(b);
  c.log_on("demo", R"(,"o":"ack_conflation=250ms")");
  now.log_on("now", R"(,"o":"ack_conflation=0")");
  c.ask(R"({"c":"publish","t":"conf/log","s":1,"a":"persisted"})", "b");
  EXPECT_EQ(c.ask(R"({"c":"flush","cid":"f","a":"processed"})"),
            R"({"c":"ack","cid":"f","a":"processed","status":"success"})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"flush","cid":"f","a":"processed,persisted"})"),
            R"({"c":"ack","cid":"f","a":"processed","status":"success"})"
            "\n"
            R"({"c":"ack","s":1,"bm":"11953709441258804118|1|","a":"persisted","status":"success"})"
            "\n"
            R"({"c":"ack","cid":"f","a":"persisted","status":"success"})"
            "\n");
  c.ask(R"({"c":"publish","t":"conf/log","s":2,"a":"persisted"})", "b");
  b->advance(virtual_start + 250ms);
  EXPECT_NE(c.heard(), "");
  EXPECT_NE(now.ask(R"({"c":"publish","t":"conf/log","s":2,"a":"persisted"})", "b"), "");
}

TEST(BrokerPersisted, SowDeleteSharesTheSequence) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo");
  c.ask(R"({"c":"publish","t":"conf/logsow","s":1,"a":"persisted"})", R"({"id":1})");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/logsow","s":2,"cid":"d","a":"persisted,stats"})", R"({"id":1})"),
            R"({"c":"ack","cid":"d","a":"stats","status":"success","topic_matches":1,"matches":1,"records_deleted":1})"
            "\n");
  EXPECT_EQ(c.ask(R"({"c":"sow_delete","t":"conf/logsow","s":2,"cid":"d","a":"persisted,stats","filter":"1=1"})"),
            R"({"c":"ack","s":2,"bm":"11953709441258804118|2|","a":"persisted","status":"success"})"
            "\n"
            R"({"c":"ack","cid":"d","s":2,"a":"persisted","status":"failure","reason":"duplicate"})"
            "\n"
            R"({"c":"ack","cid":"d","a":"stats","status":"success","topic_matches":0,"matches":0,"records_deleted":0})"
            "\n");
}

// --- heartbeat -------------------------------------------------------------------------------------------------------

TEST(BrokerHeartbeat, BeatsAndClosesTheSilent) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo");
  EXPECT_EQ(c.ask(R"({"c":"heartbeat","a":"received,processed","o":"start,1","cid":"1"})"),
            R"({"c":"ack","cid":"1","a":"received","status":"success"})"
            "\n"
            R"({"c":"ack","cid":"1","a":"processed","status":"success"})"
            "\n");
  b->advance(virtual_start + 999'999us);
  EXPECT_EQ(c.heard(), "");
  b->advance(virtual_start + 1s);
  EXPECT_EQ(c.heard(), "{\"c\":\"heartbeat\"}\n");
  b->advance(virtual_start + 2'999'999us);
  EXPECT_EQ(c.heard(), "{\"c\":\"heartbeat\"}\n");
  EXPECT_FALSE(c.closed());
  b->advance(virtual_start + 3s);
  EXPECT_TRUE(c.closed());
  EXPECT_EQ(c.heard(), "");
}

TEST(BrokerHeartbeat, AnyTrafficCounts) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo");
  c.ask(R"({"c":"heartbeat","o":"start,2"})");
  for (int second = 1; second <= 20; ++second) {
    b->advance(virtual_start + std::chrono::seconds(second));
    EXPECT_EQ(c.ask(R"({"c":"flush","a":"processed"})"), R"({"c":"ack","a":"processed","status":"success"})"
                                                         "\n");
  }
  EXPECT_FALSE(c.closed());
  b->advance(virtual_start + 21s);
  EXPECT_EQ(c.heard(), "");
  b->advance(virtual_start + 22s);
  EXPECT_EQ(c.ask(R"({"c":"publish","t":"y"})"), "{\"c\":\"heartbeat\"}\n");
  c.write(std::string(4, '\0'));
  b->advance(virtual_start + 24s);
  EXPECT_EQ(c.heard(), "{\"c\":\"heartbeat\"}\n");
  c.write(std::string(4, '\0'));  // no message
  b->advance(virtual_start + 28s);
  EXPECT_TRUE(c.closed());
}

TEST(BrokerHeartbeat, NoneWithoutStartAndASecondStartCounts) {
  const auto b = fixture();
  test_client c(b);
  c.log_on("demo");
  c.ask(R"({"c":"heartbeat","o":"beat"})");
  b->advance(virtual_start + 1h);
  EXPECT_EQ(c.heard(), "");
  c.ask(R"({"c":"heartbeat","o":"start,1"})");
  c.ask(R"({"c":"heartbeat","o":"start,5"})");
  c.ask(R"({"c":"heartbeat","o":"stop"})");
  b->advance(virtual_start + 1h + 4s);
  EXPECT_EQ(c.heard(), "");
  b->advance(virtual_start + 1h + 5s);
  EXPECT_EQ(c.heard(), "{\"c\":\"heartbeat\"}\n");
}

// --- slow subscribers, memory ----------------------------------------------------------------------------------------

TEST(BrokerLimits, ASlowSubscriberIsCutOffAndOthersGoOn) {
  const auto b = fixture();
  test_client publisher(b), slow(b), fast(b);
  publisher.log_on("p");
  slow.log_on("s");
  fast.log_on("f");
  slow.say(R"({"c":"subscribe","cid":"1","t":"x"})");
  fast.say(R"({"c":"subscribe","cid":"1","t":"x"})");
  const std::string body(64 << 10, 'x');
  for (int i = 0; i < 100; ++i) {
    publisher.say(R"({"c":"publish","t":"x"})", body);
    EXPECT_NE(fast.heard(), "");
    EXPECT_LE(b->waiting_octets(), 5u << 20);
  }
  EXPECT_TRUE(slow.closed());
  EXPECT_FALSE(fast.closed());
  EXPECT_EQ(slow.heard(), "");
}

TEST(BrokerLimits, ABodyIsHeldOnceWhateverTheNumberOfSubscribers) {
  const auto b = fixture();
  test_client publisher(b);
  publisher.log_on("p");
  std::vector<std::unique_ptr<test_client>> subscribers;
  for (int i = 0; i < 200; ++i) {
    subscribers.push_back(std::make_unique<test_client>(b));
    subscribers.back()->log_on("s" + std::to_string(i)).say(R"({"c":"subscribe","cid":"1","t":"x"})");
  }
  publisher.say(R"({"c":"publish","t":"x"})", std::string(3 << 20, 'x'));
  const char* where = nullptr;
  for (auto& s : subscribers) {
    std::array<std::string_view, 4> room;
    ASSERT_EQ(s->stream().pieces(room), 2u);
    EXPECT_EQ(room[1].size(), 3u << 20);
    if (where == nullptr) where = room[1].data();
    EXPECT_EQ(room[1].data(), where);
  }
  EXPECT_LE(b->waiting_octets(), (3u << 20) + 200 * 300);
}

TEST(BrokerLimits, PublishersWaitWhileMuchIsWaiting) {
  auto config = conformance_fixture();
  config.max_congestion = 10'000;
  const auto b = std::make_shared<broker>(config);
  test_client publisher(b), subscriber(b);
  publisher.log_on("p");
  subscriber.log_on("s");
  subscriber.say(R"({"c":"subscribe","cid":"1","t":"x"})");
  std::string three;
  for (const char c : {'a', 'b', 'c'}) three += framed(R"({"c":"publish","t":"x"})" + std::string(20'000, c));
  publisher.write(three + framed(R"({"c":"flush","a":"processed"})"));
  EXPECT_FALSE(publisher.stream().wants_input());
  EXPECT_EQ(publisher.heard(), "");
  while (b->next_touched() != nullptr) {
  }
  for (const char c : {'a', 'b', 'c'}) {
    EXPECT_NE(subscriber.heard().find(std::string(20'000, c)), std::string::npos);
    if (c != 'c') {
      EXPECT_EQ(b->next_touched(), &publisher.stream().session());
    }
    publisher.stream().resume();
    while (b->next_touched() != nullptr) {
    }
  }
  EXPECT_NE(publisher.heard(), "");
  EXPECT_TRUE(publisher.stream().wants_input());
}

TEST(BrokerLimits, WhoTakesNothingForLongIsCutOff) {
  const auto b = fixture();
  test_client publisher(b), subscriber(b);
  publisher.log_on("p");
  subscriber.log_on("s");
  subscriber.say(R"({"c":"subscribe","cid":"1","t":"x"})");
  publisher.say(R"({"c":"publish","t":"x"})", std::string(100, 'x'));
  b->advance(virtual_start + 1h);
  EXPECT_FALSE(subscriber.closed());  // a little does not matter
  publisher.say(R"({"c":"publish","t":"x"})", std::string(1 << 20, 'x'));
  b->advance(virtual_start + 1h + 20s);
  EXPECT_FALSE(subscriber.closed());  // the broker itself may have been away
  b->advance(virtual_start + 1h + 30s);
  EXPECT_TRUE(subscriber.closed());
}

TEST(BrokerLimits, StoresAreBounded) {
  auto config = conformance_fixture();
  config.max_stored = 1000;
  test_client c(std::make_shared<broker>(config));
  c.log_on("c");
  EXPECT_EQ(reason_of(c, R"({"c":"publish","t":"conf/sowkey","k":"a","a":"processed"})", std::string(1001, 'x')),
            "sow store failed");
  EXPECT_EQ(reason_of(c, R"({"c":"publish","t":"conf/log","a":"processed"})", std::string(1001, 'x')),
            "tx store failure");
  EXPECT_EQ(reason_of(c, R"({"c":"publish","t":"plain","cid":"1","a":"processed"})", std::string(1001, 'x')),
            R"(({"c":"ack","cid":"1","a":"processed","status":"success"}
))");
}

TEST(BrokerLimits, SubscriptionsAreBounded) {
  auto config = conformance_fixture();
  config.max_subscribed = 100'000;
  test_client c(std::make_shared<broker>(config));
  c.log_on("c");
  int entered = 0;
  for (; entered < 1000; ++entered) {
    const auto id = std::to_string(entered);
    const auto reason = reason_of(c, R"({"c":"subscribe","a":"processed","t":"x","cid":")" + id + "\"}");
    if (reason == "not supported") break;
  }
  EXPECT_GT(entered, 10);
  EXPECT_LT(entered, 1000);
  c.say(R"({"c":"unsubscribe","sub_id":"all"})");
  EXPECT_NE(reason_of(c, R"({"c":"subscribe","a":"processed","t":"x","cid":"n"})"), "not supported");
}

TEST(BrokerLimits, FramesAboveTheLimitClose) {
  auto config = conformance_fixture();
  config.max_frame = 2 << 20;
  const auto b = std::make_shared<broker>(config);
  test_client c(b), other(b);
  other.log_on("o");
  c.log_on("c").say(R"({"c":"subscribe","cid":"1","t":"x"})");
  const std::string header = R"({"c":"publish","t":"x"})";
  const std::string body((2 << 20) - header.size(), 'x');
  EXPECT_EQ(c.ask(header, body).size(),
            std::string(R"({"c":"p","t":"x","sids":"1","l":2097129})").size() + body.size() + 1);
  c.write(std::string("\x00\x20\x00\x01", 4));
  EXPECT_TRUE(c.closed());
  EXPECT_NE(other.ask(R"({"c":"flush","a":"processed"})"), "");
}

}  // namespace
}  // namespace ampspec::amps
