// Tests of the ways in which a stream is cut.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/segmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ampspec::conformance {
namespace {

std::vector<std::uint64_t> two_part_cuts(const std::vector<cutting>& list) {
  std::vector<std::uint64_t> cuts;
  for (const auto& c : list) {
    if (c.before.size() == 1) cuts.push_back(c.before.front());
  }
  return cuts;
}

TEST(Segmentations, OneOctetHasNone) { EXPECT_TRUE(segmentations(1, {}, {}, 1).empty()); }

TEST(Segmentations, CutShortStreamsAtEveryPlace) {
  const auto list = segmentations(256, {}, {}, 1);
  EXPECT_EQ(list.front().every, 1u);
  EXPECT_EQ(two_part_cuts(list).size(), 255u);
}

TEST(Segmentations, LeaveOutPlacesWhereTheStreamIsCutAnyway) {
  const auto cuts = two_part_cuts(segmentations(10, {}, {4, 7}, 1));
  EXPECT_EQ(cuts, (std::vector<std::uint64_t>{1, 2, 3, 5, 6, 8, 9}));
}

TEST(Segmentations, CutLongStreamsInsideAndBesideEveryLengthField) {
  const auto cuts = two_part_cuts(segmentations(1000, {{300, 2, "length", true}, {500, 20, "value", false}}, {}, 1));
  for (const std::uint64_t at : {300, 301, 302})
    EXPECT_TRUE(std::find(cuts.begin(), cuts.end(), at) != cuts.end()) << at;
  EXPECT_GT(cuts.size(), 60u);
}

TEST(Segmentations, AreTheSameForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(two_part_cuts(segmentations(5000, {}, {}, 3)), two_part_cuts(segmentations(5000, {}, {}, 3)));
  EXPECT_NE(two_part_cuts(segmentations(5000, {}, {}, 3)), two_part_cuts(segmentations(5000, {}, {}, 4)));
}

TEST(Segmentations, OfLargeStreamsAreFewAndNeverByTheOctet) {
  const auto list = segmentations(8u << 20, {}, {}, 1);
  EXPECT_EQ(list.front().every, 0u);
  EXPECT_LE(list.size(), 4u);
}

TEST(Segmentations, AreNamedAsResultsTellThem) {
  EXPECT_EQ(name_of(cutting{}), "whole");
  EXPECT_EQ(name_of(cutting{.every = 1, .before = {}}), "every octet");
  EXPECT_EQ(name_of(cutting{.every = 0, .before = {17}}), "before octet 17");
}

}  // namespace
}  // namespace ampspec::conformance
