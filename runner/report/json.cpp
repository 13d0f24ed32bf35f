// results.jsonl: one object for each check, the summary last; written here and read again here.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/json.hpp"

#include "runner/report/text.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::transcript_entry;
using conformance::verdict;
using json = nlohmann::ordered_json;

constexpr std::array all_verdicts{verdict::pass,  verdict::fail,  verdict::warn,  verdict::observed, verdict::skip,
                                  verdict::xfail, verdict::xpass, verdict::crash, verdict::timeout,  verdict::harness};
constexpr std::array all_levels{vectors::level::must, vectors::level::should, vectors::level::may};
constexpr std::array all_sides{transcript_entry::side::ours, transcript_entry::side::theirs,
                               transcript_entry::side::note};

std::string_view name_of_side(transcript_entry::side s) {
  switch (s) {
    case transcript_entry::side::ours:
      return "ours";
    case transcript_entry::side::theirs:
      return "theirs";
    case transcript_entry::side::note:
      break;
  }
  return "note";
}

std::string one_line(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

double rounded(double number, double steps) {
  return static_cast<double>(static_cast<std::int64_t>(number * steps + (number < 0 ? -0.5 : 0.5))) / steps;
}

json written(const transcript_entry& e) {
  json out{{"who", name_of_side(e.who)}, {"step", e.step}};
  if (!e.connection.empty()) out["connection"] = e.connection;
  if (!e.text.empty()) out["text"] = e.text;
  if (e.size > 0) {
    out["size"] = e.size;
    out["head"] = plain_hex(e.head);
  }
  for (const auto& f : e.fields) out["fields"].push_back(json::array({f.at, f.size, f.label}));
  if (e.mark_size > 0) out["mark"] = json::array({e.mark_at, e.mark_size});
  if (!e.mark_text.empty()) out["mark_text"] = e.mark_text;
  out["ms"] = rounded(e.ms, 1e3);
  return out;
}

// --- reading ---------------------------------------------------------------------------------------------------------

template <class Names>
auto named(const Names& all, std::string_view word) {
  for (const auto value : all) {
    if (name_of(value) == word) return value;
  }
  throw results_error("unknown word '" + escaped(word) + "'");
}

transcript_entry::side side_named(std::string_view word) {
  for (const auto s : all_sides) {
    if (name_of_side(s) == word) return s;
  }
  throw results_error("unknown side '" + escaped(word) + "'");
}

std::string octets_of(const std::string& hex) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw results_error("octets are not lower-case hex");
  };
  if (hex.size() % 2 != 0) throw results_error("octets have an odd number of hex digits");
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(static_cast<unsigned char>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return out;
}

transcript_entry read_entry(const json& in) {
  transcript_entry e;
  e.who = side_named(in.at("who").get<std::string>());
  e.step = in.value("step", 0);
  e.connection = in.value("connection", "");
  e.text = in.value("text", "");
  e.size = in.value("size", std::uint64_t{0});
  e.head = octets_of(in.value("head", ""));
  for (const auto& f : in.value("fields", json::array())) {
    e.fields.push_back({f.at(0).get<std::uint64_t>(), f.at(1).get<std::uint64_t>(), f.at(2).get<std::string>()});
  }
  if (in.contains("mark")) {
    e.mark_at = in["mark"].at(0).get<std::uint64_t>();
    e.mark_size = in["mark"].at(1).get<std::uint64_t>();
  }
  e.mark_text = in.value("mark_text", "");
  e.ms = in.value("ms", 0.0);
  return e;
}

check_result read_check(const json& in) {
  check_result r;
  r.vector = in.at("vector").get<std::string>();
  r.title = in.value("title", "");
  r.suite = in.value("suite", "");
  r.variant = in.value("variant", "");
  r.protocol = in.value("protocol", "");
  r.role = named(vectors::all_roles, in.at("role").get<std::string>());
  r.transport = in.value("transport", "");
  r.level = named(all_levels, in.at("level").get<std::string>());
  r.what = named(all_verdicts, in.at("verdict").get<std::string>());
  r.cites = in.value("cites", std::vector<std::string>{});
  r.catches = in.value("catches", std::vector<std::string>{});
  r.source = in.value("source", "");
  r.provided_by = in.value("provided_by", "");
  r.signature = in.value("signature", "");
  r.expected = in.value("expected", "");
  r.got = in.value("got", "");
  r.reason = in.value("reason", "");
  r.cut = in.value("cut", "");
  r.choices = in.value("choices", std::map<std::string, std::string>{});
  r.plays = in.value("plays", std::uint64_t{0});
  r.ms = in.value("ms", 0.0);
  r.file = in.value("file", "");
  r.line = in.value("line", 0);
  for (const auto& e : in.value("transcript", json::array())) r.transcript.push_back(read_entry(e));
  return r;
}

