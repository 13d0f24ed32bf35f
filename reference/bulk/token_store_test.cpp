// Tokens: one presentation, one life, one owner.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/token_store.hpp"

#include "reference/bulk/testing.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ampspec::bulk {
namespace {

constexpr instant start = 1000;

grant of_owner(owner_id owner) {
  grant what;
  what.resource = "fill/1";
  what.target = "/bulk/fill/1";
  what.owner = owner;
  return what;
}

std::string draw(char c) { return std::string(token_store::random_octets, c); }

std::string minted(token_store& store, owner_id owner, char c, instant now = start) {
  auto what = of_owner(owner);
  const auto token = store.mint(what, draw(c), now);
  EXPECT_TRUE(token);
  return token.value_or("");
}

TEST(TokenStore, WritesRandomOctetsAsBase64Url) {
  token_store store(toy_hashes());
  auto what = of_owner(1);
  // 32 octets ff fb ff fb... by hand: 6-bit groups of 11111111 11111011 repeated; 256 bits are 42 characters and 4
  // bits.
  std::string random;
  for (int i = 0; i < 16; ++i) random += "\xff\xfb";
  const auto token = store.mint(what, random, start);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 43u);
  EXPECT_EQ(token->substr(0, 8), "__v_-__7");
  EXPECT_EQ(what.expires, start + 300);
}

TEST(TokenStore, GivesWhatWasGrantedOnce) {
  token_store store(toy_hashes());
  const auto token = minted(store, 1, 'a');
  const auto granted = store.present(token, start);
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->target, "/bulk/fill/1");
  EXPECT_FALSE(store.present(token, start));
}

TEST(TokenStore, KnowsNoOtherSpelling) {
  token_store store(toy_hashes());
  const auto token = minted(store, 1, 'a');
  EXPECT_FALSE(store.present("", start));
  EXPECT_FALSE(store.present(token.substr(0, 42), start));
  EXPECT_FALSE(store.present(token + "A", start));
  EXPECT_TRUE(store.present(token, start)) << "a wrong token spends no other";
}

TEST(TokenStore, ExpiresAtItsSecond) {
  token_store store(toy_hashes());
  const auto early = minted(store, 1, 'a'), late = minted(store, 1, 'b');
  EXPECT_TRUE(store.present(early, start + 299));
  EXPECT_FALSE(store.present(late, start + 300));
  EXPECT_FALSE(store.present(late, start)) << "presented once, it is gone";
}

TEST(TokenStore, AgesTheTokensOfOneOwnerAlone) {
  token_store store(toy_hashes());
  const auto aged = minted(store, 1, 'a'), other = minted(store, 2, 'b');
  store.age(1, 300);
  EXPECT_FALSE(store.present(aged, start));
  EXPECT_TRUE(store.present(other, start));
}

TEST(TokenStore, LetsTokensDieWithTheirOwner) {
  token_store store(toy_hashes());
  const auto orphan = minted(store, 1, 'a'), other = minted(store, 2, 'b');
  store.revoke_owner(1);
  EXPECT_FALSE(store.present(orphan, start));
  EXPECT_TRUE(store.present(other, start));
}

TEST(TokenStore, BoundsLiveTokensOfOneOwner) {
  token_store store(toy_hashes(), {.live_per_owner = 2, .lifetime = 10});
  const auto first = minted(store, 1, 'a');
  minted(store, 1, 'b');
  auto what = of_owner(1);
  EXPECT_FALSE(store.mint(what, draw('c'), start));
  minted(store, 2, 'd');
  store.present(first, start);
  EXPECT_TRUE(store.mint(what, draw('e'), start)) << "a spent token counts no more";
  EXPECT_FALSE(store.mint(what, draw('f'), start));
  EXPECT_TRUE(store.mint(what, draw('g'), start + 10)) << "nor does an expired one";
}

}  // namespace
}  // namespace ampspec::bulk
