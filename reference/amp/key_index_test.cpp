// Tests of finding repeated keys among few, many, and hostile ones.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/key_index.hpp"

#include "reference/amp/test_support.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace ampspec::amp {
namespace {

// Keeps keys as a box does.
struct key_list {
  explicit key_list(key_index::hash_function hash = &key_index::standard_hash) : index(hash) {}
  std::size_t add(const std::string& key) {
    const std::size_t place = index.place(pairs, key);
    if (place == pairs.size()) pairs.push_back({texts.emplace_back(key), {}});
    return place;
  }
  key_index index;
  std::deque<std::string> texts;
  std::vector<pair_view> pairs;
};

void expect_finds_every_key(key_list& keys, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(keys.add(numbered("key", i)), i);
  ASSERT_EQ(keys.pairs.size(), count);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(keys.add(numbered("key", i)), i);
  EXPECT_EQ(keys.pairs.size(), count);
}

TEST(KeyIndex, FindsARepeatedKeyAmongAnyNumber) {
  for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 18u, 31u, 32u, 33u, 64u, 65u, 1000u, 20'000u}) {
    key_list keys;
    expect_finds_every_key(keys, count);
  }
}

TEST(KeyIndex, FindsEveryKeyWhereAllHashesCollide) {
  key_list keys([](std::string_view) -> std::size_t { return 42; });
  expect_finds_every_key(keys, 2000);
}

TEST(KeyMarks, AKeyIsNewUntilOneLeavesTheSameMark) {
  key_marks marks;
  EXPECT_TRUE(marks.add("_ask"));
  EXPECT_TRUE(marks.add("_command"));
  EXPECT_FALSE(marks.add("_ask"));
  EXPECT_TRUE(marks.add("axb"));
  EXPECT_FALSE(marks.add("ayb"));  // it may be there: `place` has to tell
}

TEST(KeyIndex, ForgetsAllKeysWhenCleared) {
  for (const auto hash : {&key_index::standard_hash, +[](std::string_view) -> std::size_t { return 0; }}) {
    key_list keys(hash);
    for (const std::size_t count : {300u, 5u, 200u}) {
      expect_finds_every_key(keys, count);
      keys.index.clear();
      keys.pairs.clear();
    }
  }
}

}  // namespace
}  // namespace ampspec::amp
