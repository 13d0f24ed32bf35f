// Tests of headers, fields and numbers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header.hpp"

#include "reference/amps/test_support.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ampspec::amps {
namespace {

TEST(Field, EveryNameLeadsBackToItsField) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < field_count; ++i) {
    const field_names& names = all_fields[i];
    ASSERT_EQ(static_cast<std::size_t>(names.id), i);
    ASSERT_EQ(field_named(names.written), names.id) << names.written;
    ASSERT_TRUE(seen.insert(names.written).second);
    for (const std::string_view also : names.also) {
      if (also.empty()) continue;
      ASSERT_EQ(field_named(also), names.id) << also;
      ASSERT_TRUE(seen.insert(also).second) << also;
    }
  }
}

TEST(Field, NoOtherNameIsAField) {
  for (const char* name : {"", "C", "z", "cI", "cids", "command", "topics", "records_returnee", "records_returned_",
                           "sow_and_delta_subscribe_key", "timeout_interva", "Topic"}) {
    EXPECT_EQ(field_named(name), std::nullopt) << name;
  }
  using namespace std::string_view_literals;
  EXPECT_EQ(field_named("c\0"sv), std::nullopt);
  EXPECT_EQ(field_named("\0c"sv), std::nullopt);
}

TEST(Command, EveryWordLeadsBackToItsCommand) {
  for (int i = 1; i <= static_cast<int>(command::oof); ++i) {
    const auto c = static_cast<command>(i);
    EXPECT_FALSE(full_word(c).empty()) << i;
    EXPECT_EQ(command_named(full_word(c)), c);
    EXPECT_EQ(command_named(written_word(c)), c);
  }
  EXPECT_EQ(written_word(command::publish), "p");
  EXPECT_EQ(command_named("Publish"), command::unknown);
  EXPECT_EQ(command_named(""), command::unknown);
  EXPECT_EQ(full_word(command::unknown), "");
}

TEST(Header, HoldsWhatWasSetLast) {
  header h(command::publish);
  h.set(field::topic, "orders").set(field::sequence, 18446744073709551615u).set(field::topic, "other");
  EXPECT_EQ(h[field::command], "p");
  EXPECT_EQ(h.what(), command::publish);
  EXPECT_EQ(h[field::topic], "other");
  EXPECT_EQ(h[field::sequence], "18446744073709551615");
  EXPECT_EQ(h.view().size(), 3u);
  EXPECT_FALSE(h.has(field::filter));
  EXPECT_EQ(h[field::filter], "");
  h.erase(field::topic);
  EXPECT_FALSE(h.has(field::topic));
}

TEST(Header, KeepsItsTextsWhileItGrows) {
  header h;
  for (int round = 0; round < 40; ++round) {
    for (const field_names& f : all_fields) h.set(f.id, std::string(f.written) + std::to_string(round));
  }
  for (const field_names& f : all_fields) EXPECT_EQ(h[f.id], std::string(f.written) + "39");
  h.set(field::topic, h[field::sow_keys]);  // a text out of itself
  EXPECT_EQ(h[field::topic], h[field::sow_keys]);
}

TEST(Header, CopiesAndMovesWithItsTexts) {
  header a(command::ack);
  a.set(field::command_id, "a text that is longer than any small string would hold inside itself");
  header b = a, c = std::move(a);
  EXPECT_EQ(b, c);
  b.set(field::command_id, "b");
  EXPECT_NE(b, c);
  b = c;
  EXPECT_EQ(b, c);
  header d;
  d = std::move(c);
  EXPECT_EQ(b, d);
  c = b;
  EXPECT_EQ(c, d);
}

TEST(Header, AnEmptyTextIsNotAnAbsentField) {
  header empty, absent;
  empty.set(field::filter, "");
  EXPECT_NE(empty, absent);
  EXPECT_EQ(empty.view().find(field::filter), "");
  EXPECT_EQ(absent.view().find(field::filter), std::nullopt);
}

TEST(Header, ReadsNumbersOfTheirWidth) {
  const auto read = [](field f, std::string_view text) {
    header h;
    h.set(f, text);
    return h.read_number(f);
  };
  const auto good = [](std::uint64_t n) { return number{number::reading::good, n}; };
  const number bad{number::reading::bad, 0};
  EXPECT_EQ(header().read_number(field::sequence), number{});
  EXPECT_EQ(read(field::sequence, "18446744073709551615"), good(18446744073709551615u));
  EXPECT_EQ(read(field::sequence, "18446744073709551616"), bad);
  EXPECT_EQ(read(field::batch_size, "4294967295"), good(4294967295u));
  EXPECT_EQ(read(field::batch_size, "4294967296"), bad);
  EXPECT_EQ(read(field::batch_size, "0"), good(0));
  EXPECT_EQ(read(field::batch_size, "007"), good(7));
  EXPECT_EQ(read(field::batch_size, "00000000000000000007"), good(7));
  EXPECT_EQ(read(field::batch_size, "000000000000000000007"), bad);  // 21 digits
  for (const char* text : {"", "-1", "+1", "1.5", "1e3", " 1", "1 ", "x", "true", "0x10", "١"}) {
    EXPECT_EQ(read(field::top_n, text), bad) << text;
  }
}

}  // namespace
}  // namespace ampspec::amps
