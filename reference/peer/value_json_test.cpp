// Typed values survive the JSON of the adapter protocol, and what is not as it says is refused.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/value_json.hpp"

#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace ampspec::peer {
namespace {

using nlohmann::json;
using wire::value;
using wire::value_kind;
using wire::value_type;

json put(std::string_view octets) { return wire::to_hex(octets); }
std::string take(const json& from) { return wire::from_hex(from.get<std::string>()).value(); }

value_type of(value_kind kind) { return {kind, {}, {}}; }

struct sample {
  value_type type;
  value is;
  const char* text;
};

TEST(ValueJson, EveryTypeHasItsForm) {
  const value_type records{
      value_kind::records, {}, {{"x", of(value_kind::integer), false}, {"y", of(value_kind::text), true}}};
  const wire::datetime_value time{2012, 1, 23, 12, 34, 56, 54321, 7, -4980};
  const sample samples[] = {
      {of(value_kind::integer), {wire::integer_value{"-20"}}, R"("-20")"},
      {of(value_kind::integer), {wire::integer_value{"1.5"}}, R"({"fraction":"1.5"})"},
      {of(value_kind::bytes), {std::string("\0\xff", 2)}, R"("00ff")"},
      {of(value_kind::text), {wire::text_value{{'h', 0xd800, 0x1f600}}}, "[104,55296,128512]"},
      {of(value_kind::path), {wire::text_value{U"/"}}, "[47]"},
      {of(value_kind::boolean), {true}, "true"},
      {of(value_kind::floating), {wire::float_value{0x3ff8000000000000}}, R"("3ff8000000000000")"},
      {of(value_kind::decimal), {*wire::decimal_from("-150e-2")}, R"("-150e-2")"},
      {of(value_kind::datetime), {time}, nullptr},
      {{value_kind::big, {of(value_kind::bytes)}, {}}, {std::string("\xff")}, R"("ff")"},
      {{value_kind::flocker, {of(value_kind::text)}, {}}, {wire::text_value{U"h"}}, "[104]"},
      {{value_kind::list, {of(value_kind::boolean)}, {}}, {wire::list_value{{true}, {false}}}, "[true,false]"},
      {records,
       {wire::records_value{{{"x", {wire::integer_value{"1"}}}}, {{"y", {wire::text_value{}}}}}},
       R"([[["78","1"]],[["79",[]]]])"}};
  for (const auto& s : samples) {
    const auto told = to_json(s.type, s.is, put);
    if (s.text != nullptr) {
      EXPECT_EQ(told.dump(), s.text);
    }
    EXPECT_TRUE(wire::same_value(value_from_json(s.type, told, take), s.is)) << told.dump();
    const auto type = type_from_json(to_json(s.type), take);
    EXPECT_EQ(to_json(type), to_json(s.type));
  }
}

TEST(ValueJson, NamedForms) {
  EXPECT_EQ(to_json(value_type{value_kind::list, {of(value_kind::floating)}, {}}).dump(), R"({"list":"float"})");
  const wire::value_schema schema{{"a-b", of(value_kind::bytes), true}};
  EXPECT_EQ(to_json(schema).dump(), R"([["612d62","bytes",true]])");
  wire::datetime_value naive;
  const auto told = to_json(of(value_kind::datetime), {naive}, put);
  EXPECT_TRUE(told.at("offset").is_null());
  EXPECT_TRUE(std::get<wire::float_value>(value_from_json(of(value_kind::floating), "nan", take).is).is_nan());
}

TEST(ValueJson, WhatIsNotAsTheProtocolSaysIsRefused) {
  const std::pair<value_kind, const char*> wrong[] = {
      {value_kind::integer, "20"},
      {value_kind::integer, R"("1.5")"},
      {value_kind::text, R"("h")"},
      {value_kind::text, "[1114112]"},
      {value_kind::text, "[-1]"},
      {value_kind::boolean, R"("true")"},
      {value_kind::floating, "1.5"},
      {value_kind::floating, R"("1.5")"},
      {value_kind::decimal, R"("1.50")"},
      {value_kind::datetime, R"("2012-01-23")"},
      {value_kind::datetime, "{}"},
      {value_kind::datetime,
       R"({"year":1,"month":13,"day":1,"hour":0,"minute":0,"second":0,"microsecond":0,"offset":0})"}};
  for (const auto& [kind, text] : wrong) {
    EXPECT_THROW(value_from_json(of(kind), json::parse(text), take), std::exception) << text;
  }
  for (const char* text : {R"("number")", "{}", R"({"list":"x"})", R"({"big":"integer"})",
                           R"({"list":{"big":"bytes"}})", R"({"records":{}})", R"({"records":[["78","text"]]})", "1"}) {
    EXPECT_THROW(type_from_json(json::parse(text), take), std::invalid_argument) << text;
  }
  const wire::value_schema schema{{"x", of(value_kind::boolean), false}};
  for (const char* text : {R"([["79",true]])", R"([["78",true],["78",true]])", R"({"78":true})", R"([["78"]])"}) {
    EXPECT_THROW(record_from_json(schema, json::parse(text), take), std::invalid_argument) << text;
  }
  std::string text;
  for (int i = 0; i < 100; ++i) text += R"({"list":)";
  text += R"("text")" + std::string(100, '}');
  EXPECT_THROW(type_from_json(json::parse(text), take), std::invalid_argument);
}

}  // namespace
}  // namespace ampspec::peer
