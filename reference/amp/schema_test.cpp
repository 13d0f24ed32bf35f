// Values by type and boxes by schema: nesting, optional names, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/schema.hpp"

#include <gtest/gtest.h>

namespace ampspec::amp {
namespace {

using namespace std::string_view_literals;
using wire::value;
using wire::value_kind;
using wire::value_type;

value_type of(value_kind kind) { return {kind, {}, {}}; }
value_type list_of(value_type element) { return {value_kind::list, {std::move(element)}, {}}; }
value_type records_of(wire::value_schema fields) { return {value_kind::records, {}, std::move(fields)}; }
value number(const char* digits) { return {wire::integer_value{digits}}; }

void expect_both_ways(const value_type& type, const value& is, std::string_view octets) {
  const auto read = parse_value(type, octets);
  ASSERT_TRUE(read) << read.error().code.message();
  EXPECT_TRUE(wire::same_value(*read, is));
  std::string out;
  EXPECT_FALSE(print_value(type, is, out));
  EXPECT_EQ(out, octets);
}

TEST(Schema, ListsOfListsBothWays) {
  const auto grid = list_of(list_of(of(value_kind::integer)));
  const value rows{wire::list_value{
      {wire::list_value{number("1"), number("2")}}, {wire::list_value{}}, {wire::list_value{number("3")}}}};
  expect_both_ways(grid, rows,
                   "\0\6\0\1"
                   "1\0\1"
                   "2\0\0\0\3\0\1"
                   "3"sv);
}

TEST(Schema, RecordsInRecordsAndListsInRecordsBothWays) {
  const auto inner = records_of({{"y", of(value_kind::boolean)}});
  const auto type = records_of({{"x", list_of(of(value_kind::text))}, {"in", inner, true}});
  const value is{wire::records_value{
      {{"x", {wire::list_value{{wire::text_value{U"\u00e9"}}}}}, {"in", {wire::records_value{{{"y", {true}}}}}}},
      {{"x", {wire::list_value{}}}}}};
  expect_both_ways(type, is, "\0\1x\0\4\0\2\xc3\xa9\0\2in\0\x0b\0\1y\0\4True\0\0\0\0\0\1x\0\0\0\0"sv);
}

TEST(Schema, AnElementThatIsWrongMakesTheListWrong) {
  const auto read = parse_value(list_of(of(value_kind::integer)),
                                "\0\1"
                                "1\0\2"
                                "2x"sv);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error(), (wire::failure{errc::bad_value, 6, "AMP1-TYPE-003"}));
}

TEST(Schema, NestingHasALimit) {
  auto type = of(value_kind::integer);
  for (int i = 0; i < 16; ++i) type = list_of(type);
  EXPECT_TRUE(parse_value(type, ""));
  auto deeper = list_of(type);
  std::string sixteen, out;
  for (int i = 0; i < 16; ++i) {
    std::string around;
    ASSERT_FALSE(append_element(sixteen, around));
    sixteen = around;
  }
  EXPECT_EQ(parse_value(deeper, sixteen).error().code, errc::nested_too_deep);
  value nested{wire::list_value{}};
  for (int i = 0; i < 16; ++i) nested = value{wire::list_value{nested}};
  EXPECT_EQ(print_value(deeper, nested, out)->code, errc::nested_too_deep);
}

const wire::value_schema schema{{"a-b", of(value_kind::integer)}, {"class", of(value_kind::bytes), true}};

TEST(Schema, OptionalNamesMayBeAbsentAndAnEmptyValueIsAValue) {
  EXPECT_TRUE(wire::same_record(*parse_arguments(schema, box{{"a-b", "1"}}), {{"a-b", number("1")}}));
  EXPECT_TRUE(wire::same_record(*parse_arguments(schema, box{{"class", ""}, {"a-b", "1"}, {"other", "x"}}),
                                {{"a-b", number("1")}, {"class", {std::string()}}}));
  EXPECT_EQ(*print_arguments(schema, {{"a-b", number("1")}}), (box{{"a-b", "1"}}));
  EXPECT_EQ(*print_arguments(schema, {{"class", {std::string()}}, {"a-b", number("1")}}),
            (box{{"a-b", "1"}, {"class", ""}}));
  const wire::value_schema optional{{"n", of(value_kind::integer), true}};
  EXPECT_EQ(parse_arguments(optional, box{{"n", ""}}).error().code, errc::bad_value);
}

TEST(Schema, RefusesWhatIsMissingOrUnknown) {
  EXPECT_EQ(parse_arguments(schema, box{{"a_b", "1"}}).error(),
            (wire::failure{errc::missing_argument, 0, "AMP1-TYPE-047"}));
  EXPECT_EQ(print_arguments(schema, {}).error(), (wire::failure{errc::missing_argument, 0, "AMP1-TYPE-052"}));
  EXPECT_EQ(print_arguments(schema, {{"a-b", number("1")}, {"c", number("1")}}).error(),
            (wire::failure{errc::unknown_argument, 0, "AMP1-TYPE-053"}));
  EXPECT_EQ(print_arguments(schema, {{"a-b", {true}}}).error().code, errc::bad_value);
}

TEST(Schema, RefusesTheSixNamesOfTheProtocolAndNoOther) {
  for (const char* name : {"_ask", "_answer", "_command", "_error", "_error_code", "_error_description"}) {
    const wire::value_schema reserved{{name, of(value_kind::bytes), true}};
    const wire::failure refused{errc::reserved_key, 0, "AMP1-TYPE-057"};
    EXPECT_EQ(parse_arguments(reserved, box{}).error(), refused);
    EXPECT_EQ(print_arguments(reserved, {}).error(), refused);
  }
  EXPECT_FALSE(check({{"_route", of(value_kind::bytes)}}));
  EXPECT_EQ(check({{"x", of(value_kind::bytes)}, {"x", of(value_kind::bytes)}})->code, errc::duplicate_key);
  EXPECT_EQ(check({{"", of(value_kind::bytes)}})->code, errc::empty_key);
  EXPECT_EQ(check({{std::string(256, 'k'), of(value_kind::bytes)}})->code, errc::key_too_long);
}

TEST(Schema, BigValuesStandUnderSeveralNamesAndOnlyInABox) {
  const value_type big{value_kind::big, {of(value_kind::bytes)}, {}},
      words{value_kind::big, {of(value_kind::text)}, {}};
  const wire::value_schema both{{"b", big}, {"w", words, true}};
  const std::string full(65535, 'x');
  const wire::record_value whole{{"b", {full + "y"}}, {"w", {wire::text_value{U"\u00e9"}}}};
  const box chunks{{"b", full}, {"b.2", "y"}, {"w", "\xc3\xa9"}};
  EXPECT_EQ(*print_arguments(both, whole), chunks);
  EXPECT_TRUE(wire::same_record(*parse_arguments(both, chunks), whole));
  EXPECT_TRUE(wire::same_record(*parse_arguments(both, box{{"b", ""}, {"w", "\xc3"}, {"w.2", "\xa9"}}),
                                {{"b", {std::string()}}, {"w", {wire::text_value{U"\u00e9"}}}}));
  EXPECT_EQ(parse_arguments(both, box{{"w", ""}}).error(),
            (wire::failure{errc::missing_argument, 0, "AMP1-BIGSTR-008"}));
  EXPECT_EQ(parse_arguments(both, box{{"b", ""}, {"w", "\xc3"}}).error().code, errc::bad_value);
  EXPECT_EQ(print_arguments(both, {{"b", {true}}}).error().code, errc::bad_value);
  EXPECT_EQ(print_arguments(both, {{"b", {full}}, {"w", {wire::text_value{U"\xd800"}}}}).error().code, errc::bad_value);
  EXPECT_EQ(parse_value(big, "x").error().code, errc::bad_value);
  std::string out;
  EXPECT_EQ(print_value(big, {full}, out)->code, errc::bad_value);
}

TEST(Schema, RefusesANameThatIsAChunkOfAnother) {
  const value_type big{value_kind::big, {of(value_kind::bytes)}, {}}, flocker{value_kind::flocker, big.element, {}};
  const wire::failure clash{errc::duplicate_key, 0, "AMP1-BIGSTR-016"};
  EXPECT_EQ(check({{"b", big}, {"b.2", of(value_kind::bytes)}}), clash);
  EXPECT_EQ(check({{"b.10", big}, {"b", big}}), clash);
  EXPECT_EQ(check({{"b", flocker}, {"b.0", big}}), clash);
  EXPECT_FALSE(check({{"b", big}, {"b.1", big}, {"b2", big}, {"b.x", big}}));
}

}  // namespace
}  // namespace ampspec::amp
