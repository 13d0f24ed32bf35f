// The HTTP steps of a bulk transfer's vector against a scripted server: what passes, and what deviates.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/check.hpp"
#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

namespace ampspec::conformance {
namespace {

// Says what it was given to say, a piece at each read, then ends or stays silent.
class scripted_connection final : public connection {
 public:
  scripted_connection(std::deque<std::string> says, bool closes, std::string* heard)
      : says_(std::move(says)), closes_(closes), heard_(heard) {}
  void send(std::string_view bytes, millis) override { *heard_ += bytes; }
  void settle() override {}
  arrival receive(millis) override {
    if (says_.empty()) return {closes_ ? arrival::kind::closed : arrival::kind::nothing, {}, false};
    auto piece = std::move(says_.front());
    says_.pop_front();
    return {arrival::kind::octets, std::move(piece), false};
  }
  void half_close() override {}
  void close() override {}
  void reset() override {}

 private:
  std::deque<std::string> says_;
  bool closes_;
  std::string* heard_;
};

struct scripted_server final : server_subject {
  std::deque<std::deque<std::string>> responses;  ///< of each HTTP connection, in their order
  bool closes = true;
  std::string amp_says, amp_heard, heard;
  http_place place;

  std::unique_ptr<connection> connect(millis) override {
    return std::make_unique<scripted_connection>(std::deque<std::string>{amp_says}, false, &amp_heard);
  }
  std::unique_ptr<connection> connect_http(const http_place& where, millis) override {
    place = where;
    auto says = responses.empty() ? std::deque<std::string>{} : std::move(responses.front());
    if (!responses.empty()) responses.pop_front();
    return std::make_unique<scripted_connection>(std::move(says), closes, &heard);
  }
};

check_result played(scripted_server& server, const std::string& steps, bool show_secrets = false) {
  static const vectors::catalogue known = [] {
    vectors::catalogue c;
    vectors::requirement r;
    r.id = "T-MUST";
    r.strength = vectors::level::must;
    r.source = "protocol";
    c.requirements[r.id] = r;
    return c;
  }();
  const auto file = vectors::load_suite_text(
      "suite: bulk/test\nprotocol: bulk\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [T-MUST]\n"
      "  roles: [server]\n  fence: none\n  steps:\n" +
          steps,
      "bulk/test.yaml");
  settings s;
  s.catalogue = &known;
  s.trace = true;
  s.show_secrets = show_secrets;
  patience p(millis(100));
  const auto c = checks_of(file.vectors.front(), {vectors::role::server}).front();
  return run(c, server, s, p);
}

const std::string get = "  - http: {name: r, method: GET, url: \"https://127.0.0.1:44/bulk/a\", token: secret-token}\n";

TEST(PlayHttp, WritesTheRequestAsTheVectorSays) {
  scripted_server server;
  server.responses = {{"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"}};
  const auto r = played(server,
                        "  - http: {name: r, method: PUT, url: \"https://127.0.0.1:44/bulk/a\", token: abcd, "
                        "headers: {pairs: [[X, \"1\"], [X, \"2\"]]}, body: xyz}\n"
                        "  - expect_http: {request: r, status: 2xx}\n");
  EXPECT_EQ(r.what, verdict::pass) << r.got;
  EXPECT_EQ(server.heard,
            "PUT /bulk/a HTTP/1.1\r\nHost: 127.0.0.1:44\r\nX: 1\r\nX: 2\r\nAuthorization: Bearer abcd\r\n"
            "Content-Length: 3\r\n\r\nxyz");
  EXPECT_EQ(server.place.host, "127.0.0.1");
  EXPECT_EQ(server.place.port, 44);
  EXPECT_TRUE(server.place.secure);
}

TEST(PlayHttp, WritesChunks) {
  scripted_server server;
  server.responses = {{"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"}};
  played(
      server,
      "  - http: {name: r, method: PUT, url: \"https://h/a\", target: /b, body: abc, chunked: \"yes\", open: \"yes\"}\n"
      "  - http_body: {request: r, bytes: {fill: \"64\", size: 10}, last: \"yes\"}\n"
      "  - expect_http: {request: r, status: 201}\n");
  EXPECT_EQ(server.heard,
            "PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\ndddddddddd\r\n0\r\n\r\n");
}

TEST(PlayHttp, ComparesStatusHeadersAndBody) {
  const auto seen = [](const std::string& response, const std::string& expects) {
    scripted_server server;
    server.responses = {{response}};
    const auto r = played(server, get + "  - expect_http: {request: r, " + expects + "}\n");
    return r.what == verdict::pass ? "pass" : r.signature;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nCache-Control: no-store\r\n\r\nabc";
  EXPECT_EQ(seen(ok, "status: 200"), "pass");
  EXPECT_EQ(seen(ok, "status: [401, 2xx], body: abc, framed: \"yes\", headers: {cache-control: no-store}"), "pass");
  EXPECT_EQ(seen(ok, "status: 401"), "fail@2:status/200");
  EXPECT_EQ(seen(ok, "status: 4xx"), "fail@2:status/200");
  EXPECT_EQ(seen(ok, "status: closed"), "fail@2:status/200");
  EXPECT_EQ(seen("", "status: [closed, 413]"), "pass");
  EXPECT_EQ(seen("", "status: 413"), "fail@2:status/closed");
  EXPECT_EQ(seen(ok, "status: 200, body: abd"), "fail@2:body/other");
  EXPECT_EQ(seen(ok, "status: 200, body: abcd"), "fail@2:body/other");
  EXPECT_EQ(seen(ok, "status: 200, body: {not: abc}"), "fail@2:body/other");
  EXPECT_EQ(seen(ok, "status: 200, body: {digest: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad}"),
            "pass");
  EXPECT_EQ(seen(ok, "status: 200, body: {digest: " + std::string(64, '0') + "}"), "fail@2:body/other");
  EXPECT_EQ(seen(ok, "status: 200, headers: {cache-control: {absent: true}}"), "fail@2:headers/other");
  EXPECT_EQ(seen(ok.substr(0, ok.size() - 1), "status: 200, body: abc"), "fail@2:body/cut");
  EXPECT_EQ(seen("HTTP/1.1 200 OK\r\n\r\nabc", "status: 200, body: abc"), "pass");
  EXPECT_EQ(seen("HTTP/1.1 200 OK\r\n\r\nabc", "status: 200, body: abc, framed: \"yes\""), "fail@2:framed/close");
  EXPECT_EQ(seen("hello\r\n\r\n", "status: 200"), "fail@2:http/malformed");
}

TEST(PlayHttp, DoesNotPassOverAnInterimResponse) {
  scripted_server server;
  const std::string both = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
  server.responses = {{both}, {both}};
  EXPECT_EQ(
      played(server, get + "  - expect_http: {request: r, status: 100}\n  - expect_http: {request: r, status: 201}\n")
          .what,
      verdict::pass);
  EXPECT_EQ(played(server, get + "  - expect_http: {request: r, status: 201}\n").signature, "fail@2:status/100");
}

TEST(PlayHttp, CountsTheResponsesOfARace) {
  const auto seen = [](int let_in) {
    scripted_server server;
    for (int i = 0; i < 5; ++i) {
      server.responses.push_back({i < let_in ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                             : "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"});
    }
    return played(server,
                  "  - http: {name: r, method: GET, url: \"https://h/a\", times: 5}\n"
                  "  - expect_http: {request: r, counts: {2xx: 1, \"401\": 4}}\n");
  };
  EXPECT_EQ(seen(1).what, verdict::pass);
  EXPECT_EQ(seen(2).signature, "fail@2:counts/other");
  EXPECT_EQ(seen(2).got, "2 times 200, 3 times 401");
  EXPECT_EQ(seen(0).what, verdict::fail);
}

TEST(PlayHttp, FindsRefusalsThatDiffer) {
  const auto seen = [](const std::string& second) {
    scripted_server server;
    server.responses = {{"HTTP/1.1 401 No\r\nDate: Monday\r\nA: 1\r\nContent-Length: 1\r\n\r\nx"}, {second}};
    return played(server, get +
                              "  - expect_http: {request: r, status: 401}\n"
                              "  - http: {name: q, method: GET, url: \"https://h/a\"}\n"
                              "  - expect_http: {request: q, status: 401}\n  - expect_alike: {requests: [r, q]}\n")
        .signature;
  };
  EXPECT_EQ(seen("HTTP/1.1 401 Never\r\nDate: Tuesday\r\nContent-Length: 1\r\nA: 1\r\n\r\nx"), "");
  EXPECT_EQ(seen("HTTP/1.1 401 No\r\nContent-Length: 1\r\nA: 1\r\n\r\ny"), "fail@5:alike/other");
  EXPECT_EQ(seen("HTTP/1.1 401 No\r\nContent-Length: 1\r\nA: 2\r\n\r\nx"), "fail@5:alike/other");
  EXPECT_EQ(seen("HTTP/1.1 401 No\r\nContent-Length: 1\r\n\r\nx"), "fail@5:alike/other");
}

TEST(PlayHttp, ShowsTokensToNobodyUnlessToldTo) {
  for (const bool show : {false, true}) {
    scripted_server server;
    server.responses = {{"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nsecret-token"}};
    const auto r =
        played(server, get + "  - expect_http: {request: r, status: 200, body: {not: {regex: \".*token\"}}}\n", show);
    EXPECT_EQ(r.what, verdict::fail);
    std::string all = r.expected + r.got;
    for (const auto& e : r.transcript) all += e.text + e.head;
    EXPECT_EQ(all.find("secret-token") != all.npos, show);
    EXPECT_EQ(all.find("Bearer ************") == all.npos, show);
  }
}

}  // namespace
}  // namespace ampspec::conformance
