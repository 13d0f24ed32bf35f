// Reads intervals exactly, in integers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/moment.hpp"

#include <cstdint>
#include <utility>

namespace ampspec::amps {

std::optional<duration> interval_of(std::string_view text) {
  static constexpr std::pair<std::string_view, std::uint64_t> units[] = {// in nanoseconds
                                                                         {"ns", 1},
                                                                         {"us", 1'000},
                                                                         {"ms", 1'000'000},
                                                                         {"s", 1'000'000'000},
                                                                         {"m", 60'000'000'000},
                                                                         {"h", 3'600'000'000'000},
                                                                         {"d", 86'400'000'000'000},
                                                                         {"w", 604'800'000'000'000},
                                                                         {"", 1'000'000'000}};
  constexpr std::uint64_t most = 10'000 * std::uint64_t{604'800'000'000'000};
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    value = value * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    if (value > most) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  std::string unit(text.substr(digits));
  for (char& c : unit) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  for (const auto& [name, size] : units) {
    if (unit != name) continue;
    if (value > most / size) return std::nullopt;
    return duration(static_cast<std::int64_t>((value * size + 999) / 1000));
  }
  return std::nullopt;
}

}  // namespace ampspec::amps
