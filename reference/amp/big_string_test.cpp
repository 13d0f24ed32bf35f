// Chunks by their names: where a value is cut, and which keys are read as which part of it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/big_string.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ampspec::amp {
namespace {

std::vector<std::string> keys_of(std::string_view name, std::size_t size, big_names names = big_names::amphacks,
                                 std::size_t chunk = max_value) {
  const std::string value(size, 'v');
  big_splitter splitter(name, value, names, chunk);
  std::vector<std::string> keys;
  std::size_t left = size;
  while (const auto pair = splitter.next()) {
    keys.emplace_back(pair->key);
    EXPECT_EQ(pair->value.size(), std::min(left, chunk)) << pair->key;
    EXPECT_EQ(pair->value.data(), value.data() + (size - left));  // nothing is copied
    left -= pair->value.size();
  }
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(keys.size(), splitter.chunks());
  return keys;
}

using words = std::vector<std::string>;

TEST(BigString, FillsEveryChunkButTheLast) {
  EXPECT_EQ(keys_of("b", 0), words{"b"});
  EXPECT_EQ(keys_of("b", 1), words{"b"});
  EXPECT_EQ(keys_of("b", 65535), words{"b"});
  EXPECT_EQ(keys_of("b", 65536), (words{"b", "b.2"}));
  EXPECT_EQ(keys_of("b", 131070), (words{"b", "b.2"}));
  EXPECT_EQ(keys_of("b", 131071), (words{"b", "b.2", "b.3"}));
  EXPECT_EQ(keys_of("b", 11, big_names::amphacks, 1).back(), "b.11");
}

TEST(BigString, CountsFromZeroInTheFlockerProfile) {
  EXPECT_EQ(keys_of("b", 0, big_names::flocker), words{"b.0"});
  EXPECT_EQ(keys_of("b", 65536, big_names::flocker), (words{"b.0", "b.1"}));
}

TEST(BigString, RefusesAValueWhoseLastNameIsTooLongAndAppendsNothing) {
  const std::string name(253, 'n');
  box out;
  EXPECT_FALSE(split_big(name, std::string(9, 'v'), out, big_names::amphacks, 1));
  EXPECT_EQ(out.size(), 9u);
  const auto refused = split_big(name, std::string(10, 'v'), out, big_names::amphacks, 1);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, errc::key_too_long);
  EXPECT_EQ(refused->broken, "AMP1-BIGSTR-011");
  EXPECT_EQ(out.size(), 9u);
  EXPECT_FALSE(split_big(std::string(255, 'n'), "one chunk", out));
  EXPECT_TRUE(split_big(std::string(254, 'n'), "one chunk", out, big_names::flocker));
}

std::string joined(const box& from, big_names names = big_names::amphacks, profile how = profile::strict) {
  const auto read = join_big(from, "b", names, how);
  if (!read) return "refused: " + std::string(read.error().broken);
  return *read ? **read : "absent";
}

TEST(BigString, JoinsByNumberWhateverTheOrder) {
  EXPECT_EQ(joined({{"b.10", "j"},
                    {"b.2", "b"},
                    {"b.3", "c"},
                    {"b.4", "d"},
                    {"b.5", "e"},
                    {"b.6", "f"},
                    {"b.7", "g"},
                    {"b.8", "h"},
                    {"b.9", "i"},
                    {"b", "a"}}),
            "abcdefghij");
  EXPECT_EQ(joined({{"b.1", "y"}, {"b.0", "x"}}, big_names::flocker), "xy");
}

TEST(BigString, TakesChunksOfAnyLength) { EXPECT_EQ(joined({{"b", "ab"}, {"b.2", ""}, {"b.3", "c"}}), "abc"); }

TEST(BigString, ReadsNoKeyThatOnlyResemblesAChunk) {
  for (const char* other : {"b.0", "b.1", "b.02", "b.+2", "b.-2", "B.2", "b2", "b.", "b.2 ", " b.2", "b.2x", "b.2.2",
                            "bb", "bb.2", "b..2", "b.0x2"}) {
    EXPECT_EQ(joined({{"b", "a"}, {other, "z"}}), "a") << other;
    EXPECT_FALSE(is_chunk_key(other, "b", big_names::amphacks)) << other;
  }
  EXPECT_EQ(joined({{"b.0", "a"}, {"b.01", "z"}, {"b", "z"}}, big_names::flocker), "a");
  EXPECT_TRUE(is_chunk_key("b.2", "b", big_names::amphacks));
  EXPECT_TRUE(is_chunk_key("b.1", "b", big_names::flocker));
  EXPECT_FALSE(is_chunk_key("b", "b", big_names::flocker));
}

TEST(BigString, RefusesAGapOrEndsBeforeIt) {
  const box gap{{"b", "a"}, {"b.3", "c"}}, far{{"b", "a"}, {"b.99999999999999999999999999", "c"}};
  EXPECT_EQ(joined(gap), "refused: AMP1-BIGSTR-007");
  EXPECT_EQ(joined(far), "refused: AMP1-BIGSTR-007");
  EXPECT_EQ(joined(gap, big_names::amphacks, profile::lenient), "a");
  EXPECT_EQ(joined(far, big_names::amphacks, profile::lenient), "a");
  EXPECT_EQ(joined({{"b.2", "b"}}), "refused: AMP1-BIGSTR-008");
  EXPECT_EQ(joined({{"b.2", "b"}}, big_names::amphacks, profile::lenient), "absent");
}

TEST(BigString, TellsAbsentFromEmpty) {
  EXPECT_EQ(joined({}), "absent");
  EXPECT_EQ(joined({{"b", ""}}), "");
  EXPECT_EQ(joined({{"b", "a"}}, big_names::flocker), "absent");
}

TEST(BigString, ReadsBackWhatItSplitsAtEverySmallChunkSize) {
  std::string value;
  for (int i = 0; i < 300; ++i) value += static_cast<char>(i * 7);
  for (const auto names : {big_names::amphacks, big_names::flocker}) {
    for (std::size_t chunk = 1; chunk <= value.size() + 1; ++chunk) {
      box out;
      ASSERT_FALSE(split_big("b", value, out, names, chunk));
      ASSERT_EQ(joined(out, names), value) << chunk;
    }
  }
}

TEST(BigString, LendsTheChunksWhereTheyLie) {
  const box from{{"b.2", "cd"}, {"b", "ab"}};
  const auto found = find_big(from, "b");
  ASSERT_EQ(found.parts.size(), 2u);
  EXPECT_EQ(found.size, 4u);
  EXPECT_EQ(found.parts[1].data(), from.find("b.2")->data());
}

}  // namespace
}  // namespace ampspec::amp
