// Every named misbehaviour of the broker shows in a conversation, and nothing shows without one.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amps_faults.hpp"

#include "reference/behaviour/faulty_amps_conversation.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::behaviour {
namespace {

using namespace std::chrono_literals;

std::string framed(std::string_view header, std::string_view body = {}) {
  const auto size = header.size() + body.size();
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(size >> shift & 0xFF);
  return out.append(header).append(body);
}

/// One side of the scenario: what it says, and what comes back as octets.
class side {
 public:
  side(std::shared_ptr<amps::broker> shared, std::string_view fault) {
    if (fault.empty()) {
      talk_ = std::make_unique<amps_conversation>(std::move(shared));
    } else {
      talk_ = std::make_unique<faulty_amps_conversation>(std::move(shared), make_amps_fault(fault));
    }
  }
  void say(std::string_view header, std::string_view body = {}) {
    said_.push_back(std::make_unique<std::string>(framed(header, body)));
    talk_->receive(*said_.back());
    listen();
  }
  void listen() {
    while (!talk_->output().empty()) {
      heard += talk_->output();
      talk_->sent(talk_->output().size());
    }
    if (talk_->wants_close()) heard += "<closed>";
  }
  std::string heard;

 private:
  std::unique_ptr<conversation> talk_;
  std::vector<std::unique_ptr<std::string>> said_;
};

/// Something of everything that a broker does.
std::string scenario(std::string_view fault) {
  const auto shared = std::make_shared<amps::broker>(amps::conformance_fixture());
  std::string all;
  {
    side early(shared, fault);
    early.say(R"({"c":"subscribe","cid":"1","t":"x","a":"processed"})");
    early.say(R"({"c":"logon","a":"processed","client_name":"early"})");
    early.say(R"({"c":"fetch","cid":"2","a":"processed"})");
    side result_word(shared, fault);
    result_word.say(R"({"c":"logon","client_name":"word"})");
    result_word.say(R"({"c":"ack","a":"processed"})");
    all += early.heard + result_word.heard;
  }
  side c(shared, fault);
  c.say(R"({"c":"logon","cid":"1","a":"received,processed","client_name":"demo"})");
  c.say(R"({"c":"logon","cid":"1","a":"processed","client_name":"demo"})");
  c.say(R"({"c":"subscribe","cid":"2","t":"Conf/Plain","a":"received,processed"})");
  c.say(R"({"c":"subscribe","cid":"2","t":"y","a":"processed"})");
  c.say(R"({"c":"publish","t":"Conf/Plain","x":"QUJD"})", std::string("a b\0c", 5));
  c.say(R"({"c":"publish","t":"Conf/Plain"})");
  c.say(R"({"c":"publish","t":"Conf/Plain","cid":"3","a":"processed,completed,persisted"})", "1");
  c.say(
      R"({"c":"subscribe","cid":"4","sub_id":"4","t":"^filtered$","filter":"/a = 1","o":"timestamp","a":"processed"})");
  c.say(R"({"c":"publish","t":"filtered"})", R"({"a":1})");
  c.say(R"({"c":"publish","t":"filtered"})", R"({"a":2})");
  c.say(R"({"c":"unsubscribe","cid":"5","sub_id":"2,4","a":"processed"})");
  c.say(R"({"c":"publish","t":"filtered"})", R"({"a":1})");
  c.say(R"({"c":"subscribe","cid":"a","t":"one"})");
  c.say(R"({"c":"subscribe","cid":"b","t":"two"})");
  c.say(R"({"c":"unsubscribe","sub_id":"a"})");
  c.say(R"({"c":"publish","t":"two"})", "2");
  c.say(R"({"c":"unsubscribe","sub_id":"all"})");
  c.say(R"({"c":"publish","t":"two"})", "2");
  // Records.
  for (const auto* body : {R"({"id":1,"n":3,"m":1})", R"({"id":2,"n":2})", R"({"id":3,"n":1})"}) {
    c.say(R"({"c":"publish","t":"conf/sow","e":2})", body);
  }
  c.say(R"({"c":"publish","t":"conf/sowkey","k":"given"})", "g");
  c.say(R"({"c":"sow","cid":"6","t":"conf/sow","orderby":"/n","top_n":2,"a":"processed,completed,stats"})");
  c.say(R"({"c":"sow","cid":"6","t":"conf/sow","sow_keys":"9835947975505047547","a":"processed"})");
  c.say(R"({"c":"sow","cid":"6","t":"conf/sow","filter":"1 = 0"})");
  c.say(R"({"c":"sow","cid":"6","t":"nosow","a":"processed"})");
  c.say(R"({"c":"sow_and_subscribe","cid":"7","t":"conf/sow","filter":"/n > 0","a":"processed,completed"})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"n":0,"m":1})");
  c.say(
      R"({"c":"sow_and_subscribe","cid":"7","sub_id":"7","t":"conf/sow","filter":"/n > 0","o":"oof,replace","a":"processed"})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":2,"n":0})");
  c.say(R"({"c":"delta_publish","t":"conf/sow"})", R"({"id":1,"n":5})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":1,"n":6})");
  c.say(R"({"c":"sow_delete","cid":"8","t":"conf/sow","filter":"/id = 1","a":"processed,stats"})");
  c.say(R"({"c":"delta_subscribe","cid":"9","t":"conf/sow"})");
  c.say(R"({"c":"unsubscribe","sub_id":"7"})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":3,"n":2,"m":1})");
  c.say(R"({"c":"publish","t":"conf/sow"})", R"({"id":3,"n":2,"m":2})");
  c.say(R"({"c":"unsubscribe","sub_id":"all"})");
  c.say(R"({"c":"publish","t":"conf/sow","e":1})", R"({"id":9})");
  // The log and the queue.
  c.say(R"({"c":"publish","t":"conf/log","s":1,"a":"persisted"})", "1");
  c.say(R"({"c":"publish","t":"conf/log","s":1,"a":"persisted"})", "1");
  c.say(R"({"c":"subscribe","cid":"l","t":"conf/log","bm":"0","a":"completed"})");
  c.say(R"({"c":"subscribe","cid":"q","t":"conf/queue","a":"processed"})");
  c.say(R"({"c":"publish","t":"conf/queue","s":2})", "2");
  c.say(R"({"c":"publish","t":"conf/queue","s":3})", "3");
  c.say(R"({"c":"sow_delete","t":"conf/queue","bm":"11953709441258804118|2|"})");
  // Time.
  c.say(R"({"c":"heartbeat","o":"start,1"})");
  c.say(R"({"c":"heartbeat","o":"beat"})");
  shared->advance(amps::virtual_start + 1s);
  c.listen();
  c.say(R"({"c":"flush","cid":"f","a":"received,processed,persisted"})");
  shared->advance(amps::virtual_start + 2s);
  c.listen();
  c.say(R"({"c":"sow","cid":"e","t":"conf/sow"})");
  return all + c.heard;
}

