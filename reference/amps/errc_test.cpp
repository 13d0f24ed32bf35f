// Tests of codes, words and conditions.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ampspec::amps {
namespace {

TEST(Errc, ValuesCountFromOneWithoutGaps) {
  int expected = 1;
  for (const errc code : all_errc) EXPECT_EQ(static_cast<int>(code), expected++);
}

TEST(Errc, EveryCodeHasItsOwnWordOfLettersAndDashes) {
  std::set<std::string_view> words;
  for (const errc code : all_errc) {
    const std::string_view word = class_word(code);
    EXPECT_FALSE(word.empty());
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos) << word;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
}

TEST(Errc, WordsAreTheEnumeratorsWithDashes) {
  EXPECT_EQ(class_word(errc::frame_too_large), "frame-too-large");
  EXPECT_EQ(class_word(make_error_code(errc::octets_behind_header)), "octets-behind-header");
}

TEST(Errc, CodesOfOthersHaveNoWord) {
  EXPECT_EQ(class_word(make_error_code(std::errc::no_such_file_or_directory)), "");
  EXPECT_EQ(class_word(static_cast<errc>(0)), "");
}

TEST(Errc, EveryCodeMeetsExactlyOneCondition) {
  for (const errc code : all_errc) {
    const auto c = make_error_code(code);
    EXPECT_NE(c == condition::malformed, c == condition::over_limit) << class_word(code);
  }
  EXPECT_EQ(make_error_code(errc::header_cut), condition::malformed);
  EXPECT_EQ(make_error_code(errc::frame_too_large), condition::over_limit);
}

TEST(Errc, TellsItsTextAndItsCategory) {
  EXPECT_EQ(make_error_code(errc::no_header).message(), "no header object where one must be");
  EXPECT_STREQ(make_error_code(errc::no_header).category().name(), "amps");
  EXPECT_EQ(make_error_condition(condition::over_limit).message(), "over a limit");
  EXPECT_EQ(category().message(999), "unknown error 999");
}

}  // namespace
}  // namespace ampspec::amps
