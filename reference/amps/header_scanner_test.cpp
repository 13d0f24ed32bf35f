// Tests of the scanner: what is read, what is refused and where, at every end that the octets can have.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header_scanner.hpp"

#include "reference/amps/test_support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ampspec::amps {
namespace {

using namespace std::string_literals;

// In memory of its own, so that sanitizers see a look behind the end.
scanned scan(std::string_view octets, header& out) {
  const std::unique_ptr<char[]> own(new char[octets.size()]);
  octets.copy(own.get(), octets.size());
  header_view fields;
  std::string unescaped;
  const scanned s = scan_header({own.get(), octets.size()}, fields, unescaped);
  out = s.ok() ? header(fields) : header();
  return s;
}

// Reads `object`, alone and with a payload behind it; cut anywhere it is header_cut.
void expect_reads(const std::string& object, const header& expected) {
  header got;
  for (const char* behind : {"", "x", "}\"", "{\"c\":\"p\"}", "{\"id\":1,\"text\":\"}\"}"}) {
    const scanned s = scan(object + behind, got);
    ASSERT_TRUE(s.ok()) << object << behind << " at " << s.size;
    ASSERT_EQ(s.size, object.size());
    ASSERT_EQ(got, expected) << object;
  }
  for (std::size_t cut = 0; cut < object.size(); ++cut) {
    const scanned s = scan(object.substr(0, cut), got);
    ASSERT_EQ(s.code, errc::header_cut) << object.substr(0, cut);
    ASSERT_EQ(s.size, cut);
  }
}

void expect_refuses(const std::string& octets, errc code, std::size_t at, std::string_view broken) {
  header got;
  const scanned s = scan(octets, got);
  EXPECT_EQ(s.code, code) << octets;
  EXPECT_EQ(s.size, at) << octets;
  EXPECT_EQ(s.broken, broken) << octets;
}

header of(std::initializer_list<std::pair<field, std::string_view>> texts) {
  header h;
  for (const auto& [f, text] : texts) h.set(f, text);
  return h;
}

TEST(HeaderScanner, ReadsStringsAndNumbers) {
  expect_reads(R"({"c":"p","t":"orders"})", of({{field::command, "p"}, {field::topic, "orders"}}));
  expect_reads(
      R"({"c":"sow","t":"orders","query_id":"q1","bs":2})",
      of({{field::command, "sow"}, {field::topic, "orders"}, {field::query_id, "q1"}, {field::batch_size, "2"}}));
  expect_reads(R"({"s":18446744073709551615,"c":"ack"})",
               of({{field::command, "ack"}, {field::sequence, "18446744073709551615"}}));
  expect_reads(R"({"c":"p","e":"30","s":"7"})",
               of({{field::command, "p"}, {field::expiration, "30"}, {field::sequence, "7"}}));
}

TEST(HeaderScanner, ReadsTheEmptyObject) { expect_reads("{}", header()); }

TEST(HeaderScanner, ReadsEveryNameOfEveryField) {
  for (const field_names& f : all_fields) {
    for (const std::string_view name : {f.written, f.also[0], f.also[1]}) {
      if (!name.empty()) expect_reads("{\"" + std::string(name) + "\":\"1\"}", of({{f.id, "1"}}));
    }
  }
}

TEST(HeaderScanner, SkipsUnknownKeys) {
  expect_reads(R"({"zz":"x","c":"p","a_key_that_is_much_longer_than_any_of_ours":12,"":"e","cc":true})",
               of({{field::command, "p"}}));
}

TEST(HeaderScanner, TakesTheLastOfRepeatedKeys) {
  expect_reads(R"({"c":"p","t":"a","t":"b"})", of({{field::command, "p"}, {field::topic, "b"}}));
  expect_reads(R"({"c":"p","o":"a","opts":"b","o":"c"})", of({{field::command, "p"}, {field::options, "c"}}));
  expect_reads(R"({"t":"a\n","t":"b"})", of({{field::topic, "b"}}));
  expect_reads(R"({"t":"b","t":"a\n"})", of({{field::topic, "a\n"}}));
}

TEST(HeaderScanner, AcceptsWhiteSpaceBetweenTokens) {
  expect_reads("{ \"c\" : \"p\" ,\t\"t\"\r\n:\"a b\" , \"s\" : 5 }",
               of({{field::command, "p"}, {field::topic, "a b"}, {field::sequence, "5"}}));
  expect_reads("{ }", header());
}

TEST(HeaderScanner, KeepsBracesAndCommasInStrings) {
  expect_reads(R"({"c":"p","t":"a}b{c,d:e[f]"})", of({{field::command, "p"}, {field::topic, "a}b{c,d:e[f]"}}));
}

TEST(HeaderScanner, UndoesEscapes) {
  expect_reads(R"({"t":"a\"b","filter":"\\"})", of({{field::topic, "a\"b"}, {field::filter, "\\"}}));
  expect_reads(R"({"t":"\b\f\n\r\t\/"})", of({{field::topic, "\b\f\n\r\t/"}}));
  expect_reads(R"({"t":"\u0041\u00e9\u20AC\ud83d\ude00"})",
               of({{field::topic, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}}));
  expect_reads(R"({"t":"\u0000"})", of({{field::topic, "\0"s}}));
  expect_reads(R"({"t":"\ufffd\u07ff\u0800\udbff\udfff"})",
               of({{field::topic, "\xef\xbf\xbd\xdf\xbf\xe0\xa0\x80\xf4\x8f\xbf\xbf"}}));
  expect_reads(R"({"\u0063":"p","c\u0069d":"\\u0031"})", of({{field::command, "p"}, {field::command_id, "\\u0031"}}));
}

