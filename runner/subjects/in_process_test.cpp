// Our own implementations as subjects: both say the same, and a fault shows.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/in_process.hpp"

#include "conformance/subject.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

using conformance::arrival;
using conformance::client_event;
using conformance::cutting;
using vectors::octets;
constexpr conformance::millis never_waited{100'000};

std::string box(const conformance::plain_box& pairs) {
  std::string bytes;
  for (const auto& [key, value] : pairs) {
    for (const auto& part : {key, value}) {
      bytes += static_cast<char>(part.size() >> 8);
      bytes += static_cast<char>(part.size());
      bytes += part;
    }
  }
  return bytes + std::string(2, '\0');
}

std::shared_ptr<peer::implementation> made(bool naive, const std::string& fault = {}) {
  std::string why;
  return peer::make_implementation(naive, fault, why);
}

std::vector<std::unique_ptr<conformance::codec_subject>> both_codecs() {
  std::vector<std::unique_ptr<conformance::codec_subject>> both;
  both.push_back(in_process_codec(made(false)));
  both.push_back(in_process_codec(made(true)));
  return both;
}

TEST(InProcessCodec, DecodesHoweverTheOctetsAreCut) {
  const conformance::plain_box pairs{{"a", "bc"}, {"d", ""}};
  const auto bytes = octets::from(box(pairs) + box({{"e", "f"}}) + std::string("\0\1", 2));
  for (const auto& codec : both_codecs()) {
    for (const auto& cuts : {cutting{}, cutting{1, {}}, cutting{0, {3}}, cutting{0, {0, 5, 5, 11}}}) {
      const auto outcome = codec->decode(bytes, cuts);
      ASSERT_EQ(outcome.boxes.size(), 2u);
      EXPECT_EQ(outcome.boxes[0], pairs);
      EXPECT_TRUE(outcome.incomplete);
      EXPECT_FALSE(outcome.refused);
    }
    EXPECT_GT(codec->cpu_seconds(), 0);
  }
}

TEST(InProcessCodec, RefusesWithClassAndOffset) {
  const auto bytes = octets::from(box({{"a", "b"}}) + "\1\1");
  for (const auto& codec : both_codecs()) {
    const auto outcome = codec->decode(bytes, {});
    EXPECT_EQ(outcome.boxes.size(), 1u);
    ASSERT_TRUE(outcome.refused);
    EXPECT_EQ(outcome.refused->reject_class, "key-too-long");
    EXPECT_EQ(outcome.refused->offset, 8u);
    EXPECT_FALSE(outcome.incomplete);
  }
}

TEST(InProcessCodec, EncodesOrRefuses) {
  for (const auto& codec : both_codecs()) {
    EXPECT_EQ(codec->encode({{octets::from("a"), octets::from("b")}}).bytes, box({{"a", "b"}}));
    const auto refused = codec->encode({{octets::from(std::string(256, 'k')), octets::from("b")}});
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(refused.refused->reject_class, "key-too-long");
    EXPECT_EQ(refused.bytes, "");
  }
}

TEST(InProcessCodec, ParsesAndPrintsEveryType) {
  using enum wire::value_kind;
  const auto of = [](wire::value_kind kind) { return wire::value_type{kind, {}, {}}; };
  const wire::value_schema inner{{"x", of(integer), false}, {"y", {list, {of(text)}, {}}, true}};
  const std::vector<std::pair<wire::value_type, std::string>> canonical{
      {of(integer), "-12345678901234567890"},
      {of(bytes), std::string("\0\xff", 2)},
      {of(text), "\xe2\x82\xac"},
      {of(boolean), "False"},
      {of(floating), "inf"},
      {of(decimal), "-1.50"},
      {of(decimal), "-sNaN12"},
      {of(datetime), "2012-01-23T12:34:56.054321-01:23"},
      {of(path), "/a"},
      {{list, {of(boolean)}, {}}, std::string("\0\4True\0\5False", 13)},
      {{records, {}, inner}, box({{"x", "1"}}) + box({{"x", "2"}, {"y", std::string("\0\0", 2)}})}};
  for (const auto& codec : both_codecs()) {
    for (const auto& [type, written] : canonical) {
      const auto read = codec->parse(type, octets::from(written));
      ASSERT_FALSE(read.refused) << written;
      EXPECT_EQ(codec->print(type, read.is).is, written);
    }
    EXPECT_TRUE(codec->parse(of(integer), octets::from("x")).refused);
    EXPECT_TRUE(codec->print(of(integer), {wire::integer_value{"1.5"}}).refused);
    const auto record = codec->parse(inner, {{"x", "1"}, {"z", ""}});
    EXPECT_TRUE(wire::same_record(record.is, {{"x", {wire::integer_value{"1"}}}}));
    EXPECT_EQ(codec->print(inner, record.is).is, (conformance::plain_box{{"x", "1"}}));
    EXPECT_TRUE(codec->parse(inner, {}).refused);
    EXPECT_TRUE(codec->print(inner, {}).refused);
  }
}

TEST(InProcessCodec, ShowsANamedFault) {
  const auto codec = in_process_codec(made(true, "key-limit-off-by-one"));
  const auto key_of_256 = octets::from(std::string("\1\0", 2));
  EXPECT_FALSE(codec->decode(key_of_256, {}).refused);
  EXPECT_TRUE(in_process_codec(made(true))->decode(key_of_256, {}).refused);
}

std::string answer_of(conformance::connection& link, const std::string& bytes) {
  link.send(bytes, never_waited);
  return link.receive(never_waited).bytes;
}

class InMemory : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(ReferenceAndNaive, InMemory, testing::Bool());

TEST_P(InMemory, ServerAnswersAndThenHasNothing) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::nothing);
  const auto request = box({{"_ask", "1"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}});
  EXPECT_EQ(answer_of(*link, request), box({{"_answer", "1"}, {"total", "94"}}));
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::nothing);
}

