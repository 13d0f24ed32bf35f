// Counts the cells of the matrix and writes it as JSON, Markdown and a page.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/matrix.hpp"

#include "runner/report/embargo.hpp"
#include "runner/report/html.hpp"
#include "runner/report/json.hpp"
#include "runner/report/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>

namespace ampspec::runner {

using conformance::check_result;
using conformance::verdict;
using json = nlohmann::ordered_json;

namespace {

constexpr std::array all_states{cell_state::fail, cell_state::warn, cell_state::pass, cell_state::skip};

/// `AMP1-FRAME` of `AMP1-FRAME-013`.
std::string area_of(std::string_view clause) { return std::string(clause.substr(0, clause.rfind('-'))); }

struct area_counts {
  std::map<cell_state, std::uint64_t> clauses;
};

/// For each column, clauses by area and state.
std::map<std::string, std::vector<area_counts>> areas_of(std::span<const matrix_row> rows, std::size_t columns) {
  std::map<std::string, std::vector<area_counts>> areas;
  for (const auto& row : rows) {
    auto& counts = areas[area_of(row.clause->id)];
    counts.resize(columns);
    for (std::size_t i = 0; i < columns; ++i) ++counts[i].clauses[row.cells[i].state()];
  }
  return areas;
}

std::string roles_of(const matrix_column& c) {
  std::string text;
  for (const auto role : vectors::all_roles) {
    const bool there = std::any_of(c.checks.begin(), c.checks.end(), [&](const auto& r) {
      return r.role == role && judged_as(r) != cell_state::skip && judged_as(r) != cell_state::none;
    });
    if (there) text += (text.empty() ? "" : ", ") + std::string(name_of(role));
  }
  return text;
}

std::string packages_of(const matrix_column& c) {
  std::string text;
  for (const auto& p : c.packages) {
    text +=
        (text.empty() ? "" : ", ") + p.package + (p.version == "-" ? "" : " " + p.version) + " (" + p.registry + ")";
  }
  return text;
}

std::map<cell_state, std::uint64_t> checks_of(const matrix_column& c) {
  std::map<cell_state, std::uint64_t> counts;
  for (const auto& r : c.checks) {
    if (r.provided_by.empty()) ++counts[judged_as(r)];
  }
  return counts;
}

std::string for_html(std::string_view text) { return markup(escaped(text)); }

/// In a cell of a table: a bar would end it.
std::string for_table(std::string_view text) {
  std::string out;
  for (const char c : escaped(text)) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string title_of(const matrix_cell& cell) {
  std::string text;
  const auto add = [&](std::uint64_t n, std::string_view word) {
    if (n > 0) text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(word);
  };
  add(cell.fail, "fail");
  add(cell.warn, "warn");
  add(cell.pass, "pass");
  add(cell.skip, "skip");
  for (std::size_t i = 0; i < cell.deviating.size() && i < 6; ++i) text += (i == 0 ? ": " : ", ") + cell.deviating[i];
  if (cell.deviating.size() > 6) text += ", …";
  return text;
}

std::string_view sign_of(cell_state s) {
  switch (s) {
    case cell_state::pass:
      return "✓";
    case cell_state::warn:
      return "!";
    case cell_state::fail:
      return "✗";
    case cell_state::skip:
      return "·";
    case cell_state::none:
      break;
  }
  return "";
}

/// A table of these clauses.
void add_clauses(std::string& page, std::string_view title, std::span<const matrix_column> columns,
                 const std::vector<const matrix_row*>& rows) {
  page += "<h2>" + std::string(title) + " <small>" + std::to_string(rows.size()) +
          "</small></h2>\n<table>\n<thead><tr><th>clause</th><th>level</th>";
  for (const auto& c : columns) page += "<th>" + for_html(c.name) + "</th>";
  page += "<th>what it says</th></tr></thead>\n";
  for (const auto* row : rows) {
    page += "<tr id=\"" + row->clause->id + "\"><td>" + row->clause->id + "</td><td>" +
            std::string(name_of(row->clause->strength)) + "</td>";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& cell = row->cells[i];
      const auto state = cell.state();
      if (!columns[i].not_judged.empty()) {
        page += "<td class=\"off\" title=\"not judged: " + for_html(columns[i].not_judged) + "\">not judged</td>";
      } else if (state == cell_state::none) {
        page += "<td></td>";
      } else {
        page += "<td class=\"state\"><a class=\"s-" + std::string(name_of(state)) + "\" href=\"" +
                for_html(columns[i].name) + ".html#" + row->clause->id + "\" title=\"" + for_html(title_of(cell)) +
                "\">" + std::string(sign_of(state)) + "</a></td>";
      }
    }
    page += "<td class=\"text\">" + for_html(row->clause->text) + "</td></tr>\n";
  }
  page += "</table>\n";
}

}  // namespace

std::string_view name_of(cell_state s) {
  switch (s) {
    case cell_state::skip:
      return "skip";
    case cell_state::pass:
      return "pass";
    case cell_state::warn:
      return "warn";
    case cell_state::fail:
      return "fail";
    case cell_state::none:
      break;
  }
  return "none";
}

cell_state judged_as(const check_result& r) {
  switch (r.what) {
    case verdict::pass:
    case verdict::observed:
    case verdict::xpass:
      return cell_state::pass;
    case verdict::warn:
      return cell_state::warn;
    case verdict::fail:
    case verdict::crash:
    case verdict::timeout:
      return cell_state::fail;
    case verdict::xfail:
      return r.signature.starts_with("warn") ? cell_state::warn : cell_state::fail;
    case verdict::skip:
      return cell_state::skip;
    case verdict::harness:
      break;
  }
  return cell_state::none;
}

cell_state matrix_cell::state() const {
  if (fail > 0) return cell_state::fail;
  if (warn > 0) return cell_state::warn;
  if (pass > 0) return cell_state::pass;
  return skip > 0 ? cell_state::skip : cell_state::none;
}

std::vector<matrix_column> read_manifest(std::string_view text, const std::string& path) {
  std::vector<matrix_column> columns;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream in(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
    if (words.empty() || words[0].starts_with('#')) continue;
    if (words.size() != 7) {
      throw std::runtime_error(path + ":" + std::to_string(number) + ": " + std::to_string(words.size()) +
                               " words; write COLUMN REGISTRY PACKAGE VERSION CHECKSUM CODE-BASE LICENCE");
    }
    auto it = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == words[0]; });
    if (it == columns.end()) {
      it = columns.insert(columns.end(), matrix_column{});
      it->name = words[0];
      it->code_base = words[5];
      it->licence = words[6];
    }
    it->packages.push_back({words[1], words[2], words[3], words[4]});
  }
  return columns;
}

