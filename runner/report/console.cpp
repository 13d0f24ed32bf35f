// What a person sees while a run goes on and when it is over.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/console.hpp"

#include "runner/report/picture.hpp"
#include "runner/report/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::transcript_entry;
using conformance::verdict;

constexpr std::size_t indent = 6;
constexpr std::size_t offset_columns = 7;  ///< five digits and two blanks
constexpr std::size_t most_blocks = 40, most_stale = 12;

constexpr std::array noted_verdicts{verdict::fail,  verdict::crash, verdict::timeout,  verdict::harness, verdict::xpass,
                                    verdict::xfail, verdict::warn,  verdict::observed, verdict::skip};

std::string upper(std::string_view word) {
  std::string out(word);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::toupper(c); });
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : std::string(between)) + part;
  return out;
}

std::string decimal(double value) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.1f", value);
  return out.data();
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// Lines of at most `width` columns, broken at blanks; a longer word is broken anywhere.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 20);
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  const auto break_line = [&] {
    lines.back() = trimmed(lines.back());
    lines.emplace_back();
    used = 0;
  };
  while (!text.empty()) {
    auto end = text.find(' ');
    while (end < text.size() && text.substr(end + 1).starts_with('('))
      end = text.find(' ', end + 1);  // stays with its word
    const auto word = text.substr(0, std::min(end, text.size() - 1) + 1);
    const auto word_columns = columns(word) - (word.ends_with(' ') ? 1 : 0);
    if (used > 0 && used + word_columns > width) break_line();
    for (auto rest = word; !rest.empty();) {
      const auto size = first_code_point(rest).octets;
      if (used >= width && rest != " ") break_line();
      lines.back() += rest.substr(0, size);
      rest.remove_prefix(size);
      ++used;
    }
    text.remove_prefix(word.size());
  }
  return lines;
}

std::string counts(const run_summary& s) {
  std::vector<std::string> parts{thousands(s.of(verdict::pass)) + " pass"};
  for (const auto v : noted_verdicts) {
    if (s.of(v) > 0) parts.push_back(thousands(s.of(v)) + " " + std::string(name_of(v)));
  }
  return counted(s.checks, "check") + " of " + counted(s.vectors, "vector") + ": " + joined(parts, ", ");
}

// Where everything was skipped, since what it needs is not declared: how to declare it.
std::string undeclared_advice(const run_facts& facts, std::span<const check_result> results) {
  const auto has_flag = [&](std::string_view flag) { return facts.command.find(flag) != std::string::npos; };
  const bool by_flags = has_flag(" --codec") || has_flag(" --client") || has_flag(" --server");
  if (!by_flags) return "see what the target declares in `supports`, and the filters";
  std::vector<std::string> protocols;
  for (const auto& r : results) {
    const bool lacks_protocol = r.reason == "protocol " + r.protocol + " is not declared";
    if (lacks_protocol && std::find(protocols.begin(), protocols.end(), r.protocol) == protocols.end())
      protocols.push_back(r.protocol);
  }
  if (protocols.empty()) return "declare what it has with --supports (vectors/features.yaml)";
  const bool wire = std::all_of(protocols.begin(), protocols.end(), [](const auto& p) { return p.starts_with("amp"); });
  return "if it speaks that, add " +
         std::string(has_flag(" --server") && !has_flag(" --supports") && wire ? "--protocol " : "--supports ") +
         escaped(joined(protocols, ","));
}

// A baseline that was just written: each line tells the truth and waits for its reason.
bool lack_only_reasons(const run_facts& facts) {
  const auto& lines = facts.stale_baseline;
  return !lines.empty() && std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find(": the reason is still TODO") != line.npos || line.find(": no reason;") != line.npos;
  });
}

bool answers_nothing(const run_facts& facts) {
  return std::any_of(facts.remarks.begin(), facts.remarks.end(),
                     [](const std::string& remark) { return remark.find("known-good") != remark.npos; });
}

std::string mebibytes(std::uint64_t kib) { return decimal(static_cast<double>(kib) / 1024) + " MiB"; }

}  // namespace

screen screen_of(int descriptor) {
  screen s;
  s.rewrites = isatty(descriptor) == 1;
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  s.colours = s.rewrites && !is_dumb && (no_colour == nullptr || *no_colour == '\0');
  winsize size{};
  if (s.rewrites && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) s.width = size.ws_col;
  return s;
}

std::string console::inked(ink i, const std::string& text) const {
  if (!screen_.colours || i == ink::plain || text.empty()) return text;
  static constexpr std::array<std::string_view, 6> codes{"", "32", "1;31", "33", "2", "1"};
  return "\x1b[" + std::string(codes[static_cast<std::size_t>(i)]) + "m" + text + "\x1b[0m";
}

