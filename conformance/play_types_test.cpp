// What becomes of typed values: each way in which an implementation can be right or wrong about one.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/play_types.hpp"

#include "conformance/vectors/loader.hpp"
#include "reference/amp/schema.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace ampspec::conformance {
namespace {

// A codec whose typed values are those of the reference unless the test says otherwise.
class typed_codec : public codec_subject {
 public:
  std::function<typed_outcome<wire::value>(std::string)> parses;
  std::function<typed_outcome<std::string>(const wire::value&)> prints;
  std::function<typed_outcome<plain_box>()> prints_box;
  decode_outcome decode(const vectors::octets&, const cutting&) override { return {}; }
  encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>&) override { return {}; }
  double cpu_seconds() override { return 0; }
  typed_outcome<wire::value> parse(const wire::value_type& type, const vectors::octets& bytes) override {
    if (parses) return parses(bytes.str());
    const auto read = amp::parse_value(type, bytes.str());
    if (!read) return {{}, refusal{{}, read.error().offset, "wrong"}};
    return {*read, {}};
  }
  typed_outcome<std::string> print(const wire::value_type& type, const wire::value& v) override {
    if (prints) return prints(v);
    typed_outcome<std::string> made;
    if (amp::print_value(type, v, made.is)) made.refused = refusal{{}, {}, "wrong"};
    return made;
  }
  typed_outcome<plain_box> print(const wire::value_schema&, const wire::record_value&) override { return prints_box(); }
};

check_result played(typed_codec& codec, const std::string& body) {
  const auto file = vectors::load_suite_text(
      "suite: amp1/test\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [T-MUST]\n  roles: "
      "[codec]\n" +
          body,
      "amp1/test.yaml");
  vectors::catalogue known;
  known.requirements["T-MUST"].source = "protocol";
  settings s;
  s.catalogue = &known;
  patience p;
  return run(checks_of(file.vectors.front(), {vectors::role::codec}).front(), codec, s, p);
}

std::string signature(typed_codec& codec, const std::string& body) { return played(codec, body).signature; }
std::string signature(const std::string& body) {
  typed_codec codec;
  return signature(codec, body);
}

TEST(PlayTypes, ValuesOfEveryTypeAreReadAndCompared) {
  for (const std::string body :
       {"  type: integer\n  parse: '-20'\n  expect: {value: '-20'}\n",
        "  type: bytes\n  parse: {hex: 00ff}\n  expect: {value: {hex: 00ff}}\n",
        "  type: text\n  parse: {hex: 68c3a9}\n  expect: {value: [h, {code_points: E9}]}\n",
        "  type: boolean\n  parse: 'True'\n  expect: {value: 'true'}\n",
        "  type: float\n  parse: '1.5'\n  expect: {value: {bits: 3ff8000000000000}}\n",
        "  type: float\n  parse: nan\n  expect: {value: nan}\n",
        "  type: decimal\n  parse: '1.50'\n  expect: {value: 150e-2}\n",
        "  type: datetime\n  parse: 2012-01-23T12:34:56.054321-01:23\n  expect: {value: {year: 2012, month: 1, day: "
        "23, hour: 12, minute: 34, second: 56, microsecond: 54321, offset: -4980}}\n",
        "  type: path\n  parse: /tmp\n  expect: {value: /tmp}\n",
        "  type: {list: {list: integer}}\n  parse: {hex: 00020000}\n  expect: {refuse: any}\n",
        "  type: {list: text}\n  parse: {hex: 0000 0000}\n  expect: {value: {repeat: 2, item: ''}}\n",
        "  type: {records: {x: integer, y: {optional: text}}}\n  parse: {box: {x: '1'}}\n  expect: {value: [{x: "
        "'1'}]}\n"}) {
    EXPECT_EQ(signature(body), "") << body;
  }
  EXPECT_EQ(signature("  type: integer\n  parse: '1'\n  expect: {value: '2'}\n"), "fail@parse:value/other");
  EXPECT_EQ(signature("  type: integer\n  parse: x\n  expect: {value: '2'}\n"), "fail@parse:value/refuse");
  EXPECT_EQ(signature("  type: integer\n  parse: '2'\n  expect: {refuse: any}\n"), "fail@parse:refuse/value");
  EXPECT_EQ(signature("  type: float\n  parse: '0'\n  expect: {value: {bits: '8000000000000000'}}\n"),
            "fail@parse:value/other");
  EXPECT_EQ(signature("  type: decimal\n  parse: '1.5'\n  expect: {value: 150e-2}\n"), "fail@parse:value/other");
}

