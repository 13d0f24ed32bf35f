// HTTP as octets: a request however it is cut, and both sides of a transfer with nothing between them but strings.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/http_conversation.hpp"

#include "reference/bulk/exchange.hpp"
#include "reference/peer/bulk_transfer.hpp"
#include "reference/peer/surroundings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>

namespace ampspec::peer {
namespace {

using namespace std::string_literals;

std::string said(behaviour::conversation& c) {
  std::string all;
  while (!c.output().empty()) {
    const std::string piece(c.output());
    all += piece;
    c.sent(piece.size());
  }
  return all;
}

struct office {
  std::shared_ptr<bulk::desk> desk = std::make_shared<bulk::desk>(real_surroundings());
  bulk::opened open(const std::string& way, const std::string& resource, std::optional<std::uint64_t> size = {}) {
    return std::get<bulk::opened>(desk->open({way, resource, size, ""}, desk->new_owner()));
  }
  std::shared_ptr<http_conversation> visitor(bool secure = true) {
    return std::make_shared<http_conversation>(std::make_unique<bulk::exchange>(desk), secure);
  }
};

std::string status_of(const std::string& response) { return response.substr(0, response.find("\r\n")); }

TEST(HttpConversation, ServesARequestHoweverItIsCut) {
  for (const std::size_t every : {std::size_t{1}, std::size_t{5}, std::size_t{100000}}) {
    office o;
    const auto up = o.open("upload", "a", 6);
    const auto v = o.visitor();
    const auto request = "PUT " + up.target + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + up.token +
                         "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n";
    for (std::size_t at = 0; at < request.size(); at += every) v->receive(std::string_view(request).substr(at, every));
    EXPECT_EQ(status_of(said(*v)), "HTTP/1.1 201 Created") << every;
    EXPECT_TRUE(v->wants_close());
    EXPECT_EQ(o.desk->stored("a")->sha256, sha256("abcdef"));
  }
}

TEST(HttpConversation, StreamsADownload) {
  office o;
  const auto down = o.open("download", "fill/200000");
  const auto v = o.visitor();
  v->receive("GET " + down.target + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + down.token + "\r\n\r\n");
  EXPECT_LT(v->output().size(), 100'000u) << "never the whole at once";
  const auto all = said(*v);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), std::string(200'000, 'x'));
  EXPECT_NE(all.find("Content-Length: 200000\r\n"), std::string::npos);
  EXPECT_TRUE(v->wants_close());
}

TEST(HttpConversation, TellsTlsFromPlainHttpByItsFirstOctet) {
  office o;
  const auto tls = o.visitor(false);
  EXPECT_FALSE(tls->wants_tls());
  tls->receive("\x16\x03\x01");
  EXPECT_TRUE(tls->wants_tls());
  EXPECT_EQ(tls->begin_tls(), "\x16\x03\x01");
  EXPECT_FALSE(tls->wants_tls());
  const auto down = o.open("download", "fill/1");
  const auto request = "GET " + down.target + " HTTP/1.1\r\nAuthorization: Bearer " + down.token + "\r\n\r\n";
  tls->receive(request);
  EXPECT_EQ(status_of(said(*tls)), "HTTP/1.1 200 OK") << "what TLS decrypted is secure";

  const auto again = o.open("download", "fill/1");
  const auto plain = o.visitor(false);
  plain->receive("GET " + again.target + " HTTP/1.1\r\nAuthorization: Bearer " + again.token + "\r\n\r\n");
  EXPECT_EQ(status_of(said(*plain)), "HTTP/1.1 401 Unauthorized");
}

TEST(HttpConversation, RefusesWhatIsNoHttpAndHeadsWithoutEnd) {
  office o;
  for (const auto& wrong : {"hello\r\n\r\n"s, "GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a'),
                            "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"s,
                            "PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"s}) {
    const auto v = o.visitor();
    v->receive(wrong);
    EXPECT_EQ(status_of(said(*v)), "HTTP/1.1 400 Bad Request") << wrong.substr(0, 30);
    EXPECT_TRUE(v->wants_close());
  }
}

TEST(HttpConversation, KeepsNothingOfABodyThatNeverEnds) {
  office o;
  const auto up = o.open("upload", "a");
  const auto v = o.visitor();
  v->receive("PUT " + up.target + " HTTP/1.1\r\nAuthorization: Bearer " + up.token +
             "\r\nContent-Length: 5\r\n\r\nabc");
  EXPECT_TRUE(said(*v).empty());
  EXPECT_FALSE(v->wants_close());
  v->peer_finished();
  EXPECT_TRUE(v->wants_close());
  EXPECT_FALSE(o.desk->stored("a"));
}

/// A transfer of ours against a server of ours.
behaviour::call_end moved(office& o, bulk::direction way, const std::string& resource, const std::string& body) {
  bulk::octet_source source{body.size(), [&](std::uint64_t at, std::span<char> out) {
                              std::copy_n(body.data() + at, out.size(), out.data());
                            }};
  bulk_transfer t(7, std::make_unique<bulk::client>(way), way, resource, source);
  const auto opened = o.open(way == bulk::direction::upload ? "upload" : "download", resource);
  behaviour::call_end end;
  end.how = "answer";
  end.box = {{"url", "https://127.0.0.1:1" + opened.target}, {"token", opened.token}, {"expires", ""}};
  t.opened(end);
  const auto request = t.next_request();
  EXPECT_TRUE(request && request->wants_tls());
  request->begin_tls();
  const auto server = o.visitor();
  for (int i = 0; i < 100 && !request->over(); ++i) {
    server->receive(said(*request));
    request->receive(said(*server));
  }
  t.look();
  auto done = t.next_end();
  EXPECT_TRUE(done);
  return done.value_or(behaviour::call_end{});
}

TEST(BulkTransfer, EndsWithSizeAndHashOfWhatWasMoved) {
  office o;
  const auto up = moved(o, bulk::direction::upload, "a", std::string(300'000, 'u'));
  EXPECT_EQ(up.number, 7u);
  EXPECT_EQ(up.how, "answer");
  EXPECT_EQ(o.desk->stored("a")->size, 300'000u);
  const auto down = moved(o, bulk::direction::download, "fill/100000", "");
  EXPECT_EQ(down.how, "answer");
  EXPECT_EQ(down.box, (behaviour::plain_box{{"size", "100000"}, {"sha256", sha256(std::string(100'000, 'x'))}}));
}

TEST(BulkTransfer, AnnouncesWhatItUploads) {
  const std::string body = "abc";
  bulk_transfer t(
      1, std::make_unique<bulk::client>(bulk::direction::upload), bulk::direction::upload, "r",
      {3, [&](std::uint64_t at, std::span<char> out) { std::copy_n(body.data() + at, out.size(), out.data()); }});
  EXPECT_EQ(t.arguments(), (behaviour::plain_box{
                               {"direction", "upload"}, {"resource", "r"}, {"size", "3"}, {"sha256", sha256("abc")}}));
}

TEST(BulkTransfer, EndsWithoutAConnectionOrAnswer) {
  bulk_transfer t(1, std::make_unique<bulk::client>(bulk::direction::download), bulk::direction::download, "r", {});
  behaviour::call_end refused;
  refused.how = "error";
  refused.code = "BULK_DENIED";
  t.opened(refused);
  EXPECT_EQ(t.next_end()->code, "BULK_DENIED");
  EXPECT_FALSE(t.next_request());

  bulk_transfer lost(1, std::make_unique<bulk::client>(bulk::direction::download), bulk::direction::download, "r", {});
  behaviour::call_end answered;
  answered.how = "answer";
  answered.box = {{"url", "https://127.0.0.1:1/a"}, {"token", "abc"}, {"expires", ""}};
  lost.opened(answered);
  lost.next_request()->lost();
  lost.look();
  EXPECT_EQ(lost.next_end()->how, "error");
}

}  // namespace
}  // namespace ampspec::peer
