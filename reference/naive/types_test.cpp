// Typed values against the text forms of the specification, and Float against exact arithmetic and the C library.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/types.hpp"

#include "reference/naive/type_testing.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

namespace ampspec::naive {
namespace {

using namespace testing;

struct pair_of_texts {
  std::string octets, value;
};

void reads(const argument_type& type, const std::vector<pair_of_texts>& cases) {
  for (const auto& c : cases) EXPECT_EQ(read(type, c.octets), c.value) << shown(c.octets);
}

void refuses(const argument_type& type, const std::vector<std::string>& cases) {
  for (const auto& c : cases) EXPECT_EQ(read(type, c), "refused") << shown(c);
}

/// Each text is what its own value is printed as.
void keeps(const argument_type& type, const std::vector<std::string>& texts) {
  for (const auto& t : texts) EXPECT_EQ(read_and_written(type, t), shown(t));
}

TEST(NaiveInteger, IsBaseTen) {
  keeps(an_integer,
        {"0", "1", "-1", "-20", "9223372036854775808", "-9223372036854775809", "1000000000000000000000000000000"});
  reads(an_integer, {{"007", "7"}, {"-007", "-7"}, {"-0", "0"}, {"+1", "1"}, {"010", "10"}});
  refuses(an_integer, {"", "-", "+", "--1", "+-1", "0x10", "1.0", "1e3", "1__0", "1_0", " 1", "1\n", "true",
                       std::string("1\0", 2), "\xd9\xa1"});
}

TEST(NaiveInteger, PrintsNoFraction) {
  typed_value v;
  v.digits = "1.5";
  EXPECT_EQ(written_as(an_integer, v), "refused");
}

TEST(NaiveBytes, AreAnyOctets) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  keeps(some_bytes, {all, "", std::string("\0\xff", 2)});
}

TEST(NaiveText, IsUtf8) {
  const std::string all = hex("68 c3 a9 e2 82 ac f0 9f 98 80");
  reads(a_text, {{all, "h<e9><20ac><1f600>"},
                 {hex("00 7f c2 80 df bf e0 a0 80"), "<0><7f><80><7ff><800>"},
                 {hex("ef bf bd ef bb bf f4 8f bf bf"), "<fffd><feff><10ffff>"},
                 {hex("ef bb bf 61"), "<feff>a"}});
  keeps(a_text, {all, "", hex("65 cc 81"), hex("c3 a9"), hex("f4 8f bf bf"), hex("00")});
  refuses(a_text, {hex("ff"), hex("c0 80"), hex("ed a0 80"), hex("f4 90 80 80"), hex("e2 82"), hex("80")});
}

TEST(NaiveText, PrintsNoSurrogatesAndNothingTooLong) {
  typed_value v;
  v.text = U"a";
  v.text += static_cast<char32_t>(0xd800);
  EXPECT_EQ(written_as(a_text, v), "refused");
  v.text = std::u32string(21845, 0x20ac);
  EXPECT_EQ(print(a_text, v)->size(), 65535u);
  v.text += 0x20ac;
  EXPECT_EQ(print(a_text, v), std::nullopt);
}

TEST(NaiveBoolean, IsOneOfTwoWords) {
  keeps(a_boolean, {"True", "False"});
  refuses(a_boolean, {"true", "TRUE", "1", "0", "", "True ", "T"});
}

// Bits worked out by hand: 1.5 is 1.1b * 2^0, 0.1 the known pattern, the rest from the catalogue.
TEST(NaiveFloat, ReadsTheNearestDouble) {
  reads(a_float, {{"1.5", "3ff8000000000000"},
                  {"0.1", "3fb999999999999a"},
                  {"123", "405ec00000000000"},
                  {"10.", "4024000000000000"},
                  {"-123.40000000000001", "c05ed9999999999a"},
                  {"1e+16", "4341c37937e08000"},
                  {"1E5", "40f86a0000000000"},
                  {"5e-324", "0000000000000001"},
                  {"2.2250738585072014e-308", "0010000000000000"},
                  {"1.7976931348623157e308", "7fefffffffffffff"},
                  {"1e-400", "0000000000000000"},
                  {"-0.0", "8000000000000000"},
                  {"9007199254740993", "4340000000000000"},
                  {"9007199254740995", "4340000000000002"},
                  {"1.00000000000000011102230246251565404236316680908203125", "3ff0000000000000"},
                  {"1.00000000000000011102230246251565404236316680908203126", "3ff0000000000001"},
                  {"2.4703282292062327e-324", "0000000000000000"},
                  {"2.4703282292062328e-324", "0000000000000001"},
                  {"1.7976931348623158e308", "7fefffffffffffff"}});
}

TEST(NaiveFloat, ReadsOtherSpellings) {
  reads(a_float, {{"inf", "7ff0000000000000"},
                  {"-inf", "fff0000000000000"},
                  {"Infinity", "7ff0000000000000"},
                  {"nan", "7ff8000000000000"},
                  {"-nan", "7ff8000000000000"},
                  {"+1.5", "3ff8000000000000"},
                  {".5", "3fe0000000000000"},
                  {" 1.5\n", "3ff8000000000000"},
                  {"1_0.5", "4025000000000000"}});
  refuses(a_float, {"1e400", "-1e400", "1.7976931348623159e308", "", ".", "1e", "e5", "0x1p3", "1,5", "nan(1)", "1.5f",
                    "snan", "1__0", "_1", "--1", "1 5", "i"});
}

TEST(NaiveFloat, PrintsTheShortestDigits) {
  keeps(a_float,
        {"0.1", "1e22", "1e23", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308", "1e300",
         "9007199254740992", "9007199254740994", "0.3333333333333333", "1e-6", "0.00001", "inf", "-inf", "nan"});
  EXPECT_EQ(read_and_written(a_float, "-0.0"), "-0.0");
}

TEST(NaiveFloat, AgreesWithTheCLibrary) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    typed_value v;
    v.bits = i % 3 == 0 ? random() % (1ull << 52) : random();
    const double d = std::bit_cast<double>(v.bits);
    if (std::isnan(d)) continue;
    const std::string text = *print(a_float, v);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)), v.bits) << text;
    EXPECT_EQ(parse(a_float, text)->bits, v.bits) << text;
    const std::string any = std::to_string(random()) + "e" + std::to_string(static_cast<int>(random() % 680) - 360);
    const double wanted = std::strtod(any.c_str(), nullptr);
    const auto got = parse(a_float, any);
    EXPECT_EQ(got.has_value(), !std::isinf(wanted)) << any;
    if (!got) continue;
    EXPECT_EQ(got->bits, std::bit_cast<std::uint64_t>(wanted)) << any;
  }
}