TEST(PlayTypes, PrintedOctetsAreComparedOrReadBack) {
  EXPECT_EQ(signature("  type: boolean\n  print: 'true'\n  expect: {bytes: 'True'}\n"), "");
  EXPECT_EQ(signature("  type: boolean\n  print: 'true'\n  expect: {bytes: 'true'}\n"), "fail@print:value/other");
  EXPECT_EQ(signature("  type: boolean\n  print: 'true'\n  expect: {one_of: [yes, 'True']}\n"), "");
  EXPECT_EQ(signature("  type: integer\n  print: {fraction: '1.5'}\n  expect: {refuse: any}\n"), "");
  EXPECT_EQ(signature("  type: integer\n  print: '1'\n  expect: {refuse: any}\n"), "fail@print:refuse/value");
  const std::string one =
      "  type: float\n  print: {bits: 3ff0000000000000}\n  expect: {reads_as: {bits: 3ff0000000000000}}\n";
  EXPECT_EQ(signature(one), "");
  const std::map<std::string, std::string> texts{{"1.0", ""},
                                                 {"1.", ""},
                                                 {"10e-1", ""},
                                                 {"1.0000000000000001", ""},
                                                 {"1.0000000000000002", "fail@print:reads-as/other"},
                                                 {"+1", "fail@print:reads-as/unreadable"},
                                                 {" 1", "fail@print:reads-as/unreadable"},
                                                 {"1,0", "fail@print:reads-as/unreadable"},
                                                 {"0x1p0", "fail@print:reads-as/unreadable"},
                                                 {"", "fail@print:reads-as/unreadable"}};
  for (const auto& [text, expected] : texts) {
    typed_codec codec;
    codec.prints = [&printed = text](const wire::value&) { return typed_outcome<std::string>{printed, {}}; };
    EXPECT_EQ(signature(codec, one), expected) << text;
  }
}

TEST(PlayTypes, OnlyTheCanonicalWordsMayBeWritten) {
  const auto reads = [](wire::value_kind kind, std::string_view text) {
    return read_written({kind, {}, {}}, text).has_value();
  };
  using enum wire::value_kind;
  for (const char* text : {"nan", "inf", "-inf", "1e+16", "-0.0", "5e-324"}) EXPECT_TRUE(reads(floating, text)) << text;
  for (const char* text : {"-nan", "NaN", "Infinity", "INF", ".5", "+1", "1e"})
    EXPECT_FALSE(reads(floating, text)) << text;
  for (const char* text : {"Infinity", "-Infinity", "NaN", "-sNaN", "NaN123", "1E+2", "0.000001", "1e2"})
    EXPECT_TRUE(reads(decimal, text)) << text;
  for (const char* text : {"inf", "nan", "1.", ".5", "+1", "1 ", "-", "123NaN"})
    EXPECT_FALSE(reads(decimal, text)) << text;
  for (const char* text : {"+1", "01", "-0", "1 "}) EXPECT_FALSE(reads(integer, text)) << text;
  EXPECT_FALSE(read_written({list, {{integer, {}, {}}}, {}}, std::string_view("\0\2+1", 4)));
}

TEST(PlayTypes, ABranchOfAChoiceIsSeen) {
  const std::string body =
      "  type: float\n  parse: '1e400'\n  expect: {choice: c, one_of: {inf: {value: inf}, refuses: {refuse: any}}}\n";
  typed_codec codec;
  EXPECT_EQ(played(codec, body).choices.at("c"), "inf");
  codec.parses = [](const std::string&) { return typed_outcome<wire::value>{{}, refusal{}}; };
  EXPECT_EQ(played(codec, body).choices.at("c"), "refuses");
  codec.parses = [](const std::string&) { return typed_outcome<wire::value>{{wire::float_value{0}}, {}}; };
  EXPECT_EQ(signature(codec, body), "fail@parse:choice/none");
}

TEST(PlayTypes, BoxesArePrintedWithExactlyTheirPairs) {
  const std::string body = "  arguments: {a-b: integer}\n  print: {a-b: '1'}\n  expect: {box: {a-b: '1'}}\n";
  typed_codec codec;
  plain_box box{{"a-b", "1"}};
  codec.prints_box = [&] { return typed_outcome<plain_box>{box, {}}; };
  EXPECT_EQ(signature(codec, body), "");
  box.emplace_back("x", "");
  EXPECT_EQ(signature(codec, body), "fail@print:value/other");
  box = {{"a_b", "1"}};
  EXPECT_EQ(signature(codec, body), "fail@print:value/other");
}

TEST(PlayTypes, SamplesFindARareMistake) {
  for (const char* type : {"integer", "float", "decimal", "datetime", "text"}) {
    for (const char* law : {"print-reads", "print-parses"}) {
      const auto body = std::string("  sample: {type: ") + type + ", values: 300, seed: 7, law: " + law + "}\n";
      EXPECT_EQ(signature(body), "") << body;
    }
  }
  typed_codec codec;
  codec.prints = [](const wire::value& v) {
    auto f = std::get<wire::float_value>(v.is);
    if (f.bits % 64 == 0) f.bits ^= 1;
    typed_outcome<std::string> made;
    if (amp::print_value({wire::value_kind::floating, {}, {}}, {f}, made.is)) made.refused = refusal{};
    return made;
  };
  EXPECT_EQ(signature(codec, "  sample: {type: float, values: 1000, seed: 7, law: print-reads}\n"),
            "fail@print:reads-as/other");
}

TEST(PlayTypes, AnImplementationWithoutTypesFailsWhereTheyAreDeclared) {
  class plain_codec : public codec_subject {
    decode_outcome decode(const vectors::octets&, const cutting&) override { return {}; }
    encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>&) override { return {}; }
    double cpu_seconds() override { return 0; }
  } codec;
  EXPECT_THROW(codec.parse(wire::value_type{}, vectors::octets()), unsupported);
  EXPECT_THROW(codec.print(wire::value_schema{}, wire::record_value{}), unsupported);
}

}  // namespace
}  // namespace ampspec::conformance
