// Heads by hand: which are let in, and that every other one leaves the token spent.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/rules.hpp"

#include "reference/bulk/testing.hpp"

#include <gtest/gtest.h>

namespace ampspec::bulk {
namespace {

constexpr instant now = 1000;

struct gate {
  token_store store{toy_hashes()};
  std::string token;

  explicit gate(direction way = direction::download) {
    grant what;
    what.way = way;
    what.target = "/bulk/a";
    token = *store.mint(what, std::string(token_store::random_octets, 'r'), now);
  }
  request_head head(std::string method = "GET", std::string target = "/bulk/a") const {
    return {
        std::move(method), std::move(target), {{"Host", "h"}, {"authorization", "bearer " + token}}, {}, false, true};
  }
  bool spent() { return !store.present(token, now); }
};

TEST(BulkRules, LetTheRightRequestIn) {
  gate g;
  EXPECT_TRUE(admit(g.store, g.head(), now));
  EXPECT_TRUE(g.spent());
  gate up(direction::upload);
  EXPECT_TRUE(admit(up.store, up.head("PUT"), now));
}

TEST(BulkRules, SpendTheTokenOfAWrongRequest) {
  for (const auto* method : {"PUT", "HEAD", "OPTIONS", "POST", "get", ""}) {
    gate g;
    EXPECT_FALSE(admit(g.store, g.head(method), now)) << method;
    EXPECT_TRUE(g.spent()) << method;
  }
  for (const auto* target : {"/bulk/b", "/bulk/a?", "/bulk/a/", "/bulk/A", "/bulk/%61", "", "*"}) {
    gate g;
    EXPECT_FALSE(admit(g.store, g.head("GET", target), now)) << target;
    EXPECT_TRUE(g.spent()) << target;
  }
  gate plain;
  auto head = plain.head();
  head.secure = false;
  EXPECT_FALSE(admit(plain.store, head, now));
  EXPECT_TRUE(plain.spent());
}

TEST(BulkRules, TakeATokenFromOneBearerHeaderAlone) {
  struct {
    const char* value;
    bool is_token;
  } const cases[] = {{"Bearer abc", true},  {"bearer  abc", true},  {"Bearer", false},
                     {"Bearer ", false},    {"Bearerabc", false},   {"Basic abc", false},
                     {"", false},           {"Bearer a b", false},  {"Bearer abc,", false},
                     {"Bearer a,b", false}, {"Bearer abc=", false}, {"Bearer \"abc\"", false},
                     {" Bearer abc", false}};
  for (const auto& c : cases) {
    const request_head head{"GET", "/", {{"Authorization", c.value}}, {}, false, true};
    EXPECT_EQ(token_in(head).has_value(), c.is_token) << c.value;
  }
  EXPECT_FALSE(token_in({"GET", "/", {}, {}, false, true}));
  EXPECT_FALSE(token_in({"GET", "/", {{"Proxy-Authorization", "Bearer abc"}}, {}, false, true}));
}

TEST(BulkRules, RefuseTwoHeaders) {
  gate g;
  auto head = g.head();
  head.headers.emplace_back("Authorization", "Bearer other");
  EXPECT_FALSE(admit(g.store, head, now));
  EXPECT_TRUE(g.spent());
}

TEST(BulkRules, RefuseInOneWay) {
  const auto r = refusal();
  EXPECT_EQ(r.status, 401);
  EXPECT_EQ(values_of(r.headers, "www-authenticate").size(), 1u);
  EXPECT_EQ(values_of(r.headers, "cache-control"), std::vector<std::string_view>{"no-store"});
  EXPECT_EQ(r.body.size, 0u);
}

}  // namespace
}  // namespace ampspec::bulk
