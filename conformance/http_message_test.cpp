// The reader of HTTP messages: whole, octet by octet, cut off, and wrong.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/http_message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::conformance {
namespace {

struct seen {
  int status = 0;
  std::string body, wrong;
  bool complete = false, framed = false;
  bool operator==(const seen&) const = default;
};

seen read(std::string_view octets, std::size_t every, bool ends, bool no_body = false) {
  http_message m;
  if (no_body) m.expect_no_body();
  seen s;
  for (; !octets.empty(); octets.remove_prefix(std::min(every, octets.size()))) {
    m.feed(octets.substr(0, every));
    s.body += m.take_body();
  }
  if (ends) m.end();
  s.status = m.status();
  s.wrong = m.wrong();
  s.complete = m.complete();
  s.framed = m.framed();
  return s;
}

seen read_alike(std::string_view octets, bool ends = false, bool no_body = false) {
  const auto whole = read(octets, 100000, ends, no_body);
  EXPECT_EQ(read(octets, 1, ends, no_body), whole) << octets;
  return whole;
}

TEST(HttpMessage, ReadsBodiesByTheirLength) {
  const auto s = read_alike("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(s, (seen{200, "abc", "", true, true}));
  EXPECT_FALSE(read_alike("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", true).complete);
  EXPECT_TRUE(read_alike("HTTP/1.1 401 \r\ncontent-length:0\r\n\r\n").complete);
}

TEST(HttpMessage, ReadsBodiesInChunks) {
  const auto s = read_alike(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n");
  EXPECT_EQ(s, (seen{200, "ab0123456789", "", true, true}));
  EXPECT_FALSE(read_alike("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", true).complete);
  EXPECT_NE(read_alike("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n").wrong, "");
  EXPECT_NE(read_alike("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n").wrong, "");
}

TEST(HttpMessage, ReadsBodiesThatEndWithTheConnection) {
  EXPECT_EQ(read_alike("HTTP/1.0 200 OK\r\n\r\nabc", true), (seen{200, "abc", "", true, false}));
  EXPECT_FALSE(read_alike("HTTP/1.0 200 OK\r\n\r\nabc").complete);
}

TEST(HttpMessage, KnowsWhichResponsesHaveNoBody) {
  for (const auto* status : {"100", "204", "304"}) {
    EXPECT_TRUE(read_alike("HTTP/1.1 " + std::string(status) + " x\r\n\r\n").complete) << status;
  }
  EXPECT_TRUE(read_alike("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, true).complete);
}

TEST(HttpMessage, GoesOnBehindAnInterimResponse) {
  http_message m;
  m.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(m.status(), 100);
  m.next();
  EXPECT_EQ(m.status(), 201);
  EXPECT_EQ(m.take_body(), "x");
}

TEST(HttpMessage, RefusesWhatIsNoHead) {
  for (const auto* wrong :
       {"HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
    EXPECT_NE(read_alike(wrong).wrong, "") << wrong;
  }
  EXPECT_NE(read(std::string(100000, 'x'), 1000, false).wrong, "");
}

TEST(HttpMessage, ReadsRequests) {
  http_message m(http_message::kind::request);
  m.feed("PUT /a?b HTTP/1.1\r\nHost: h\r\nEXPECT: 100-Continue\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(m.method(), "PUT");
  EXPECT_EQ(m.target(), "/a?b");
  EXPECT_TRUE(m.expects_continue());
  EXPECT_EQ(m.take_body(), "ab");
  EXPECT_TRUE(m.complete());
}

TEST(HttpUrl, IsTakenApart) {
  const auto url = parse_http_url("https://127.0.0.1:4433/bulk/a?b=c");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 4433);
  EXPECT_EQ(url->target, "/bulk/a?b=c");
  EXPECT_EQ(parse_http_url("https://[::1]:1/")->host, "::1");
  EXPECT_EQ(parse_http_url("http://h")->port, 80);
  for (const auto* wrong : {"", "ftp://h/", "https://", "https://h:x/", "h"})
    EXPECT_FALSE(parse_http_url(wrong)) << wrong;
}

}  // namespace
}  // namespace ampspec::conformance
