// Messages of AMPS as they come: what is told of them, what is wrong with them, and how they are shown.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/amps_message.hpp"

#include "conformance/vectors/amps_words.hpp"
#include "reference/amps/field.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ampspec::conformance {
namespace {

std::string framed(std::string_view content) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(content.size() >> shift & 0xff);
  return out.append(content);
}

TEST(AmpsMessage, IsToldByShortNames) {
  const auto octets = framed(R"({"cmd":"p","topic":"a\"b","bs":"007","s":18446744073709551615}body)") + "rest";
  const auto found = first_message(octets);
  ASSERT_TRUE(found.message) << found.wrong;
  const plain_box want{{"c", "publish"}, {"t", "a\"b"}, {"bs", "7"}, {"s", "18446744073709551615"}, {"body", "body"}};
  EXPECT_EQ(found.message->box, want);
  EXPECT_EQ(found.message->size, octets.size() - 4);
  EXPECT_EQ(found.message->written, R"({"cmd":"p","topic":"a\"b","bs":"007","s":18446744073709551615})");
}

TEST(AmpsMessage, KeysThatNotEveryClientKnowsKeepTheirNames) {
  for (const char* name : {"f", "v", "msg_len", "order_by", "server", "timestamp", "data_only"}) {
    const auto found = first_message(framed(std::string(R"({"c":"ack",")") + name + R"(":"x"})"));
    ASSERT_TRUE(found.message);
    EXPECT_EQ(found.message->box[1], (std::pair<std::string, std::string>{name, "x"}));
  }
}

// What lint knows of names is what is told.
TEST(AmpsMessage, NamesAreToldAsTheWordsOfVectorsSay) {
  namespace words = vectors::words;
  const auto told = [](std::string_view name) {
    const auto octets = framed(R"({")" + std::string(name) + R"(":"1","c":"ack"})");
    const auto found = first_message(octets);
    return found.message ? found.message->box[0].first : found.wrong;
  };
  std::set<std::string_view> known{words::amps_fields.begin(), words::amps_fields.end()};
  for (const auto name : words::amps_fields) EXPECT_EQ(told(name), name);
  for (const auto name : words::amps_names_told_as_written) {
    EXPECT_EQ(told(name), name);
    known.insert(name);
  }
  for (const auto& [other, name] : words::amps_other_names) {
    EXPECT_EQ(told(other), name);
    known.insert(other);
  }
  for (const auto& names : amps::all_fields) {
    EXPECT_TRUE(known.contains(names.written)) << names.written;
    for (const auto also : names.also) EXPECT_TRUE(also.empty() || known.contains(also)) << also;
  }
}

TEST(AmpsMessage, CommandsAreThoseOfTheWordsOfVectors) {
  std::set<std::string_view> known, full;
  for (int i = 1; i <= static_cast<int>(amps::command::oof); ++i)
    full.insert(amps::full_word(static_cast<amps::command>(i)));
  known.insert(vectors::words::amps_commands.begin(), vectors::words::amps_commands.end());
  EXPECT_EQ(known, full);
}

TEST(AmpsMessage, ARepeatedKeyIsToldTwice) {
  const auto found = first_message(framed(R"({"c":"ack","a":"x","a":"y"})"));
  ASSERT_TRUE(found.message);
  EXPECT_EQ(found.message->box.size(), 4u);
}

TEST(AmpsMessage, IsNothingUntilItIsWhole) {
  const auto octets = framed(R"({"c":"heartbeat"}x)");
  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto found = first_message(std::string_view(octets).substr(0, size));
    EXPECT_FALSE(found.message) << size;
    EXPECT_EQ(found.wrong, "") << size;
  }
}

TEST(AmpsMessage, FramesOfLength0CountToTheNext) {
  const auto octets = framed("") + framed("") + framed(R"({"c":"heartbeat"})");
  const auto found = first_message(octets);
  ASSERT_TRUE(found.message);
  EXPECT_EQ(found.message->size, octets.size());
}

TEST(AmpsMessage, TellsWhatIsWrong) {
  EXPECT_NE(first_message(framed(R"({"c":"ack")")).wrong.find("header"), std::string::npos);
  EXPECT_NE(first_message(framed(R"({"t":"x"})")).wrong.find("AMPS-HDR-018"), std::string::npos);
  EXPECT_NE(first_message("\xff\xff\xff\xff").wrong.find("AMPS-LIMIT-002"), std::string::npos);
}

