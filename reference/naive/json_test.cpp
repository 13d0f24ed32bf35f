// The plain reader of JSON: what is JSON, what texts say, and what paths find.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::naive {
namespace {

TEST(NaiveJson, ReadsEveryForm) {
  const auto read = read_json(R"( {"a":[1,-0.5e+3,true,null],"b":"\u0041\n\ud83d\ude00"} )");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->is, json::form::object);
  ASSERT_EQ(read->members.size(), 2u);
  EXPECT_EQ(read->members[0].value.members.size(), 4u);
  EXPECT_EQ(read->members[0].value.members[1].value.text, "-0.5e+3");
  EXPECT_EQ(read->members[1].value.text, "A\n\xf0\x9f\x98\x80");
}

TEST(NaiveJson, GivesALoneSurrogateAsItsThreeOctets) {
  EXPECT_EQ(read_json(R"("\ud83d\u0041")")->text,
            "\xed\xa0\xbd"
            "A");
  EXPECT_EQ(read_json(R"("\ude00")")->text, "\xed\xb8\x80");
}

TEST(NaiveJson, RefusesWhatIsNone) {
  for (const char* text : {"", "01", "1.", "1e", "-", "tru", "{\"a\":1,}", "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}",
                           "\"\n\"", "\"\\x\"", "\"\\u00g0\"", "\"", "1 1", "{", "["}) {
    EXPECT_FALSE(read_json(text)) << text;
  }
}

TEST(NaiveJson, HoldsItsDepth) {
  const std::string deep = std::string(128, '[') + std::string(128, ']');
  EXPECT_TRUE(read_json(deep));
  EXPECT_FALSE(read_json("[" + deep + "]"));
}

TEST(NaiveJson, WalksPathsThroughArrays) {
  const auto body = read_json(R"({"a":[{"b":1},{"b":[2,"x",null,""]}],"c":7,"a":0})");
  ASSERT_TRUE(body);
  EXPECT_EQ(scalars_at(*body, {{"a", {}}, {"b", {}}}), (std::vector<std::string>{"1", "2", "x"}));
  EXPECT_EQ(scalars_at(*body, {{"a", 1}, {"b", 0}}), (std::vector<std::string>{"2"}));
  EXPECT_EQ(scalars_at(*body, {{"c", 0}}), (std::vector<std::string>{"7"}));
  EXPECT_TRUE(scalars_at(*body, {{"c", 1}}).empty());
  EXPECT_TRUE(scalars_at(*body, {{"a", 2}}).empty());
  EXPECT_TRUE(scalars_at(*body, {{"a", {}}}).empty());
}

}  // namespace
}  // namespace ampspec::naive
