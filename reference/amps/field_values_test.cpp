// Tests of what stands inside text fields.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/field_values.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

ack_types types(std::initializer_list<ack_type> list) {
  ack_types t;
  for (const ack_type a : list) t.add(a);
  return t;
}

TEST(AckTypes, AreReadInAnyOrderAndNumber) {
  EXPECT_EQ(ack_types_from("processed"), types({ack_type::processed}));
  EXPECT_EQ(
      ack_types_from("stats,received,received,completed,persisted,processed"),
      types({ack_type::received, ack_type::processed, ack_type::completed, ack_type::persisted, ack_type::stats}));
  EXPECT_TRUE(ack_types_from("").none());
  EXPECT_TRUE(ack_types_from("none").none());
  EXPECT_TRUE(ack_types_from(",,").none());
}

TEST(AckTypes, UnknownWordsAskForNothing) {
  EXPECT_EQ(ack_types_from("parsed,processed,later"), types({ack_type::processed}));
  EXPECT_TRUE(ack_types_from("Processed, processed").none());
  EXPECT_EQ(word_of(ack_type::stats), "stats");
}

TEST(Options, AreSplitAtCommasOutsideBrackets) {
  EXPECT_EQ(options_from("replace,select=[+/a,-/b],top_n=10"),
            (std::vector<option>{{"replace", {}}, {"select", "[+/a,-/b]"}, {"top_n", "10"}}));
  EXPECT_EQ(options_from("a=[[x,y],z],b"), (std::vector<option>{{"a", "[[x,y],z]"}, {"b", {}}}));
  EXPECT_EQ(options_from("a],b"), (std::vector<option>{{"a]", {}}, {"b", {}}}));
  EXPECT_EQ(options_from("a=[x,y"), (std::vector<option>{{"a", "[x,y"}}));
  EXPECT_EQ(options_from("a=,b=c=d"), (std::vector<option>{{"a", ""}, {"b", "c=d"}}));
}

TEST(Options, LoseBlanksAroundItemsAndEmptyItems) {
  EXPECT_EQ(options_from(" a , b c ,, ,d "), (std::vector<option>{{"a", {}}, {"b c", {}}, {"d", {}}}));
  EXPECT_TRUE(options_from("").empty());
}

TEST(Timestamp, IsWrittenInItsBasicForm) {
  EXPECT_EQ(timestamp_text(0), "19700101T000000.000000Z");
  EXPECT_EQ(timestamp_text(1'767'225'600'000'000), "20260101T000000.000000Z");
  EXPECT_EQ(timestamp_text(1'757'438'359'976'304), "20250909T171919.976304Z");
}

TEST(Timestamp, IsReadInBothForms) {
  EXPECT_EQ(timestamp_from("20250909T171919.976304Z"), 1'757'438'359'976'304);
  EXPECT_EQ(timestamp_from("2025-09-09T17:19:19.976304Z"), 1'757'438'359'976'304);
  EXPECT_EQ(timestamp_from("20240229T235959.000001Z"), 1'709'251'199'000'001);
  for (const char* text :
       {"", "20250909T171919Z", "20250909T171919.976Z", "20250909T171919.976304", "20250909T171919.976304+00",
        "2025-09-09T171919.976304Z", "20250909 171919.976304Z", "20251309T171919.976304Z", "20230229T000000.000000Z",
        "20250909T241919.976304Z", "20250909T176019.976304Z", "20250909T171960.976304Z", "20250909T171919.976304Zx",
        "20250900T171919.976304Z"}) {
    EXPECT_EQ(timestamp_from(text), std::nullopt) << text;
  }
}

TEST(Bookmark, IsReadInEveryForm) {
  EXPECT_EQ(bookmark_from("0"), bookmark{bookmark::kind::epoch});
  EXPECT_EQ(bookmark_from("0|1|"), bookmark{bookmark::kind::now});
  EXPECT_EQ(bookmark_from("7094790850998930143|18446744073709551615|"),
            (bookmark{bookmark::kind::message, 7094790850998930143, 18446744073709551615u}));
  EXPECT_EQ(bookmark_from("20260101T000000"), (bookmark{bookmark::kind::time, 0, 0, 1'767'225'600'000'000}));
  EXPECT_EQ(bookmark_from("20260101T000001Z"), (bookmark{bookmark::kind::time, 0, 0, 1'767'225'601'000'000}));
  for (const char* text :
       {"", "1", "recent", "1|2", "|1|", "1||", "|", "||", "1|2|3", "1|2|3|", "-1|2|", "1|18446744073709551616|",
        "20260101", "20260101T0000", "20261301T000000", "20260101T000000z", " 0"}) {
    EXPECT_EQ(bookmark_from(text), std::nullopt) << text;
  }
  EXPECT_EQ(bookmark_text(5, 6), "5|6|");
}

TEST(Bookmarks, AreListsAndRanges) {
  const bookmark epoch{bookmark::kind::epoch}, two{bookmark::kind::message, 1, 2}, now{bookmark::kind::now};
  EXPECT_EQ(*bookmarks_from("0"), (bookmarks{{epoch}, false, false, false}));
  EXPECT_EQ(*bookmarks_from("1|2|,0,0|1|"), (bookmarks{{two, epoch, now}, false, false, false}));
  EXPECT_EQ(*bookmarks_from("[0:1|2|]"), (bookmarks{{epoch, two}, true, false, false}));
  EXPECT_EQ(*bookmarks_from("(1|2|:0|1|)"), (bookmarks{{two, now}, true, true, true}));
  EXPECT_EQ(*bookmarks_from("(20260101T000000:20260101T000001Z]"),
            (bookmarks{{*bookmark_from("20260101T000000"), *bookmark_from("20260101T000001")}, true, true, false}));
}

TEST(Bookmarks, TellWhereTheyAreWrong) {
  const auto refuses = [](std::string_view text, std::uint64_t at) {
    const auto b = bookmarks_from(text);
    ASSERT_FALSE(b.ok()) << text;
    EXPECT_EQ(b.error(), (wire::failure{errc::bad_value, at, "AMPS-HDR-032"})) << text;
  };
  refuses("", 0);
  refuses("0,x", 2);
  refuses("0,", 2);
  refuses("[0]", 1);
  refuses("[0:0:0]", 1);
  refuses("[0:0", 0);
  refuses("(", 0);
  refuses("[0:x)", 3);
}

}  // namespace
}  // namespace ampspec::amps