TEST(NaiveDecimal, KeepsDigitsAndExponent) {
  keeps(a_decimal,
        {"1",    "1.50",     "1.00",      "-0",  "0E-7", "1E+2", "100",   "1.23E+7", "1E-7",      "0.000001", "0.00",
         "0E+3", "Infinity", "-Infinity", "NaN", "-NaN", "sNaN", "-sNaN", "NaN123",  "1E+999999", "-1.23E-8"});
  reads(a_decimal, {{"1.50", "150e-2"},
                    {"-0", "-0e0"},
                    {"1E+2", "1e2"},
                    {"1e2", "1e2"},
                    {"+1", "1e0"},
                    {".5", "5e-1"},
                    {"5.", "5e0"},
                    {"0E-7", "0e-7"},
                    {"sNaN07", "snan7"},
                    {" 1_0\n", "10e0"},
                    {"iNf", "inf"}});
  refuses(a_decimal, {"", "abc", "0x1", "\xd9\xa1", "1E", "1E+9999999999", "NaNx", "--1", "1 0", "."});
}

TEST(NaiveDateTime, Is32Octets) {
  reads(a_datetime, {{"2012-01-23T12:34:56.054321-01:23", "2012-1-23 12:34:56.54321 -4980"},
                     {"0001-01-01T00:00:00.000000+23:59", "1-1-1 0:0:0.0 86340"},
                     {"9999-12-31T23:59:59.999999-23:59", "9999-12-31 23:59:59.999999 -86340"},
                     {"2000-02-29T00:00:00.000000+00:00", "2000-2-29 0:0:0.0 0"},
                     {"2012-02-29T00:00:00.000000-00:00", "2012-2-29 0:0:0.0 0"}});
  keeps(a_datetime,
        {"2012-01-23T12:34:56.054321-01:23", "0001-01-01T00:00:00.000000+05:45", "2000-02-29T23:59:59.999999-00:00"});
  refuses(a_datetime, {"",
                       "2012-01-23T12:34:56.054321Z",
                       "2012-01-23T12:34:56-01:23",
                       "2012-01-23T12:34:56.054321 01:23",
                       "1900-02-29T00:00:00.000000+00:00",
                       "2011-02-29T00:00:00.000000+00:00",
                       "2012-02-30T00:00:00.000000+00:00",
                       "2012-00-01T00:00:00.000000+00:00",
                       "2012-13-01T00:00:00.000000+00:00",
                       "2012-01-00T00:00:00.000000+00:00",
                       "2012-01-32T00:00:00.000000+00:00",
                       "2012-04-31T00:00:00.000000+00:00",
                       "0000-01-01T00:00:00.000000+00:00",
                       "2012-01-01T24:00:00.000000+00:00",
                       "2012-01-01T00:60:00.000000+00:00",
                       "2012-01-01T00:00:60.000000+00:00",
                       "2012/01-01T00:00:00.000000+00:00",
                       "2012-01-01 00:00:00.000000+00:00",
                       "2012-01-01T00:00:00.+54321+00:00",
                       "2012-01-01T00:00:00.05_321+00:00",
                       "2012-01-01T00:00:00.000000+00:60",
                       "2012-01-01T00:00:00.000000+24:00",
                       " 012-01-01T00:00:00.000000+00:00",
                       "2012-01-01T00:00:00.000000+-1:23"});
}

