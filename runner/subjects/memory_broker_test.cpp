// The broker in memory: it answers at once, and its clock moves only where something is waited for.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/memory_broker.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

using conformance::arrival;
using conformance::millis;

std::string framed(std::string_view content) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(content.size() >> shift & 0xff);
  return out.append(content);
}

void log_on(conformance::connection& link, const std::string& name) {
  link.send(framed(R"({"c":"logon","client_name":")" + name + R"(","a":"processed"})"), millis(1000));
  EXPECT_EQ(link.receive(millis(1000)).what, arrival::kind::octets);
}

TEST(MemoryBroker, WhatOneSaysMakesAnotherSpeak) {
  const auto broker = in_memory_broker();
  const auto one = broker->connect(millis(1000)), two = broker->connect(millis(1000));
  log_on(*one, "one");
  log_on(*two, "two");
  one->send(framed(R"({"c":"subscribe","t":"t","cid":"s"})"), millis(1000));
  two->send(framed(R"({"c":"publish","t":"t"}x)"), millis(1000));
  EXPECT_NE(one->receive(millis(1000)).bytes.find(R"("sids":"s")"), std::string::npos);
  EXPECT_EQ(two->receive(millis(0)).what, arrival::kind::nothing);
}

TEST(MemoryBroker, WaitingMovesTheClockToWhatComes) {
  const auto broker = in_memory_broker();
  const auto link = broker->connect(millis(1000));
  log_on(*link, "one");
  link->send(framed(R"({"c":"publish","t":"conf/log","s":"1","a":"persisted"}x)"), millis(1000));
  EXPECT_EQ(link->receive(millis(999)).what, arrival::kind::nothing);
  EXPECT_NE(link->receive(millis(1)).bytes.find(R"("a":"persisted")"), std::string::npos);
}

TEST(MemoryBroker, ClosesWhatItCannotRead) {
  const auto broker = in_memory_broker();
  const auto link = broker->connect(millis(1000));
  link->send(framed("{"), millis(1000));
  EXPECT_EQ(link->receive(millis(0)).what, arrival::kind::closed);
}

TEST(MemoryBroker, EndsASessionWithItsStream) {
  const auto broker = in_memory_broker();
  const auto link = broker->connect(millis(1000));
  log_on(*link, "one");
  link->half_close();
  EXPECT_EQ(link->receive(millis(0)).what, arrival::kind::closed);
}

TEST(MemoryBroker, HasUsersWhereTheFixtureSaysSo) {
  const auto broker = in_memory_broker();
  broker->serve_as("users", "tcp");
  const auto link = broker->connect(millis(1000));
  link->send(framed(R"({"c":"logon","client_name":"x","user_id":"alice","pw":"no","a":"processed"})"), millis(1000));
  EXPECT_NE(link->receive(millis(0)).bytes.find("auth failure"), std::string::npos);
}

TEST(MemoryBroker, CanBeRude) {
  const auto broker = in_memory_broker("broker-version-missing");
  const auto link = broker->connect(millis(1000));
  link->send(framed(R"({"c":"logon","client_name":"x","a":"processed"})"), millis(1000));
  EXPECT_EQ(link->receive(millis(0)).bytes.find("version"), std::string::npos);
}

}  // namespace
}  // namespace ampspec::runner