console::ink console::ink_of(verdict v) {
  switch (v) {
    case verdict::pass:
      return ink::good;
    case verdict::fail:
    case verdict::crash:
    case verdict::timeout:
    case verdict::harness:
    case verdict::xpass:
      return ink::bad;
    case verdict::warn:
      return ink::uncertain;
    case verdict::observed:
    case verdict::skip:
    case verdict::xfail:
      break;
  }
  return ink::faint;
}

void console::line(const std::string& text) { out_ << text << '\n'; }

void console::item(std::string_view label, const std::string& text) {
  constexpr std::size_t label_columns = 12;
  std::string margin = std::string(indent, ' ') + inked(ink::faint, padded(label, label_columns));
  for (const auto& part : wrapped(text, screen_.width - std::min(screen_.width, indent + label_columns))) {
    line(trimmed(margin + part));
    margin = std::string(indent + label_columns, ' ');
  }
}

// --- progress --------------------------------------------------------------------------------------------------------

void console::expect(const std::string& suite, std::uint64_t checks) { suites_[suite].expected += checks; }

void console::clear_progress() {
  if (progress_shown_) out_ << "\r\x1b[K";
  progress_shown_ = false;
}

void console::leave() {
  clear_progress();
  out_ << std::flush;
}

void console::finished(const check_result& result) {
  auto& suite = suites_[result.suite];
  ++suite.done;
  if (result.what != verdict::pass) ++suite.noted[result.what];
  const bool is_done = suite.done == suite.expected;
  if (!is_done && !screen_.rewrites) return;

  std::string rest =
      is_done ? counted(suite.done, "check") : thousands(suite.done) + " of " + counted(suite.expected, "check");
  bool broken = false;
  for (const auto v : noted_verdicts) {
    const auto found = suite.noted.find(v);
    if (found == suite.noted.end()) continue;
    broken = broken || breaks(v) || v == verdict::harness;
    rest += ", " + thousands(found->second) + " " + std::string(name_of(v));
  }
  clear_progress();
  // A suite of which nothing was judged is told once, with the reason, at the end.
  if (is_done && suite.noted[verdict::skip] == suite.done) return;
  const auto room = screen_.width - std::min(screen_.width, indent + 1);
  const auto text = cut_to(padded(escaped(result.suite), 34) + "  " + rest, room);
  const auto word = std::string(broken ? "FAIL" : is_done ? "ok" : "...");
  out_ << inked(broken ? ink::bad : is_done ? ink::good : ink::faint, padded(word, indent)) << text;
  progress_shown_ = !is_done;
  if (is_done) out_ << '\n';
  out_ << std::flush;
}

// --- one check -------------------------------------------------------------------------------------------------------

void console::heading(const check_result& r) {
  auto name = escaped(r.vector) + " " + std::string(name_of(r.role));
  if (!r.variant.empty()) name += " [" + escaped(r.variant) + "]";
  name = cut_to(name, 40);
  const auto word = upper(name_of(r.what));
  const auto word_columns = std::max(indent, word.size() + 2);
  auto clause = upper(name_of(r.level)) + " " + escaped(joined(r.cites, ", "));
  if (r.source != "protocol" && !r.source.empty()) clause += " (" + escaped(r.source) + ")";
  if (!r.provided_by.empty()) clause += " [" + escaped(r.provided_by) + "]";
  const auto title = escaped(r.title);
  const auto used = word_columns + columns(name) + 2 + columns(title);
  const auto start = inked(ink_of(r.what), padded(word, word_columns)) + inked(ink::strong, name) + "  ";
  if (used + 2 + columns(clause) <= screen_.width) {
    line(start + title + std::string(screen_.width - used - columns(clause), ' ') + clause);
    return;
  }
  std::string margin = start;
  for (const auto& part : wrapped(title, screen_.width - std::min(screen_.width, word_columns + columns(name) + 2))) {
    line(margin + part);
    margin = std::string(word_columns + columns(name) + 2, ' ');
  }
  line(std::string(indent, ' ') + clause);
}

