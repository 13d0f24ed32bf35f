// The reader of JSON bodies: what it takes for JSON, and how it finds its way in it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/json.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

std::string compact(std::string_view text) {
  const auto document = json_document::parse(text);
  if (!document) return "no JSON";
  std::string out;
  append_compact(*document, 0, out);
  return out;
}

TEST(Json, TakesEveryKindOfValue) {
  for (const auto* text : {"null", "true", "false", "0", "-0", "12.50e+3", "1E-2", R"("a\"\\\/\b\f\n\r\t\u00e9")", "[]",
                           "{}", R"([1,[2,{}],"x"])", R"({"a":{"b":[null]},"":1})"}) {
    EXPECT_EQ(compact(text), text);
  }
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const auto* text :
       {"",       " ",       "nul",         "01",   "1.",      ".5",  "+1",       "1e",        "-",           "\"a",
        "\"\n\"", R"("\x")", R"("\u12g4")", "[1,]", "[,1]",    "{,}", R"({"a"})", R"({"a":})", R"({"a":1,})", "{a:1}",
        "[1 2]",  "1 2",     "{}}",         "[",    "{\"a\":1"}) {
    EXPECT_FALSE(json_document::parse(text)) << text;
  }
}

TEST(Json, DropsWhiteSpaceBetweenTokensAlone) {
  EXPECT_EQ(compact(" { \"a b\" :\t[ 1 , 2.0 ] ,\r\n\"c\":\" \" } "), R"({"a b":[1,2.0],"c":" "})");
}

TEST(Json, FirstOfRepeatedMembersCounts) {
  const auto document = json_document::parse(R"({"a":1,"\u0061":2,"b":3})");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)[document->member(0, "a").value()].text, "1");
  EXPECT_EQ(document->members(0).size(), 2u);
  EXPECT_EQ(compact(R"({"a":1,"\u0061":2,"b":3})"), R"({"a":1,"b":3})");
}

TEST(Json, DecodesEscapes) {
  EXPECT_EQ(json_unescaped(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(json_unescaped(R"(\u0041\u00e9\u20ac)"), "A\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(json_unescaped(R"(\ud83d\ude00)"), "\xf0\x9f\x98\x80");
  EXPECT_EQ(json_unescaped(R"(\ud83dx)"), "\xed\xa0\xbdx");
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(json_document::parse(nested(json_document::max_depth)));
  EXPECT_FALSE(json_document::parse(nested(json_document::max_depth + 1)));
  EXPECT_FALSE(json_document::parse(std::string(1'000'000, '[')));
}

TEST(Json, LongObjectsStayLinear) {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  text += "\"z\":0}";
  EXPECT_EQ(compact(text), text);
}

}  // namespace
}  // namespace ampspec::amps
