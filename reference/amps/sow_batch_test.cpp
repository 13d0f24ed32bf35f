// Tests of batches: records found by their lengths, and what is no record.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/sow_batch.hpp"

#include "reference/amps/test_support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace ampspec::amps {
namespace {

struct outcome {
  std::vector<frame> records;
  std::optional<wire::failure> end;
  bool operator==(const outcome&) const = default;
};

const header common = header(command::sow).set(field::topic, "orders").set(field::query_id, "q1");

// In memory of its own, so that sanitizers see a look behind the end.
outcome read(std::string_view payload, const header& batch = common) {
  const std::unique_ptr<char[]> own(new char[payload.size()]);
  payload.copy(own.get(), payload.size());
  sow_reader reader(batch, {own.get(), payload.size()}, 100);
  outcome o;
  while (const auto r = reader.next()) o.records.push_back({header(r->header), std::string(r->body)});
  EXPECT_FALSE(reader.next());
  o.end = reader.error();
  return o;
}

frame record(std::initializer_list<std::pair<field, std::string_view>> texts, std::string body) {
  frame f{common, std::move(body)};
  for (const auto& [id, text] : texts) f.header.set(id, text);
  return f;
}

TEST(SowReader, GivesEachRecordWithTheFieldsOfTheBatchAndItsOwn) {
  EXPECT_EQ(read(R"({"k":"1","l":8}{"id":1}{"k":"2","l":8}{"id":2})"),
            (outcome{{record({{field::sow_key, "1"}, {field::message_length, "8"}}, R"({"id":1})"),
                      record({{field::sow_key, "2"}, {field::message_length, "8"}}, R"({"id":2})")},
                     {}}));
}

TEST(SowReader, LetsNothingStickFromOneRecordToTheNext) {
  EXPECT_EQ(
      read(R"({"k":"1","x":"QQ==","l":1}a{"l":1,"k":"2"}b)"),
      (outcome{{record({{field::sow_key, "1"}, {field::correlation_id, "QQ=="}, {field::message_length, "1"}}, "a"),
                record({{field::sow_key, "2"}, {field::message_length, "1"}}, "b")},
               {}}));
}

TEST(SowReader, LetsTheRecordOverlayTheBatch) {
  EXPECT_EQ(read(R"({"t":"other","l":0})"),
            (outcome{{record({{field::topic, "other"}, {field::message_length, "0"}}, "")}, {}}));
}

TEST(SowReader, FindsRecordsByTheirLengthsWhateverTheBodiesHold) {
  const std::string body = R"(}{"k":"9","l":1}x)";
  EXPECT_EQ(read(R"({"k":"1","l":"17"})" + body + R"({"k":"2","l":0})"),
            (outcome{{record({{field::sow_key, "1"}, {field::message_length, "17"}}, body),
                      record({{field::sow_key, "2"}, {field::message_length, "0"}}, "")},
                     {}}));
}

TEST(SowReader, ReadsNoRecordsOutOfNothing) { EXPECT_EQ(read(""), outcome{}); }

TEST(SowReader, GivesTheRecordsInFrontOfAWrongOne) {
  const frame first = record({{field::message_length, "1"}}, "a");
  const auto ends = [&](const std::string& behind, errc code, std::uint64_t at, std::string_view broken) {
    EXPECT_EQ(read(R"({"l":1}a)" + behind), (outcome{{first}, wire::failure{code, 108 + at, broken}})) << behind;
  };
  ends("x", errc::no_header, 0, "AMPS-SOW-056");
  ends("{", errc::header_cut, 1, "AMPS-SOW-056");
  ends(R"({"k":"1"}abc)", errc::record_without_length, 0, "AMPS-SOW-056");
  ends(R"({"k":"1","l":4}abc)", errc::record_too_long, 0, "AMPS-SOW-056");
  ends(R"({"k":"1","l":4294967295}abc)", errc::record_too_long, 0, "AMPS-SOW-056");
  ends(R"({"k":"1","l":4294967296}abc)", errc::bad_number, 0, "AMPS-HDR-038");
  ends(R"({"k":"1","l":-1}abc)", errc::bad_number, 0, "AMPS-HDR-038");
  ends(R"({"k":[1],"l":1}a)", errc::nested_value, 5, "AMPS-SOW-056");
}

TEST(SowReader, TakesNoLengthFromTheBatch) {
  const header with_length = header(common).set(field::message_length, 1u);
  EXPECT_EQ(read(R"({"k":"1"}a)", with_length).end, (wire::failure{errc::record_without_length, 100, "AMPS-SOW-056"}));
}

TEST(AppendRecord, WritesTheLengthBehindTheOtherFields) {
  std::string payload;
  ASSERT_EQ(append_record(header().set(field::sow_key, "1").set(field::correlation_id, "QUJD"), R"({"id":1})", payload),
            std::nullopt);
  ASSERT_EQ(append_record(header(), "", payload), std::nullopt);
  EXPECT_EQ(payload, R"({"k":"1","x":"QUJD","l":8}{"id":1}{"l":0})");
}

TEST(AppendRecord, RefusesAndAppendsNothing) {
  std::string payload = "before";
  EXPECT_EQ(append_record(header().set(field::correlation_id, "-"), "body", payload),
            (wire::failure{errc::bad_correlation_id, 5, "AMPS-HDR-022"}));
  EXPECT_EQ(payload, "before");
}

}  // namespace
}  // namespace ampspec::amps
