// out/report.html: the whole run as one page that works from disk and asks the network for nothing.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/html.hpp"

#include "runner/report/cause.hpp"
#include "runner/report/json.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace ampspec::runner {

/// report.html of this folder, put in by the build.
extern const std::string_view html_template;

namespace {

using conformance::check_result;
using json = nlohmann::ordered_json;

constexpr std::string_view data_place = "@DATA@", bench_place = "@BENCH@";
constexpr std::size_t most_transcript_octets = 16u << 20;

/// One line for each check; transcripts as long as they fit, those of the examples first.
std::vector<std::string> check_lines(std::span<const check_result> results, const std::vector<cause>& causes) {
  std::vector<std::string> lines(results.size());
  std::size_t used = 0;
  const auto write = [&](std::size_t i) {
    if (!lines[i].empty()) return;
    lines[i] = json_line(results[i]);
    if (results[i].transcript.empty()) return;
    used += lines[i].size();
    if (used <= most_transcript_octets) return;
    auto bare = results[i];
    bare.transcript.clear();
    lines[i] = json_line(bare);
    lines[i].insert(lines[i].size() - 1, ",\"transcript_left_out\":true");
  };
  for (const auto& c : causes) write(c.example);
  for (std::size_t i = 0; i < results.size(); ++i) write(i);
  return lines;
}

std::string written(const std::vector<cause>& causes) {
  auto out = json::array();
  for (const auto& c : causes) out.push_back({{"example", c.example}, {"members", c.members}, {"faults", c.faults}});
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string written(const std::vector<const vectors::requirement*>& clauses) {
  auto out = json::array();
  for (const auto* c : clauses) {
    auto roles = json::array();
    for (const auto r : c->shown_by) roles.push_back(name_of(r));
    out.push_back({{"id", c->id},
                   {"level", name_of(c->strength)},
                   {"text", c->text},
                   {"source", c->source},
                   {"evidence", c->evidence},
                   {"shown_by", std::move(roles)},
                   {"both", c->both},
                   {"excluded", c->excluded}});
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string html_report(const run_summary& summary, std::span<const check_result> results,
                        const vectors::catalogue& catalogue, std::string_view bench) {
  const auto causes = causes_of(results);
  std::string data = "{\"run\":" + json_line(summary) + ",\"checks\":[";
  for (const char* between = ""; const auto& line : check_lines(results, causes)) {
    data += between + line;
    between = ",\n";
  }
  data += "],\"causes\":" + written(causes) + ",\"clauses\":" + written(clauses_of_run(results, catalogue)) + "}";

  const auto front = html_template.find(bench_place);
  const auto place = html_template.find(data_place);
  std::string page(html_template.substr(0, front));
  page.reserve(html_template.size() + bench.size() + data.size() + data.size() / 16);
  page += bench;
  page += html_template.substr(front + bench_place.size(), place - front - bench_place.size());
  // A `<` stands only inside JSON strings, where the escape means the same; without it no data can end the script
  // element.
  for (const char c : data) c == '<' ? page += "\\u003c" : page += c;
  return page += html_template.substr(place + data_place.size());
}

std::string_view report_style() {
  constexpr std::string_view begins = "<style>", ends = "</style>";
  const auto from = html_template.find(begins) + begins.size();
  return html_template.substr(from, html_template.find(ends, from) - from);
}

}  // namespace ampspec::runner
