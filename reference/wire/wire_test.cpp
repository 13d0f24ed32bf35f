// Tests of failures, results and hex.
// SPDX-License-Identifier: Apache-2.0
#include "reference/wire/failure.hpp"
#include "reference/wire/hex.hpp"
#include "reference/wire/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ampspec::wire {
namespace {

failure broken_pipe_at(std::uint64_t offset) { return {make_error_code(std::errc::broken_pipe), offset, "AREA-001"}; }

TEST(Failure, ComparesCodeOffsetAndClause) {
  EXPECT_EQ(broken_pipe_at(3), broken_pipe_at(3));
  EXPECT_NE(broken_pipe_at(3), broken_pipe_at(4));
  EXPECT_NE(broken_pipe_at(3), (failure{make_error_code(std::errc::broken_pipe), 3, "AREA-002"}));
  EXPECT_NE(broken_pipe_at(3), (failure{make_error_code(std::errc::io_error), 3, "AREA-001"}));
}

TEST(Result, HoldsItsValue) {
  result<std::string> r(std::string("abc"));
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(*r, "abc");
  EXPECT_EQ(r->size(), 3u);
}

TEST(Result, HoldsItsFailure) {
  const result<std::string> r(broken_pipe_at(17));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error(), broken_pipe_at(17));
}

TEST(Result, GivesUpAValueThatOnlyMoves) {
  result<std::unique_ptr<int>> r(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(r);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfAFailureTypeTellsValueFromFailure) {
  const result<int> value(1), failed(broken_pipe_at(1));
  EXPECT_NE(value, failed);
}

TEST(Hex, WritesTwoLowerCaseDigitsForEachOctet) {
  EXPECT_EQ(to_hex(std::string("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(to_hex(""), "");
}

TEST(Hex, ReadsWhatItWrites) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from_hex(to_hex(all)), all);
}

TEST(Hex, ReadsUpperCaseAndIgnoresBlanks) { EXPECT_EQ(from_hex(" 4A 6\tb\n"), "Jk"); }

TEST(Hex, RefusesOddDigitsAndOtherCharacters) {
  EXPECT_EQ(from_hex("4a6"), std::nullopt);
  EXPECT_EQ(from_hex("4g"), std::nullopt);
  EXPECT_EQ(from_hex("0x4a"), std::nullopt);
}

}  // namespace
}  // namespace ampspec::wire