told_records records_in(const std::string& body) {
  return records_of({{{"c", "sow"}, {"t", "orders"}, {"body", body}}, {}, 0});
}

TEST(AmpsMessage, RecordsHaveTheTopicOfTheirBatch) {
  const auto all = records_in(R"({"k":"1","l":8}{"id":1}{"k":"2","x":"QQ==","l":2}ab)");
  EXPECT_EQ(all.wrong, "");
  ASSERT_EQ(all.records.size(), 2u);
  EXPECT_EQ(all.records[0], (plain_box{{"t", "orders"}, {"k", "1"}, {"body", R"({"id":1})"}}));
  EXPECT_EQ(all.records[1], (plain_box{{"t", "orders"}, {"k", "2"}, {"x", "QQ=="}, {"body", "ab"}}));
}

TEST(AmpsMessage, TellsWhyThereIsNoFurtherRecord) {
  EXPECT_NE(records_in(R"({"k":"1"}{"id":1})").wrong.find("no `l`"), std::string::npos);
  EXPECT_NE(records_in(R"({"k":"1","l":9}{"id":1})").wrong.find("longer than its frame"), std::string::npos);
  EXPECT_NE(records_in(R"({"k":"1","l":7}{"id":1})").wrong.find("record 2 has no header"), std::string::npos);
  EXPECT_EQ(records_in("").wrong, "");
}

std::string labels(const std::string& octets) {
  std::string all;
  std::size_t at = 0;
  for (const auto& f : annotate_amps(octets)) {
    EXPECT_EQ(f.at, at) << f.label;
    at += f.size;
    all += f.label + "; ";
  }
  EXPECT_EQ(at, octets.size());
  return all;
}

TEST(AmpsMessage, IsShownKeyByKey) {
  EXPECT_EQ(labels(framed(R"({"c":"p","t":"orders"}{"id":1})")), R"(length 30; c "p"; t "orders"; body; )");
  EXPECT_EQ(labels(framed(R"({"c":"sow","bs":1}{"k":"1","l":8}{"id":1})")),
            R"(length 41; c "sow"; bs "1"; k "1"; l "8"; body of a record; )");
}

// Such keys come from implementations too, and what is shown goes into reports.
TEST(AmpsMessage, KeysThatNobodyReadsAreShownAsOctets) {
  EXPECT_EQ(labels(framed("{\"\xff\xfe\":\"x\",\"\":1}")), R"(length 15; fffe "x"; "" "1"; )");
  const std::string key(3000, 'k');
  EXPECT_EQ(labels(framed("{\"" + key + "\":1}")), "length 3006; \"" + key.substr(0, 60) + "…\" (3000 octets) \"1\"; ");
}

TEST(AmpsMessage, IsShownAsFarAsItMakesSense) {
  EXPECT_EQ(labels(std::string(3, '\0')), "a part of a length; ");
  EXPECT_EQ(labels(framed("no header")),
            "length 9; no header object where one must be at octet 0 of it (AMPS-FRAME-014); ");
  EXPECT_NE(labels(framed("{c}")).find("no header: "), std::string::npos);
  EXPECT_EQ(labels(framed(R"({"c":"sow"}{"l":9}cut)")),
            R"(length 21; c "sow"; l "9"; body of a record, 3 of 9 octets: the frame ends (AMPS-SOW-008); )");
  EXPECT_NE(labels(framed(R"({"c":"sow"}{"k":"1"}x)")).find("octets behind a record without `l` (AMPS-SOW-008)"),
            std::string::npos);
  EXPECT_EQ(labels(framed(R"({"c":"p"}body)").substr(0, 10)), "length 13; the beginning of a message; ");
  EXPECT_EQ(labels(framed(R"({"c":"p"}body)").substr(0, 15)), R"(length 13; c "p"; body, cut; )");
  EXPECT_EQ(labels("\xff\xff\xff\xff more"), "length 4294967295; octets behind a length over the limit; ");
}

}  // namespace
}  // namespace ampspec::conformance