TEST(AmpsFault, NoneIsTheBrokerItself) {
  EXPECT_EQ(scenario(""), scenario(""));
  const auto right = scenario("");
  for (const auto* part :
       {"group_begin", "\"oof\"", "\"lp\"", "{\"c\":\"heartbeat\"}", "<closed>", "duplicate", "records_deleted"}) {
    EXPECT_NE(right.find(part), std::string::npos) << part;
  }
}

TEST(AmpsFault, EachOneShows) {
  const auto right = scenario("");
  for (const auto name : amps_fault_names()) EXPECT_NE(scenario(name), right) << name;
}

TEST(AmpsFault, UnknownNamesAreNone) { EXPECT_EQ(make_amps_fault("broker-perfect"), nullptr); }

TEST(AmpsMessage, ComesApartAndTogether) {
  const std::string header = R"({"c":"ack","s":5,"reason":"a \"quoted\" one, {braced}","t":""})";
  auto m = amps_message_from(header, "rest");
  EXPECT_EQ(m.fields.size(), 4u);
  EXPECT_EQ(m.text("s"), "5");
  EXPECT_EQ(amps_header_text(m), header);
  m.erase("s");
  m.set("t", "\"x\"");
  EXPECT_EQ(amps_header_text(m), R"({"c":"ack","reason":"a \"quoted\" one, {braced}","t":"x"})");
  EXPECT_EQ(amps_header_text(amps_message_from("{}", "")), "{}");
}

}  // namespace
}  // namespace ampspec::behaviour