run_summary read_summary(const json& in) {
  run_summary s;
  s.target = in.at("target").get<std::string>();
  s.target_version = in.value("target_version", "");
  s.suite_version = in.value("suite_version", "");
  s.command = in.value("command", "");
  s.command_tail = in.value("command_tail", "");
  s.seed = std::stoull(in.value("seed", "0"));
  s.seconds = in.value("seconds", 0.0);
  s.vectors = in.value("vectors", std::uint64_t{0});
  s.checks = in.value("checks", std::uint64_t{0});
  s.plays = in.value("plays", std::uint64_t{0});
  for (const auto v : all_verdicts) {
    s.by_verdict[static_cast<std::size_t>(v)] = in.value(std::string(name_of(v)), std::uint64_t{0});
  }
  s.peak_rss_kib = in.value("peak_rss_kib", std::uint64_t{0});
  s.peer_peak_rss_kib = in.value("peer_peak_rss_kib", std::uint64_t{0});
  s.out_of_time = in.value("out_of_time", false);
  s.stale_baseline = in.value("stale_baseline", std::vector<std::string>{});
  s.remarks = in.value("remarks", std::vector<std::string>{});
  s.choices = in.value("choices", decltype(s.choices){});
  const auto clauses = in.value("clauses", json::object());
  s.clauses.catalogued = clauses.value("catalogued", std::uint64_t{0});
  s.clauses.must = clauses.value("must", std::uint64_t{0});
  s.clauses.cited = clauses.value("cited", std::uint64_t{0});
  s.clauses.must_cited = clauses.value("must_cited", std::uint64_t{0});
  s.clauses.excluded = clauses.value("excluded", std::uint64_t{0});
  s.clauses.broken = clauses.value("broken", decltype(s.clauses.broken){});
  s.clauses.excluded_for = clauses.value("excluded_for", decltype(s.clauses.excluded_for){});
  const auto provided = in.value("provided_by", json::object());
  for (const auto& [who, theirs] : provided.items()) {
    s.provided_by[who] = theirs.value("features", std::vector<std::string>{});
    if (!theirs.contains("checks")) continue;
    auto& counted = s.provided[who];
    counted.checks = theirs.value("checks", std::uint64_t{0});
    counted.pass = theirs.value("pass", std::uint64_t{0});
    counted.broken = theirs.value("broken", std::uint64_t{0});
    counted.warn = theirs.value("warn", std::uint64_t{0});
  }
  return s;
}

}  // namespace

std::string json_line(const check_result& r) {
  json out{{"vector", r.vector},
           {"variant", r.variant},
           {"title", r.title},
           {"suite", r.suite},
           {"protocol", r.protocol},
           {"role", name_of(r.role)},
           {"transport", r.transport},
           {"level", name_of(r.level)},
           {"verdict", name_of(r.what)},
           {"cites", r.cites},
           {"source", r.source},
           {"provided_by", r.provided_by},
           {"signature", r.signature},
           {"expected", r.expected},
           {"got", r.got},
           {"reason", r.reason},
           {"cut", r.cut},
           {"choices", r.choices},
           {"catches", r.catches},
           {"plays", r.plays},
           {"ms", rounded(r.ms, 1e3)},
           {"file", r.file},
           {"line", r.line}};
  for (const auto& e : r.transcript) out["transcript"].push_back(written(e));
  return one_line(out);
}

std::string json_line(const run_summary& s) {
  json out{{"target", s.target},
           {"target_version", s.target_version},
           {"suite_version", s.suite_version},
           {"outcome", name_of(s.outcome())},
           {"exit", exit_code(s.outcome())},
           {"vectors", s.vectors},
           {"checks", s.checks}};
  for (const auto v : all_verdicts) out[std::string(name_of(v))] = s.of(v);
  out.update({{"plays", s.plays},
              {"seconds", rounded(s.seconds, 1e3)},
              {"peak_rss_kib", s.peak_rss_kib},
              {"peer_peak_rss_kib", s.peer_peak_rss_kib},
              {"seed", std::to_string(s.seed)},  // text: 64 bits do not fit the numbers of every JSON reader
              {"command", s.command},
              {"command_tail", s.command_tail},
              {"out_of_time", s.out_of_time},
              {"stale_baseline", s.stale_baseline},
              {"remarks", s.remarks},
              {"choices", s.choices},
              {"clauses",
               {{"catalogued", s.clauses.catalogued},
                {"must", s.clauses.must},
                {"cited", s.clauses.cited},
                {"must_cited", s.clauses.must_cited},
                {"excluded", s.clauses.excluded},
                {"broken", s.clauses.broken},
                {"excluded_for", s.clauses.excluded_for}}}});
  auto provided = json::object();
  for (const auto& [who, features] : s.provided_by) provided[who]["features"] = features;
  for (const auto& [who, theirs] : s.provided) {
    provided[who].update(
        {{"checks", theirs.checks}, {"pass", theirs.pass}, {"broken", theirs.broken}, {"warn", theirs.warn}});
  }
  out["provided_by"] = std::move(provided);
  return one_line({{"summary", std::move(out)}});
}

std::string json_report(const run_summary& summary, std::span<const check_result> results) {
  std::string out;
  for (const auto& r : results) out += json_line(r) + '\n';
  return out + json_line(summary) + '\n';
}

loaded_results load_results(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw results_error(file.string() + ": cannot be read");
  loaded_results out;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    try {
      const auto value = json::parse(line);
      if (value.contains("summary")) {
        out.summary = read_summary(value["summary"]);
      } else {
        out.checks.push_back(read_check(value));
      }
    } catch (const std::exception& e) {
      throw results_error(file.string() + ":" + std::to_string(number) + ": " + e.what());
    }
  }
  return out;
}

}  // namespace ampspec::runner