void read_results(std::vector<matrix_column>& columns, const std::filesystem::path& folder) {
  for (auto& c : columns) {
    const auto results = folder / (c.name + ".jsonl");
    if (std::ifstream why(folder / (c.name + ".why")); why) {
      std::getline(why, c.not_judged);
    }
    if (!std::filesystem::exists(results)) {
      if (c.not_judged.empty()) c.not_judged = "there is no " + results.string();
      continue;
    }
    auto loaded = load_results(results);
    if (!loaded.summary) {
      c.not_judged = "its run was cut short";
      continue;
    }
    c.not_judged.clear();
    c.summary = std::move(loaded.summary);
    c.checks = std::move(loaded.checks);
  }
}

std::vector<matrix_row> rows_of(std::span<const matrix_column> columns, const vectors::catalogue& catalogue) {
  std::map<std::string, matrix_row> rows;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const auto& r : columns[i].checks) {
      const auto state = judged_as(r);
      if (state == cell_state::none || !r.provided_by.empty()) continue;
      for (const auto& id : r.cites) {
        const auto known = catalogue.requirements.find(id);
        if (known == catalogue.requirements.end()) continue;
        auto& row = rows[id];
        row.clause = &known->second;
        row.cells.resize(columns.size());
        auto& cell = row.cells[i];
        ++(state == cell_state::pass   ? cell.pass
           : state == cell_state::warn ? cell.warn
           : state == cell_state::fail ? cell.fail
                                       : cell.skip);
        if (state != cell_state::warn && state != cell_state::fail) continue;
        if (cell.deviating.empty() || cell.deviating.back() != r.vector) cell.deviating.push_back(r.vector);
      }
    }
  }
  std::vector<matrix_row> out;
  for (auto& [id, row] : rows) out.push_back(std::move(row));
  return out;
}

