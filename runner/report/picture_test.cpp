// Tests of how octets are drawn.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/picture.hpp"

#include "runner/report/sample.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

using conformance::transcript_entry;

transcript_entry entry(std::string octets, std::vector<conformance::noted_field> fields = {}) {
  transcript_entry e;
  e.who = transcript_entry::side::ours;
  e.size = octets.size();
  e.head = std::move(octets);
  e.fields = std::move(fields);
  return e;
}

TEST(Picture, GivesEachFieldARow) {
  const auto rows = picture_of(entry(std::string("\x01\0zz", 4), {{0, 2, "key length 256"}, {2, 2, "octets"}}), 8);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].hex, "01 00");
  EXPECT_EQ(rows[0].label, "key length 256");
  EXPECT_EQ(rows[1].offset, 2u);
  EXPECT_EQ(rows[1].label, "octets 'zz'");
}

TEST(Picture, JoinsAShortLengthWithItsBody) {
  const auto rows = picture_of(entry(std::string("\0\1k", 3), {{0, 2, "key length 1"}, {2, 1, "key \"k\""}}), 8);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].hex, "00 01 6b");
  EXPECT_EQ(rows[0].label, "key \"k\"");
}

TEST(Picture, NeverJoinsALengthWithAnother) {
  const auto rows = picture_of(
      entry(std::string("\1\0\0\1k", 5), {{0, 2, "key length 256"}, {2, 2, "key length 1"}, {4, 1, "key \"k\""}}), 8);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].label, "key length 256");
  EXPECT_EQ(rows[1].hex, "00 01 6b");
}

TEST(Picture, KeepsALengthApartWhenItIsPointedAt) {
  auto e = entry(std::string("\0\1k", 3), {{0, 2, "key length 1"}, {2, 1, "key \"k\""}});
  e.mark_size = 2;
  e.mark_text = "wrong";
  const auto rows = picture_of(e, 8);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].pointer_at, 0u);
  EXPECT_EQ(rows[0].pointer_width, 5u);
  EXPECT_EQ(rows[0].pointer_text, "wrong");
}

TEST(Picture, PointsUnderTheOctetsMeant) {
  auto e = entry("abcdefghij");
  e.mark_at = 9;
  e.mark_size = 1;
  const auto rows = picture_of(e, 8);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].pointer_width, 0u);
  EXPECT_EQ(rows[1].pointer_at, 3u);
  EXPECT_EQ(rows[1].pointer_width, 2u);
}

TEST(Picture, FoldsALongRunOfOneOctet) {
  const auto rows = picture_of(entry(std::string(256, 'k'), {{0, 256, "key"}}), 8);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].hex, "6b 6b 6b … ×256");
}

TEST(Picture, NeverClaimsOctetsThatWereNotKept) {
  auto e = entry(std::string(100, 'k'), {{0, 65535, "value"}});
  e.size = 65535;
  const auto rows = picture_of(e, 8);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].hex, "6b 6b 6b … ×100");
  EXPECT_EQ(rows[1].hex, "… 65,435 octets more");
}

TEST(Picture, SaysWhereAMarkIsThatLiesBeyondWhatWasKept) {
  auto e = entry("ab");
  e.size = 9000;
  e.mark_at = 8000;
  e.mark_size = 1;
  e.mark_text = "differs";
  EXPECT_EQ(picture_of(e, 8).back().pointer_text, "at octet 8,000: differs");
}

TEST(Picture, ShowsAFieldThatHoldsOthersAsAHeading) {
  const auto rows = picture_of(entry("abcd", {{0, 4, "a box"}, {0, 2, "first"}, {2, 2, "second"}}), 8);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].hex, "");
  EXPECT_EQ(rows[0].label, "a box");
  EXPECT_EQ(rows[2].hex, "63 64");
}

TEST(Picture, ShowsEveryOctetOfGapsBetweenFields) {
  const auto rows = picture_of(entry("abcd", {{1, 1, "named"}}), 8);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].hex + rows[1].hex + rows[2].hex, "616263 64");
}

TEST(Picture, KeepsTheMarkWhenMostRowsAreLeftOut) {
  transcript_entry e = entry(std::string(2000, '\0'));
  for (std::uint64_t i = 0; i < 2000; ++i) e.fields.push_back({i, 1, "octet " + std::to_string(i)});
  e.mark_at = 1500;
  e.mark_size = 1;
  e.mark_text = "here";
  const auto rows = picture_of(e, 8, 20);
  EXPECT_LE(rows.size(), 24u);
  bool shown = false;
  for (const auto& row : rows) shown = shown || (row.offset == 1500u && row.pointer_text == "here");
  EXPECT_TRUE(shown);
}

TEST(Picture, SurvivesFieldsAndMarksThatLieOutside) {
  for (const auto& r : hostile_sample().results) {
    for (const auto& e : r.transcript) {
      for (const std::size_t per_row : {1u, 8u, 16u}) {
        for (const auto& row : picture_of(e, per_row)) EXPECT_EQ(row.label.find('\x1b'), std::string::npos);
      }
    }
  }
}

TEST(PlainTranscript, HasBothSidesNotesAndPointer) {
  const auto text = plain_transcript(failing_check());
  EXPECT_NE(text.find("we sent: 2 octets\n       0  01 00"), std::string::npos) << text;
  EXPECT_NE(text.find("          ^^^^^ must be refused here, by octet 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("-- nothing for 250 ms\n"), std::string::npos) << text;
  EXPECT_NE(text.find("the server answered: 14 octets a box: {_answer: 1}\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace ampspec::runner
