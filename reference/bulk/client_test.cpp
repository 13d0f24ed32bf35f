// The client's side: where the token goes, and where it never does.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/client.hpp"

#include <gtest/gtest.h>

namespace ampspec::bulk {
namespace {

header_list answer(std::string url, std::string token = "abc") {
  return {{"url", std::move(url)}, {"token", std::move(token)}, {"expires", "2026-01-01T00:00:00.000000-00:00"}};
}

TEST(BulkClient, SendsTheTokenInOneHeader) {
  client c(direction::upload);
  const auto turn = c.opened(answer("https://127.0.0.1:4433/bulk/a?x=1"));
  ASSERT_TRUE(turn.request);
  EXPECT_TRUE(turn.request->verify);
  EXPECT_EQ(turn.request->method, "PUT");
  EXPECT_EQ(turn.request->where.authority(), "127.0.0.1:4433");
  EXPECT_EQ(turn.request->where.target, "/bulk/a?x=1");
  EXPECT_EQ(turn.request->headers, (header_list{{"Authorization", "Bearer abc"}}));
}

TEST(BulkClient, SendsNothingToAPlaceWithoutTls) {
  for (const auto* url : {"http://127.0.0.1/a", "ftp://h/a", "https://", "https://u@h/a", "https://h:x/a",
                          "https://h/a#b", "https://h/a b", ""}) {
    client c(direction::download);
    const auto turn = c.opened(answer(url));
    EXPECT_FALSE(turn.request) << url;
    EXPECT_EQ(turn.how, "refused") << url;
  }
}

TEST(BulkClient, RefusesWhatIsNoToken) {
  client c(direction::download);
  EXPECT_EQ(c.opened(answer("https://h/a", "a b")).how, "error");
  EXPECT_EQ(c.opened(answer("https://h/a", "")).how, "error");
  EXPECT_EQ(c.opened({{"url", "https://h/a"}, {"token", "a"}}).how, "error");
}

TEST(BulkClient, TakesTwoHundredsWholeAndNothingElse) {
  client c(direction::download);
  EXPECT_EQ(c.responded(200, {}, true).how, "answer");
  EXPECT_EQ(c.responded(201, {}, true).how, "answer");
  EXPECT_EQ(c.responded(200, {}, false).how, "error");
  EXPECT_EQ(c.responded(401, {}, true).how, "error");
  const auto redirect = c.responded(307, {{"Location", "https://elsewhere/"}}, true);
  EXPECT_FALSE(redirect.request);
  EXPECT_EQ(redirect.how, "error");
}

TEST(BulkClient, ReadsPlaces) {
  EXPECT_EQ(place_of("https://[::1]:5/a")->authority(), "[::1]:5");
  EXPECT_EQ(place_of("https://host")->port, 443);
  EXPECT_EQ(place_of("https://host?q")->target, "/?q");
  EXPECT_FALSE(place_of("http://host")->secure);
}

}  // namespace
}  // namespace ampspec::bulk
