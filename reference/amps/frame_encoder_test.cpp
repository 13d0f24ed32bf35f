// Tests of the encoder: octets written by hand, and refusals that leave nothing behind.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_encoder.hpp"

#include "reference/amps/test_support.hpp"
#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::amps {
namespace {

TEST(FrameEncoder, WritesTheGoldenFrames) {
  std::string out;
  header publish(command::publish);
  publish.set(field::topic, "orders");
  ASSERT_EQ(encode(publish, R"({"id":1})", out), std::nullopt);
  ASSERT_EQ(encode(header(command::heartbeat), "", out), std::nullopt);
  EXPECT_EQ(out, wire::from_hex("0000001e").value() + R"({"c":"p","t":"orders"}{"id":1})" +
                     wire::from_hex("00000011").value() + R"({"c":"heartbeat"})");
}

TEST(FrameEncoder, CountsAPayloadThatFollows) {
  std::string out;
  ASSERT_EQ(encode_head(header(command::publish), 0x01020304 - 9, out), std::nullopt);
  EXPECT_EQ(out, wire::from_hex("01020304").value() + R"({"c":"p"})");
}

TEST(FrameEncoder, RefusesWhatIsAboveTheLimitAndWritesNothing) {
  const wire::failure too_large{errc::frame_too_large, 0, "AMPS-LIMIT-006"};
  const header h(command::publish);  // nine octets
  std::string out = "before";
  EXPECT_EQ(encode_head(h, default_limit - 9 + 1, out), too_large);
  EXPECT_EQ(encode_head(h, default_limit - 9, out), std::nullopt);
  out = "before";
  EXPECT_EQ(encode(h, "12345", out, 13), too_large);
  EXPECT_EQ(out, "before");
  EXPECT_EQ(encode(h, "1234", out, 13), std::nullopt);
  EXPECT_EQ(out, "before" + framed(R"({"c":"p"}1234)"));
  EXPECT_EQ(encode_head(h, any_length - 9, out, any_length), std::nullopt);
  EXPECT_EQ(encode_head(h, any_length - 8, out, any_length), too_large);
  EXPECT_EQ(encode_head(h, std::uint64_t{1} << 40, out, ~std::uint64_t{0}), too_large);
}

TEST(FrameEncoder, TellsWhereARefusedValueWouldHaveBegun) {
  header h(command::publish);
  h.set(field::correlation_id, "-");
  std::string out;
  EXPECT_EQ(encode(h, "body", out), (wire::failure{errc::bad_correlation_id, 17, "AMPS-HDR-022"}));
  EXPECT_EQ(encode(header(), "body", out), (wire::failure{errc::no_command, 4, "AMPS-HDR-018"}));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace ampspec::amps
