// Tests of junit.xml: counts, places, and that nothing in it can break the XML.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/junit.hpp"

#include "runner/report/sample.hpp"
#include "runner/report/text.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace ampspec::runner {
namespace {

/// What is wrong with the XML, as far as this writer could get it wrong: nesting, attributes, entities, legal
/// characters.
std::optional<std::string> fault_in(std::string_view text) {
  for (auto rest = text; !rest.empty();) {
    const auto c = first_code_point(rest);
    if (!c.valid) return "not UTF-8";
    if ((c.value < 0x20 && c.value != '\n') || c.value == 0xfffe || c.value == 0xffff)
      return "a character that XML forbids";
    rest.remove_prefix(c.octets);
  }
  const std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  if (!text.starts_with(declaration)) return "no declaration";
  text.remove_prefix(declaration.size());
  std::vector<std::string_view> open;
  while (!text.empty()) {
    const auto tag = text.find('<');
    const auto words = text.substr(0, tag);
    if (words.find('>') != std::string_view::npos) return "a bare >";
    for (auto at = words.find('&'); at != std::string_view::npos; at = words.find('&', at + 1)) {
      const auto entity = words.substr(at, words.find(';', at) - at + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;") return "a bare &";
    }
    if (tag == std::string_view::npos) break;
    auto inside = text.substr(tag + 1);
    std::size_t end = 0;
    for (bool quoted = false; end < inside.size() && (quoted || inside[end] != '>'); ++end) {
      if (inside[end] == '"') quoted = !quoted;
      if (quoted && inside[end] == '<') return "< in an attribute";
    }
    if (end == inside.size()) return "a tag without end";
    text.remove_prefix(tag + end + 2);
    inside = inside.substr(0, end);
    const auto name = inside.substr(0, inside.find_first_of(" /", 1));
    if (inside.starts_with('/')) {
      if (open.empty() || open.back() != inside.substr(1)) return "wrong nesting";
      open.pop_back();
    } else if (!inside.ends_with('/')) {
      open.push_back(name);
    }
  }
  return open.empty() ? std::nullopt : std::optional<std::string>("not closed");
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

std::string report(const sample_run& sample) { return junit_report(sample.summary(), sample.results); }

TEST(FaultInXml, FindsWhatItIsFor) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_EQ(fault_in(head + "<a b=\"c\"><d/>&amp;</a>"), std::nullopt);
  for (const auto bad : {"<a>", "<a></b>", "<a b=\"<\"/>", "<a>&x;</a>", "<a>\x1b</a>", "<a>\xff</a>", "<a>></a>"})
    EXPECT_TRUE(fault_in(head + bad)) << bad;
}

TEST(Junit, IsWellFormedWhateverCameIn) {
  for (const auto& sample : {ordinary_sample(), hostile_sample(), large_sample(60, 4), empty_sample()}) {
    const auto text = report(sample);
    EXPECT_EQ(fault_in(text), std::nullopt);
    EXPECT_EQ(text.find("<script"), std::string::npos);
  }
}

TEST(Junit, HasATestcaseForEachCheckAndStaleLine) {
  const auto sample = ordinary_sample();
  EXPECT_EQ(count(report(sample), "<testcase "), sample.results.size() + sample.facts.stale_baseline.size());
}

TEST(Junit, TellsVerdictsInTheWordsOfTheFormat) {
  const auto text = report(ordinary_sample());
  EXPECT_EQ(count(text, "<failure "), 5u + 1u + 1u) << "fail, xpass, stale line";
  EXPECT_EQ(count(text, "<error "), 3u) << "crash, timeout, harness";
  EXPECT_EQ(count(text, "<skipped "), 2u) << "skip, xfail";
  EXPECT_EQ(count(text, "<system-out>"), 2u) << "warn, observed";
  EXPECT_NE(text.find(" tests=\"24\" failures=\"7\" errors=\"3\" skipped=\"2\""), std::string::npos)
      << text.substr(0, 300);
}

TEST(Junit, SaysWhereAVectorStandsAndWhatItIsCalled) {
  const auto text = report(ordinary_sample());
  EXPECT_NE(text.find("<testcase name=\"A1-LIM-020 [n=255] a value of each length arrives whole\" "
                      "classname=\"amp1/frame/limits.codec\" "
                      "file=\"vectors/amp1/frame/limits.yaml\" line=\"12\""),
            std::string::npos);
  EXPECT_NE(text.find("known failure: ticket 77"), std::string::npos);
  EXPECT_NE(text.find("<property name=\"clauses\" value=\"AMP1-FRAME-013\"/>"), std::string::npos);
  EXPECT_NE(text.find("^^^^^ must be refused here"), std::string::npos);
}

}  // namespace
}  // namespace ampspec::runner
