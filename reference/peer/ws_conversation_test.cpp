// WebSocket connections of the broker in octets written by hand: the upgrade, frames good and bad, closes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/ws_conversation.hpp"

#include "reference/amps/broker_config.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace ampspec::peer {
namespace {

using namespace std::string_literals;

/// A frame of a client: the mask of four zeros leaves the payload as it is.
std::string frame(unsigned char first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += '\xfe';
    for (const int shift : {8, 0}) out += static_cast<char>(payload.size() >> shift & 0xFF);
  }
  return out + std::string(4, '\0') + std::string(payload);
}
std::string text(std::string_view payload) { return frame(0x81, payload); }
std::string binary(std::string_view payload) { return frame(0x82, payload); }
std::string count(char n) { return binary({&n, 1}).replace(1, 1, "\x84") + std::string(3, '\0'); }

/// A frame of the server, up to 65,535 octets.
std::string sent(unsigned char first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7e';
    for (const int shift : {8, 0}) out += static_cast<char>(payload.size() >> shift & 0xFF);
  }
  return out + std::string(payload);
}
std::string close_frame(int code) {
  return sent(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)});
}

constexpr std::string_view upgrade =
    "GET /amps/json HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string without(std::string_view line) {
  std::string all(upgrade);
  return all.erase(all.find(line), line.size() + 2);
}

/// A client, and the broker behind it; as a tcp_link moves octets.
class client {
 public:
  explicit client(const std::shared_ptr<amps::broker>& shared, std::uint64_t limit = amps::default_limit,
                  std::string_view fault = "") {
    ws_conversation::surroundings around;
    around.knows = [](std::string_view type) { return type == "json" || type == "binary"; };
    around.connect = [shared, fault, this](std::string_view type) {
      upgraded_to = type;
      return std::make_shared<behaviour::amps_endpoint>(shared, type, behaviour::make_amps_fault(fault));
    };
    around.max_message = limit;
    talk = std::make_unique<ws_conversation>(io_, std::move(around));
  }

  /// In pieces of `size` octets, each as soon as it is wanted. What is not wanted any more is dropped.
  void say(std::string_view octets, std::size_t size = 65536) {
    for (; !octets.empty(); octets.remove_prefix(std::min(size, octets.size()))) {
      listen();
      if (!talk->wants_input()) return;
      piece_ = octets.substr(0, size);
      talk->receive(piece_);
    }
    listen();
  }
  void listen() {
    for (std::size_t quiet = 0; quiet < 3; ++quiet) {
      io_.restart();
      if (io_.poll() > 0) quiet = 0;
      talk->resume();
      while (!talk->output().empty()) {
        const auto out = talk->output();
        const auto most = std::min<std::size_t>(out.size(), 7);  // a socket that takes little at a time
        heard += out.substr(0, most);
        talk->sent(most);
        quiet = 0;
      }
    }
  }
  /// What was heard since it was asked last.
  std::string fresh() { return std::exchange(heard, {}); }

 private:
  boost::asio::io_context io_;
  std::string piece_;

 public:
  std::string heard, upgraded_to;
  std::unique_ptr<ws_conversation> talk;
};

std::shared_ptr<amps::broker> fixture() { return std::make_shared<amps::broker>(amps::conformance_fixture()); }

std::string logon(std::string_view name) {
  return count(1) + text("{\"c\":\"logon\",\"client_name\":\"" + std::string(name) + "\"}");
}

class upgraded : public client {
 public:
  using client::client;
  /// Of that name; not logged on if it is empty.
  upgraded& as(std::string_view name, std::string_view mode = "text") {
    say(upgrade);
    say(text(mode));
    if (!name.empty()) say(logon(name));
    heard.clear();
    return *this;
  }
};

