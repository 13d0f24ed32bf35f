// The search of patterns in texts, and topics as patterns.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/regex.hpp"

#include "reference/amps/topic_pattern.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

bool found(std::string_view pattern, std::string_view text) {
  syntax_error wrong;
  const auto compiled = regex::compile(pattern, wrong);
  EXPECT_TRUE(compiled) << pattern << ": " << wrong.what;
  return compiled && compiled->found_in(text);
}

std::size_t offset_of_error(std::string_view pattern) {
  syntax_error wrong;
  EXPECT_FALSE(regex::compile(pattern, wrong)) << pattern;
  EXPECT_FALSE(wrong.what.empty()) << pattern;
  return wrong.offset;
}

TEST(Regex, FindsWhatMatches) {
  static constexpr std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                            {"", "x"},
                                                                            {"b", "abc"},
                                                                            {"^a", "abc"},
                                                                            {"c$", "abc"},
                                                                            {"^abc$", "abc"},
                                                                            {"a.c", "abc"},
                                                                            {"a.c", "xa-cx"},
                                                                            {"ab*c", "ac"},
                                                                            {"ab*c", "abbbc"},
                                                                            {"ab+c", "abc"},
                                                                            {"ab?c", "ac"},
                                                                            {"a{2}", "aa"},
                                                                            {"^a{2,}$", "aaaa"},
                                                                            {"^a{1,3}$", "aaa"},
                                                                            {"(ab)+$", "xabab"},
                                                                            {"a|b", "b"},
                                                                            {"^(a|bc|)d$", "d"},
                                                                            {"[a-c]x", "bx"},
                                                                            {"[^a-c]x", "dx"},
                                                                            {"[]]", "]"},
                                                                            {"[a-]", "-"},
                                                                            {"[-a]", "-"},
                                                                            {"[\\]]", "]"},
                                                                            {"\\.", "."},
                                                                            {"a\\$", "a$"},
                                                                            {"(?i)AbC", "xaBc"},
                                                                            {"(?i)[A-C]", "b"},
                                                                            {"a{,2}", "a{,2}"},
                                                                            {"a{x", "a{x"},
                                                                            {"\\d\\w\\s", "1a "},
                                                                            {"[[:alpha:]]+1", "ab1"},
                                                                            {"\\bcat\\b", "a cat."},
                                                                            {"(?:ab){2}", "abab"},
                                                                            {"a*?b", "aab"},
                                                                            {"(a*)*b", "aab"},
                                                                            {"^(a|b)*c$", "ababc"},
                                                                            {"x]", "x]"},
                                                                            {"}", "}"},
                                                                            {"\\x41", "A"},
                                                                            {"a$", "a\n"},
                                                                            {"[\\d-z]", "-"},
                                                                            {"^$", ""},
                                                                            {"^", "abc"},
                                                                            {"$", "abc"},
                                                                            {"\xc3\xa9", "caf\xc3\xa9"},
                                                                            {"(a{0,2}){2}b", "aaab"},
                                                                            {"(|a)+b", "aab"}};
  for (const auto& [pattern, text] : cases) EXPECT_TRUE(found(pattern, text)) << pattern << " in " << text;
}

TEST(Regex, FindsNothingElse) {
  static constexpr std::pair<std::string_view, std::string_view> cases[] = {
      {"B", "abc"},      {"^b", "abc"},     {"b$", "abc"},        {"a.c", "a\nc"},
      {"ab+c", "ac"},    {"^a{2}$", "aaa"}, {"^a{1,3}$", "aaaa"}, {"[a-c]", "d"},
      {"[^a-c]", "abc"}, {"a\\.c", "abc"},  {"^(ab)+$", "aba"},   {"\\bcat\\b", "concat"},
      {"(?i)a", "b"},    {"a$", "a\n\n"},   {"^(a|b)$", "ab"},    {"\\D", "123"},
      {"x", ""},         {"^$", "a"},       {"^abc$", "abcd"},    {"\\Bcat", "a cat"}};
  for (const auto& [pattern, text] : cases) EXPECT_FALSE(found(pattern, text)) << pattern << " in " << text;
}

TEST(Regex, RefusesMalformedPatternsAtTheirPlace) {
  static constexpr std::pair<std::string_view, std::size_t> cases[] = {
      {"[abc", 0},       {"(abc", 0},  {"*abc", 0},    {"abc)", 3},   {"a**", 2},    {"a(+", 2},
      {"a\\", 1},        {"[z-a]", 1}, {"a{3,2}", 1},  {"x(?=y)", 1}, {"(a)\\1", 3}, {"a++", 2},
      {"[[:nope:]]", 1}, {"{2}", 0},   {"a{2}{3}", 4}, {"x|*", 2}};
  for (const auto& [pattern, offset] : cases) EXPECT_EQ(offset_of_error(pattern), offset) << pattern;
}

TEST(Regex, SizeAndDepthAreBounded) {
  offset_of_error("((a{100}){100}){100}");
  offset_of_error(std::string(200, '(') + std::string(200, ')'));
  offset_of_error(std::string(100'000, '('));
  offset_of_error("a{5000}");
  EXPECT_TRUE(found("a{1000}", std::string(1000, 'a')));
}

TEST(Regex, HostilePatternsCostLinearTime) {
  const std::string text(20'000, 'a');
  EXPECT_FALSE(found("(a*)*b", text));
  EXPECT_FALSE(found("(a|aa)+$b", text));
  EXPECT_FALSE(found("(a?){50}a{50}b", text));
}

TEST(TopicPattern, IsWhatHoldsASpecialCharacter) {
  EXPECT_FALSE(topic_pattern::looks_like_pattern("conf/plain-1_x,y:z"));
  for (const char c : std::string_view("^$.*?()[]{}\\+|")) {
    EXPECT_TRUE(topic_pattern::looks_like_pattern(std::string("a") + c + "b")) << c;
  }
}

TEST(TopicPattern, SearchesNamesUnlessLiteral) {
  syntax_error wrong;
  const auto pattern = topic_pattern::parse("trade.info", false, wrong);
  EXPECT_TRUE(pattern->matches("every/trade/info"));
  const auto literal = topic_pattern::parse("trade.info", true, wrong);
  EXPECT_FALSE(literal->matches("every/trade/info"));
  EXPECT_TRUE(literal->matches("trade.info"));
  EXPECT_FALSE(topic_pattern::parse("trade", false, wrong)->matches("Trade"));
  EXPECT_FALSE(topic_pattern::parse("trade", false, wrong)->matches("trades"));
  EXPECT_TRUE(topic_pattern::parse("^trade$", false, wrong)->matches("trade"));
  EXPECT_FALSE(topic_pattern::parse("^trade$", false, wrong)->matches("trades"));
  EXPECT_FALSE(topic_pattern::parse("[abc", false, wrong));
  EXPECT_TRUE(topic_pattern::parse("[abc", true, wrong));
}

TEST(TopicPattern, LeavesTheServersTopicsAloneUnlessItNamesThem) {
  syntax_error wrong;
  EXPECT_FALSE(topic_pattern::parse(".*", false, wrong)->matches("/AMPS/ClientStatus"));
  EXPECT_TRUE(topic_pattern::parse("^/AMPS/.*", false, wrong)->matches("/AMPS/ClientStatus"));
  EXPECT_TRUE(topic_pattern::parse(".*", false, wrong)->matches("x/AMPS"));
}

}  // namespace
}  // namespace ampspec::amps
