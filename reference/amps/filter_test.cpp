// The filter language: the truth table of the specification, its grammar, its limits.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/filter.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

constexpr std::string_view message =
    R"({"a":1,"s":"10","t":"abc","e":"","n":null,"f":2.5,"o":{"p":7},"v":[1,2,3,"zebra",5],"w":[14,34,23,5],"b":true})";

bool passes(std::string_view text, std::string_view body = message, bool is_json = true) {
  syntax_error wrong;
  const auto parsed = filter::parse(text, wrong);
  EXPECT_TRUE(parsed) << text << ": " << wrong.what << " at " << wrong.offset;
  return parsed && parsed->matches(record_view(body, is_json));
}

std::size_t offset_of_error(std::string_view text) {
  syntax_error wrong;
  EXPECT_FALSE(filter::parse(text, wrong)) << text;
  EXPECT_FALSE(wrong.what.empty()) << text;
  return wrong.offset;
}

TEST(Filter, TruthTable) {
  for (const auto* text : {"/a = 1",
                           "/a == 1.0",
                           "/a = '1'",
                           "/s = 10",
                           "/s > 9",
                           "/o/p = 7",
                           "/b = 1",
                           "10 < 'abc'",
                           "'2.000' <> '2.0'",
                           "2 = 2.0",
                           "/t > 5",
                           "/t != 5",
                           "'' IS NULL",
                           "/e IS NULL",
                           "/n IS NULL",
                           "/x IS NULL",
                           "/a IS NOT NULL",
                           "/o IS NULL",
                           "NOT /a = 2",
                           "/a = 1 OR /a = 9 AND /a = 8",
                           "/x NOT IN (1,2)",
                           "NOT /x = 1",
                           "/f BETWEEN 2.5 AND 3",
                           "/a NOT BETWEEN 2 AND 3",
                           "/a IN (3,2,1)",
                           "/t LIKE 'b'",
                           "/t LIKE '^a.c$'",
                           "/t LIKE '(?i)B'",
                           "/v = 1",
                           "/v != 'zebra'",
                           "/v LIKE 'z'",
                           "/w > 30",
                           "/v = /w",
                           "/v != /w",
                           "3 IN (/v)",
                           "/v[0] = 1",
                           "/v[3] = \"zebra\"",
                           "1 = 1",
                           "1=1",
                           "-5 % 3 = -2",
                           "5 % -3 = 2",
                           "1 / 5 = 0",
                           "1.0 / 5 = 0.2",
                           "/a + 1 = 2",
                           "18446744073709551615 > 9223372036854775807"}) {
    EXPECT_TRUE(passes(text)) << text;
  }
  for (const auto* text : {"/a = 2",
                           "/a = 'one'",
                           "/A = 1",
                           "/s = '10.0'",
                           "10 < '2'",
                           "/b = 'true'",
                           "/t < 5",
                           "'abc' < 'ABC'",
                           "'' = ''",
                           "10 < ''",
                           "10 > ''",
                           "/x = 1",
                           "/x != 1",
                           "/n = 1",
                           "/e != 'q'",
                           "/x IN (1,2)",
                           "/a IS NULL",
                           "(/a = 1 OR /a = 9) AND /a = 8",
                           "NOT (/a = 1)",
                           "/v NOT IN ('zebra','lion')",
                           "/f BETWEEN 2.6 AND 3",
                           "/t IN ('ABC')",
                           "/t LIKE '^b'",
                           "/t LIKE 'B'",
                           "/t LIKE r'a.c'",
                           "/v = 42",
                           "/w > 50",
                           "/v[9] = 5",
                           "1=0",
                           "/a / 0 = 0",
                           "/t * 2 = 0"}) {
    EXPECT_FALSE(passes(text)) << text;
  }
}

TEST(Filter, ComparisonsHaveTheirSynonyms) {
  for (const auto* text : {"2 > 1", "2 >= 2", "1 < 2", "2 <= 2", "1 <> 2", "1 != 2", "1 == 1", "'a' < 'b'",
                           "'a' < 'aa'", "\"it's\" = 'it\\'s'", "'\\x41\\102\\n' = 'AB\n'", "'\\q' = 'q'"}) {
    EXPECT_TRUE(passes(text)) << text;
  }
  for (const auto* text : {"1 > 1", "1 >= 2", "2 < 1", "3 <= 2", "1 <> 1", "1 != 1.0", "1 == 2"}) {
    EXPECT_FALSE(passes(text)) << text;
  }
}

