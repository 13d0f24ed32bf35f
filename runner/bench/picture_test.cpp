// Tests of the picture's source; what a browser makes of it is tested in tests/browser.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/picture.hpp"

#include "runner/bench/sample.hpp"

#include <gtest/gtest.h>

#include <array>
#include <regex>

namespace ampspec::runner::bench {
namespace {

std::string section(const interactivity& b) { return section_of(std::array{b}); }

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++n;
  return n;
}

/// Places of these marks from left to right, in per cent.
std::vector<double> places(const std::string& text, const std::string& mark, const std::string& attribute) {
  std::vector<double> all;
  const std::regex pattern("class=\"" + mark + "\" " + attribute + "=\"([0-9.]+)%\"");
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    all.push_back(std::stod((*at)[1]));
  return all;
}

TEST(BenchPicture, HasAMarkForEachFigureOfEachMeasuredWay) {
  const auto text = section(sample_interactivity());
  const auto p50 = places(text, "p50", "cx"), p99 = places(text, "p99", "cx"), worst = places(text, "worst", "x1");
  ASSERT_EQ(p50.size(), 3u);
  ASSERT_EQ(p99.size(), 3u);
  ASSERT_EQ(worst.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LT(p50[i], p99[i]);
    EXPECT_LT(p99[i], worst[i]);
    EXPECT_GE(p50[i], 0);
    EXPECT_LE(worst[i], 100);
  }
  EXPECT_LT(p99[0], p99[1]);  // idle, stream, bulk
  EXPECT_LT(p99[1], p99[2]);
}

TEST(BenchPicture, ADecadeIsAsWideAsAnyOther) {
  auto b = sample_interactivity();
  b.ways.resize(1);
  b.ways[0].calls = {10, std::chrono::microseconds(10), std::chrono::microseconds(100), std::chrono::milliseconds(1)};
  const auto text = section(b);
  const auto p50 = places(text, "p50", "cx").at(0), p99 = places(text, "p99", "cx").at(0),
             worst = places(text, "worst", "x1").at(0);
  EXPECT_NEAR(p99 - p50, worst - p99, 0.02);
}

TEST(BenchPicture, NumbersStandInItAsText) {
  const auto text = section(sample_interactivity());
  for (const auto* word : {"320 µs", "1.50 ms", "496 MB/s", "ours 9.0 MiB", "theirs 13.0 MiB", "3.2 x", "1,004"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
  }
}

TEST(BenchPicture, WaysWithoutFiguresGiveTheReason) {
  const auto text = section(sample_interactivity());
  EXPECT_EQ(count(text, "not offered: it has no server for AMPv2"), 2u);  // picture and table
  EXPECT_EQ(count(text, "failed: the target closed the connection"), 2u);
}

TEST(BenchPicture, WhatCameFromTheTargetIsText) {
  auto b = sample_interactivity();
  b.target = "<script>alert(1)</script>";
  b.ways[3].not_offered = "\"><img src=x onerror=alert(1)>\x1b[2J";
  const auto text = section(b);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("<img"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(BenchPicture, NothingMeasuredIsAPictureToo) {
  interactivity b{"my-server", "0.2.0", 32, 2, 500, "", {}};
  EXPECT_NE(section(b).find("my-server"), std::string::npos);
  b.ways.push_back({way::idle, "", "it ended", {}, 0, 0, 0, 0});
  EXPECT_NE(section(b).find("it ended"), std::string::npos);
}

TEST(BenchPicture, AsAPageIsOneFileWithTheStyleOfTheReport) {
  const auto text = page_of(std::array{sample_interactivity(), sample_interactivity()});
  EXPECT_TRUE(text.starts_with("<!doctype html>"));
  EXPECT_EQ(count(text, "class=\"card bench\""), 2u);
  EXPECT_NE(text.find("prefers-color-scheme: dark"), std::string::npos);
  for (const auto* word : {"http://", "https://", "src=", "@import", "url(", "<script", "@BENCH@"}) {
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace ampspec::runner::bench