TEST_P(InMemory, ServerClosesAtARejectAndStaysClosed) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  link->send("\1\1", never_waited);
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::closed);
  link->send(box({{"_ask", "1"}, {"_command", "Sum"}, {"a", "1"}, {"b", "1"}}), never_waited);
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::closed);
}

TEST_P(InMemory, ServerSendsALargeAnswerWhole) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  std::string requests;
  for (int i = 0; i < 160; ++i) requests += box({{"_ask", "1"}, {"_command", "Big"}, {"size", "60000"}});
  link->send(requests, never_waited);
  std::size_t total = 0;
  for (auto got = link->receive(never_waited); got.what == arrival::kind::octets; got = link->receive(never_waited)) {
    total += got.bytes.size();
  }
  EXPECT_EQ(total, 160 * box({{"_answer", "1"}, {"data", ""}}).size() + 160 * 60'000u);
}

TEST_P(InMemory, ServerEndsAtAHalfClose) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  link->half_close();
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::closed);
}

TEST_P(InMemory, ConnectionsOfOneServerShareItsService) {
  const auto server = in_memory_server(made(GetParam()));
  auto first = server->connect(never_waited), second = server->connect(never_waited);
  EXPECT_EQ(answer_of(*first, box({{"_ask", "1"}, {"_command", "Defer"}, {"name", "n"}})), "");
  first->close();
  EXPECT_EQ(answer_of(*second, box({{"_ask", "2"}, {"_command", "Release"}, {"name", "n"}})), box({{"_answer", "2"}}));
}

