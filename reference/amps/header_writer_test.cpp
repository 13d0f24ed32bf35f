// Tests of the writer: octets written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header_writer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::amps {
namespace {

using namespace std::string_literals;

std::string written(const header& h) {
  std::string out = "before";
  EXPECT_EQ(write_header(h, out), std::nullopt);
  return out.substr(6);
}

void expect_refuses(const header& h, const wire::failure& expected) {
  std::string out = "before";
  EXPECT_EQ(write_header(h, out), expected);
  EXPECT_EQ(out, "before");
}

TEST(HeaderWriter, WritesCompactJsonWithTheCommandFirst) {
  EXPECT_EQ(written(header(command::heartbeat)), R"({"c":"heartbeat"})");
  header h;
  h.set(field::topic, "orders").set(field::command, "p");
  EXPECT_EQ(written(h), R"({"c":"p","t":"orders"})");
}

TEST(HeaderWriter, WritesTheAcksOfTheReferenceBroker) {
  header logon(command::ack);
  logon.set(field::version, "5.3.5.0").set(field::reason, "authentication disabled").set(field::status, "success");
  logon.set(field::ack_type, "processed").set(field::bookmark, "11953709441258804118|0|").set(field::sequence, 0u);
  logon.set(field::client_name, "demo").set(field::command_id, "1");
  EXPECT_EQ(written(logon),
            R"({"c":"ack","cid":"1","client_name":"demo","s":0,"bm":"11953709441258804118|0|","a":"processed",)"
            R"("status":"success","reason":"authentication disabled","version":"5.3.5.0"})");
  header stats(command::ack);
  stats.set(field::command_id, "3")
      .set(field::query_id, "3")
      .set(field::ack_type, "stats")
      .set(field::status, "success");
  stats.set(field::topic_matches, 2u).set(field::matches, 2u).set(field::records_returned, 2u);
  EXPECT_EQ(written(stats),
            R"({"c":"ack","cid":"3","query_id":"3","a":"stats","status":"success","topic_matches":2,"matches":2,)"
            R"("records_returned":2})");
}

TEST(HeaderWriter, WritesNumbersBareAndWithoutLeadingZeros) {
  header h(command::publish);
  h.set(field::sequence, "18446744073709551615").set(field::expiration, "007").set(field::batch_size, "000");
  EXPECT_EQ(written(h), R"({"c":"p","s":18446744073709551615,"bs":0,"e":7})");
}

TEST(HeaderWriter, EscapesWhatJsonWantsEscaped) {
  header h(command::publish);
  h.set(field::topic, "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xff"s + "\0"s);
  EXPECT_EQ(written(h), R"({"c":"p","t":"a\"b\\c/\b\f\n\r\t\u0001\u001f)"
                        "\x7f\xc3\xa9\xff"
                        R"(\u0000"})");
}

TEST(HeaderWriter, RefusesAHeaderWithoutCommand) {
  const wire::failure expected{errc::no_command, 0, "AMPS-HDR-018"};
  expect_refuses(header(), expected);
  header h;
  h.set(field::topic, "t");
  expect_refuses(h, expected);
  h.set(field::command, "");
  expect_refuses(h, expected);
}

TEST(HeaderWriter, RefusesNumbersThatAreNone) {
  for (const char* text : {"", "-1", "1.5", "x", "18446744073709551616"}) {
    header h(command::publish);
    h.set(field::sequence, text);
    expect_refuses(h, {errc::bad_number, 13, "AMPS-HDR-038"});
  }
  header h(command::sow);
  h.set(field::batch_size, "4294967296");
  expect_refuses(h, {errc::bad_number, 16, "AMPS-HDR-038"});
}

TEST(HeaderWriter, RefusesCorrelationIdsOutsideBase64) {
  for (const char* text : {"a b", "a-b", "a_b", "a\"", "\xc3\xa9"}) {
    header h(command::publish);
    h.set(field::correlation_id, text);
    expect_refuses(h, {errc::bad_correlation_id, 13, "AMPS-HDR-022"});
  }
  header h(command::publish);
  h.set(field::correlation_id, "AZaz09+/=");
  EXPECT_EQ(written(h), R"({"c":"p","x":"AZaz09+/="})");
  h.set(field::correlation_id, "");
  EXPECT_EQ(written(h), R"({"c":"p","x":""})");
}

TEST(HeaderWriter, WritesRecordHeadersWithoutCommand) {
  header h;
  h.set(field::message_length, 22u).set(field::correlation_id, "QUJD").set(field::sow_key, "1");
  std::string out;
  ASSERT_EQ(write_object(h, out), std::nullopt);
  EXPECT_EQ(out, R"({"k":"1","x":"QUJD","l":22})");
  out.clear();
  ASSERT_EQ(write_object(header(), out), std::nullopt);
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace ampspec::amps
