// What an annotated stream of boxes shows, in both versions of AMP.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/annotate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::conformance {
namespace {

using namespace std::string_literals;

std::vector<std::string> labels(const std::string& octets, amp_values values = amp_values::whole) {
  std::vector<std::string> all;
  std::uint64_t at = 0;
  for (const auto& f : annotate_amp(octets, values)) {
    EXPECT_EQ(f.at, at) << "no octet is left out";
    at += f.size;
    all.push_back(f.label);
  }
  return all;
}

using list = std::vector<std::string>;

TEST(Annotate, NamesKeysValuesAndEnds) {
  EXPECT_EQ(labels("\0\1k\0\2vv\0\0\0\1e\0\0\0\0"s),
            (list{"key length 1", "key \"k\"", "value length 2", "value \"vv\"", "end of box", "key length 1",
                  "key \"e\"", "value length 0", "end of box"}));
}

TEST(Annotate, SaysWhereItEnds) {
  EXPECT_EQ(labels("\0\1k\0\3v"s), (list{"key length 1", "key \"k\"", "value length 3", "value \"v\", cut"}));
  EXPECT_EQ(labels("\0\1k\0"s), (list{"key length 1", "key \"k\"", "half a length"}));
  EXPECT_EQ(labels("\0"s), (list{"half a length"}));
  EXPECT_EQ(labels("\1\0ab"s), (list{"key length 256, over the limit", "octets behind it"}));
}

TEST(Annotate, FollowsChunksOnlyInVersion2) {
  const std::string full(65535, 'a');
  const auto octets = "\0\1k\xff\xff"s + full + "\0\2bb\0\0"s;
  const auto in_2 = labels(octets, amp_values::in_chunks);
  ASSERT_EQ(in_2.size(), 7u);
  EXPECT_EQ(in_2[2], "chunk length 65535");
  EXPECT_EQ(in_2[4], "last chunk length 2");
  EXPECT_EQ(in_2[5], "last chunk \"bb\"");
  EXPECT_EQ(in_2[6], "end of box");
  const auto in_1 = labels(octets);
  ASSERT_EQ(in_1.size(), 7u);
  EXPECT_EQ(in_1[2], "value length 65535");
  EXPECT_EQ(in_1[4], "key length 2");
}

TEST(Annotate, EndsAValueOfFullChunksWithAnEmptyOne) {
  const auto all = labels("\0\1k\xff\xff"s + std::string(65535, 'a') + "\0\0\0\0"s, amp_values::in_chunks);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[4], "last chunk length 0");
  EXPECT_EQ(all[5], "end of box");
  EXPECT_EQ(labels("\0\1k\0\1v\0\0"s, amp_values::in_chunks), labels("\0\1k\0\1v\0\0"s));
}

}  // namespace
}  // namespace ampspec::conformance
