// Tests of results.jsonl: what it holds, and that reading gives back what was written.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/json.hpp"

#include "runner/report/sample.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <sstream>

namespace ampspec::runner {
namespace {

using json = nlohmann::json;

/// A file of the test's own, gone when the test is over.
class own_file {
 public:
  explicit own_file(const std::string& text)
      : path_(testing::TempDir() + "json_test_" + std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
              "_" + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~own_file() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(json::parse(line));
  return out;
}

TEST(ResultsFile, HasOneObjectForEachCheckAndTheSummaryLast) {
  const auto sample = ordinary_sample();
  const auto lines = lines_of(json_report(sample.summary(), sample.results));
  ASSERT_EQ(lines.size(), sample.results.size() + 1);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    for (const auto key : {"vector", "variant", "protocol", "role", "transport", "level", "verdict", "cites", "source",
                           "signature", "expected", "got", "reason", "cut", "choices", "plays", "ms", "file", "line"}) {
      EXPECT_TRUE(lines[i].contains(key)) << key;
    }
  }
  for (const auto key : {"target", "vectors", "checks", "pass", "fail", "warn", "observed", "skip", "xfail", "xpass",
                         "crash", "timeout", "harness", "plays", "seconds", "peak_rss_kib", "peer_peak_rss_kib"}) {
    EXPECT_TRUE(lines.back().at("summary").contains(key)) << key;
  }
}

TEST(ResultsFile, WritesOctetsAsHex) {
  const auto check = json::parse(json_line(failing_check()));
  EXPECT_EQ(check.at("transcript").at(0).at("head"), "0100");
  EXPECT_EQ(check.at("transcript").at(0).at("mark"), json::array({0, 2}));
}

TEST(ResultsFile, TakesAnyTextAndStaysOneObjectALine) {
  const auto sample = hostile_sample();
  const auto lines = lines_of(json_report(sample.summary(), sample.results));
  ASSERT_EQ(lines.size(), sample.results.size() + 1);
  const auto got = lines[0].at("got").get<std::string>();
  EXPECT_NE(got.find("</script>"), std::string::npos);
  EXPECT_NE(got.find("\xef\xbf\xbd"), std::string::npos) << "invalid octets are replaced";
}

TEST(ResultsFile, ReadsBackWhatItWrote) {
  for (const auto& sample : {ordinary_sample(), large_sample(60, 4), empty_sample()}) {
    const auto written = json_report(sample.summary(), sample.results);
    const own_file file(written);
    const auto loaded = load_results(file.path());
    ASSERT_TRUE(loaded.summary.has_value());
    EXPECT_EQ(json_report(*loaded.summary, loaded.checks), written);
  }
}

TEST(ResultsFile, KeepsWhoProvidesWhatAndWhyAClauseIsExcluded) {
  auto sample = ordinary_sample();
  sample.results.front().provided_by = "adapter";
  auto summary = sample.summary();
  summary.provided_by = {{"adapter", {"service", "amp1.more"}}, {"nobody", {"service"}}};
  const own_file file(json_report(summary, sample.results));
  const auto back = load_results(file.path());
  EXPECT_EQ(back.checks.front().provided_by, "adapter");
  EXPECT_EQ(back.summary->provided_by, summary.provided_by);
  EXPECT_EQ(back.summary->provided.at("adapter").checks, 1u);
  EXPECT_FALSE(back.summary->provided.contains("nobody"));
  EXPECT_EQ(back.summary->clauses.excluded_for.size(), summary.clauses.excluded);
}

TEST(ResultsFile, OfACutRunHasNoSummary) {
  const own_file file(json_line(failing_check()) + "\n");
  const auto loaded = load_results(file.path());
  EXPECT_EQ(loaded.checks.size(), 1u);
  EXPECT_FALSE(loaded.summary.has_value());
}

TEST(ResultsFile, NamesTheLineThatIsNotOneOfOurs) {
  for (const auto bad : {"{", "[]", "{\"vector\":1}",
                         "{\"vector\":\"x\",\"role\":\"codec\",\"level\":\"MUST\",\"verdict\":\"maybe\"}", ""}) {
    const own_file file(json_line(failing_check()) + "\n" + bad + "\n");
    try {
      load_results(file.path());
      FAIL() << "took " << bad;
    } catch (const results_error& e) {
      EXPECT_NE(std::string(e.what()).find(":2: "), std::string::npos) << e.what();
    }
  }
}

TEST(ResultsFile, ThatCannotBeReadIsAnError) {
  EXPECT_THROW(load_results("/nonexistent/results.jsonl"), results_error);
}

}  // namespace
}  // namespace ampspec::runner