TEST(WsConversation, AnswersTheUpgradeWithoutProtocolAndExtension) {
  for (const std::size_t size : {1u, 7u, 65536u}) {
    client c(fixture());
    c.say(upgrade, size);
    EXPECT_EQ(c.heard,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: ampspec\r\n\r\n");
    EXPECT_EQ(c.upgraded_to, "json");
    EXPECT_FALSE(c.talk->wants_close());
  }
}

TEST(WsConversation, RefusesWhatIsNoUpgradeOrLeadsElsewhere) {
  const auto answers = [](const std::string& request, std::string_view status) {
    client c(fixture());
    c.say(request);
    EXPECT_TRUE(c.heard.starts_with("HTTP/1.1 " + std::string(status) + " ")) << request << c.heard;
    EXPECT_TRUE(c.talk->wants_close());
    EXPECT_EQ(c.upgraded_to, "");
  };
  const auto to = [](std::string_view path) {
    return std::string(upgrade).replace(4, std::string_view("/amps/json").size(), path);
  };
  for (const auto* path : {"/", "/amps", "/amps/", "/json", "/amps/xml", "/amps/JSON", "/xamps/json", "/amps/json/"}) {
    answers(to(path), "404");
  }
  for (const auto* line : {"Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}) {
    answers(without(line), "400");
  }
  answers(std::string(upgrade).replace(0, 3, "PUT"), "400");
  answers("nonsense\r\n\r\n", "400");
  answers("GET /" + std::string(20'000, 'a'), "400");
  for (const auto* path : {"/AMPS/json", "/a/b/amps/json", "/amps/json?pretty=true"}) {
    client c(fixture());
    c.say(to(path));
    EXPECT_EQ(c.upgraded_to, "json") << path;
  }
}

// The octets of every message, in whatever pieces the client's come.
TEST(WsConversation, SpeaksInGroupsOneWayAndWithoutCountTheOther) {
  const auto said = text("text") + logon("demo") + count(1) +
                    text(R"({"c":"sow_and_subscribe","cid":"2","t":"conf/sow","bs":"10"})") + count(2) +
                    text(R"({"c":"publish","t":"conf/sow"})") + text(R"({"id":1})") + count(3) +
                    text(R"({"c":"publish","t":"conf/sow"})") + binary(R"({"id")") + binary(":2}") + count(1) +
                    text(R"({"c":"publish","t":"conf/plain/x"})") + count(1) +
                    text(R"({"c":"sow","cid":"3","t":"conf/sow","bs":2})");
  const auto expected =
      sent(0x81, R"({"c":"group_begin","query_id":"2"})") + sent(0x81, R"({"c":"group_end","query_id":"2"})") +
      sent(0x81, R"({"c":"p","t":"conf/sow","sids":"2","k":"9835947975505047547","l":8})") + sent(0x81, R"({"id":1})") +
      sent(0x81, R"({"c":"p","t":"conf/sow","sids":"2","k":"9835949075016675758","l":8})") + sent(0x81, R"({"id":2})") +
      sent(0x81, R"({"c":"group_begin","query_id":"3"})") +
      sent(0x81, R"({"c":"sow","t":"conf/sow","query_id":"3","gseq":1,"bs":2})") +
      sent(0x81, R"({"k":"9835947975505047547","l":8})") + sent(0x81, R"({"id":1})") +
      sent(0x81, R"({"k":"9835949075016675758","l":8})") + sent(0x81, R"({"id":2})") +
      sent(0x81, R"({"c":"group_end","query_id":"3"})");
  for (const std::size_t size : {1u, 2u, 3u, 19u, 65536u}) {
    client c(fixture());
    c.say(upgrade);
    c.heard.clear();
    c.say(said, size);
    EXPECT_EQ(c.heard, expected) << size;
  }
}

TEST(WsConversation, SendsBodiesAsTheModeSaysAndNoneThatIsEmpty) {
  for (const std::string mode : {"text", "binary"}) {
    upgraded c(fixture());
    c.as("bodies", mode);
    c.say(count(1) + text(R"({"c":"subscribe","cid":"1","t":"x"})") + count(2) + text(R"({"c":"p","t":"x"})") +
          binary("a") + count(1) + text(R"({"c":"p","t":"x"})") + count(2) + text(R"({"c":"p","t":"x"})") + text(""));
    const auto empty = sent(0x81, R"({"c":"p","t":"x","sids":"1","l":0})");
    const unsigned char kind = mode == "text" ? 0x81 : 0x82;
    EXPECT_EQ(c.heard, sent(0x81, R"({"c":"p","t":"x","sids":"1","l":1})") + sent(kind, "a") + empty + empty);
  }
}

TEST(WsConversation, JoinsFragmentsAndSendsLongBodiesWhole) {
  upgraded c(fixture());
  c.as("long");
  const std::string body(40'000, 'x');
  c.say(count(1) + text(R"({"c":"subscribe","cid":"1","t":"x"})") + count(2) + text(R"({"c":"p","t":"x"})"));
  c.say(frame(0x01, body.substr(0, 16384)) + frame(0x89, "between") + frame(0x00, body.substr(0, 16384)) +
            frame(0x80, body.substr(32768)),
        5000);
  EXPECT_EQ(c.heard,
            sent(0x8a, "between") + sent(0x81, R"({"c":"p","t":"x","sids":"1","l":40000})") + sent(0x81, body));
}

TEST(WsConversation, AnswersPingsAndCloses) {
  const auto shared = fixture();
  upgraded c(shared), other(shared);
  c.as("one");
  other.as("two");
  c.say(count(1) + text(R"({"c":"subscribe","cid":"1","t":"x"})") + frame(0x89, "hi"));
  EXPECT_EQ(c.fresh(), sent(0x8a, "hi"));
  c.say(frame(0x88,
              "\x03\xe8"
              "bye"));
  EXPECT_EQ(c.fresh(), close_frame(1000));  // the same code
  EXPECT_TRUE(c.talk->wants_close());
  other.say(count(2) + text(R"({"c":"p","t":"x","cid":"p","a":"processed"})") + text("b"));
  EXPECT_EQ(other.heard, sent(0x81, R"({"c":"ack","cid":"p","a":"processed","status":"success"})"));
  EXPECT_TRUE(c.talk->output().empty());
}

TEST(WsConversation, ClosesWithTheCodeThatFits) {
  const auto closes = [](int code, const std::string& octets, std::string_view name = "bad") {
    upgraded c(fixture(), 100);
    if (name.empty()) {
      c.say(upgrade);
      c.heard.clear();
    } else {
      c.as(name);
    }
    c.say(octets);
    EXPECT_EQ(c.heard, close_frame(code)) << octets;
    EXPECT_TRUE(c.talk->wants_close());
    EXPECT_FALSE(c.talk->wants_input() && c.talk->output().size() > 0);
  };
  closes(1002, text("Text"), "");
  closes(1002, binary("text"), "");
  closes(1002, count(1), "");
  closes(1002, count(0));
  closes(1002, text("\1\0\0\0"s));
  closes(1002, binary("\1\0\0"s));
  closes(1002, binary("\1\0\0\0\0"s));
  closes(1002, count(1) + binary(R"({"c":"flush"})"));
  closes(1002, count(1) + text("{}"));
  closes(1002, count(1) + text(R"({"c":"flush"} x)"));
  closes(1002, count(1) + text(R"({"c":"fetch"})"));
  closes(1002, "\x82\4\1\0\0\0"s);                   // not masked
  closes(1002, frame(0xC1, "text"));                 // a reserved bit
  closes(1002, frame(0x83, "x"));                    // an opcode that is reserved
  closes(1002, frame(0x09, "x"));                    // a ping in fragments
  closes(1002, frame(0x89, std::string(126, 'x')));  // a long one
  closes(1002, frame(0x80, "x"));                    // continues nothing
  closes(1007, count(1) + text("{\"c\":\"\xff\"}"));
  closes(1009, binary("\2\0\1\0"s));  // 65,538 messages
  closes(1009, count(1) + text(std::string(101, ' ')));
  // Told by the length alone: nothing of the body has come.
  closes(1009, count(2) + text(R"({"c":"p","t":"x"})") + "\x82\xd4\0\0\0\0"s);                      // 17 + 84
  closes(1009, count(2) + text(R"({"c":"p","t":"x"})") + "\x82\xff\0\0\0\0\x0c\x80\0\1\0\0\0\0"s);  // 209,715,201
  closes(1000, text("text") + count(1) + text(R"({"c":"logon","client_name":""})"), "");
}

TEST(WsConversation, TakesAGroupOfExactlyTheLimit) {
  upgraded c(fixture(), 100);
  c.as("limit");
  c.say(count(2) + text(R"({"c":"p","t":"x"})") + text(std::string(83, 'x')) + count(3) + text(R"({"c":"p","t":"x"})") +
        text(std::string(83, 'x')) + text("") + count(1) + text(R"({"c":"flush","cid":"1","a":"processed"})"));
  EXPECT_EQ(c.heard, sent(0x81, R"({"c":"ack","cid":"1","a":"processed","status":"success"})"));
}

TEST(WsConversation, MisbehavesByName) {
  const auto said = count(2) + text(R"({"c":"p","t":"conf/sow"})") + text(R"({"id":1})") + count(1) +
                    text(R"({"c":"sow","cid":"1","t":"conf/sow"})");
  const auto record = sent(0x81, R"({"k":"9835947975505047547","l":8})") + sent(0x81, R"({"id":1})");
  upgraded one(fixture(), amps::default_limit, "broker-batch-count-wrong");
  one.as("one");
  one.say(said);
  EXPECT_EQ(one.heard, sent(0x81, R"({"c":"group_begin","query_id":"1"})") +
                           sent(0x81, R"({"c":"sow","t":"conf/sow","query_id":"1","gseq":1,"bs":2})") + record +
                           sent(0x81, R"({"c":"group_end","query_id":"1"})"));
  upgraded two(fixture(), amps::default_limit, "broker-batches-lost");
  two.as("two");
  two.say(said);
  EXPECT_EQ(two.heard,
            sent(0x81, R"({"c":"group_begin","query_id":"1"})") + sent(0x81, R"({"c":"group_end","query_id":"1"})"));
}

TEST(WsConversation, EndsWithItsStreamOrWhenTheBrokerDropsIt) {
  const auto shared = fixture();
  upgraded one(shared), rival(shared);
  one.as("same");
  rival.as("same");
  one.listen();
  EXPECT_EQ(one.heard, close_frame(1000));
  rival.talk->peer_finished();
  EXPECT_TRUE(rival.talk->wants_close());
  EXPECT_FALSE(rival.talk->wants_input());
  upgraded third(shared);
  third.as("same");
  third.say(count(1) + text(R"({"c":"flush","cid":"1","a":"processed"})"));
  EXPECT_EQ(third.heard, sent(0x81, R"({"c":"ack","cid":"1","a":"processed","status":"success"})"));
}

}  // namespace
}  // namespace ampspec::peer
