// Tests of composite bodies.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/composite.hpp"

#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ampspec::amps {
namespace {

struct outcome {
  std::vector<std::string> parts;
  std::string rest;
  std::optional<wire::failure> end;
  bool operator==(const outcome&) const = default;
};

outcome read(std::string_view digits, std::optional<std::uint64_t> count = {}) {
  const std::string body = wire::from_hex(digits).value();
  composite_reader reader(body, count);
  outcome o;
  while (const auto part = reader.next()) o.parts.emplace_back(*part);
  o.rest = reader.rest();
  o.end = reader.error();
  return o;
}

TEST(CompositeReader, GivesPartsBehindBigEndianLengths) {
  EXPECT_EQ(read("00000002 6162 00000001 63"), (outcome{{"ab", "c"}, "", {}}));
  EXPECT_EQ(read("00000100" + wire::to_hex(std::string(256, 'x'))), (outcome{{std::string(256, 'x')}, "", {}}));
}

TEST(CompositeReader, ReadsEmptyBodiesAndEmptyParts) {
  EXPECT_EQ(read(""), outcome{});
  EXPECT_EQ(read("00000000"), (outcome{{""}, "", {}}));
  EXPECT_EQ(read("00000000 00000001 61 00000000"), (outcome{{"", "a", ""}, "", {}}));
}

TEST(CompositeReader, GivesThePartsInFrontOfACutOne) {
  const std::string whole = "0000000161";
  for (const char* cut : {"00", "000000", "00000002 61", "00000001", "ffffffff 6161", "80000000"}) {
    const outcome o = read(whole + cut);
    EXPECT_EQ(o.parts, std::vector<std::string>{"a"}) << cut;
    EXPECT_EQ(o.end, (wire::failure{errc::bad_part, 5, "AMPS-CMP-003"})) << cut;
  }
}

TEST(CompositeReader, KeepsWhatLiesBehindTheDeclaredParts) {
  EXPECT_EQ(read("00000001 61 00000001 62 ff", 2), (outcome{{"a", "b"}, "\xff", {}}));
  EXPECT_EQ(read("0000", 0), (outcome{{}, std::string(2, '\0'), {}}));
  EXPECT_EQ(read("00000001 61", 2).end, (wire::failure{errc::bad_part, 5, "AMPS-CMP-003"}));
}

TEST(AppendPart, WritesTheLengthInFront) {
  std::string body;
  ASSERT_EQ(append_part("ab", body), std::nullopt);
  ASSERT_EQ(append_part("", body), std::nullopt);
  ASSERT_EQ(append_part(std::string(258, 'x'), body), std::nullopt);
  EXPECT_EQ(body, wire::from_hex("00000002 6162 00000000 00000102").value() + std::string(258, 'x'));
}

}  // namespace
}  // namespace ampspec::amps