TEST(Filter, IntegersCompareExactlyUpTo64Bits) {
  EXPECT_FALSE(passes("9007199254740993 = 9007199254740992"));
  EXPECT_TRUE(passes("/u = 18446744073709551615", R"({"u":18446744073709551615})"));
  EXPECT_FALSE(passes("/u = 18446744073709551614", R"({"u":18446744073709551615})"));
  EXPECT_TRUE(passes("/u > -9223372036854775807", R"({"u":18446744073709551615})"));
  EXPECT_TRUE(passes("9223372036854775807 + 1 = 9223372036854775808"));
}

TEST(Filter, ProductsBeyond64BitsKeepTheirSign) {
  EXPECT_TRUE(passes("18446744073709551615 * 18446744073709551615 > 18446744073709551615"));
  EXPECT_TRUE(passes("-9223372036854775808 * 18446744073709551615 < -9223372036854775808"));
  EXPECT_TRUE(passes("18446744073709551615 * 2 / 2 = 18446744073709551615"));
}

TEST(Filter, StringsConvertOnlyIfTheyAreNumbersAsAWhole) {
  EXPECT_TRUE(passes("1000 = '1e3'"));
  EXPECT_TRUE(passes("-2 = '-2.0'"));
  for (const auto* text : {"1 = ' 1'", "1 = '+1'", "16 = '0x10'", "1 = '1.'", "1 = '1 '", "0 = '.0'"}) {
    EXPECT_FALSE(passes(text)) << text;
  }
}

TEST(Filter, NumbersBeyondADoubleAreInfiniteOrZeroByAllTheirDigits) {
  const std::string zeros(400, '0');
  EXPECT_TRUE(passes("'1" + zeros + "e-5' > 1"));  // 1e395
  EXPECT_TRUE(passes("'0." + zeros + "1' = 0"));
  EXPECT_TRUE(passes("'0." + zeros + "1e+900' > 1"));
  EXPECT_TRUE(passes("'-1e400' < -1"));
  EXPECT_TRUE(passes("'-1e-400' = 0"));
  EXPECT_TRUE(passes("'1e-99999999999999999999' = 0"));
}

TEST(Filter, NothingComparesWithNotANumber) {
  for (const auto* text : {"/a / 0 = 0", "/a / 0 != 0", "/a % 0 < 1", "/t + 1 != 1", "/t + 1 = 'x'"}) {
    EXPECT_FALSE(passes(text)) << text;
  }
  EXPECT_TRUE(passes("/t + 1 IS NOT NULL"));
  EXPECT_TRUE(passes("/x + 1 IS NULL"));
  EXPECT_FALSE(passes("/x + 1 = 1"));
}

TEST(Filter, ArithmeticBindsAsUsual) {
  for (const auto* text : {"1 + 2 * 3 = 7", "(1 + 2) * 3 = 9", "10 - 2 - 3 = 5", "-/a = -1", "-(1 + 1) = -2",
                           "7 MOD 4 = 3", "1-1 = 0", "6 / 4 = 1", "-7 / 2 = -3", "'3' * '4' = 12", "5.5 % 2 = 1.5",
                           "((1)) = 1", "((1 = 1))", "(1) + 1 = 2", "NOT NOT 1 = 1", "/v + 1 = 2"}) {
    EXPECT_TRUE(passes(text)) << text;
  }
}

TEST(Filter, KeywordsComeInAnyCaseAndBlanksAreFree) {
  EXPECT_TRUE(passes("\t/a=1 and\r\nNot(/a=2)oR /x Is NuLl "));
  EXPECT_TRUE(passes("/a between 1 AnD 1 and /a iN(1)"));
}

TEST(Filter, PathsWalkArraysAndObjects) {
  constexpr std::string_view body =
      R"({"a":[{"b":1},{"b":[2,[3]]},4],"x-y.z@1":"q","k":{"k":{"k":"deep"}},"a2":{"b":1}})";
  EXPECT_TRUE(passes("/a/b = 3", body));
  EXPECT_TRUE(passes("/a = 4", body));
  EXPECT_TRUE(passes("/a[1]/b = 2", body));
  EXPECT_FALSE(passes("/a[0]/b = 2", body));
  EXPECT_TRUE(passes("/x-y.z@1 = 'q'", body));
  EXPECT_TRUE(passes("/k/k/k = 'deep'", body));
  EXPECT_TRUE(passes("/k/k IS NULL", body));
  EXPECT_TRUE(passes("/a2[0]/b = 1", body));
  EXPECT_TRUE(passes("/a[18446744073709551616] IS NULL", body));
}