std::string judged_line(std::span<const matrix_column> columns) {
  const auto judged = std::count_if(columns.begin(), columns.end(), [](const auto& c) { return c.not_judged.empty(); });
  return "judged " + std::to_string(judged) + " of " + std::to_string(columns.size());
}

std::string matrix_json(std::span<const matrix_column> columns, std::span<const matrix_row> rows) {
  json out{{"judged", judged_line(columns)}, {"columns", json::array()}, {"clauses", json::array()}};
  for (const auto& c : columns) {
    json column{{"name", c.name}, {"code_base", c.code_base}, {"licence", c.licence}, {"packages", json::array()}};
    for (const auto& p : c.packages) {
      column["packages"].push_back(
          {{"registry", p.registry}, {"package", p.package}, {"version", p.version}, {"checksum", p.checksum}});
    }
    if (!c.not_judged.empty()) {
      column["not_judged"] = c.not_judged;
    } else {
      column["version"] = c.summary->target_version;
      column["outcome"] = name_of(c.summary->outcome());
      column["roles"] = roles_of(c);
      for (const auto& [state, n] : checks_of(c)) {
        if (state != cell_state::none) column["checks"][std::string(name_of(state))] = n;
      }
    }
    out["columns"].push_back(std::move(column));
  }
  for (const auto& row : rows) {
    json clause{{"id", row.clause->id},
                {"level", name_of(row.clause->strength)},
                {"source", row.clause->source},
                {"text", row.clause->text},
                {"cells", json::object()}};
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& cell = row.cells[i];
      if (cell.state() == cell_state::none) continue;
      clause["cells"][columns[i].name] = {{"state", name_of(cell.state())},
                                          {"pass", cell.pass},
                                          {"warn", cell.warn},
                                          {"fail", cell.fail},
                                          {"skip", cell.skip},
                                          {"deviating", cell.deviating}};
    }
    out["clauses"].push_back(std::move(clause));
  }
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string matrix_markdown(std::span<const matrix_column> columns, std::span<const matrix_row> rows) {
  std::string out = "# The matrix\n\n" + judged_line(columns) +
                    ". Checks are counted as what they came to; known deviations are deviations.\n\n"
                    "| implementation | packages | code base | licence | roles | fail | warn | pass | skip |\n"
                    "|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& c : columns) {
    out += "| " + for_table(c.name) + " | " + for_table(packages_of(c)) + " | " + for_table(c.code_base) + " | " +
           for_table(c.licence);
    if (!c.not_judged.empty()) {
      out += " | not judged: " + for_table(c.not_judged) + " | | | | |\n";
      continue;
    }
    auto counts = checks_of(c);
    out += " | " + roles_of(c);
    for (const auto state : all_states) out += " | " + std::to_string(counts[state]);
    out += " |\n";
  }

  out += "\n## Clauses by area: kept / not kept / skipped\n\n| area |";
  std::string ruler = "|---|";
  for (const auto& c : columns) {
    out += " " + for_table(c.name) + " |";
    ruler += "---|";
  }
  out += "\n" + ruler + "\n";
  for (auto& [area, counts] : areas_of(rows, columns.size())) {
    out += "| " + area + " |";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      auto of = counts[i].clauses;
      const auto kept = of[cell_state::pass], broken = of[cell_state::fail] + of[cell_state::warn];
      if (!columns[i].not_judged.empty()) {
        out += " not judged |";
      } else if (kept + broken + of[cell_state::skip] == 0) {
        out += " |";
      } else {
        out += " " + std::to_string(kept) + " / " + std::to_string(broken) + " / " +
               std::to_string(of[cell_state::skip]) + " |";
      }
    }
    out += "\n";
  }

  out += "\n## Clauses that an implementation does not keep\n\n| clause | level |";
  ruler = "|---|---|";
  for (const auto& c : columns) {
    if (!c.not_judged.empty()) continue;
    out += " " + for_table(c.name) + " |";
    ruler += "---|";
  }
  out += " what it says |\n" + ruler + "---|\n";
  for (const auto& row : rows) {
    const bool kept = std::none_of(row.cells.begin(), row.cells.end(), [](const auto& cell) {
      return cell.state() == cell_state::fail || cell.state() == cell_state::warn;
    });
    if (kept) continue;
    out += "| " + row.clause->id + " | " + std::string(name_of(row.clause->strength)) + " |";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!columns[i].not_judged.empty()) continue;
      const auto& cell = row.cells[i];
      const auto state = cell.state();
      out += " " + (state == cell_state::none ? "" : std::string(name_of(state)));
      if (cell.fail + cell.warn > 0) {
        out += " " + std::to_string(cell.fail + cell.warn) + "/" + std::to_string(cell.fail + cell.warn + cell.pass);
      }
      out += " |";
    }
    out += " " + for_table(row.clause->text) + " |\n";
  }
  return out;
}

