// Tests of the page's source; what a browser makes of it is tested in tests/browser.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/html.hpp"

#include "runner/report/sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace ampspec::runner {
namespace {

using json = nlohmann::json;

constexpr std::string_view data_begins = "<script type=\"application/json\" id=\"data\">", data_ends = "</script>";

std::string report(const sample_run& sample) { return html_report(sample.summary(), sample.results, sample.catalogue); }

std::string data_of(const std::string& page) {
  const auto begin = page.find(data_begins) + data_begins.size();
  return page.substr(begin, page.find(data_ends, begin) - begin);
}

/// The page without its data: the template.
std::string frame_of(const std::string& page) {
  const auto begin = page.find(data_begins) + data_begins.size();
  return page.substr(0, begin) + page.substr(page.find(data_ends, begin));
}

TEST(HtmlReport, HoldsEveryCheckCauseAndClause) {
  const auto sample = ordinary_sample();
  const auto data = json::parse(data_of(report(sample)));
  EXPECT_EQ(data.at("checks").size(), sample.results.size());
  EXPECT_EQ(data.at("clauses").size(), sample.summary().clauses.catalogued);
  EXPECT_EQ(data.at("causes").size(), 7u);
  EXPECT_EQ(data.at("run").at("summary").at("outcome"), "does not conform");
}

TEST(HtmlReport, HasNothingHostileOutsideItsStrings) {
  const auto page = report(hostile_sample());
  EXPECT_EQ(frame_of(page), frame_of(report(ordinary_sample())));
  const auto data = data_of(page);
  EXPECT_EQ(data.find('<'), std::string::npos);
  for (const char c : data) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(json::parse(data).at("checks").size(), 10u);
}

TEST(HtmlReport, KeepsTheTextThatWasMadeHarmless) {
  const auto data = json::parse(data_of(report(hostile_sample())));
  EXPECT_NE(data.at("checks").at(0).at("got").get<std::string>().find("</script><script>alert(1)</script>"),
            std::string::npos);
}

TEST(HtmlReport, OfAnEmptyRunIsAPageToo) {
  const auto data = json::parse(data_of(report(empty_sample())));
  EXPECT_TRUE(data.at("checks").empty());
  EXPECT_TRUE(data.at("clauses").empty());
}

TEST(HtmlReport, NamesNoPlaceOutsideItself) {
  const auto frame = frame_of(report(ordinary_sample()));
  for (const auto word : {"http://", "https://", "src=", "@import", "url(", "innerHTML", "outerHTML",
                          "insertAdjacentHTML", "document.write", "eval("}) {
    EXPECT_EQ(frame.find(word), std::string::npos) << word;
  }
}

TEST(HtmlReport, StaysSmallWhenEverythingFailsAtLength) {
  auto sample = large_sample(1500, 1);
  for (auto& r : sample.results) {
    for (auto& e : r.transcript) {
      if (e.who != conformance::transcript_entry::side::note) e.head.assign(2048, 'x'), e.size = 2048;
    }
  }
  const auto page = report(sample);
  EXPECT_LT(page.size(), 24u << 20);
  const auto data = json::parse(data_of(page));
  EXPECT_TRUE(data.at("checks").at(1499).contains("transcript_left_out"));
  for (const auto& cause : data.at("causes")) {
    EXPECT_TRUE(data.at("checks").at(cause.at("example").get<std::size_t>()).contains("transcript"));
  }
}

}  // namespace
}  // namespace ampspec::runner