TEST(Filter, FirstOfRepeatedMembersCounts) {
  EXPECT_TRUE(passes("/a = 1", R"({"a":1,"a":2})"));
  EXPECT_FALSE(passes("/a = 2", R"({"a":1,"a":2})"));
}

TEST(Filter, BodiesThatAreNoObjectYieldNothing) {
  for (const auto* body : {"", "5", "[1]", "{\"a\":1", "\xff\xfe"}) EXPECT_TRUE(passes("/a IS NULL", body)) << body;
  EXPECT_TRUE(passes("/a IS NULL", R"({"a":1})", false));
  EXPECT_TRUE(passes("1 = 1", ""));
}

TEST(Filter, BlankFilterPassesAll) {
  EXPECT_TRUE(passes(""));
  EXPECT_TRUE(passes(" \t\r\n", "x"));
}

TEST(Filter, RefusesEverythingElse) {
  for (const auto* text : {"/a = ",
                           "(/a = 1",
                           "/a = 'x",
                           "/b",
                           "true",
                           "/a = true",
                           "/a = NULL",
                           "'it''s' = 'x'",
                           "/a /2 = 1",
                           "/a = 1 )",
                           "/a = 1 AND",
                           "AND",
                           "NOT",
                           "/a LIKE /b",
                           "/a LIKE '['",
                           "/a NOT LIKE 'x'",
                           "/a IN 1",
                           "/a IN ()",
                           "/a IN (1",
                           "/a BETWEEN 1",
                           "/a BETWEEN 1 OR 2",
                           "/a IS 1",
                           "/a NOT 1",
                           "= 1",
                           "1 = = 1",
                           "--1 = 1",
                           "1. = 1",
                           "1e = 1",
                           "LENGTH(/a) = 1",
                           "/a = 1 /b = 2",
                           "/ = 1",
                           "/a[x] = 1",
                           "/a[1 = 1",
                           "[a] = 1",
                           "/a = r'x'",
                           "1 = 1;",
                           "\x01"}) {
    offset_of_error(text);
  }
  EXPECT_EQ(offset_of_error("/a = "), 5u);
  EXPECT_EQ(offset_of_error("/a = 1 AND /b = ~"), 16u);
  EXPECT_EQ(offset_of_error("/a LIKE 'x['"), 10u);
}

TEST(Filter, DepthIsBounded) {
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "1 = 1" + std::string(n, ')'); };
  EXPECT_TRUE(passes(nested(20)));
  offset_of_error(nested(200));
  offset_of_error(std::string(1'000'000, '('));
  offset_of_error("1 = 1" + std::string(filter::max_size, ' '));
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "NOT ";
  offset_of_error(nots + "1=1");
}

TEST(Filter, LongChainsCostNoStack) {
  std::string text = "/a = 1";
  for (int i = 0; i < 50'000; ++i) text += " AND 1 = 1";
  EXPECT_TRUE(passes(text));
  std::string sum = "1";
  for (int i = 0; i < 50'000; ++i) sum += " + 1";
  EXPECT_TRUE(passes(sum + " = 50001"));
}

TEST(Filter, ArraysAgainstArraysAreBounded) {
  std::string body = "{\"v\":[0";
  for (int i = 0; i < 100'000; ++i) body += ",0";
  body += "],\"w\":[1";
  for (int i = 0; i < 100'000; ++i) body += ",1";
  EXPECT_FALSE(passes("/v = /w", body + "]}"));
}

TEST(Filter, TellsTheEqualityThatItNeeds) {
  syntax_error wrong;
  EXPECT_EQ(filter::parse("/a = 5", wrong)->needs()->where->text, "/a");
  EXPECT_EQ(filter::parse("1=1 AND 'x' == /b/c", wrong)->needs()->what.text, "x");
  for (const auto* text : {"", "/a = 5 OR /b = 6", "/a > 5", "NOT /a = 5", "/a = /b", "/a = ''", "/a IN (1)"}) {
    EXPECT_EQ(filter::parse(text, wrong)->needs(), nullptr) << text;
  }
}

}  // namespace
}  // namespace ampspec::amps
