// What typed values compare to, and that each notation says exactly one value.
// SPDX-License-Identifier: Apache-2.0
#include "reference/wire/value.hpp"

#include <gtest/gtest.h>

namespace ampspec::wire {
namespace {

TEST(Value, DecimalNotationKeepsDigitsAndExponent) {
  for (const std::string text :
       {"150e-2", "-0e0", "1e2", "0e-7", "inf", "-inf", "nan", "-snan", "nan123", "7e-999999"}) {
    const auto read = decimal_from(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(notation_of(*read), text);
  }
  EXPECT_EQ(notation_of(*decimal_from("000e1")), "0e1");
  for (const char* text :
       {"", "e1", "1", "1e", "1.0e1", "+1e0", "1e1x", "infinity", "nanx", "1e99999999999999999999"}) {
    EXPECT_FALSE(decimal_from(text)) << text;
  }
}

TEST(Value, IntegerNotationDropsNeedlessZerosOnly) {
  EXPECT_EQ(integer_from("-007", false)->digits, "-7");
  EXPECT_EQ(integer_from("-0", false)->digits, "0");
  EXPECT_EQ(integer_from("1.50", true)->digits, "1.50");
  EXPECT_EQ(integer_from("-0.5", true)->digits, "-0.5");
  for (const char* text : {"", "-", "+1", " 1", "1.5", "1_0"}) EXPECT_FALSE(integer_from(text, false)) << text;
  for (const char* text : {"1.", ".5"}) EXPECT_FALSE(integer_from(text, true)) << text;
}

TEST(Value, BitsAreSixteenDigitsSignFirst) {
  EXPECT_EQ(float_from_bits("8000000000000001")->bits, 0x8000000000000001u);
  EXPECT_EQ(bits_of({0x7ff8000000000000}), "7ff8000000000000");
  EXPECT_FALSE(float_from_bits("800000000000000"));
  EXPECT_FALSE(float_from_bits("800000000000000g"));
}

TEST(Value, AnyNanIsLikeAnyOtherAndZerosDifferBySign) {
  const value quiet{float_value{0x7ff8000000000000}}, other{float_value{0xfff8000000000001}};
  EXPECT_TRUE(same_value(quiet, other));
  EXPECT_FALSE(same_value(value{float_value{0}}, value{float_value{0x8000000000000000}}));
  EXPECT_FALSE(same_value(value{float_value{0x7ff0000000000000}}, quiet));
}

TEST(Value, RecordsCompareWhateverTheOrderOfNames) {
  const value one{integer_value{"1"}}, two{integer_value{"2"}};
  EXPECT_TRUE(same_record({{"x", one}, {"y", two}}, {{"y", two}, {"x", one}}));
  EXPECT_FALSE(same_record({{"x", one}, {"y", two}}, {{"y", one}, {"x", two}}));
  EXPECT_FALSE(same_record({{"x", one}}, {}));
  EXPECT_FALSE(same_value(value{list_value{one}}, value{list_value{one, one}}));
}

TEST(Value, CodePointsAndUtf8) {
  const std::u32string all = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff};
  EXPECT_EQ(code_points_of(loose_utf8(all)), all);
  EXPECT_EQ(loose_utf8(U"\u20ac"), "\xe2\x82\xac");
  EXPECT_EQ(loose_utf8(std::u32string(1, 0xd800)), "\xed\xa0\x80");
  for (const char* wrong :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf8"}) {
    EXPECT_FALSE(code_points_of(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ampspec::wire