TEST(NaiveDateTime, PrintsWhatFitsOnly) {
  EXPECT_EQ(written_as(a_datetime, time_of(2012, 5, 0, std::nullopt)), "refused");
  EXPECT_EQ(written_as(a_datetime, time_of(0, 5, 0, 0)), "refused");
  EXPECT_EQ(written_as(a_datetime, time_of(10000, 5, 0, 0)), "refused");
  EXPECT_EQ(written_as(a_datetime, time_of(2012, 5, 0, 86400)), "refused");
  EXPECT_EQ(written_as(a_datetime, time_of(2012, 5, 0, -86370)), "refused");
  EXPECT_EQ(written_as(a_datetime, time_of(2012, 999999, 999, 3600)), "2012-01-02T03:05:00.000000+01:00");
  EXPECT_EQ(written_as(a_datetime, time_of(2012, 5, 499, -89)), "2012-01-02T03:04:59.000005-00:01");
}

TEST(NaivePath, IsText) {
  keeps(a_path, {hex("2f 74 6d 70 2f c3 a9"), "/a%20b"});
  refuses(a_path, {hex("2f ff")});
}

TEST(NaiveList, IsElementsWithLengths) {
  reads(list_of(an_integer), {{hex("00 01 33 00 01 37 00 01 39 00 02 31 35"), "[3, 7, 9, 15]"}, {"", "[]*0"}});
  reads(list_of(a_text), {{hex("00 01 61 00 00 00 02 c3 a9"), "[a, , <e9>]"}, {hex("00 00"), "[]*1"}});
  reads(list_of(a_boolean), {{hex("00 04 54 72 75 65 00 05 46 61 6c 73 65"), "[true, false]"}});
  reads(list_of(list_of(an_integer)), {{hex("00 06 00 01 31 00 01 32 00 00 00 03 00 01 33"), "[[1, 2], []*0, [3]*1]"}});
  keeps(list_of(list_of(an_integer)), {hex("00 06 00 01 31 00 01 32 00 00 00 03 00 01 33"), ""});
  refuses(list_of(an_integer), {hex("00 01 31 00"), hex("00 01 31 00 05 31 32"), hex("00 00"), hex("00 01 78")});
}

TEST(NaiveList, HasAtMost65535Octets) {
  typed_value v, element;
  element.octets = std::string(65533, 'x');
  v.items = {element};
  EXPECT_EQ(print(list_of(some_bytes), v)->size(), 65535u);
  v.items = {element, typed_value{}};
  EXPECT_EQ(print(list_of(some_bytes), v), std::nullopt);
  element.octets = std::string(65536, 'x');
  v.items = {element};
  EXPECT_EQ(print(list_of(some_bytes), v), std::nullopt);
}

const argument_list x_note = {{"x", an_integer, false}, {"note", a_text, true}};

TEST(NaiveRecords, AreBoxes) {
  reads(records_of(x_note), {{hex("00 01 78 00 01 31 00 00 00 01 78 00 01 32 00 00"), "[{x=1}{x=2}]"},
                             {"", "[]"},
                             {raw({{"note", ""}, {"x", "1"}, {"more", "?"}}), "[{x=1 note=}]"}});
  reads(records_of({}), {{hex("00 00 00 00"), "[{}{}]"}});
  keeps(records_of(x_note), {hex("00 01 78 00 01 31 00 00 00 01 78 00 01 32 00 00"), ""});
  keeps(records_of({{"in", records_of(x_note), false}, {"l", list_of(a_text), false}}),
        {raw({{"in", raw({{"x", "1"}, {"note", ""}}) + raw({{"x", "2"}})}, {"l", hex("00 00 00 01 61")}})});
  refuses(records_of(x_note), {hex("00 00"), hex("00 01 78 00 01 31 00"), hex("01 00"), raw({{"x", ""}})});
}

