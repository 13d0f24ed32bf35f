// Results of `ampspec bench interactivity` as a picture in HTML: for the report, and as a page of its own.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/picture.hpp"

#include "runner/bench/table.hpp"
#include "runner/report/html.hpp"
#include "runner/report/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

namespace ampspec::runner::bench {

namespace {

std::string html(std::string_view text) { return markup(escaped(text)); }

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

/// Decades of time between the fastest and the slowest call of a target.
class time_axis {
 public:
  explicit time_axis(const interactivity& b) {
    double least = 1e18, most = 1;
    for (const auto& w : b.ways) {
      if (!w.measured() || w.calls.count == 0) continue;
      least = std::min(least, static_cast<double>(std::max(w.calls.p50, nanos(1)).count()));
      most = std::max(most, static_cast<double>(w.calls.worst.count()));
    }
    first_ = static_cast<int>(std::floor(std::log10(std::min(least, most))));
    last_ = std::max(static_cast<int>(std::ceil(std::log10(most))), first_ + 1);
  }
  /// Per cent of the width.
  double at(double ns) const {
    const auto part = (std::log10(std::max(ns, 1.0)) - first_) / (last_ - first_);
    return 2 + 90 * std::clamp(part, 0.0, 1.0);
  }
  double at(nanos t) const { return at(static_cast<double>(t.count())); }
  std::vector<nanos> decades() const {
    std::vector<nanos> all;
    auto time = static_cast<std::int64_t>(std::llround(std::pow(10, first_)));
    for (int i = first_; i <= last_; ++i, time *= 10) all.emplace_back(time);
    return all;
  }

