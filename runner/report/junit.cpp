// out/junit.xml, as Jenkins, GitLab and GitHub read it.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/junit.hpp"

#include "runner/report/picture.hpp"
#include "runner/report/text.hpp"

#include <array>
#include <cstdio>
#include <map>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::verdict;

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + markup(escaped(value)) + '"';
}

std::string seconds(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.3f", value);
  return out.data();
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string property(std::string_view name, std::string_view value) {
  return value.empty() ? "" : "        <property" + attribute("name", name) + attribute("value", value) + "/>\n";
}

std::string sentence(const check_result& r) {
  if (r.what == verdict::xpass) return "passes, and the baseline says it does not: take its line out";
  if (r.what == verdict::harness) return r.reason;
  return "expected " + r.expected + ", got " + r.got;
}

std::string body(const check_result& r, const run_summary& summary) {
  std::string out;
  const auto line = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += padded(name, 10) + escaped(text) + "\n";
  };
  line("expected", r.expected);
  line("got", r.got);
  line("reason", r.reason);
  line("cut", r.cut);
  line("signature", r.signature);
  line("again", again_command(summary, r.vector));
  return out + (r.transcript.empty() ? "" : "\n" + plain_transcript(r));
}

std::string element(std::string_view name, const check_result& r, const run_summary& summary) {
  const std::string open(name);
  return "      <" + open + attribute("message", sentence(r)) + attribute("type", r.signature) + ">\n" +
         markup(body(r, summary)) + "      </" + open + ">\n";
}

std::string outcome_of(const check_result& r, const run_summary& summary) {
  switch (r.what) {
    case verdict::pass:
      return {};
    case verdict::fail:
    case verdict::xpass:
      return element("failure", r, summary);
    case verdict::crash:
    case verdict::timeout:
    case verdict::harness:
      return element("error", r, summary);
    case verdict::skip:
      return "      <skipped" + attribute("message", r.reason) + "/>\n";
    case verdict::xfail:
      return "      <skipped" + attribute("message", "known failure: " + r.reason) + "/>\n";
    case verdict::warn:
    case verdict::observed:
      break;
  }
  return "      <system-out>" + std::string(name_of(r.what)) + "\n" + markup(body(r, summary)) +
         "      </system-out>\n";
}

std::string testcase(const check_result& r, const run_summary& summary, const std::string& class_name) {
  std::string choices;
  for (const auto& [choice, branch] : r.choices) {
    choices.append(choices.empty() ? "" : " ").append(choice).append("=").append(branch);
  }
  auto name = r.vector;
  if (!r.variant.empty()) name += " [" + r.variant + "]";
  if (!r.transport.empty()) name += " (" + r.transport + ")";
  return "    <testcase" + attribute("name", name + " " + r.title) + attribute("classname", class_name) +
         attribute("file", r.file) + attribute("line", std::to_string(r.line)) +
         attribute("time", seconds(r.ms / 1000)) + ">\n      <properties>\n" + property("verdict", name_of(r.what)) +
         property("clauses", joined(r.cites)) + property("level", name_of(r.level)) + property("source", r.source) +
         property("provided_by", r.provided_by) + property("choices", choices) + "      </properties>\n" +
         outcome_of(r, summary) + "    </testcase>\n";
}

/// The four counts that readers of the format want, of a suite and of the whole.
struct totals {
  std::uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double ms = 0;

  void add(const check_result& r) {
    ++tests;
    failures += r.what == verdict::fail || r.what == verdict::xpass;
    errors += r.what == verdict::crash || r.what == verdict::timeout || r.what == verdict::harness;
    skipped += r.what == verdict::skip || r.what == verdict::xfail;
    ms += r.ms;
  }
  std::string attributes() const {
    return attribute("tests", std::to_string(tests)) + attribute("failures", std::to_string(failures)) +
           attribute("errors", std::to_string(errors)) + attribute("skipped", std::to_string(skipped)) +
           attribute("time", seconds(ms / 1000));
  }
};

std::string baseline_suite(const run_summary& summary) {
  const auto count = summary.stale_baseline.size();
  if (count == 0) return {};
  std::string out = "  <testsuite" + attribute("name", "baseline") + totals{count, count, 0, 0, 0}.attributes() + ">\n";
  for (const auto& line : summary.stale_baseline) {
    out += "    <testcase" + attribute("name", line) + attribute("classname", "baseline") + ">\n      <failure" +
           attribute("message", "this line of the baseline no longer holds") + "/>\n    </testcase>\n";
  }
  return out + "  </testsuite>\n";
}

}  // namespace

std::string junit_report(const run_summary& summary, std::span<const check_result> results) {
  struct suite {
    totals sum;
    std::string file, cases;
  };
  std::map<std::string, suite> suites;
  totals all;
  for (const auto& r : results) {
    const auto name = r.suite + "." + std::string(name_of(r.role));
    auto& s = suites[name];
    s.file = r.file;
    s.sum.add(r);
    all.add(r);
    s.cases += testcase(r, summary, name);
  }
  all.tests += summary.stale_baseline.size();
  all.failures += summary.stale_baseline.size();
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("name", "ampspec " + summary.target) + all.attributes() + ">\n";
  for (const auto& [name, s] : suites) {
    out += "  <testsuite" + attribute("name", name) + attribute("file", s.file) + s.sum.attributes() + ">\n" + s.cases +
           "  </testsuite>\n";
  }
  return out + baseline_suite(summary) + "</testsuites>\n";
}

}  // namespace ampspec::runner