TEST(NaiveArguments, TellAbsentFromEmpty) {
  const argument_list fields = {{"a-b", a_text, true}, {"class", list_of(an_integer), true}, {"n", an_integer, true}};
  EXPECT_EQ(shown(fields, *parse(fields, {})), "{}");
  EXPECT_EQ(shown(fields, *parse(fields, {{"a-b", ""}, {"class", ""}, {"z", ""}})), "{a-b= class=[]*0}");
  EXPECT_FALSE(parse(fields, {{"n", ""}}));
  EXPECT_EQ(shown(*print(fields, *parse(fields, {{"class", ""}, {"a-b", ""}}))), "{a-b= class=}");
  EXPECT_FALSE(parse({{"_ask", a_text, true}}, {}));
  EXPECT_FALSE(print({{"_ask", a_text, true}}, {}));
  EXPECT_FALSE(print(x_note, {}));
  EXPECT_FALSE(parse(x_note, {}));
  EXPECT_FALSE(print({}, {{"z", typed_value{}}}));
}

TEST(NaiveService, EchoesTypes) {
  conversation c;
  const box sent = {
      {"_ask", "1"}, {"_command", "EchoTypes"}, {"integer", "007"}, {"a-b", ""}, {"grid", hex("00 03 00 01 35")}};
  c.receive(raw(sent));
  EXPECT_EQ(shown(c), "{_answer=1 integer=7 a-b= grid=\\x00\\x03\\x00\\x015} open");
  c.receive(testing::request("2", "EchoTypes", {{"boolean", "true"}}));
  EXPECT_EQ(shown(c), "{_error=2 _error_code=UNKNOWN _error_description=Unknown Error} closing");
}

TEST(NaiveClient, RefusesWhatTheSchemaDoesNotAllow) {
  conversation c;
  c.call_typed("Sum", {{"a", "1"}}, true);
  c.call_typed("Sum", {{"a", "1"}, {"b", "2"}, {"c", "3"}}, true);
  c.call_typed("Sum", {{"a", "x"}, {"b", "2"}}, true);
  c.call_typed("EchoTypes", {{"float", "x"}}, true);
  EXPECT_EQ(shown(c), "1:refused(missing b) 2:refused(undeclared c) 3:refused(wrong a) 4:refused(wrong value) open");
  c.call_typed("EchoTypes", {{"integer", "007"}}, true);
  EXPECT_EQ(shown(c), "{_ask=1 _command=EchoTypes integer=7} open");
  c.receive(answer("1", {{"integer", "8"}, {"more", ""}}));
  EXPECT_EQ(shown(c), "5:answer{integer=8} open");
}

/// Octets of every kind, good and broken, through every type with every fault: nothing throws, nothing hangs.
TEST(NaiveTypes, NoFaultCrashesOnAnything) {
  const std::vector<argument_type> types = {an_integer,
                                            some_bytes,
                                            a_text,
                                            a_boolean,
                                            a_float,
                                            a_decimal,
                                            a_datetime,
                                            a_path,
                                            list_of(an_integer),
                                            list_of(list_of(a_text)),
                                            records_of(x_note),
                                            records_of({{"x", records_of(x_note), true}, {"f", a_float, true}})};
  std::vector<std::string> inputs = {"",
                                     "-",
                                     "007",
                                     "-0.0",
                                     "1E+2",
                                     "1e-400",
                                     "nan",
                                     "sNaN1",
                                     "0x1p3",
                                     "1e",
                                     "True",
                                     "%4",
                                     "%zz",
                                     "2012-01-23T12:34:56.054321-01:23",
                                     hex("00 01 31 00 00"),
                                     hex("c3"),
                                     hex("00 01 78 00 01 31 00 00"),
                                     hex("00 03 00 01 61"),
                                     hex("ff ff"),
                                     hex("00 00 00")};
  std::mt19937 random(5);
  for (std::size_t i = inputs.size(); i-- > 0;) {
    for (int n = 0; n < 3 && !inputs[i].empty(); ++n) {
      inputs.push_back(inputs[i]);
      inputs.back()[random() % inputs[i].size()] = static_cast<char>(random() % 256);
    }
  }
  for (std::size_t f = 0; f < fault_names().size(); ++f) {
    const faults broken = {static_cast<fault>(f)};
    for (const argument_type& type : types) {
      for (const std::string& input : inputs) {
        read(type, input, broken);
        read_and_written(type, input, broken);
      }
    }
  }
}

}  // namespace
}  // namespace ampspec::naive