void console::transcript(const check_result& r) {
  if (r.transcript.empty()) return;
  const auto sides = sides_of(r.role);
  // Two columns from 90 columns up; below that one, with their octets a little to the right.
  const bool two = screen_.width >= 90;
  const auto column = two ? (screen_.width - indent - 2) / 2 : screen_.width - std::min(screen_.width, indent + 4);
  const auto theirs_at = indent + (two ? column + 2 : 4);
  const std::size_t per_row = column >= 85 ? 16 : 8, hex_columns = 3 * per_row - 1;
  const auto label_columns = column - std::min(column, offset_columns + hex_columns + 2);
  line(inked(ink::faint, std::string(indent, ' ') +
                             (two ? padded(sides.ours, column + 2) : std::string(sides.ours) + " / ") +
                             std::string(sides.theirs)));
  for (const auto& entry : r.transcript) {
    auto text = escaped(entry.text);
    if (!entry.connection.empty() && entry.connection != "main") text.insert(0, "[" + escaped(entry.connection) + "] ");
    if (entry.who == transcript_entry::side::note) {
      std::string margin = std::string(indent, ' ') + "· ";
      for (const auto& part : wrapped(text, screen_.width - std::min(screen_.width, indent + 2))) {
        line(inked(ink::faint, margin + part));
        margin = std::string(indent + 2, ' ');
      }
      continue;
    }
    const std::string margin(entry.who == transcript_entry::side::ours ? indent : theirs_at, ' ');
    if (!text.empty()) line(margin + inked(ink::faint, cut_to(text, column)));
    for (const auto& row : picture_of(entry, per_row, 24)) {
      auto offset = row.offset ? std::to_string(*row.offset) : "";
      offset.insert(0, 5 - std::min<std::size_t>(5, offset.size()), ' ');
      if (row.offset || !row.hex.empty() || !row.label.empty()) {
        line(trimmed(margin + offset + "  " + padded(row.hex, hex_columns) + "  " + cut_to(row.label, label_columns)));
      }
      if (row.pointer_width == 0 && row.pointer_text.empty()) continue;
      const auto before = offset_columns + row.pointer_at;
      const auto pointer = std::string(row.pointer_width, '^');
      const auto room = column - std::min(column, before + row.pointer_width + 1);
      if (columns(row.pointer_text) <= room) {
        line(margin + std::string(before, ' ') + inked(ink::bad, trimmed(pointer + " " + row.pointer_text)));
        continue;
      }
      if (!pointer.empty()) line(margin + std::string(before, ' ') + inked(ink::bad, pointer));
      for (const auto& part : wrapped(row.pointer_text, column - std::min(column, offset_columns))) {
        line(margin + std::string(offset_columns, ' ') + inked(ink::bad, part));
      }
    }
  }
}

void console::sentences(const check_result& r) {
  const auto expected = escaped(r.expected), got = escaped(r.got);
  const auto cut = r.cut.empty() || r.cut == "whole" ? "" : "   (cut " + escaped(r.cut) + ")";
  if (indent + 26 + columns(expected) + columns(got) + columns(cut) <= screen_.width && !got.empty()) {
    item("expected", expected + "      " + inked(ink::faint, "got") + "  " + got + cut);
  } else {
    if (!expected.empty()) item("expected", expected);
    if (!got.empty()) item("got", got + cut);
  }
  if (!r.reason.empty()) item("reason", escaped(r.reason));
}

void console::show(const check_result& r, const run_facts& facts) {
  clear_progress();
  line("");
  heading(r);
  transcript(r);
  sentences(r);
  item("again", escaped(again_command(facts, r.vector)));
}

void console::block(const cause& c, std::span<const check_result> results, const run_facts& facts) {
  const auto& example = results[c.example];
  line("");
  heading(example);
  if (example.what != verdict::warn) transcript(example);  // a warning breaks nothing: `again` shows its octets
  sentences(example);
  constexpr std::size_t most_named = 12;
  auto others = other_vectors(c, results);
  if (others.size() > most_named) {
    const auto more = others.size() - most_named;
    others.resize(most_named);
    others.push_back("and " + thousands(more) + " more");
  }
  if (!others.empty()) {
    item("same cause", escaped(joined(others, ", ")));
  } else if (c.members.size() > 1) {
    item("same cause", counted(c.members.size() - 1, "further check") + " of this vector");
  }
  if (!c.faults.empty()) item("looks like", "fault " + escaped(joined(c.faults, " or ")));
  item("again", escaped(again_command(facts, example.vector)));
}

// --- the end ---------------------------------------------------------------------------------------------------------

