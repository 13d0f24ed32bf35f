// Tests of the JSON of results, both directions.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/result_json.hpp"

#include "runner/bench/sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ampspec::runner::bench {
namespace {

using nlohmann::json;

TEST(BenchJson, IsReadAsItWasWritten) {
  const auto b = sample_interactivity();
  EXPECT_EQ(interactivity_of(json_text(b)), b);
  for (const auto& w : b.ways) EXPECT_EQ(way_result_of(json_line(w)), w);
}

TEST(BenchJson, WhatWasNotMeasuredHasNoFigures) {
  const auto ways = json::parse(json_text(sample_interactivity())).at("ways");
  EXPECT_EQ(ways.at(2), json::parse(R"({"way": "bigstring", "failed": "the target closed the connection"})"));
  EXPECT_EQ(ways.at(3), json::parse(R"({"way": "amp2", "not_offered": "it has no server for AMPv2"})"));
  EXPECT_FALSE(ways.at(0).contains("megabytes_per_second"));
  EXPECT_FALSE(ways.at(4).contains("theirs_peak_rss_kib"));
}

TEST(BenchJson, TellsTheRatioToTheIdleConnection) {
  const auto ways = json::parse(json_text(sample_interactivity())).at("ways");
  EXPECT_DOUBLE_EQ(ways.at(1).at("p99_to_idle").get<double>(), 3.2);
}

TEST(BenchJson, OtherTextsAreRefused) {
  for (const auto* text :
       {"", "{", "[]", "{}", R"({"bench": "calls"})", R"({"bench": "interactivity", "target": 5})"}) {
    EXPECT_THROW(interactivity_of(text), result_error) << text;
  }
  EXPECT_THROW(way_result_of(R"({"way": "pigeon"})"), result_error);
  EXPECT_THROW(way_result_of(R"({"way": "idle"})"), result_error);
}

TEST(BenchJson, InvalidUtf8OfATargetStaysJson) {
  way_result w;
  w.failed = "bad \xff";
  EXPECT_EQ(way_result_of(json_line(w)).failed, "bad \xef\xbf\xbd");
}

}  // namespace
}  // namespace ampspec::runner::bench
