// The suite's end of a client's WebSocket connection: the upgrade, what a client groups, what we group for it.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_server.hpp"

#include "conformance/test_support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::conformance {
namespace {

using namespace std::string_literals;

std::string text(std::string_view payload) { return ws_frame(ws_opcode::text, payload); }
std::string binary(std::string_view payload) { return ws_frame(ws_opcode::binary, payload); }
std::string ours(std::string_view payload) { return ws_frame(ws_opcode::text, payload, {true, false}); }
std::string framed(std::string_view content) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(content.size() >> shift & 0xff);
  return out.append(content);
}

std::string request(const std::string& path, const std::string& more) {
  return "GET " + path +
         " HTTP/1.1\r\nHost: 127.0.0.1:4041\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" + more +
         "\r\n";
}

TEST(WsUpgradeRequest, IsJudged) {
  // Key and answer of RFC 6455, 1.3.
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", version = "Sec-WebSocket-Version: 13\r\n";
  const auto good = request("/amps/json?pretty=true", key + version);
  EXPECT_EQ(wrong_upgrade_request(good, "/amps/json"), "");
  EXPECT_NE(ws_upgrade_answer(good).find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  EXPECT_NE(wrong_upgrade_request(good, "/amps/xml").find("AMPS-WS-002"), std::string::npos);
  EXPECT_NE(wrong_upgrade_request(request("/amps/json", key), "/amps/json").find("Version"), std::string::npos);
  EXPECT_NE(wrong_upgrade_request(request("/amps/json", version), "/amps/json").find("key"), std::string::npos);
  EXPECT_NE(wrong_upgrade_request("POST /amps/json HTTP/1.1\r\n\r\n", "/amps/json").find("GET"), std::string::npos);
  EXPECT_NE(wrong_upgrade_request("GET /amps/json HTTP/1.1\r\n\r\n", "/amps/json").find("Upgrade"), std::string::npos);
}

TEST(WsCommands, ArePutTogetherWhereverTheyAreCut) {
  const std::string flush = R"({"c":"flush"})", publish = R"({"c":"publish","t":"t"})";
  const std::string one = binary("\1\0\0\0"s), two = binary("\2\0\0\0"s), three = binary("\3\0\0\0"s);
  const ws_case cases[] = {
      {text("text"), "", ""},
      {text("text") + one + text(flush), framed(flush), ""},
      {text("text") + two + text(publish) + text("ab"), framed(publish + "ab"), ""},
      {text("text") + two + text(publish) + text(""), framed(publish), ""},
      {text("text") + three + text(publish) + binary("a") + binary("b"), framed(publish + "ab"), ""},
      {text("text") + one + text(flush + " \n"), framed(flush), ""},
      {text("binary"), "", "AMPS-WS-003"},
      {binary("text"), "", "AMPS-WS-003"},
      {one + text(flush), "", "AMPS-WS-003"},
      {text("text") + text(flush), "", "AMPS-WS-005"},
      {text("text") + binary("\0\0\0\1"s) + text(flush), "", "AMPS-WS-005"},
      {text("text") + binary("\0\0\0\0"s), "", "AMPS-WS-005"},
      {text("text") + binary("\1\0\0"s), "", "AMPS-WS-005"},
      {text("text") + one + binary(flush), "", "AMPS-WS-006"},
      {text("text") + one + text(publish + "ab"), "", "AMPS-WS-006"},
      {text("text") + one + text("ab"), "", "AMPS-WS-006"},
      {ours("text"), "", "not masked"},
  };
  for (const auto& c : cases) expect_however_cut<ws_commands>(c);
}

TEST(WsDeliveries, HaveNoCountAndABodyWhereOneFollows) {
  const std::string ack = R"({"c":"ack","cid":"1"})", publish = R"({"c":"p","l":2})", empty = R"({"c":"p","l":0})";
  EXPECT_EQ(ws_deliveries(framed(ack) + framed(publish + "ab"), true), ours(ack) + ours(publish) + ours("ab"));
  EXPECT_EQ(ws_deliveries(framed(empty) + framed(R"({"c":"p"})"), true), ours(empty) + ours(R"({"c":"p"})") + ours(""));
  EXPECT_EQ(ws_deliveries(framed(publish + "ab"), false),
            ours(publish) + ws_frame(ws_opcode::binary, "ab", {true, false}));
  const std::string batch = R"({"c":"sow","bs":2})", one = R"({"k":"1","l":2})", two = R"({"k":"2","l":0})";
  EXPECT_EQ(ws_deliveries(framed(batch + one + "ab" + two), true),
            ours(batch) + ours(one) + ours("ab") + ours(two) + ours(""));
}

}  // namespace
}  // namespace ampspec::conformance
