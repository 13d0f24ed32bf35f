// Tests of the percentiles.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/latency.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace ampspec::runner::bench {
namespace {

std::vector<nanos> one_to(int last) {
  std::vector<nanos> all;
  for (int i = last; i > 0; --i) all.emplace_back(i);  // not in order
  return all;
}

TEST(Latency, OfAHundredTheNinetyNinthIsP99) {
  const auto s = spread_of(one_to(100));
  EXPECT_EQ(s, (spread{100, nanos(50), nanos(99), nanos(100)}));
}

TEST(Latency, RanksAreRoundedUp) {
  EXPECT_EQ(spread_of(one_to(101)), (spread{101, nanos(51), nanos(100), nanos(101)}));
  EXPECT_EQ(spread_of(one_to(3)), (spread{3, nanos(2), nanos(3), nanos(3)}));
  EXPECT_EQ(spread_of(one_to(1000)), (spread{1000, nanos(500), nanos(990), nanos(1000)}));
}

TEST(Latency, OneIsAllThreeFigures) { EXPECT_EQ(spread_of({nanos(7)}), (spread{1, nanos(7), nanos(7), nanos(7)})); }

TEST(Latency, NoneIsZero) { EXPECT_EQ(spread_of({}), spread{}); }

TEST(Latency, OneOutlierInAHundredShowsInTheWorstAlone) {
  auto all = std::vector<nanos>(99, nanos(10));
  all.insert(all.begin(), nanos(5'000'000));
  EXPECT_EQ(spread_of(all), (spread{100, nanos(10), nanos(10), nanos(5'000'000)}));
}

TEST(Latency, FiguresAreMeasuredOnesNotMeans) {
  EXPECT_EQ(spread_of({nanos(10), nanos(20)}), (spread{2, nanos(10), nanos(20), nanos(20)}));
}

}  // namespace
}  // namespace ampspec::runner::bench