std::string matrix_html(std::span<const matrix_column> columns, std::span<const matrix_row> rows) {
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:; base-uri 'none'; form-action 'none'\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>ampspec matrix</title>\n<style>" +
      std::string(report_style()) +
      "\nmain table { border-collapse: collapse; margin: 0 0 2.5rem; }\n"
      "th, td { border: 1px solid var(--line); padding: .2rem .55rem; text-align: left; vertical-align: top; "
      "white-space: "
      "nowrap; }\ntd.text { white-space: normal; min-width: 24rem; }\n"
      "thead th { background: var(--wash); position: sticky; top: 0; }\n"
      "td.state { text-align: center; padding: 0; } td.state a, td.state span { display: block; padding: .2rem .5rem; "
      "font: 700 1rem/1.4 var(--mono); }\n"
      ".s-pass { color: var(--pass); } .s-fail { color: var(--fail); } .s-warn { color: var(--warn); } .s-skip { "
      "color: "
      "var(--skip); }\ntd.off { background: var(--wash); color: var(--soft); }\n"
      ".wide { padding: 0 2rem; overflow-x: auto; }\n</style>\n</head>\n<body>\n<div class=\"wide\"><header><p "
      "class=\"brand\"><b>ampspec</b> matrix</p><h1>Implementations of AMP and AMPS side by side</h1><p>" +
      judged_line(columns) +
      ". ✓ kept · <b>!</b> a SHOULD not kept · <b>✗</b> broken · <b>·</b> not offered. A cell leads to its checks and "
      "their octets.</p></header>\n<main>\n<table>\n<thead><tr><th>implementation</th><th>packages</th><th>code "
      "base</th><th>licence</th><th>roles</th><th>fail</th><th>warn</th><th>pass</th><th>skip</th></tr></thead>\n";
  for (const auto& c : columns) {
    page += "<tr><td>" + for_html(c.name) + "</td><td>" + for_html(packages_of(c)) + "</td><td>" +
            for_html(c.code_base) + "</td><td>" + for_html(c.licence) + "</td>";
    if (!c.not_judged.empty()) {
      page += "<td class=\"off\" colspan=\"5\">not judged: " + for_html(c.not_judged) + "</td></tr>\n";
      continue;
    }
    auto counts = checks_of(c);
    page += "<td>" + roles_of(c) + "</td>";
    for (const auto state : all_states) {
      page += "<td><a class=\"s-" + std::string(name_of(state)) + "\" href=\"" + for_html(c.name) + ".html\">" +
              std::to_string(counts[state]) + "</a></td>";
    }
    page += "</tr>\n";
  }
  page += "</table>\n";
  // What nobody keeps is what a reader came for; what nobody offers has no place in a comparison.
  std::vector<const matrix_row*> broken, kept;
  std::size_t unjudged = 0;
  for (const auto& row : rows) {
    const auto worst = std::max_element(row.cells.begin(), row.cells.end(), [](const auto& x, const auto& y) {
                         return x.state() < y.state();
                       })->state();
    if (worst > cell_state::pass) {
      broken.push_back(&row);
    } else if (worst == cell_state::pass) {
      kept.push_back(&row);
    } else {
      ++unjudged;
    }
  }
  add_clauses(page, "Clauses that somebody does not keep", columns, broken);
  add_clauses(page, "Clauses that are kept by all who are judged by them", columns, kept);
  page += "<p>" + counted(unjudged, "further clause") + ": of what no implementation here offers.</p>\n";
  return page + "</main></div>\n</body>\n</html>\n";
}

}  // namespace ampspec::runner
