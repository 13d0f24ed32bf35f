// Tests of making and cutting UTF-8.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::amp {
namespace {

const std::string mark = "\xef\xbf\xbd";

TEST(Utf8, ValidTextComesBackAsItIs) {
  for (const std::string text :
       {"", "abc", "\xc2\x80 \xc3\xa9 \xdf\xbf", "\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf",
        "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(valid_utf8(text), text);
  }
  const std::string nul("a\0b", 3);
  EXPECT_EQ(valid_utf8(nul), nul);
}

TEST(Utf8, ReplacesOctetsThatBeginNoCharacter) {
  EXPECT_EQ(valid_utf8("a\x80"
                       "b\xff"),
            "a" + mark + "b" + mark);
  EXPECT_EQ(valid_utf8("\xc0\x80"), mark + mark);                        // overlong
  EXPECT_EQ(valid_utf8("\xe0\x9f\xbf"), mark + mark + mark);             // overlong
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), mark + mark + mark);             // surrogate
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), mark + mark + mark + mark);  // above U+10FFFF
  EXPECT_EQ(valid_utf8("\xf5"), mark);
}

TEST(Utf8, ReplacesACutCharacterOnceAndKeepsWhatFollows) {
  EXPECT_EQ(valid_utf8("\xe2\x82"), mark);
  EXPECT_EQ(valid_utf8("\xf0\x9f\x98z"), mark + "z");
  EXPECT_EQ(valid_utf8("\xe2\xc3\xa9"), mark + "\xc3\xa9");
}

// Long texts are gone through eight octets at a time: what is wrong, or more than one octet, may stand at any of them.
TEST(Utf8, SeesWhatStandsAmongMuchAscii) {
  for (std::size_t at = 0; at <= 24; ++at) {
    const std::string front(at, 'a'), rest(24 - at, 'b');
    EXPECT_EQ(valid_utf8(front + "\x80" + rest), front + mark + rest) << at;
    EXPECT_EQ(valid_utf8_prefix(front + "\x80" + rest), at) << at;
    const std::string right = front + "\xe2\x82\xac" + rest;
    EXPECT_EQ(valid_utf8(right), right) << at;
    EXPECT_EQ(valid_utf8_prefix(right), right.size()) << at;
    EXPECT_EQ(valid_utf8_prefix(front + "\xe2\x82"), at) << at;
  }
}

TEST(Utf8, CutsAtACharacterBorder) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";  // of 1, 2, 3 and 4 octets
  const std::size_t borders[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t size = 0; size < std::size(borders); ++size) {
    EXPECT_EQ(cut_utf8(text, size), text.substr(0, borders[size])) << size;
  }
}

}  // namespace
}  // namespace ampspec::amp