TEST_P(InMemory, ServerIsInsideTlsWhenItSaidSo) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  ASSERT_EQ(answer_of(*link, box({{"_ask", "1"}, {"_command", "StartTLS"}})), box({{"_answer", "1"}}));
  const auto done = link->start_tls({.as_client = true, .in_front = {}, .came = {}}, never_waited);
  EXPECT_EQ(done.what, conformance::tls_outcome::kind::secured) << done.text;
  const auto request = box({{"_ask", "1"}, {"_command", "Echo"}, {"data", std::string(40'000, 'x')}});
  EXPECT_EQ(answer_of(*link, request), box({{"_answer", "1"}, {"data", std::string(40'000, 'x')}}));
  link->half_close();
  EXPECT_EQ(link->receive(never_waited).what, arrival::kind::closed);
}

TEST_P(InMemory, ServerEndsWhenWhatStandsBehindStartTlsIsNoTls) {
  using spoil = vectors::start_tls_step::spoil;
  for (const auto how : {spoil::garbage, spoil::alert, spoil::close}) {
    const auto server = in_memory_server(made(GetParam()));
    const auto link = server->connect(never_waited);
    answer_of(*link, box({{"_ask", "1"}, {"_command", "StartTLS"}}));
    const auto done = link->start_tls({.as_client = true, .in_front = {}, .came = {}, .spoil = how}, never_waited);
    EXPECT_EQ(done.what, conformance::tls_outcome::kind::ended);
    EXPECT_EQ(link->receive(never_waited).what, arrival::kind::closed);
  }
}

TEST_P(InMemory, OctetsInClearAreToldFromAHandshake) {
  const auto server = in_memory_server(made(GetParam()));
  const auto link = server->connect(never_waited);
  const auto request = box({{"_ask", "1"}, {"_command", "Sum"}, {"a", "1"}, {"b", "1"}});
  const auto done = link->start_tls({.as_client = true, .in_front = request, .came = {}}, never_waited);
  EXPECT_EQ(done.what, conformance::tls_outcome::kind::clear);
  EXPECT_EQ(done.octets, box({{"_answer", "1"}, {"total", "2"}}));
}

TEST_P(InMemory, ClientIsTheTlsClientWhenItAsked) {
  const auto client = in_memory_client(made(GetParam()));
  const auto link = client->attach(never_waited);
  const auto call = client->start_tls(never_waited);
  EXPECT_EQ(link->receive(never_waited).bytes, box({{"_ask", "1"}, {"_command", "StartTLS"}}));
  link->send(box({{"_answer", "1"}}), never_waited);
  const auto done = link->start_tls({.as_client = false, .in_front = {}, .came = {}}, never_waited);
  EXPECT_EQ(done.what, conformance::tls_outcome::kind::secured) << done.text;
  EXPECT_EQ(client->next_event(never_waited).value().what, client_event::kind::connected);
  const auto ended = client->next_event(never_waited);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->call, call);
  EXPECT_EQ(ended->how, "answer");
}

TEST_P(InMemory, ClientTellsHowItsCallsEnd) {
  const auto client = in_memory_client(made(GetParam()));
  const auto link = client->attach(never_waited);
  EXPECT_EQ(client->next_event(never_waited).value().what, client_event::kind::connected);
  const auto first = client->call("Sum", {{"a", "1"}, {"b", "2"}}, true, never_waited);
  const auto second = client->call("Sum", {{"a", "3"}, {"b", "4"}}, true, never_waited);
  const auto sent = link->receive(never_waited).bytes;
  EXPECT_NE(sent.find("_command"), std::string::npos);
  EXPECT_FALSE(client->next_event(never_waited));

  const auto at = sent.find("_ask") + 4;
  const auto tag = sent.substr(at + 2, static_cast<std::size_t>(sent[at + 1]));
  link->send(box({{"_answer", tag}, {"total", "3"}}), never_waited);
  const auto ended = client->next_event(never_waited);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->call, first);
  EXPECT_EQ(ended->how, "answer");
  EXPECT_EQ(ended->box, (conformance::plain_box{{"total", "3"}}));

  link->close();
  const auto lost = client->next_event(never_waited);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->call, second);
  EXPECT_EQ(lost->how, "lost");
  EXPECT_EQ(client->next_event(never_waited).value().what, client_event::kind::closed);
  EXPECT_FALSE(client->next_event(never_waited));

  client->reset(never_waited);
  EXPECT_FALSE(client->next_event(never_waited));
}

}  // namespace
}  // namespace ampspec::runner
