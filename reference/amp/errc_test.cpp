// Tests of codes, words and conditions.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ampspec::amp {
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
  EXPECT_EQ(class_word(errc::key_too_long), "key-too-long");
  EXPECT_EQ(class_word(errc::missing_error_field), "missing-error-field");
  EXPECT_EQ(class_word(make_error_code(errc::unknown_tag)), "unknown-tag");
}

TEST(Errc, CodesOfOthersHaveNoWord) {
  EXPECT_EQ(class_word(make_error_code(std::errc::no_such_file_or_directory)), "");
  EXPECT_EQ(class_word(static_cast<errc>(0)), "");
}

TEST(Errc, EveryCodeMeetsExactlyOneCondition) {
  for (const errc code : all_errc) {
    int met = 0;
    for (const condition c :
         {condition::malformed, condition::out_of_order, condition::over_limit, condition::unsupported}) {
      met += make_error_code(code) == c;
    }
    EXPECT_EQ(met, 1) << class_word(code);
  }
  EXPECT_EQ(make_error_code(errc::key_too_long), condition::malformed);
  EXPECT_EQ(make_error_code(errc::box_too_large), condition::over_limit);
  EXPECT_EQ(make_error_code(errc::unknown_tag), condition::out_of_order);
}

TEST(Errc, TellsItsTextAndItsCategory) {
  EXPECT_EQ(make_error_code(errc::key_too_long).message(), "key longer than 255 octets");
  EXPECT_STREQ(make_error_code(errc::key_too_long).category().name(), "amp");
  EXPECT_EQ(make_error_condition(condition::over_limit).message(), "over a limit");
  EXPECT_EQ(category().message(999), "unknown error 999");
}

}  // namespace
}  // namespace ampspec::amp
