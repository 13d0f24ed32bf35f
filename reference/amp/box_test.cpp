// Tests of the lent and the owned box.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box.hpp"

#include "reference/amp/test_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ampspec::amp {
namespace {

using namespace std::string_view_literals;

TEST(Box, FindsByExactOctets) {
  const box b{{"a\0b"sv, "1"}, {"a\0c"sv, "2"}, {"A", "3"}};
  EXPECT_EQ(b.find("a\0c"sv), "2");
  EXPECT_EQ(b.find("A"), "3");
  EXPECT_EQ(b.find("a"), std::nullopt);
}

TEST(Box, TellsAnEmptyValueFromAnAbsentOne) {
  const box b{{"a", ""}};
  EXPECT_EQ(b.find("a"), "");
  EXPECT_EQ(b.find("b"), std::nullopt);
}

TEST(Box, KeepsTheOrderAndRepeatsOfPairs) {
  const box b{{"z", "1"}, {"a", "2"}, {"z", "3"}};
  ASSERT_EQ(b.size(), 3u);
  EXPECT_EQ(b.pairs()[0], (pair_view{"z", "1"}));
  EXPECT_EQ(b.pairs()[1], (pair_view{"a", "2"}));
  EXPECT_EQ(b.pairs()[2], (pair_view{"z", "3"}));
}

TEST(Box, ComparesAsAMapping) {
  EXPECT_EQ((box{{"a", "1"}, {"b", "2"}}), (box{{"b", "2"}, {"a", "1"}}));
  EXPECT_NE((box{{"a", "1"}, {"b", "2"}}), (box{{"a", "2"}, {"b", "1"}}));
  EXPECT_NE((box{{"a", "1"}}), (box{{"a", "1"}, {"b", "2"}}));
  EXPECT_NE((box{{"a", ""}}), box());
}

TEST(Box, ViewsStayRightWhileItGrows) {
  box b;
  for (int i = 0; i < 1000; ++i) b.add(numbered("k", i), std::string(static_cast<std::size_t>(i % 50), 'v'));
  ASSERT_EQ(b.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(b.find(numbered("k", i)), std::string(static_cast<std::size_t>(i % 50), 'v'));
  }
}

TEST(Box, CopiesAndMovesWithItsOctets) {
  box original{{"key", "value"}};
  box copy = original;
  box moved = std::move(original);
  original = box();
  EXPECT_EQ(copy, (box{{"key", "value"}}));
  EXPECT_EQ(moved, copy);
  copy.add("b", "2");
  EXPECT_EQ(moved.size(), 1u);
  moved = copy;
  copy = box();
  EXPECT_EQ(moved, (box{{"key", "value"}, {"b", "2"}}));
}

TEST(Box, OwnsWhatWasLent) {
  std::string key = "key", value = "value";
  const pair_view lent{key, value};
  const box owned(box_view(&lent, 1));
  key.assign("xxx");
  value.assign("xxxxx");
  EXPECT_EQ(owned.find("key"), "value");
}

}  // namespace
}  // namespace ampspec::amp
