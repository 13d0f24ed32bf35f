// The run in numbers, counted from its results.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/summary.hpp"

#include "runner/report/text.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::verdict;

/// `AMP1` of `AMP1-FRAME-013`: a protocol's clauses share their first word.
std::string_view family(std::string_view clause) { return clause.substr(0, clause.find('-')); }

bool was_judged(const check_result& r) { return r.what != verdict::skip && r.what != verdict::harness; }

}  // namespace

std::string_view name_of(outcome o) {
  switch (o) {
    case outcome::conforms:
      return "conforms";
    case outcome::does_not_conform:
      return "does not conform";
    case outcome::stale_baseline:
      return "does not match its baseline";
    case outcome::nothing_judged:
      return "was not judged";
    case outcome::harness_fault:
      return "could not be judged";
    case outcome::out_of_time:
      break;
  }
  return "was not judged in time";
}

int exit_code(outcome o) {
  switch (o) {
    case outcome::conforms:
      return 0;
    case outcome::does_not_conform:
    case outcome::stale_baseline:
      return 1;
    case outcome::nothing_judged:
      return 2;
    case outcome::harness_fault:
      return 3;
    case outcome::out_of_time:
      break;
  }
  return 4;
}

runner::outcome run_summary::outcome() const {
  if (of(verdict::fail) + of(verdict::crash) + of(verdict::timeout) > 0) return outcome::does_not_conform;
  if (of(verdict::harness) > 0) return outcome::harness_fault;
  if (out_of_time) return outcome::out_of_time;
  if (of(verdict::xpass) > 0 || !stale_baseline.empty()) return outcome::stale_baseline;
  if (checks == of(verdict::skip)) return outcome::nothing_judged;
  return outcome::conforms;
}

std::vector<const vectors::requirement*> clauses_of_run(std::span<const check_result> results,
                                                        const vectors::catalogue& catalogue) {
  std::set<std::string, std::less<>> families;
  for (const auto& r : results) {
    auto name = r.protocol;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    families.insert(std::move(name));
    for (const auto& clause : r.cites) families.emplace(family(clause));
  }
  std::vector<const vectors::requirement*> out;
  for (const auto& [id, clause] : catalogue.requirements) {
    if (families.contains(family(id))) out.push_back(&clause);
  }
  return out;
}

run_summary summarize(run_facts facts, std::span<const check_result> results, const vectors::catalogue& catalogue) {
  run_summary out;
  static_cast<run_facts&>(out) = std::move(facts);
  std::set<std::string_view> ids, cited;
  for (const auto& r : results) {
    ids.insert(r.vector);
    ++out.checks;
    ++out.by_verdict[static_cast<std::size_t>(r.what)];
    out.plays += r.plays;
    for (const auto& [choice, branch] : r.choices) ++out.choices[choice][branch];
    const bool is_broken = r.what == verdict::fail || r.what == verdict::crash || r.what == verdict::timeout;
    if (!r.provided_by.empty()) {
      auto& theirs = out.provided[r.provided_by];
      ++theirs.checks;
      theirs.pass += r.what == verdict::pass;
      theirs.broken += is_broken;
      theirs.warn += r.what == verdict::warn;
      continue;
    }
    if (was_judged(r)) cited.insert(r.cites.begin(), r.cites.end());
    if (is_broken) {
      for (const auto& clause : r.cites) ++out.clauses.broken[clause];
    }
  }
  out.vectors = ids.size();
  for (const auto* clause : clauses_of_run(results, catalogue)) {
    const bool is_must = clause->strength == vectors::level::must, is_cited = cited.contains(clause->id);
    ++out.clauses.catalogued;
    out.clauses.must += is_must;
    out.clauses.cited += is_cited;
    out.clauses.must_cited += is_must && is_cited;
    out.clauses.excluded += !clause->excluded.empty();
    if (!clause->excluded.empty()) out.clauses.excluded_for[clause->id] = clause->excluded;
  }
  return out;
}

std::string again_command(const run_facts& facts, std::string_view vector) {
  return facts.command + " --only " + shell_word(vector) + " --trace" +
         (facts.command_tail.empty() ? "" : " " + facts.command_tail);
}

}  // namespace ampspec::runner
