// Tests of the encoder: what it writes, and that a refusal writes nothing.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_encoder.hpp"

#include "reference/amp/box_decoder.hpp"
#include "reference/amp/test_support.hpp"
#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::amp {
namespace {

std::string encoded(box_view b) {
  std::string out;
  EXPECT_EQ(encode(b, out), std::nullopt);
  return out;
}

void expect_refused(box_view b, const wire::failure& expected) {
  std::string out = "before";
  EXPECT_EQ(encode(b, out), expected);
  EXPECT_EQ(out, "before");
}

TEST(BoxEncoder, WritesARequestByteForByte) {
  EXPECT_EQ(wire::to_hex(encoded(box{{"_ask", "23"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}})),
            "00045f61736b000232330008"
            "5f636f6d6d616e640003"
            "53756d"
            "0001610002313300016200023831"
            "0000");
}

TEST(BoxEncoder, WritesAnEmptyValue) {
  EXPECT_EQ(wire::to_hex(encoded(box{{"a", ""}, {"b", "x"}})), "00016100000001620001780000");
}

TEST(BoxEncoder, WritesTheEmptyBox) { EXPECT_EQ(wire::to_hex(encoded(box())), "0000"); }

TEST(BoxEncoder, AppendsToWhatIsThere) {
  std::string out = encoded(box());
  ASSERT_EQ(encode(box{{"k", "v"}}, out), std::nullopt);
  EXPECT_EQ(wire::to_hex(out),
            "0000"
            "00016b0001760000");
}

TEST(BoxEncoder, WritesLengthsBigEndianUpToTheLargest) {
  const std::string key(255, 'k');
  EXPECT_EQ(encoded(box{{key, "x"}}), std::string("\x00\xff", 2) + key + std::string("\x00\x01x\x00\x00", 5));
  for (const std::size_t size : {127u, 128u, 255u, 256u, 257u, 32767u, 32768u, 32769u, 65535u}) {
    const std::string value(size, 'x');
    const std::string length{static_cast<char>(size / 256), static_cast<char>(size % 256)};
    EXPECT_EQ(encoded(box{{"k", value}}), std::string("\x00\x01k", 3) + length + value + std::string(2, '\0')) << size;
  }
}

TEST(BoxEncoder, RefusesAnEmptyKey) {
  expect_refused(box{{"a", "1"}, {"", "x"}}, {errc::empty_key, 8, "AMP1-FRAME-006"});
}

TEST(BoxEncoder, RefusesAKeyOf256Octets) {
  expect_refused(box{{std::string(256, 'k'), "x"}}, {errc::key_too_long, 2, "AMP1-FRAME-005"});
}

TEST(BoxEncoder, RefusesAValueOf65536Octets) {
  expect_refused(box{{"k", std::string(65536, 'x')}}, {errc::value_too_long, 5, "AMP1-FRAME-007"});
}

TEST(BoxEncoder, RefusesARepeatedKey) {
  expect_refused(box{{"a", "1"}, {"b", "2"}, {"a", "1"}}, {errc::duplicate_key, 14, "AMP1-FRAME-025"});
}

TEST(BoxEncoder, RefusesARepeatedKeyAmongMany) {
  box b;
  for (int i = 0; i < 3000; ++i) b.add(numbered("k", i), "");
  std::string out;
  EXPECT_EQ(encode(b, out), std::nullopt);
  b.add("k1234", "");
  expect_refused(b, {errc::duplicate_key, out.size(), "AMP1-FRAME-025"});
}

}  // namespace
}  // namespace ampspec::amp