 private:
  int first_ = 0, last_ = 1;
};

std::string decade_text(nanos t) {
  const auto ns = t.count();
  if (ns < 1'000) return std::to_string(ns) + " ns";
  if (ns < 1'000'000) return std::to_string(ns / 1'000) + " µs";
  if (ns < 1'000'000'000) return std::to_string(ns / 1'000'000) + " ms";
  return std::to_string(ns / 1'000'000'000) + " s";
}

std::string upright(double x, const char* kind) {
  const auto at = number(x) + "%";
  return "<line class=\"" + std::string(kind) + "\" x1=\"" + at + "\" x2=\"" + at + "\" y1=\"0\" y2=\"100%\"/>";
}

/// Why a way has no figures.
std::string absence(const way_result& w) {
  return "<span class=\"soft\">" +
         html(w.not_offered.empty() ? "failed: " + w.failed : "not offered: " + w.not_offered) + "</span>";
}

std::string title_cell(const way_result& w) { return "<div class=\"way\">" + html(title_of(w.way)) + "</div>"; }

std::string latencies(const interactivity& b) {
  const time_axis axis(b);
  std::string grid;
  for (const auto t : axis.decades()) grid += upright(axis.at(t), "grid");
  const auto idle = std::find_if(b.ways.begin(), b.ways.end(),
                                 [](const auto& w) { return w.way == way::idle && w.measured() && w.calls.count > 0; });
  if (idle != b.ways.end()) {
    grid += upright(axis.at(idle->calls.p99), "idle");
    if (const auto goal = stream_goal * static_cast<double>(idle->calls.p99.count()); axis.at(goal) < 92) {
      grid += upright(axis.at(goal), "goal");
    }
  }
  std::string out = "<div class=\"plot\">";
  for (const auto& w : b.ways) {
    out += title_cell(w);
    if (!w.measured()) {
      out += "<div>" + absence(w) + "</div>";
      continue;
    }
    const auto p50 = number(axis.at(w.calls.p50)) + "%", p99 = number(axis.at(w.calls.p99)) + "%",
               worst = number(axis.at(w.calls.worst)) + "%";
    const std::string told = std::string(title_of(w.way)) + ": p50 " + time_text(w.calls.p50) + ", p99 " +
                             time_text(w.calls.p99) + ", worst " + time_text(w.calls.worst);
    out += "<svg role=\"img\" aria-label=\"" + html(told) + "\">" + grid + "<line class=\"span\" x1=\"" + p50 +
           "\" x2=\"" + worst + "\" y1=\"24\" y2=\"24\"/><circle class=\"p50\" cx=\"" + p50 +
           "\" cy=\"24\" r=\"4.5\"/><circle class=\"p99\" cx=\"" + p99 +
           "\" cy=\"24\" r=\"5.5\"/><line class=\"worst\" x1=\"" + worst + "\" x2=\"" + worst +
           "\" y1=\"18\" y2=\"30\"/><text x=\"" + p99 + "\" y=\"12\" text-anchor=\"" +
           (axis.at(w.calls.p99) > 80   ? "end"
            : axis.at(w.calls.p99) < 12 ? "start"
                                        : "middle") +
           "\">" + html(time_text(w.calls.p99)) + "</text></svg>";
  }
  out += "<span></span><svg class=\"axis\" aria-hidden=\"true\">";
  for (const auto t : axis.decades()) {
    out +=
        "<text x=\"" + number(axis.at(t)) + "%\" y=\"13\" text-anchor=\"middle\">" + html(decade_text(t)) + "</text>";
  }
  return out + "</svg></div>";
}

/// A bar of `part` (0 to 1) of the longest, with its text behind it.
std::string bar(double part, std::string_view kind, const std::string& text, int y) {
  const auto width = 52 * std::clamp(part, 0.0, 1.0);
  return "<rect class=\"" + std::string(kind) + "\" x=\"0\" y=\"" + std::to_string(y) + "\" height=\"11\" width=\"" +
         number(std::max(width, 0.3)) + "%\" rx=\"2\"/><text x=\"" + number(width) + "%\" dx=\"7\" y=\"" +
         std::to_string(y + 10) + "\">" + html(text) + "</text>";
}

std::string throughput(const interactivity& b) {
  double most = 0;
  for (const auto& w : b.ways) most = std::max(most, w.megabytes_per_second);
  std::string out = "<div class=\"plot bars\">";
  for (const auto& w : b.ways) {
    if (w.way == way::idle) continue;
    out += title_cell(w);
    if (!w.measured()) {
      out += "<div class=\"soft\">–</div>";
      continue;
    }
    const auto text = speed_text(w.megabytes_per_second) + " MB/s";
    out += "<svg role=\"img\" aria-label=\"" + html(std::string(title_of(w.way)) + ": " + text) + "\">" +
           bar(most > 0 ? w.megabytes_per_second / most : 0, "ours", text, 11) + "</svg>";
  }
  return out + "</div>";
}

std::string memory(const interactivity& b) {
  std::uint64_t most = 1;
  for (const auto& w : b.ways) most = std::max({most, w.ours_kib, w.theirs_kib});
  const auto part = [&](std::uint64_t kib) { return static_cast<double>(kib) / static_cast<double>(most); };
  std::string out = "<div class=\"plot bars\">";
  for (const auto& w : b.ways) {
    out += title_cell(w);
    if (!w.measured()) {
      out += "<div class=\"soft\">–</div>";
      continue;
    }
    const auto ours = "ours " + memory_text(w.ours_kib), theirs = "theirs " + memory_text(w.theirs_kib);
    out += "<svg role=\"img\" aria-label=\"" + html(std::string(title_of(w.way)) + ": " + ours + ", " + theirs) +
           "\">" + bar(part(w.ours_kib), "ours", ours, 3) +
           (w.theirs_kib == 0 ? "" : bar(part(w.theirs_kib), "theirs", theirs, 20)) + "</svg>";
  }
  return out + "</div>";
}

std::string table(const interactivity& b) {
  std::string out = "<div class=\"scrolls\"><table><thead><tr>";
  for (const auto* head :
       {"way", "MB/s", "small calls", "p50", "p99", "worst", "p99 to idle", "peak RSS ours", "theirs"}) {
    out += std::string("<th scope=\"col\">") + head + "</th>";
  }
  out += "</tr></thead><tbody>";
  for (const auto& w : b.ways) {
    out += "<tr><th scope=\"row\">" + html(title_of(w.way)) + "</th>";
    if (!w.measured()) {
      out += "<td colspan=\"8\">" + absence(w) + "</td></tr>";
      continue;
    }
    for (const auto& cell : {speed_text(w.megabytes_per_second), thousands(w.calls.count), time_text(w.calls.p50),
                             time_text(w.calls.p99), time_text(w.calls.worst), ratio_text(b.ratio_to_idle(w)),
                             memory_text(w.ours_kib), memory_text(w.theirs_kib)}) {
      out += "<td>" + html(cell) + "</td>";
    }
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

std::string card(const interactivity& b) {
  return "<div class=\"card bench\"><h3>" + html(b.target) + "<small>" + html(conditions_of(b)) + "</small></h3>" +
         "<figure><figcaption>What a small call takes <small>logarithmic; <span class=\"key p50\"></span>p50 "
         "<span class=\"key p99\"></span>p99, with its value <span class=\"key worst\"></span>worst; dashed: p99 of "
         "the "
         "idle connection, dotted: ten times that</small></figcaption>" +
         latencies(b) + "</figure><div class=\"two\"><figure><figcaption>How fast values move</figcaption>" +
         throughput(b) + "</figure><figure><figcaption>The most memory that each side held</figcaption>" + memory(b) +
         "</figure></div>" + table(b) + "</div>";
}

}  // namespace

std::string section_of(std::span<const interactivity> all) {
  std::string out =
      "<section id=\"bench\" aria-labelledby=\"h-bench\"><h2 id=\"h-bench\">Interactivity<small>small calls while "
      "large "
      "values move</small></h2>";
  for (const auto& b : all) out += card(b);
  return out + "</section>";
}

std::string page_of(std::span<const interactivity> all) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
         "img-src data:; "
         "base-uri 'none'; form-action 'none'\">\n<link rel=\"icon\" href=\"data:,\">\n<title>ampspec "
         "bench</title>\n<style>" +
         std::string(report_style()) + "</style>\n</head>\n<body>\n<main class=\"page\">\n" + section_of(all) +
         "\n</main>\n</body>\n</html>\n";
}

}  // namespace ampspec::runner::bench
