// Typed values as vector files write them: what each notation says, and what it must not.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/value.hpp"

#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

namespace ampspec::vectors {
namespace {

suite_file loaded(const std::string& body) {
  return load_suite_text(
      "suite: amp1/test\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [C]\n  roles: [codec]\n" +
          body,
      "test.yaml");
}

// The value that `print: TEXT` says of a type; throws load_error.
wire::value value_of(const std::string& type, const std::string& text, bool to_print = true) {
  const auto file = loaded("  type: " + type + "\n  print: " + text + "\n  expect: {refuse: any}\n");
  const auto& kind = std::get<print_kind>(file.vectors.front().kind);
  return make_value(resolve(*kind.of.type, default_scope()), *kind.value, default_scope(), to_print);
}

TEST(ValueNotation, SaysExactlyOneValue) {
  EXPECT_EQ(std::get<wire::integer_value>(value_of("integer", "'-20'").is).digits, "-20");
  EXPECT_EQ(std::get<wire::integer_value>(value_of("integer", "{fraction: '-1.50'}").is).digits, "-1.50");
  EXPECT_EQ(std::get<std::string>(value_of("bytes", "[{hex: ff}, x]").is), "\xffx");
  EXPECT_EQ(
      std::get<wire::text_value>(value_of("text", "['\u20ac', {code_points: 'D800 0', times: 2}]").is).code_points,
      (std::u32string{0x20ac, 0xd800, 0, 0xd800, 0}));
  EXPECT_EQ(std::get<wire::float_value>(value_of("float", "{bits: 3ff0000000000001}").is).bits, 0x3ff0000000000001u);
  EXPECT_EQ(std::get<wire::float_value>(value_of("float", "-inf").is).bits, 0xfff0000000000000u);
  EXPECT_EQ(wire::notation_of(std::get<wire::decimal_value>(value_of("decimal", "-150e-2").is)), "-150e-2");
  const auto time = std::get<wire::datetime_value>(
      value_of("datetime", "{year: 10000, month: 2, day: 3, microsecond: 9, nanosecond: 7, offset: -30}").is);
  EXPECT_EQ(time, (wire::datetime_value{10000, 2, 3, 0, 0, 0, 9, 7, -30}));
  EXPECT_FALSE(
      std::get<wire::datetime_value>(value_of("datetime", "{year: 1, month: 2, day: 3, offset: none}").is).offset);
  EXPECT_EQ(std::get<wire::list_value>(value_of("{list: boolean}", "{repeat: 3, item: 'true'}").is).size(), 3u);
  const auto records = std::get<wire::records_value>(
      value_of("{records: {a-b: integer, class: {optional: text}}}", "[{a-b: '1'}, {class: x, a-b: '2'}]").is);
  EXPECT_EQ(records.at(0).size(), 1u);
  EXPECT_EQ(records.at(1).at(0).name, "class");
}

TEST(ValueNotation, NamesOfTheMatrixStandInValuesAndInNames) {
  const auto file = loaded(
      "  matrix: {n: [_ask, x]}\n  arguments: {$n: {optional: text}}\n  print: {$n: $n}\n  expect: {box: {$n: $n}}\n");
  const auto& v = file.vectors.front();
  const auto& kind = std::get<print_kind>(v.kind);
  const auto point = matrix_points(v).front();
  const auto schema = resolve(kind.of.arguments, point);
  EXPECT_EQ(schema.front().name, "_ask");
  const auto record = make_record(schema, kind.record, kind.mark, point, true);
  EXPECT_EQ(std::get<wire::text_value>(record.front().is.is).code_points, U"_ask");
}

TEST(ValueNotation, RefusesWhatIsNoValueOfItsType) {
  const std::pair<const char*, const char*> wrong[] = {{"integer", "'+1'"},
                                                       {"integer", "'007'"},
                                                       {"integer", "'1.5'"},
                                                       {"integer", "{fraction: '1'}"},
                                                       {"boolean", "'True'"},
                                                       {"float", "'1.5'"},
                                                       {"float", "{bits: 3ff}"},
                                                       {"decimal", "'1.50'"},
                                                       {"text", "{code_points: '110000'}"},
                                                       {"text", "{code_points: 'xyz'}"},
                                                       {"datetime", "{year: 1, month: 13, day: 1, offset: 0}"},
                                                       {"datetime", "{year: 1, month: 1, day: 1, offset: utc}"},
                                                       {"datetime", "{year: 1, month: 1, day: 1}"},
                                                       {"{list: integer}", "'1'"},
                                                       {"{records: {x: integer}}", "[{y: '1'}]"},
                                                       {"number", "'1'"}};
  for (const auto& [type, text] : wrong) EXPECT_THROW(value_of(type, text), load_error) << type << ": " << text;
}

TEST(ValueNotation, WhatNoParserGivesStandsInPrintOnly) {
  const std::pair<const char*, const char*> printed[] = {
      {"integer", "{fraction: '1.5'}"},
      {"text", "{code_points: D800}"},
      {"float", "{bits: fff8000000000000}"},
      {"datetime", "{year: 1, month: 1, day: 1, offset: none}"},
      {"datetime", "{year: 0, month: 1, day: 1, offset: 0}"},
      {"datetime", "{year: 1, month: 1, day: 1, nanosecond: 1, offset: 0}"},
      {"{records: {x: integer}}", "[{}]"}};
  for (const auto& [type, text] : printed) {
    EXPECT_NO_THROW(value_of(type, text)) << text;
    EXPECT_THROW(value_of(type, text, false), load_error) << text;
  }
}

TEST(ValueNotation, KeysThatDoNotFitTheKindAreTold) {
  for (const char* body :
       {"  parse: x\n  expect: {refuse: any}\n", "  type: {big: bytes}\n  parse: x\n  expect: {refuse: any}\n",
        "  arguments: {x: {list: {big: bytes}}}\n  parse: {}\n  expect: {refuse: any}\n",
        "  arguments: {x: {big: integer}}\n  parse: {}\n  expect: {refuse: any}\n",
        "  type: text\n  arguments: {}\n  parse: x\n  expect: {refuse: any}\n",
        "  type: text\n  decode: x\n  expect: {delivers: [], end: clean}\n",
        "  type: text\n  parse: x\n  expect: {refuse: bad}\n", "  type: text\n  parse: x\n  expect: {bytes: x}\n",
        "  type: text\n  print: x\n  expect: {box: {}}\n", "  type: text\n  print: x\n  expect: {one_of: [x]}\n",
        "  arguments: {}\n  print: {}\n  expect: {bytes: ''}\n", "  type: text\n  print: x\n",
        "  sample: {boxes: 1, seed: 1, law: print-reads}\n",
        "  sample: {type: float, boxes: 1, seed: 1, law: print-reads}\n",
        "  sample: {type: bytes, values: 1, seed: 1, law: print-reads}\n"}) {
    EXPECT_THROW(loaded(body), load_error) << body;
  }
}

}  // namespace
}  // namespace ampspec::vectors
