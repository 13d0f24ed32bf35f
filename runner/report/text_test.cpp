// Tests of what makes foreign text safe to show.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/text.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

TEST(Escaped, KeepsPrintableTextInEveryScript) {
  EXPECT_EQ(escaped("plain \"text\" \\ é 漢 😀"), "plain \"text\" \\ é 漢 😀");
}

TEST(Escaped, SpellsOutControlCharacters) {
  EXPECT_EQ(escaped(std::string_view("a\0b\n\t\x1b[31m\x7f", 11)), "a\\x00b\\x0a\\x09\\x1b[31m\\x7f");
}

TEST(Escaped, SpellsOutTheSecondSetOfControlCharacters) { EXPECT_EQ(escaped("\xc2\x9b"), "\\x9b"); }

TEST(Escaped, SpellsOutOctetsThatAreNotUtf8) {
  struct {
    std::string_view what, octets, shown;
  } const cases[] = {
      {"stray continuation", "\x80", "\\x80"},
      {"overlong in two", "\xc0\x80", "\\xc0\\x80"},
      {"overlong in three", "\xe0\x80\x80", "\\xe0\\x80\\x80"},
      {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"above the last", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"cut short", "\xe2\x82", "\\xe2\\x82"},
      {"text after a cut sequence", "\xe2\x82z", "\\xe2\\x82z"},
  };
  for (const auto& c : cases) EXPECT_EQ(escaped(c.octets), c.shown) << c.what;
}

TEST(Escaped, SpellsOutWhatIsInvisibleOrTurnsTheText) {
  EXPECT_EQ(escaped("a\u202eb\u200bc\ufeffd\u2028"), "a\\u{202e}b\\u{200b}c\\u{feff}d\\u{2028}");
}

TEST(Escaped, SpellsOutNonCharactersThatXmlForbids) { EXPECT_EQ(escaped("\xef\xbf\xbf"), "\\u{ffff}"); }

TEST(CutTo, CountsCodePointsAndMarksTheCut) {
  EXPECT_EQ(cut_to("äöüß", 4), "äöüß");
  EXPECT_EQ(cut_to("äöüß", 3), "äö…");
  EXPECT_EQ(cut_to("äöüß", 0), "");
  EXPECT_EQ(padded("äö", 4), "äö  ");
}

TEST(Counted, UsesTheSingularForOneOnly) {
  EXPECT_EQ(counted(0, "check"), "0 checks");
  EXPECT_EQ(counted(1, "check"), "1 check");
  EXPECT_EQ(counted(1'234'567, "check"), "1,234,567 checks");
}

TEST(ShellWord, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_word("A1-LIM-042"), "A1-LIM-042");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Hex, HasTwoLowerCaseDigitsForEachOctet) {
  EXPECT_EQ(spaced_hex(std::string_view("\0\xff\x0a", 3)), "00 ff 0a");
  EXPECT_EQ(plain_hex(std::string_view("\0\xff\x0a", 3)), "00ff0a");
}

}  // namespace
}  // namespace ampspec::runner
