// The table that `ampspec bench interactivity` prints.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/table.hpp"

#include "runner/report/text.hpp"

#include <array>
#include <cstdio>

namespace ampspec::runner::bench {

namespace {

std::string printed(const char* format, double number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

/// As many decimals as make three digits.
std::string three_digits(double number) {
  return printed(number < 10 ? "%.2f" : number < 100 ? "%.1f" : "%.0f", number);
}

/// Filled with blanks in front, counted in characters.
std::string right(const std::string& text, std::size_t width) {
  const auto used = columns(text);
  return std::string(used < width ? width - used : 0, ' ') + text;
}

}  // namespace

std::string time_text(nanos time) {
  const auto us = static_cast<double>(time.count()) / 1e3;
  if (us < 999.5) return printed("%.0f", us) + " µs";
  if (us < 999'500) return three_digits(us / 1e3) + " ms";
  return three_digits(us / 1e6) + " s";
}

std::string memory_text(std::uint64_t kib) {
  return kib == 0 ? "–" : printed("%.1f", static_cast<double>(kib) / 1024) + " MiB";
}

std::string ratio_text(double ratio) { return ratio == 0 ? "–" : printed(ratio < 10 ? "%.1f" : "%.0f", ratio) + " x"; }

std::string speed_text(double megabytes_per_second) {
  return megabytes_per_second == 0 ? "–" : three_digits(megabytes_per_second);
}

std::string conditions_of(const interactivity& b) {
  return "values of " + std::to_string(b.megabytes) + " MB for at least " + printed("%g", b.seconds) + " s each way, " +
         std::to_string(b.calls_per_second) + " small calls a second meanwhile; " + b.cores;
}

std::string table_of(const interactivity& b) {
  std::string out = escaped(b.target) + ": " + conditions_of(b) + "\n\n";
  const auto row = [&](const std::string& first, const std::array<std::string, 8>& cells) {
    out += padded(first, 10);
    const std::array<std::size_t, 8> widths{9, 8, 10, 10, 10, 10, 12, 12};
    for (std::size_t i = 0; i < cells.size(); ++i) out += right(cells[i], widths[i]);
    out += "\n";
  };
  row("way", {"MB/s", "calls", "p50", "p99", "worst", "to idle", "RSS ours", "theirs"});
  for (const auto& w : b.ways) {
    const std::string title(title_of(w.way));
    if (!w.not_offered.empty()) {
      out += padded(title, 10) + "  not offered: " + escaped(w.not_offered) + "\n";
    } else if (!w.failed.empty()) {
      out += padded(title, 10) + "  failed: " + escaped(w.failed) + "\n";
    } else {
      row(title, {speed_text(w.megabytes_per_second), thousands(w.calls.count), time_text(w.calls.p50),
                  time_text(w.calls.p99), time_text(w.calls.worst), ratio_text(b.ratio_to_idle(w)),
                  memory_text(w.ours_kib), memory_text(w.theirs_kib)});
    }
  }
  for (const auto& w : b.ways) {
    if (w.way != way::stream || b.ratio_to_idle(w) == 0) continue;
    out += "\nsmall calls beside a stream: p99 is " + ratio_text(b.ratio_to_idle(w)) +
           " that of the idle connection (goal: <= " + printed("%g", stream_goal) + " x)\n";
  }
  return out;
}

}  // namespace ampspec::runner::bench
