// Tests of what stands on the terminal.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/console.hpp"

#include "runner/report/sample.hpp"
#include "runner/report/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace ampspec::runner {
namespace {

using conformance::verdict;

std::string closing(const sample_run& sample, screen s = {}) {
  std::ostringstream out;
  console(out, s).close(sample.summary(), sample.results);
  return out.str();
}

std::string progress_of(const sample_run& sample, screen s) {
  std::ostringstream out;
  console c(out, s);
  for (const auto& r : sample.results) c.expect(r.suite, 1);
  for (const auto& r : sample.results) c.finished(r);
  return out.str();
}

sample_run of(conformance::check_result result) {
  auto sample = ordinary_sample();
  sample.facts.stale_baseline.clear();
  sample.results = {std::move(result)};
  return sample;
}

TEST(Console, ShowsACauseAsOneBlock) {
  auto sample = ordinary_sample();
  sample.results.resize(4);
  const auto text = closing(sample);
  const std::string block =
      "FAIL  A1-LIM-041 server  a key length of 256 is refused before the key is read             MUST AMP1-FRAME-013\n"
      "      we sent                                              the server answered\n"
      "          0  01 00                    key length 256\n"
      "             ^^^^^ must be refused here, by octet 2\n"
      "      · nothing for 250 ms\n"
      "          0  6b 6b 6b … ×256          key\n"
      "        256  00 01 78                 value\n"
      "        259  00 00                    end of box\n"
      "                                                           a box: {_answer: 1}\n"
      "                                                               0  00 07                    key length 7\n"
      "                                                               2  5f 61 6e 73 77 65 72     key \"_answer\"\n"
      "                                                               9  00 01 31                 value \"1\"\n"
      "                                                              12  00 00                    end of box\n"
      "      expected    connection closed by octet 2\n"
      "      got         accepted, answered after 31 ms   (cut before octet 1)\n"
      "      same cause  A1-LIM-042 … A1-LIM-044\n"
      "      looks like  fault key-limit-missing\n"
      "      again       ampspec run my-server --only A1-LIM-041 --trace\n";
  EXPECT_NE(text.find(block), std::string::npos) << text;
  EXPECT_EQ(text.find("FAIL  A1-LIM-042"), std::string::npos);
}

TEST(Console, EndsWithTheVerdictTheClausesAndWhatToDo) {
  const auto text = closing(ordinary_sample());
  EXPECT_NE(text.find("my-server 0.3.1 does not conform   exit 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("broken      AMP1-CONV-001 (1), AMP1-CONV-021 (1), AMP1-FRAME-013 (5)\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("next        look at one: ampspec run my-server --only"), std::string::npos) << text;
  EXPECT_NE(text.find("skipped     1 × not declared: service.fatal\n"), std::string::npos) << text;
}

TEST(Console, SaysThatARunConformsInFewLines) {
  const auto text = closing(large_sample(30, 0));
  EXPECT_NE(text.find("my-server 0.3.1 conforms   exit 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("30 checks of 10 vectors: 30 pass\n"), std::string::npos) << text;
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 8);
}

TEST(Console, WritesNoControlCharacterFromAnImplementation) {
  for (const std::size_t width : {40u, 80u, 110u, 200u}) {
    const auto text =
        closing(hostile_sample(), {false, false, width}) + progress_of(hostile_sample(), {false, false, width});
    for (auto rest = std::string_view(text); !rest.empty();) {
      const auto c = first_code_point(rest);
      ASSERT_TRUE(c.valid);
      ASSERT_TRUE(c.value == '\n' || (c.value >= 0x20 && !(c.value >= 0x7f && c.value < 0xa0) && c.value != 0x202e))
          << c.value;
      rest.remove_prefix(c.octets);
    }
  }
}

TEST(Console, ColoursOnlyWhenAsked) {
  EXPECT_EQ(closing(ordinary_sample()).find('\x1b'), std::string::npos);
  EXPECT_NE(closing(ordinary_sample(), {false, true, 110}).find("\x1b[1;31mFAIL"), std::string::npos);
}

TEST(Console, ColoursChangeNothingElse) {
  const auto coloured = closing(ordinary_sample(), {false, true, 110});
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b') {
      i = coloured.find('m', i);
    } else {
      plain += coloured[i];
    }
  }
  EXPECT_EQ(plain, closing(ordinary_sample()));
}

TEST(Console, KeepsOctetsWithinTheWidth) {
  for (const std::size_t width : {80u, 90u, 110u, 160u, 220u}) {
    std::istringstream lines(closing(ordinary_sample(), {false, false, width}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), width) << line;
  }
}

TEST(ConsoleProgress, RewritesOneLineOnATerminalOnly) {
  const auto sample = ordinary_sample();
  const auto terminal = progress_of(sample, {true, false, 110});
  EXPECT_NE(terminal.find("\r\x1b[K"), std::string::npos);
  EXPECT_NE(terminal.find("1 of 15 checks"), std::string::npos);
  const auto file = progress_of(sample, {false, false, 110});
  EXPECT_EQ(file.find_first_of("\r\x1b"), std::string::npos);
  EXPECT_EQ(std::count(file.begin(), file.end(), '\n'), 2) << "one line for each suite\n" << file;
  EXPECT_NE(file.find("FAIL  amp1/frame/limits                   15 checks, 4 fail, 1 crash\n"), std::string::npos)
      << file;
}

TEST(ConsoleProgress, NeverFillsTheLastColumn) {
  std::istringstream parts(progress_of(hostile_sample(), {true, false, 60}));
  for (std::string part; std::getline(parts, part, '\r');) {
    if (part.starts_with("\x1b[K")) part.erase(0, 3);
    EXPECT_LT(columns(part.substr(0, part.find('\n'))), 60u) << part;
  }
}

TEST(Console, TracesAPassToo) {
  auto passed = failing_check();
  passed.what = verdict::pass;
  std::ostringstream out;
  console(out).show(passed, {});
  EXPECT_NE(out.str().find("\nPASS  A1-LIM-041 server  "), std::string::npos);
  EXPECT_NE(out.str().find("01 00"), std::string::npos);
}

TEST(Console, TellsWhichFlagDeclaresWhatWasSkipped) {
  auto r = failing_check();
  r.what = verdict::skip;
  r.protocol = "amps";
  r.reason = "protocol amps is not declared";
  auto sample = of(r);
  const auto advice = [&](const std::string& command) {
    sample.facts.command = command;
    const auto text = closing(sample);
    return text.substr(text.rfind("nothing was judged"));
  };
  EXPECT_EQ(advice("ampspec run --server"), "nothing was judged: if it speaks that, add --protocol amps\n");
  EXPECT_EQ(advice("ampspec run --codec"), "nothing was judged: if it speaks that, add --supports amps\n");
  EXPECT_NE(advice("ampspec run mine.yaml").find("`supports`"), std::string::npos);
}

TEST(Console, AsksForTheReasonsOfABaselineThatWasJustWritten) {
  auto r = failing_check();
  r.what = verdict::xfail;
  auto sample = of(r);
  for (int line = 1; line <= 20; ++line) {
    sample.facts.stale_baseline.push_back("known.txt:" + std::to_string(line) +
                                          ": the reason is still TODO; write why this deviation is known");
  }
  auto text = closing(sample);
  EXPECT_NE(text.find("in place of TODO; nothing else is wrong"), std::string::npos) << text;
  EXPECT_NE(text.find("and 8 more"), std::string::npos) << text;
  sample.facts.stale_baseline.emplace_back("known.txt:21: A-1 codec passes now; remove the line");
  EXPECT_NE(closing(sample).find("out of the baseline"), std::string::npos);
}

TEST(Console, SaysThatNothingElseCountsWhereNothingIsAnswered) {
  auto sample = of(failing_check());
  sample.facts.remarks = {"the server does not answer a known-good request; deadlines were cut short"};
  EXPECT_NE(closing(sample).find("not even what is known to be good works"), std::string::npos);
}

TEST(Console, NamesTheNextStepForEveryOutcome) {
  auto r = failing_check();
  for (const auto& [v, word] : {std::pair{verdict::fail, "look at one"},
                                {verdict::xpass, "out of the baseline"},
                                {verdict::skip, "nothing was judged"},
                                {verdict::harness, "not the implementation's fault"}}) {
    r.what = v;
    const auto text = closing(of(r));
    EXPECT_NE(text.find(std::string("next        ")), std::string::npos) << text;
    EXPECT_NE(text.find(word), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace ampspec::runner
