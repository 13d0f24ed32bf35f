// What is under an embargo is shown as a clause and an effect, and nothing more, until its day.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/embargo.hpp"

#include "runner/report/html.hpp"
#include "runner/report/json.hpp"
#include "runner/report/junit.hpp"
#include "runner/report/sample.hpp"

#include <gtest/gtest.h>

namespace ampspec::runner {
namespace {

conformance::check_result listed(std::string reason) {
  auto r = failing_check();
  r.what = conformance::verdict::xfail;
  r.reason = std::move(reason);
  r.title = "a title that tells how";
  r.expected = "what was expected";
  r.got = "what was got";
  r.cut = "before octet 17";
  conformance::transcript_entry e;
  e.who = conformance::transcript_entry::side::ours;
  e.head = "\xde\xad\xbe\xef";
  e.size = 4;
  e.text = "these octets";
  r.transcript = {e};
  return r;
}

TEST(Embargo, IsReadFromTheReason) {
  EXPECT_FALSE(embargo_of("AMP1-FRAME-044: an effect"));
  const auto found = embargo_of("embargo: 2027-03-01 AMP1-FRAME-044: an effect");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->until, "2027-03-01");
  EXPECT_EQ(found->effect, "AMP1-FRAME-044: an effect");
}

TEST(Embargo, WithoutAProperDateNeverEnds) {
  for (const char* reason : {"embargo: soon", "embargo: 2027-3-1 an effect", "embargo: "}) {
    EXPECT_EQ(embargo_of(reason)->until, "9999-12-31") << reason;
  }
}

TEST(Embargo, EndsOnItsDay) {
  std::vector<conformance::check_result> results{listed("embargo: 2027-03-01 an effect")};
  EXPECT_EQ(withhold(results, "2027-03-01"), 0u);
  EXPECT_FALSE(withheld(results[0]));
  EXPECT_EQ(results[0].transcript.size(), 1u);
  EXPECT_EQ(withhold(results, "2027-02-28"), 1u);
  EXPECT_TRUE(withheld(results[0]));
}

TEST(Embargo, LeavesOtherResultsAlone) {
  std::vector<conformance::check_result> results{listed("an effect")};
  EXPECT_EQ(withhold(results, "2026-11-28"), 0u);
  EXPECT_EQ(results[0].title, "a title that tells how");
}

TEST(Embargo, NoReportShowsWhatIsWithheld) {
  auto sample = ordinary_sample();
  sample.results.push_back(listed("embargo: 2027-03-01 the effect"));
  withhold(sample.results, "2026-11-28");
  const auto summary = sample.summary();
  const std::string reports = html_report(summary, sample.results, sample.catalogue) +
                              json_report(summary, sample.results) + junit_report(summary, sample.results);
  EXPECT_NE(reports.find("the effect"), std::string::npos);
  for (const char* told : {"deadbeef", "de ad be ef", "what was got", "octet 17", "these octets", "a title that"}) {
    EXPECT_EQ(reports.find(told), std::string::npos) << told;
  }
}

}  // namespace
}  // namespace ampspec::runner
