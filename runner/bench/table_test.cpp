// Tests of the table and of how figures are told in it.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/table.hpp"

#include "runner/bench/sample.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace ampspec::runner::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string line_with(const std::string& text, const std::string& word) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(word)) return line;
  }
  return "no line begins with " + word;
}

TEST(BenchTable, TimesAreToldInTheUnitThatFits) {
  EXPECT_EQ(time_text(nanos(400)), "0 µs");
  EXPECT_EQ(time_text(microseconds(85)), "85 µs");
  EXPECT_EQ(time_text(microseconds(999)), "999 µs");
  EXPECT_EQ(time_text(nanos(999'600)), "1.00 ms");
  EXPECT_EQ(time_text(microseconds(3'421)), "3.42 ms");
  EXPECT_EQ(time_text(microseconds(34'210)), "34.2 ms");
  EXPECT_EQ(time_text(milliseconds(342)), "342 ms");
  EXPECT_EQ(time_text(milliseconds(1'250)), "1.25 s");
}

TEST(BenchTable, WhatIsUnknownIsNoZero) {
  EXPECT_EQ(memory_text(0), "–");
  EXPECT_EQ(ratio_text(0), "–");
  EXPECT_EQ(speed_text(0), "–");
  EXPECT_EQ(memory_text(13312), "13.0 MiB");
  EXPECT_EQ(ratio_text(3.24), "3.2 x");
  EXPECT_EQ(ratio_text(130.4), "130 x");
  EXPECT_EQ(speed_text(496.25), "496");
}

TEST(BenchTable, HasALineForEachWay) {
  const auto text = table_of(sample_interactivity());
  EXPECT_TRUE(
      text.starts_with("my-server: values of 32 MB for at least 2 s each way, 500 small calls a second meanwhile; each "
                       "side on a core of its own\n"))
      << text;
  EXPECT_EQ(line_with(text, "way"),
            "way            MB/s   calls       p50       p99     worst   to idle    RSS ours      theirs");
  EXPECT_EQ(line_with(text, "idle"),
            "idle              –   1,000     60 µs    100 µs    850 µs     1.0 x     8.8 MiB    12.6 MiB");
  EXPECT_EQ(line_with(text, "stream"),
            "stream          496   1,004     90 µs    320 µs   1.50 ms     3.2 x     9.0 MiB    13.0 MiB");
  EXPECT_EQ(line_with(text, "BigString"), "BigString   failed: the target closed the connection");
  EXPECT_EQ(line_with(text, "AMPv2"), "AMPv2       not offered: it has no server for AMPv2");
  EXPECT_EQ(line_with(text, "bulk"),
            "bulk           9.50   1,001     70 µs   3.40 ms    1.25 s      34 x    14.0 MiB           –");
}

TEST(BenchTable, NamesTheGoalOfTheStream) {
  EXPECT_NE(table_of(sample_interactivity()).find("p99 is 3.2 x that of the idle connection (goal: <= 10 x)"),
            std::string::npos);
}

TEST(BenchTable, WithoutAnIdleFigureThereIsNoRatio) {
  auto b = sample_interactivity();
  b.ways.erase(b.ways.begin());
  EXPECT_EQ(b.ratio_to_idle(b.ways.front()), 0);
  EXPECT_EQ(table_of(b).find("goal"), std::string::npos);
}

TEST(BenchTable, WhatTheTargetSaidIsEscaped) {
  auto b = sample_interactivity();
  b.ways[2].failed = "bad\x1b[31m";
  EXPECT_EQ(table_of(b).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ampspec::runner::bench
