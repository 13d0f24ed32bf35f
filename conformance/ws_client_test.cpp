// The suite's end of AMPS over WebSocket: frames as RFC 6455 has them, messages put together, and what breaks them.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_client.hpp"

#include "conformance/test_support.hpp"

#include <gtest/gtest.h>

namespace ampspec::conformance {
namespace {

// What a server sends: frames without a mask.
std::string text(std::string_view payload) { return ws_frame(ws_opcode::text, payload, {true, false}); }
std::string binary(std::string_view payload) { return ws_frame(ws_opcode::binary, payload, {true, false}); }
std::string framed(std::string_view content) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(content.size() >> shift & 0xff);
  return out.append(content);
}

TEST(WsFrame, IsThatOfTheRfc) {
  using namespace std::string_literals;
  // 5.7: a masked and an unmasked "Hello", and the lengths of 256 octets and 64 KiB.
  EXPECT_EQ(ws_frame(ws_opcode::text, "Hello"), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
  EXPECT_EQ(ws_frame(ws_opcode::text, "Hello", {true, false}), "\x81\x05Hello"s);
  EXPECT_EQ(ws_frame(ws_opcode::text, "Hel", {false, false}), "\x01\x03Hel"s);
  EXPECT_EQ(ws_frame(ws_opcode::binary, std::string(256, 'x'), {true, false}).substr(0, 4), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(ws_frame(ws_opcode::binary, std::string(65536, 'x'), {true, false}).substr(0, 10),
            "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WsCommand, CountsWhatFollows) {
  using namespace std::string_literals;
  EXPECT_EQ(ws_command("{}", "", true), ws_frame(ws_opcode::binary, "\1\0\0\0"s) + ws_frame(ws_opcode::text, "{}"));
  EXPECT_EQ(ws_command("{}", "x", true), ws_frame(ws_opcode::binary, "\2\0\0\0"s) + ws_frame(ws_opcode::text, "{}") +
                                             ws_frame(ws_opcode::text, "x"));
  EXPECT_TRUE(ws_command("{}", "x", false).ends_with(ws_frame(ws_opcode::binary, "x")));
}

std::string answer(const std::string& accept, const std::string& more = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " +
         accept + "\r\n" + more + "\r\n";
}

TEST(WsUpgrade, IsJudged) {
  // The base 64 of the SHA-1 of our key and the RFC's GUID, by `openssl dgst -sha1 -binary | base64`.
  const std::string accept = "6nSz094w/enTcNI2XydIZ/eTOY8=";
  EXPECT_EQ(wrong_upgrade(answer(accept)), "");
  EXPECT_NE(wrong_upgrade(answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")).find("Sec-WebSocket-Accept"), std::string::npos);
  EXPECT_NE(wrong_upgrade(answer(accept, "Sec-WebSocket-Protocol: amps\r\n")).find("AMPS-WS-001"), std::string::npos);
  EXPECT_NE(wrong_upgrade(answer(accept, "Sec-WebSocket-Extensions: x\r\n")).find("AMPS-WS-001"), std::string::npos);
  EXPECT_EQ(wrong_upgrade("HTTP/1.1 404 Not Found\r\n\r\n"), "no upgrade: HTTP/1.1 404 Not Found");
  EXPECT_EQ(http_status("HTTP/1.1 404 Not Found\r\n\r\n"), 404);
}

TEST(WsUpgrade, WritesOurHeadersOrOthers) {
  const auto request = ws_upgrade_request("/amps/json", {{"sec-websocket-version", "12"}, {"Host", ""}, {"X", "y"}});
  EXPECT_TRUE(request.starts_with("GET /amps/json HTTP/1.1\r\n"));
  EXPECT_EQ(request.find("Host"), std::string::npos);
  EXPECT_EQ(request.find("Sec-WebSocket-Version: 13"), std::string::npos);
  EXPECT_NE(request.find("sec-websocket-version: 12\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("X: y\r\n\r\n"));
}

TEST(WsMessages, ArePutTogetherWhereverTheyAreCut) {
  const std::string ack = R"({"c":"ack","cid":"1"})", publish = R"({"c":"p","t":"t","l":2})";
  const std::string batch = R"({"c":"sow","bs":2})", one = R"({"k":"1","l":2})", two = R"({"k":"2","l":0})";
  const ws_case cases[] = {
      {text(ack), framed(ack), ""},
      {text(publish) + text("ab"), framed(publish + "ab"), ""},
      {text(R"({"c":"p","l":0})") + text(ack), framed(R"({"c":"p","l":0})") + framed(ack), ""},
      {text(batch) + text(one) + text("ab") + text(two) + text("") + text(ack),
       framed(batch + one + "ab" + two) + framed(ack), ""},
      {ws_frame(ws_opcode::text, R"({"c":)", {false, false}) + ws_frame(ws_opcode::ping, "x", {true, false}) +
           ws_frame(ws_opcode::continuation, R"("ack"})", {true, false}),
       framed(R"({"c":"ack"})"), ""},
      {text(R"({"c":"ack","s":5,"a":"x"})"), framed(R"({"c":"ack","s":5,"a":"x"})"), ""},
      {text(publish), "", ""},
      {binary(ack), "", "AMPS-WS-009"},
      {text(ack + "x"), "", "more than its header"},
      {text("x"), "", "AMPS-WS-009"},
      {text(publish) + binary("ab"), "", "AMPS-WS-013"},
      {text(publish) + text("abc"), "", "AMPS-HDR-033"},
      {text(publish) + text(ack), "", "AMPS-HDR-033"},
      {text(R"({"c":"sow","t":"t"})"), "", "AMPS-WS-012"},
      {text(R"({"c":"ack","a":"x","s":5})"), "", "AMPS-WS-022"},
      {text(R"({"c":"ack","s":"5","a":"x"})"), "", "AMPS-WS-022"},
      {ws_frame(ws_opcode::text, ack), "", "masked"},
      {ws_frame(ws_opcode::continuation, ack, {true, false}), "", "continuation of nothing"},
      {std::string("\xc1\x00", 2), "", "reserved bits"},
      {text("\xff"), "", "not UTF-8"},
  };
  for (const auto& c : cases) expect_however_cut<ws_messages>(c);
}

TEST(WsMessages, OfABinaryConnectionHaveBinaryBodies) {
  ws_messages ws(false);
  ws.feed(text(R"({"c":"p"})") + binary("ab"));
  EXPECT_EQ(ws.take(), framed(R"({"c":"p"}ab)"));
  ws.feed(text(R"({"c":"p"})") + text("ab"));
  EXPECT_NE(ws.wrong().find("AMPS-WS-014"), std::string::npos);
}

TEST(WsMessages, TellPingsPongsAndTheClose) {
  ws_messages ws(true);
  ws.feed(ws_frame(ws_opcode::ping, "a", {true, false}) + ws_frame(ws_opcode::pong, "b", {true, false}));
  EXPECT_EQ(ws.pings.at(0), "a");
  EXPECT_EQ(ws.pongs.at(0), "b");
  EXPECT_FALSE(ws.closed);
  ws.feed(ws_frame(ws_opcode::close, "\x03\xf1gone", {true, false}) + "anything");
  ASSERT_TRUE(ws.closed);
  EXPECT_EQ(ws.closed->code, 1009);
  EXPECT_EQ(ws.closed->reason, "gone");
}

TEST(WsMessages, AreShownFrameByFrame) {
  std::string labels;
  for (const auto& f : annotate_ws("GET / HTTP/1.1\r\n\r\n" + ws_frame(ws_opcode::text, "abc") + text("d") + "\x81"))
    labels += f.label + "; ";
  EXPECT_EQ(labels, R"(upgrade; text frame of 3, masked; "abc"; text frame of 1; "d"; a part of a frame; )");
}

}  // namespace
}  // namespace ampspec::conformance
