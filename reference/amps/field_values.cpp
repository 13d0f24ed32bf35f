// Reading and writing what stands inside text fields.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/field_values.hpp"

#include "reference/amps/header.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace ampspec::amps {
namespace {

constexpr std::array<std::string_view, 5> ack_words{"received", "processed", "completed", "persisted", "stats"};

/// Calls `visit(item)` for what lies between the commas for which `splits(position)` holds.
template <class Splits, class Visitor>
void split(std::string_view list, Splits&& splits, Visitor&& visit) {
  std::size_t from = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size() && !splits(i)) continue;
    visit(list.substr(from, i - from));
    from = i + 1;
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Eats digits and letters of a fixed form from the front of a text.
class eater {
 public:
  explicit eater(std::string_view text) : rest_(text) {}
  bool digits(std::size_t count, int& value) {
    value = 0;
    if (rest_.size() < count) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }
  bool letter(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct clock_fields {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
};

/// Date and time up to the second; with `extended` with dashes and colons.
bool eat_seconds(eater& in, bool extended, clock_fields& f) {
  const auto mark = [&](char c) { return !extended || in.letter(c); };
  return in.digits(4, f.year) && mark('-') && in.digits(2, f.month) && mark('-') && in.digits(2, f.day) &&
         in.letter('T') && in.digits(2, f.hour) && mark(':') && in.digits(2, f.minute) && mark(':') &&
         in.digits(2, f.second);
}

std::optional<microseconds> moment(const clock_fields& f) {
  using namespace std::chrono;
  const year_month_day date{year{f.year}, month{static_cast<unsigned>(f.month)}, day{static_cast<unsigned>(f.day)}};
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > 59) return std::nullopt;
  const std::int64_t seconds =
      std::int64_t{sys_days(date).time_since_epoch().count()} * 86'400 + f.hour * 3600 + f.minute * 60 + f.second;
  return seconds * 1'000'000 + f.fraction;
}

}  // namespace

std::string_view word_of(ack_type t) { return ack_words[static_cast<std::size_t>(t)]; }

ack_types ack_types_from(std::string_view list) {
  ack_types types;
  if (list.empty()) return types;
  for (const std::string_view item : items_of(list)) {
    const auto word = std::ranges::find(ack_words, item);
    if (word != ack_words.end()) types.add(static_cast<ack_type>(word - ack_words.begin()));  // AMPS-HDR-034
  }
  return types;
}

std::vector<std::string_view> items_of(std::string_view list) {
  std::vector<std::string_view> items;
  split(
      list, [&](std::size_t i) { return list[i] == ','; },
      [&](std::string_view item) {
        if (!item.empty()) items.push_back(item);
      });
  return items;
}

std::vector<option> options_from(std::string_view list) {
  std::vector<option> options;
  int depth = 0;
  split(
      list,
      [&](std::size_t i) {  // AMPS-HDR-030
        if (list[i] == '[') ++depth;
        if (list[i] == ']' && depth > 0) --depth;
        return list[i] == ',' && depth == 0;
      },
      [&](std::string_view item) {
        item = trimmed(item);
        if (item.empty()) return;
        const std::size_t equals = item.find('=');
        if (equals == std::string_view::npos) {
          options.push_back({item, std::nullopt});
        } else {
          options.push_back({item.substr(0, equals), item.substr(equals + 1)});
        }
      });
  return options;
}

std::string timestamp_text(microseconds at) {
  using namespace std::chrono;
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds(at)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02d.%06dZ", int{date.year()},
                                 unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                                 static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<microseconds> timestamp_from(std::string_view text) {
  for (const bool extended : {false, true}) {
    eater in(text);
    clock_fields f;
    if (eat_seconds(in, extended, f) && in.letter('.') && in.digits(6, f.fraction) && in.letter('Z') && in.at_end()) {
      return moment(f);
    }
  }
  return std::nullopt;
}

std::optional<bookmark> bookmark_from(std::string_view text) {
  if (text == "0") return bookmark{bookmark::kind::epoch};
  if (text == "0|1|") return bookmark{bookmark::kind::now};
  if (const std::size_t bar = text.find('|'); bar != std::string_view::npos) {
    if (!text.ends_with('|') || bar + 1 == text.size()) return std::nullopt;
    const auto publisher = number_from(text.substr(0, bar));
    const auto sequence = number_from(text.substr(bar + 1, text.size() - bar - 2));
    if (!publisher || !sequence) return std::nullopt;
    return bookmark{bookmark::kind::message, *publisher, *sequence};
  }
  eater in(text);
  clock_fields f;
  if (!eat_seconds(in, false, f)) return std::nullopt;
  in.letter('Z');
  if (!in.at_end()) return std::nullopt;
  const auto at = moment(f);
  if (!at) return std::nullopt;
  return bookmark{bookmark::kind::time, 0, 0, *at};
}

std::string bookmark_text(std::uint64_t publisher, std::uint64_t sequence) {
  return std::to_string(publisher).append("|").append(std::to_string(sequence)).append("|");
}

wire::result<bookmarks> bookmarks_from(std::string_view text) {
  bookmarks found;
  std::string_view list = text;
  char between = ',';
  const auto bad = [&](std::string_view where) {
    return wire::failure{errc::bad_value, static_cast<std::uint64_t>(where.data() - text.data()), "AMPS-HDR-032"};
  };
  if (text.starts_with('(') || text.starts_with('[')) {
    if (text.size() < 2 || (text.back() != ')' && text.back() != ']')) return bad(text);
    found.range = true;
    found.begin_open = text.front() == '(';
    found.end_open = text.back() == ')';
    list = text.substr(1, text.size() - 2);
    between = ':';
  }
  std::optional<wire::failure> failure;
  split(
      list, [&](std::size_t i) { return list[i] == between; },
      [&](std::string_view item) {
        const auto one = bookmark_from(item);
        if (one) {
          found.list.push_back(*one);
        } else if (!failure) {
          failure = bad(item);
        }
      });
  if (!failure && found.range && found.list.size() != 2) failure = bad(list);
  if (failure) return *failure;
  return found;
}

}  // namespace ampspec::amps