void console::next_steps(const run_summary& s, std::span<const check_result> results) {
  const auto first = [&](auto wanted) {
    const auto found = std::find_if(results.begin(), results.end(), wanted);
    return found == results.end() ? std::string() : escaped(again_command(s, found->vector));
  };
  const auto broken = [](const check_result& r) { return breaks(r.what); };
  switch (s.outcome()) {
    case outcome::conforms:
      break;
    case outcome::does_not_conform:
      if (answers_nothing(s)) {
        item("next", "not even what is known to be good works, so that most of this says nothing else; look at one: " +
                         first(broken));
        break;
      }
      item("next", "look at one: " + first(broken));
      item("", "or excuse what is known, with a reason for each: --baseline FILE --update-baseline");
      break;
    case outcome::stale_baseline:
      item("next",
           std::string(lack_only_reasons(s) ? "write behind each of these lines why it is known, in place of TODO"
                                            : "put these lines right, or take them out of the baseline") +
               "; nothing else is wrong");
      break;
    case outcome::nothing_judged:
      item("next", "nothing was judged: " + undeclared_advice(s, results));
      break;
    case outcome::harness_fault:
      item("next", "not the implementation's fault: " +
                       first([](const check_result& r) { return r.what == verdict::harness; }));
      break;
    case outcome::out_of_time:
      item("next", "the time given by --budget was over; what is not listed was not run");
      break;
  }
}

void console::close(const run_summary& s, std::span<const check_result> results) {
  clear_progress();
  const auto causes = causes_of(results);
  for (std::size_t i = 0; i < std::min(causes.size(), most_blocks); ++i) block(causes[i], results, s);
  if (causes.size() > most_blocks) {
    line("");
    line(std::string(indent, ' ') + counted(causes.size() - most_blocks, "further cause") + ": see the report");
  }
  line("");
  const bool good = s.outcome() == outcome::conforms;
  auto who = escaped(s.target);
  if (!s.target_version.empty()) who += " " + escaped(s.target_version);
  line(inked(ink::strong, who) + " " + inked(good ? ink::good : ink::bad, std::string(name_of(s.outcome()))) +
       "   exit " + std::to_string(exit_code(s.outcome())));
  item("checks", counts(s));
  auto run = counted(s.plays, "play") + " in " + decimal(s.seconds) + " s, seed " + std::to_string(s.seed);
  if (s.peak_rss_kib > 0) run += ", memory " + mebibytes(s.peak_rss_kib);
  if (s.peer_peak_rss_kib > 0) run += ", the implementation's " + mebibytes(s.peer_peak_rss_kib);
  item("run", run);
  if (s.clauses.catalogued > 0) {
    item("clauses", thousands(s.clauses.must_cited) + " of " + thousands(s.clauses.must) +
                        " MUST clauses put to the test, " + thousands(s.clauses.cited) + " of all " +
                        thousands(s.clauses.catalogued) + "; " + thousands(s.clauses.excluded) +
                        " excluded with a reason");
  }
  for (const auto& [provider, features] : s.provided_by) {
    auto text = "provides " + escaped(joined(features, ", ")) + ", not the library";
    if (const auto theirs = s.provided.find(provider); theirs != s.provided.end()) {
      const auto& n = theirs->second;
      text +=
          "; " + counted(n.checks, "check") + " of that, no finding about the library: " + thousands(n.pass) + " pass";
      if (n.broken > 0) text += ", " + thousands(n.broken) + " broken";
      if (n.warn > 0) text += ", " + thousands(n.warn) + " warn";
    }
    item(cut_to(escaped(provider), 10), text);
  }
  std::vector<std::string> parts;
  for (const auto& [clause, checks] : s.clauses.broken)
    parts.push_back(escaped(clause) + " (" + thousands(checks) + ")");
  if (!parts.empty()) item("broken", joined(parts, ", "));
  parts.clear();
  for (const auto& [choice, branches] : s.choices) {
    std::vector<std::string> names;
    for (const auto& [branch, checks] : branches) names.push_back(escaped(branch));
    parts.push_back(escaped(choice) + "=" + joined(names, "/"));
  }
  if (!parts.empty()) item("choices", joined(parts, ", "));
  std::map<std::string, std::uint64_t> skips;
  for (const auto& r : results) {
    if (r.what == verdict::skip) ++skips[r.reason];
  }
  for (const auto& [reason, checks] : skips) item("skipped", thousands(checks) + " × " + escaped(reason));
  for (std::size_t i = 0; i < std::min(s.stale_baseline.size(), most_stale); ++i)
    item("stale", escaped(s.stale_baseline[i]));
  if (s.stale_baseline.size() > most_stale)
    item("stale", "and " + thousands(s.stale_baseline.size() - most_stale) + " more (all of them: --json)");
  for (const auto& remark : s.remarks) item("note", escaped(remark));
  next_steps(s, results);
  out_ << std::flush;
}

}  // namespace ampspec::runner
