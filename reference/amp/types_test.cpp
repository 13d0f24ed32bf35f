// Each argument type: its exact forms, its edges, what is refused and where.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/types.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <clocale>
#include <cmath>
#include <limits>
#include <random>

namespace ampspec::amp {
namespace {

using namespace std::string_view_literals;

wire::failure bad(std::uint64_t offset, wire::requirement_id broken) { return {errc::bad_value, offset, broken}; }

template <class F>
void expect_refused(F parse, std::string_view text, std::uint64_t offset, wire::requirement_id broken) {
  const auto read = parse(text);
  ASSERT_FALSE(read) << text;
  EXPECT_EQ(read.error(), bad(offset, broken)) << text;
}

// --- Integer ---

TEST(Integer, ReadsBaseTenOfAnySize) {
  const std::string huge = "1" + std::string(60000, '0');
  for (const std::string& text : {std::string("0"), std::string("-1"), std::string("9223372036854775808"),
                                  std::string("-18446744073709551616"), huge}) {
    EXPECT_EQ(*parse_integer(text), text);
  }
  EXPECT_EQ(*parse_integer("007"), "7");
  EXPECT_EQ(*parse_integer("010"), "10");
  EXPECT_EQ(*parse_integer("-000"), "0");
  EXPECT_EQ(*parse_integer("+1"), "1");
}

TEST(Integer, RefusesWhatIsNoInteger) {
  const auto parse = [](std::string_view s) { return parse_integer(s); };
  expect_refused(parse, "", 0, "AMP1-TYPE-003");
  expect_refused(parse, "-", 1, "AMP1-TYPE-003");
  expect_refused(parse, "--1", 1, "AMP1-TYPE-003");
  expect_refused(parse, "0x10", 1, "AMP1-TYPE-003");
  expect_refused(parse, "1.0", 1, "AMP1-TYPE-003");
  expect_refused(parse, "1e3", 1, "AMP1-TYPE-003");
  expect_refused(parse, "true", 0, "AMP1-TYPE-003");
  expect_refused(parse, "1\0"sv, 1, "AMP1-TYPE-003");
  expect_refused(parse, "\xd9\xa1", 0, "AMP1-TYPE-003");
  expect_refused(parse, "1__0", 1, "AMP1-TYPE-004");
  expect_refused(parse, "1_000", 1, "AMP1-TYPE-004");
  expect_refused(parse, " 1", 0, "AMP1-TYPE-004");
  expect_refused(parse, "1\n", 1, "AMP1-TYPE-004");
}

TEST(Integer, LenientProfileSkipsWhiteSpaceAndUnderscoresBetweenDigits) {
  EXPECT_EQ(*parse_integer("\t 1_000\n", profile::lenient), "1000");
  for (const char* text : {"1__0", "_1", "1_", "1 0", "- 1", "0x10", ""}) {
    EXPECT_FALSE(parse_integer(text, profile::lenient)) << text;
  }
}

TEST(Integer, NumberOf64BitsOrOutOfRange) {
  EXPECT_EQ(*to_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(*to_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  const wire::failure beyond{errc::out_of_range, 0, "AMP1-TYPE-002"};
  EXPECT_EQ(to_int64("9223372036854775808").error(), beyond);
  EXPECT_EQ(to_int64("-9223372036854775809").error(), beyond);
  EXPECT_FALSE(to_int64("1.5"));
}

TEST(Integer, WritesOnlyWholeNumbersInCanonicalDigits) {
  std::string out;
  print_integer(std::numeric_limits<std::int64_t>::min(), out);
  EXPECT_EQ(out, "-9223372036854775808");
  out.clear();
  EXPECT_FALSE(print_integer("1000000000000000000000000000000", out));
  EXPECT_EQ(out, "1000000000000000000000000000000");
  for (const char* text : {"", "-", "1.5", "01", "-0", "+1"}) EXPECT_TRUE(print_integer(text, out)) << text;
  EXPECT_EQ(print_integer("1.5", out), bad(0, "AMP1-TYPE-007"));
  EXPECT_EQ(out.size(), 31u);
}

// --- Text, Boolean ---

TEST(Text, IsValidUtf8OrRefusedAtItsFirstWrongOctet) {
  const auto mixed = "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"sv;
  EXPECT_EQ(*parse_text(mixed), mixed);
  EXPECT_EQ(*parse_text("\xef\xbb\xbf\0"sv), "\xef\xbb\xbf\0"sv);
  expect_refused(parse_text, "a\xff", 1, "AMP1-TYPE-010");
  for (const char* wrong : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    expect_refused(parse_text, wrong, 0, "AMP1-TYPE-010");
  }
  std::string out;
  EXPECT_EQ(print_text("\xed\xa0\x80", out), bad(0, "AMP1-TYPE-011"));
  EXPECT_FALSE(print_text(std::string(65535, 'x'), out));
  EXPECT_EQ(print_text(std::string(65536, 'x'), out), (wire::failure{errc::value_too_long, 0, "AMP1-TYPE-012"}));
  EXPECT_EQ(out.size(), 65535u);
}

TEST(Boolean, IsOneOfTwoWords) {
  EXPECT_TRUE(*parse_boolean("True"));
  EXPECT_FALSE(*parse_boolean("False"));
  for (const char* wrong : {"true", "TRUE", "1", "0", "", "True ", "Fals"}) {
    expect_refused(parse_boolean, wrong, 0, "AMP1-TYPE-015");
  }
  std::string out;
  print_boolean(true, out);
  print_boolean(false, out);
  EXPECT_EQ(out, "TrueFalse");
}

// --- Float ---

std::uint64_t bits(double d) { return std::bit_cast<std::uint64_t>(d); }
std::uint64_t read_bits(std::string_view text) {
  const auto read = parse_float(text);
  EXPECT_TRUE(read) << text;
  return read ? bits(*read) : 0x7ff8dead00000000;
}
std::string printed(double d) {
  std::string out;
  print_float(d, out);
  return out;
}

TEST(Float, ReadsEveryForm) {
  EXPECT_EQ(read_bits("123"), 0x405ec00000000000u);
  EXPECT_EQ(read_bits("10."), 0x4024000000000000u);
  EXPECT_EQ(read_bits(".5"), 0x3fe0000000000000u);
  EXPECT_EQ(read_bits("+1.5"), 0x3ff8000000000000u);
  EXPECT_EQ(read_bits("1E5"), 0x40f86a0000000000u);
  EXPECT_EQ(read_bits("1e+16"), 0x4341c37937e08000u);
  EXPECT_EQ(read_bits("-0.0"), 0x8000000000000000u);
  EXPECT_EQ(read_bits("-0e-99999999999999999999999"), 0x8000000000000000u);
  for (const char* text : {"inf", "+inf", "Infinity", "INF"}) EXPECT_EQ(read_bits(text), 0x7ff0000000000000u);
  EXPECT_EQ(read_bits("-inf"), 0xfff0000000000000u);
  for (const char* text : {"nan", "NaN", "-nan"}) EXPECT_TRUE(std::isnan(*parse_float(text)));
}

TEST(Float, RoundsToNearestTiesToEven) {
  EXPECT_EQ(read_bits("9007199254740993"), 0x4340000000000000u);
  EXPECT_EQ(read_bits("1.00000000000000011102230246251565404236316680908203125"), 0x3ff0000000000000u);
  EXPECT_EQ(read_bits("1.00000000000000011102230246251565404236316680908203126"), 0x3ff0000000000001u);
  EXPECT_EQ(read_bits("2.4703282292062327e-324"), 0u);
  EXPECT_EQ(read_bits("2.4703282292062328e-324"), 1u);
  EXPECT_EQ(read_bits("1.7976931348623158e308"), 0x7fefffffffffffffu);
  EXPECT_EQ(read_bits("5e-324"), 1u);
  EXPECT_EQ(read_bits("2.2250738585072014e-308"), 0x0010000000000000u);
}

TEST(Float, BeyondTheLargestIsInfinityBelowTheSmallestZero) {
  for (const char* text : {"1e400", "1e99999999999999999999", "0.001e400"})
    EXPECT_EQ(read_bits(text), 0x7ff0000000000000u) << text;
  EXPECT_EQ(read_bits("-" + std::string(400, '9')), 0xfff0000000000000u);
  EXPECT_EQ(read_bits("1e-400"), 0u);
  EXPECT_EQ(read_bits("-1e-99999999999999999999"), 0x8000000000000000u);
  EXPECT_EQ(read_bits("0." + std::string(400, '0') + "1"), 0u);
  EXPECT_EQ(read_bits("1" + std::string(400, '0') + "e-400"), 0x3ff0000000000000u);
}

TEST(Float, RefusesWhatIsNoFloat) {
  const auto parse = [](std::string_view s) { return parse_float(s); };
  expect_refused(parse, "", 0, "AMP1-TYPE-021");
  expect_refused(parse, "0x1p3", 1, "AMP1-TYPE-021");
  expect_refused(parse, "1,5", 1, "AMP1-TYPE-021");
  expect_refused(parse, "nan(1)", 3, "AMP1-TYPE-021");
  expect_refused(parse, "1.5f", 3, "AMP1-TYPE-021");
  expect_refused(parse, "snan", 0, "AMP1-TYPE-021");
  expect_refused(parse, ".", 1, "AMP1-TYPE-021");
  expect_refused(parse, "1e", 2, "AMP1-TYPE-021");
  expect_refused(parse, "infinit", 3, "AMP1-TYPE-021");
  expect_refused(parse, "1_0.5", 1, "AMP1-TYPE-022");
  expect_refused(parse, " 1.5", 0, "AMP1-TYPE-022");
  EXPECT_EQ(*parse_float(" 1_0.5\n", profile::lenient), 10.5);
}

TEST(Float, WritesTheShortestTextAndPlainWords) {
  EXPECT_EQ(printed(0.1), "0.1");
  EXPECT_EQ(printed(-0.0), "-0");
  EXPECT_EQ(printed(5e-324), "5e-324");
  EXPECT_EQ(printed(1e16), "1e+16");
  EXPECT_EQ(printed(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(printed(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(printed(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(printed(std::bit_cast<double>(0x7ff8000000000001u)), "nan");
  EXPECT_EQ(printed(std::bit_cast<double>(0xfff8000000000000u)), "nan");
}

TEST(Float, EveryDoubleComesBackBitForBit) {
  std::mt19937_64 random(20);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto drawn = random();
    const auto d = std::bit_cast<double>(drawn);
    if (std::isnan(d)) continue;
    const auto back = parse_float(printed(d));
    ASSERT_TRUE(back && bits(*back) == drawn) << printed(d);
  }
}

TEST(Float, DoesNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  const bool set = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr || std::setlocale(LC_ALL, "fr_FR.UTF-8") != nullptr;
  EXPECT_EQ(printed(1234567.5), "1234567.5");
  EXPECT_EQ(read_bits("1.5"), 0x3ff8000000000000u);
  EXPECT_FALSE(parse_float("1,5"));
  std::setlocale(LC_ALL, before.c_str());
  if (!set) GTEST_SKIP() << "no locale with a decimal comma is installed";
}

// --- Decimal ---

std::string round_trip(std::string_view text) {
  const auto read = parse_decimal(text);
  if (!read) return "refused";
  std::string out;
  if (print_decimal(*read, out)) return "not printed";
  return out;
}

TEST(Decimal, DigitsExponentAndSignSurvive) {
  const std::string many = "1." + std::string(50, '3');
  for (const std::string text :
       {"1",        "1.0",       "1.00",  "-0",   "0E-7",    "1E+2",      "100",        "1.23E+7",
        "1E-7",     "0.000001",  "-0.00", "0E+3", "123.456", "1E+999999", "-1E-999999", "12E0",
        "Infinity", "-Infinity", "NaN",   "-NaN", "sNaN",    "-sNaN",     "NaN123",     "1E+1000000000000000000"}) {
    EXPECT_EQ(round_trip(text), text == "12E0" ? "12" : text);
  }
  EXPECT_EQ(round_trip(many), many);
  EXPECT_EQ(wire::notation_of(*parse_decimal("-1.50")), "-150e-2");
  EXPECT_EQ(wire::notation_of(*parse_decimal("0E-7")), "0e-7");
}

TEST(Decimal, OtherFormsOfTheSameValue) {
  EXPECT_EQ(round_trip("1e2"), "1E+2");
  EXPECT_EQ(round_trip("+1"), "1");
  EXPECT_EQ(round_trip(".5"), "0.5");
  EXPECT_EQ(round_trip("5."), "5");
  EXPECT_EQ(round_trip("007.0"), "7.0");
  EXPECT_EQ(round_trip("inf"), "Infinity");
  EXPECT_EQ(round_trip("INFINITY"), "Infinity");
  EXPECT_EQ(round_trip("snan"), "sNaN");
  EXPECT_EQ(round_trip("0.0000001"), "1E-7");
  EXPECT_EQ(round_trip("12300000E-2"), "123000.00");
}

TEST(Decimal, RefusesWhatIsNoDecimal) {
  const auto parse = [](std::string_view s) { return parse_decimal(s); };
  expect_refused(parse, "", 0, "AMP1-TYPE-026");
  expect_refused(parse, "abc", 0, "AMP1-TYPE-026");
  expect_refused(parse, "0x1", 1, "AMP1-TYPE-026");
  expect_refused(parse, "\xd9\xa1", 0, "AMP1-TYPE-026");
  expect_refused(parse, "1e", 2, "AMP1-TYPE-026");
  expect_refused(parse, "1 ", 1, "AMP1-TYPE-027");
  expect_refused(parse, "1_0", 1, "AMP1-TYPE-027");
  EXPECT_EQ(wire::notation_of(*parse_decimal(" 1_0 ", profile::lenient)), "10e0");
  EXPECT_EQ(parse_decimal("1E+1000000000000000001").error(), (wire::failure{errc::out_of_range, 0, "AMP1-TYPE-061"}));
  EXPECT_FALSE(parse_decimal("1E+99999999999999999999"));
}

// Written, the exponent is that of the first digit, so digits in front of the point or zeros behind it count.
TEST(Decimal, WhatIsReadCanBeWrittenAndReadAgain) {
  const wire::failure beyond{errc::out_of_range, 0, "AMP1-TYPE-061"};
  EXPECT_EQ(round_trip("1E1000000000000000000"), "1E+1000000000000000000");
  EXPECT_EQ(round_trip("10E999999999999999999"), "1.0E+1000000000000000000");
  EXPECT_EQ(parse_decimal("10E1000000000000000000").error(), beyond);
  EXPECT_EQ(round_trip("0.12E-999999999999999999"), "1.2E-1000000000000000000");
  EXPECT_EQ(parse_decimal("0.12E-1000000000000000000").error(), beyond);
  std::string out;
  decimal d = *parse_decimal("1E1000000000000000000");
  d.digits = "10";
  EXPECT_EQ(print_decimal(d, out), beyond);
}

// --- DateTime ---

std::string printed(const date_time& t) {
  std::string out;
  return print_datetime(t, out) ? "refused" : out;
}

TEST(DateTime, IsThirtyTwoOctets) {
  const auto vector = "2012-01-23T12:34:56.054321-01:23"sv;
  const auto read = parse_datetime(vector);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (date_time{2012, 1, 23, 12, 34, 56, 54321, 0, -4980}));
  EXPECT_EQ(printed(*read), vector);
}

TEST(DateTime, BothZerosAreUtc) {
  EXPECT_EQ(parse_datetime("2000-02-29T00:00:00.000000+00:00")->offset, 0);
  EXPECT_EQ(parse_datetime("2000-02-29T00:00:00.000000-00:00")->offset, 0);
}

TEST(DateTime, ExtremesKeepFieldsAndOffset) {
  for (const std::string day : {"0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"}) {
    for (const char* offset : {"+00:00", "+14:00", "-12:00", "+05:45", "+23:59", "-23:59"}) {
      EXPECT_EQ(printed(*parse_datetime(day + offset)), day + offset);
    }
  }
}

TEST(DateTime, RefusesWhatIsNoTime) {
  const auto at = [](std::uint64_t offset, wire::requirement_id broken, std::string_view text) {
    expect_refused([](std::string_view s) { return parse_datetime(s); }, text, offset, broken);
  };
  at(0, "AMP1-TYPE-030", "");
  at(27, "AMP1-TYPE-030", "2012-01-23T12:34:56.054321Z");
  at(32, "AMP1-TYPE-030", "2012-01-23T12:34:56.054321-01:230");
  at(26, "AMP1-TYPE-030", "2012-01-23T12:34:56.054321 01:23");
  at(0, "AMP1-TYPE-030", "0000-01-23T12:34:56.054321+01:23");
  at(5, "AMP1-TYPE-030", "2012-00-23T12:34:56.054321+01:23");
  at(5, "AMP1-TYPE-030", "2012-13-23T12:34:56.054321+01:23");
  at(8, "AMP1-TYPE-030", "2012-01-00T12:34:56.054321+01:23");
  at(8, "AMP1-TYPE-030", "2012-04-31T12:34:56.054321+01:23");
  at(8, "AMP1-TYPE-030", "2012-02-30T12:34:56.054321+01:23");
  at(8, "AMP1-TYPE-031", "1900-02-29T12:34:56.054321+01:23");
  at(8, "AMP1-TYPE-031", "2011-02-29T12:34:56.054321+01:23");
  at(11, "AMP1-TYPE-030", "2012-01-23T24:00:00.000000+01:23");
  at(14, "AMP1-TYPE-030", "2012-01-23T12:60:00.000000+01:23");
  at(17, "AMP1-TYPE-030", "2012-01-23T12:34:60.000000+01:23");
  at(4, "AMP1-TYPE-033", "2012/01-23T12:34:56.054321+01:23");
  at(10, "AMP1-TYPE-033", "2012-01-23 12:34:56.054321+01:23");
  at(20, "AMP1-TYPE-033", "2012-01-23T12:34:56.+54321+01:23");
  at(0, "AMP1-TYPE-033", " 012-01-23T12:34:56.054321+01:23");
  at(27, "AMP1-TYPE-033", "2012-01-23T12:34:56.054321+24:00");
  at(30, "AMP1-TYPE-033", "2012-01-23T12:34:56.054321+00:60");
}

TEST(DateTime, LenientProfileForgivesSeparatorsAndOffsets) {
  EXPECT_EQ(*parse_datetime("2012/01/23X12.34.56,054321+00.60", profile::lenient),
            (date_time{2012, 1, 23, 12, 34, 56, 54321, 0, 3600}));
  EXPECT_EQ(parse_datetime("2012-01-23T12:34:56.054321-99:99", profile::lenient)->offset, -(99 * 60 + 99) * 60);
  EXPECT_FALSE(parse_datetime("2012-01-23T12:34:56.05_321+00:00", profile::lenient));
}

TEST(DateTime, RefusesToWriteWhatDoesNotFit) {
  const date_time good{2012, 1, 23, 12, 34, 56, 54321, 0, 0};
  EXPECT_EQ(printed(good), "2012-01-23T12:34:56.054321+00:00");
  const auto refused = [&](auto change, wire::requirement_id broken) {
    auto t = good;
    change(t);
    std::string out;
    EXPECT_EQ(print_datetime(t, out), bad(0, broken));
    EXPECT_TRUE(out.empty());
  };
  refused([](auto& t) { t.offset.reset(); }, "AMP1-TYPE-034");
  refused([](auto& t) { t.year = 0; }, "AMP1-TYPE-058");
  refused([](auto& t) { t.year = 10000; }, "AMP1-TYPE-058");
  refused([](auto& t) { t.offset = 86400; }, "AMP1-TYPE-058");
  refused([](auto& t) { t.offset = -30; }, "AMP1-TYPE-064");
  refused([](auto& t) { t.month = 13; }, "AMP1-TYPE-030");
  refused([](auto& t) { t.day = 32; }, "AMP1-TYPE-030");
  refused([](auto& t) { t.microsecond = 1'000'000; }, "AMP1-TYPE-030");
  auto finer = good;
  finer.nanosecond = 999;
  EXPECT_EQ(printed(finer), printed(good));
}

// --- ListOf, AmpList ---

TEST(ListOf, IsLengthsAndElements) {
  EXPECT_TRUE(parse_list("")->empty());
  EXPECT_EQ(*parse_list("\0\1"
                        "3\0\1"
                        "7\0\0\0\2"
                        "15"sv),
            (std::vector<std::string_view>{"3", "7", "", "15"}));
}

TEST(ListOf, RefusesAnEndThatIsMissing) {
  for (const auto text : {"\0\1"
                          "1\0"sv,
                          "\0\1"
                          "1\0\5"
                          "12"sv}) {
    EXPECT_EQ(parse_list(text).error(), (wire::failure{errc::truncated, 3, "AMP1-TYPE-041"}));
    EXPECT_EQ(*parse_list(text, profile::lenient), std::vector<std::string_view>{"1"});
  }
}

TEST(ListOf, HoldsOneElementOf65533Octets) {
  std::string list;
  EXPECT_FALSE(append_element(std::string(65533, 'x'), list));
  EXPECT_EQ(list.size(), 65535u);
  const wire::failure full{errc::value_too_long, 0, "AMP1-TYPE-042"};
  EXPECT_EQ(append_element("", list), full);
  EXPECT_EQ(list.size(), 65535u);
  std::string other;
  EXPECT_EQ(append_element(std::string(65534, 'x'), other), full);
  EXPECT_EQ(append_element(std::string(65536, 'x'), other), full);
  EXPECT_TRUE(other.empty());
}

TEST(AmpList, IsBoxes) {
  EXPECT_TRUE(parse_records("")->empty());
  EXPECT_EQ(parse_records("\0\0\0\0"sv)->size(), 2u);
  const auto vector =
      "\0\1x\0\1"
      "1\0\0\0\1x\0\1"
      "2\0\0"sv;
  const auto records = parse_records(vector);
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ(records->at(1), (box{{"x", "2"}}));
  std::string out;
  for (const auto& record : *records) EXPECT_FALSE(append_record(record, out));
  EXPECT_EQ(out, vector);
}

TEST(AmpList, RefusesAnEndThatIsMissingAndWrongKeys) {
  const auto cut =
      "\0\1x\0\1"
      "1\0\0\0\1x"sv;
  EXPECT_EQ(parse_records(cut).error(), (wire::failure{errc::truncated, cut.size(), "AMP1-TYPE-048"}));
  EXPECT_EQ(parse_records(cut, profile::lenient)->size(), 1u);
  for (const auto how : {profile::strict, profile::lenient}) {
    EXPECT_EQ(parse_records("\1\0x"sv, how).error().code, errc::key_too_long);
  }
}

TEST(AmpList, HoldsNoMoreThanAValue) {
  std::string list(65530, 'x');
  EXPECT_TRUE(append_record(box{{"a", "b"}}, list));
  EXPECT_EQ(list.size(), 65530u);
}

}  // namespace
}  // namespace ampspec::amp