TEST(HeaderScanner, KeepsOtherOctetsAsTheyAre) {
  expect_reads("{\"t\":\"\xc3\xa9\"}", of({{field::topic, "\xc3\xa9"}}));
  expect_reads("{\"t\":\"a\xff\x01\x7f\"}"s, of({{field::topic, "a\xff\x01\x7f"}}));
  expect_reads("{\"t\":\"a\0b\"}"s, of({{field::topic, "a\0b"s}}));
}

TEST(HeaderScanner, TakesWordsAndNumbersForTexts) {
  expect_reads(R"({"t":12,"x":true,"k":false,"cid":-1.5e+3})", of({{field::topic, "12"},
                                                                   {field::correlation_id, "true"},
                                                                   {field::sow_key, "false"},
                                                                   {field::command_id, "-1.5e+3"}}));
  expect_reads(R"({"t":null,"c":"p"})", of({{field::command, "p"}}));
}

TEST(HeaderScanner, LeavesFieldsThatTheObjectDoesNotHave) {
  header_view fields;
  std::string unescaped;
  fields.set(field::topic, "t");
  fields.set(field::sow_key, "k");
  ASSERT_TRUE(scan_header(R"({"k":"1"})", fields, unescaped).ok());
  EXPECT_EQ(fields, of({{field::topic, "t"}, {field::sow_key, "1"}}).view());
}

TEST(HeaderScanner, RefusesWhatIsNoObject) {
  for (const char* octets : {"x", "[]", "\"c\"", "1", "}", "null", "\0"}) {
    if (*octets != '\0') expect_refuses(octets, errc::no_header, 0, "AMPS-FRAME-014");
  }
  expect_refuses(std::string(1, '\0'), errc::no_header, 0, "AMPS-FRAME-014");
}

TEST(HeaderScanner, RefusesWrongPunctuation) {
  const auto refuses = [](const char* octets, std::size_t at) {
    expect_refuses(octets, errc::header_syntax, at, "AMPS-HDR-019");
  };
  refuses(R"({c:"p"})", 1);
  refuses(R"({'c':'p'})", 1);
  refuses(R"({,"c":"p"})", 1);
  refuses(R"({"c":"p",})", 9);
  refuses(R"({"c":"p",,"t":"x"})", 9);
  refuses(R"({"c""p"})", 4);
  refuses(R"({"c","p"})", 4);
  refuses(R"({"c"})", 4);
  refuses(R"({"c"="p"})", 4);
  refuses(R"({"c":})", 5);
  refuses(R"({"c":,"t":"x"})", 5);
  refuses(R"({"c":p})", 5);
  refuses(R"({"c":truth})", 5);
  refuses(R"({"c":nul})", 5);
  refuses(R"({"c":"p""t":"x"})", 8);
  refuses(R"({"c":"p";"t":"x"})", 8);
  refuses(R"({"c":"p"])", 8);
  refuses(R"({"s":12x})", 7);
  refuses(R"({"c":truex})", 9);
}

TEST(HeaderScanner, RefusesNestedValues) {
  expect_refuses(R"({"c":{"a":1}})", errc::nested_value, 5, "AMPS-HDR-017");
  expect_refuses(R"({"c":"p","o":["a"]})", errc::nested_value, 13, "AMPS-HDR-017");
  expect_refuses(R"({"zz":[],"c":"p"})", errc::nested_value, 6, "AMPS-HDR-017");
}

TEST(HeaderScanner, RefusesEscapesThatMeanNothing) {
  for (const char* text : {R"(\q)", R"(\u12g4)", R"(\u)", R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\n)",
                           R"(\ud800\u0041)", R"(\ud800\ud800)", R"(\U0041)", R"(\x41)", R"(\ud83d\ude0g)"}) {
    expect_refuses(R"({"t":"a)" + std::string(text) + R"("})", errc::bad_escape, 7, "AMPS-HDR-037");
    expect_refuses(R"({"a)" + std::string(text) + R"(":"b"})", errc::bad_escape, 3, "AMPS-HDR-037");
  }
}

}  // namespace
}  // namespace ampspec::amps
