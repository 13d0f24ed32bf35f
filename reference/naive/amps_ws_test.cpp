// The second client over WebSocket: what it writes frame by frame, what it reads, and that its faults act.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_ws.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::naive {
namespace {

using namespace std::string_literals;

constexpr const char* accepted = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

std::string frame(int first, const std::string& payload) {
  return std::string{static_cast<char>(first), static_cast<char>(payload.size())} + payload;
}
std::string text(const std::string& payload) { return frame(0x81, payload); }
std::string framed(const std::string& content) {
  return {std::string(3, '\0') + static_cast<char>(content.size()) + content};
}

// Frames of a client, short ones, in words.
std::string shown(std::string octets) {
  std::string all;
  while (octets.size() >= 6) {
    const auto size = static_cast<std::size_t>(octets[1] & 127);
    all += (octets[0] & 15) == 1 ? "T(" : (octets[0] & 15) == 2 ? "B(" : "C(";
    for (std::size_t i = 0; i < size; ++i) all += static_cast<char>(octets[6 + i] ^ octets[2 + i % 4]);
    all += ")";
    octets.erase(0, 6 + size);
  }
  return all;
}

std::string written(fault f, const std::string& header, const std::string& body) {
  amps_ws ws(faults{f}, "h:1", "/amps/json", "");
  ws.output();
  ws.receive(accepted);
  ws.send(header, body);
  return shown(ws.output());
}

TEST(NaiveAmpsWs, AsksForTheUpgradeAndSaysItsModeBehindIt) {
  amps_ws ws({}, "h:1", "/a/amps/json?x=y", "alice:secret");
  const auto request = ws.output();
  EXPECT_TRUE(request.starts_with("GET /a/amps/json HTTP/1.1\r\nHost: h:1\r\n")) << request;
  EXPECT_NE(request.find("Authorization: Basic YWxpY2U6c2VjcmV0\r\n"), std::string::npos) << request;
  ws.receive(accepted);
  EXPECT_EQ(shown(ws.output()), "T(text)");
  amps_ws binary({}, "h:1", "/amps/nvfix", "");
  binary.output();
  binary.receive(accepted);
  EXPECT_EQ(shown(binary.output()), "T(binary)");
}

TEST(NaiveAmpsWs, CountsWhatItSends) {
  amps_ws ws({}, "h:1", "/amps/json", "");
  ws.send("{}", "ab");  // waits
  EXPECT_EQ(ws.output().find("\x81"), std::string::npos);
  ws.receive(accepted);
  EXPECT_EQ(shown(ws.output()), "T(text)B(\2\0\0\0)T({})T(ab)"s);
  EXPECT_EQ(written(fault::amps_client_ws_counts_bodies, "{}", "ab"), "T(text)B(\1\0\0\0)T({})T(ab)"s);
  EXPECT_EQ(written(fault::amps_client_ws_count_big_endian, "{}", ""), "T(text)B(\0\0\0\1)T({})"s);
  EXPECT_EQ(written(fault::amps_client_ws_count_is_text, "{}", ""), "T(text)T(\1\0\0\0)T({})"s);
  EXPECT_EQ(written(fault::amps_client_ws_without_count, "{}", ""), "T(text)T({})");
  EXPECT_EQ(written(fault::amps_client_ws_header_not_text, "{}", ""), "T(text)B(\1\0\0\0)B({})"s);
  EXPECT_EQ(written(fault::amps_client_ws_body_in_header, "{}", "ab"), "T(text)B(\1\0\0\0)T({}ab)"s);
  EXPECT_EQ(written(fault::amps_client_ws_without_mode, "{}", ""), "B(\1\0\0\0)T({})"s);
  EXPECT_EQ(written(fault::amps_client_ws_mode_is_binary, "{}", ""), "T(binary)B(\1\0\0\0)T({})"s);
  EXPECT_EQ(written(fault::amps_client_ws_mode_not_text, "{}", ""), "B(text)B(\1\0\0\0)T({})"s);
}

TEST(NaiveAmpsWs, ReadsWhatFollowsAHeaderByItsCommand) {
  const std::string ack = R"({"c":"ack"})", publish = R"({"c":"p","l":2})", empty = R"({"c":"p","l":0})";
  const std::string batch = R"({"c":"sow","bs":2})", record = R"({"k":"1","l":1})";
  const auto all = text(ack) + text(publish) + text("ab") + text(empty) + text(batch) + text(record) + text("x") +
                   text(record) + text("y") + text(ack);
  const auto whole =
      framed(ack) + framed(publish + "ab") + framed(empty) + framed(batch + record + "x" + record + "y") + framed(ack);
  const auto got = [&](const faults& f) {
    amps_ws ws(f, "h:1", "/amps/json", "");
    std::string done;
    for (const char c : accepted + all) done += ws.receive(std::string(1, c));
    return done;
  };
  EXPECT_EQ(got({}), whole);
  EXPECT_NE(got({fault::amps_client_ws_acks_have_bodies}), whole);
  EXPECT_NE(got({fault::amps_client_ws_waits_for_empty_body}), whole);
  EXPECT_NE(got({fault::amps_client_ws_reads_one_record}), whole);
}

TEST(NaiveAmpsWs, AnswersPingsAndTheClose) {
  amps_ws ws({}, "h:1", "/amps/json", "");
  ws.output();
  ws.receive(accepted + frame(0x89, "x"));
  EXPECT_EQ(shown(ws.output()), "T(text)C(x)");
  EXPECT_FALSE(ws.over());
  ws.receive(frame(0x88, "\x03\xe8"));
  EXPECT_EQ(shown(ws.output()), "C(\x03\xe8)");
  EXPECT_TRUE(ws.over());
  amps_ws refused({}, "h:1", "/amps/json", "");
  refused.receive("HTTP/1.1 404 Not Found\r\n\r\n");
  EXPECT_TRUE(refused.over());
}

}  // namespace
}  // namespace ampspec::naive
