// The text form of DateTime: 32 octets, each in its column.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/text.hpp"
#include "reference/naive/type_parts.hpp"

#include <cstdlib>

namespace ampspec::naive {

using enum fault;

namespace {

bool is_leap(std::int64_t year, const faults& broken) {  // AMP1-TYPE-031
  if (broken.has(datetime_no_leap_days)) return false;
  if (year % 100 == 0 && broken.has(datetime_no_leap_centuries)) return false;
  if (broken.has(datetime_leap_by_four)) return year % 4 == 0;
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

std::int64_t days_in(std::int64_t year, std::int64_t month, const faults& broken) {
  if (month == 2) return is_leap(year, broken) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool between(std::int64_t low, std::int64_t n, std::int64_t high) { return low <= n && n <= high; }

/// Whether there is such a day and time of day (AMP1-TYPE-030).
bool exists(const datetime& t, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const std::int64_t last_day = on(datetime_days_to_31_accepted) ? 31 : days_in(t.year, t.month, broken);
  return between(on(datetime_year_zero_accepted) ? 0 : 1, t.year, 9999) &&
         between(on(datetime_month_zero_accepted) ? 0 : 1, t.month, on(datetime_month_13_accepted) ? 13 : 12) &&
         between(on(datetime_day_zero_accepted) ? 0 : 1, t.day, last_day) &&
         between(0, t.hour, on(datetime_hour_24_accepted) ? 24 : 23) &&
         between(0, t.minute, on(datetime_minute_60_accepted) ? 60 : 59) &&
         between(0, t.second, on(datetime_second_60_accepted) ? 60 : 59) && between(0, t.microsecond, 999'999) &&
         between(0, t.nanosecond, 999);
}

/// The next minute or the one before, `by` being 1 or -1. May leave the years 1 to 9999.
void step_minute(datetime& t, std::int64_t by) {
  t.minute += by;
  if (between(0, t.minute, 59)) return;
  t.minute -= by * 60;
  t.hour += by;
  if (between(0, t.hour, 23)) return;
  t.hour -= by * 24;
  t.day += by;
  if (between(1, t.day, days_in(t.year, t.month, {}))) return;
  t.month += by;
  if (!between(1, t.month, 12)) t.month -= by * 12, t.year += by;
  t.day = by > 0 ? 1 : days_in(t.year, t.month, {});
}

/// The same moment where the offset is 0; the offset stays.
void move_to_utc(datetime& t) {
  for (std::int64_t minutes = *t.offset / 60; minutes != 0; minutes -= minutes > 0 ? 1 : -1)
    step_minute(t, minutes > 0 ? -1 : 1);
}

/// Rounds to microseconds, half up, and counts what comes to a second on (AMP1-TYPE-058).
void round_nanoseconds(datetime& t, bool carry) {
  if (t.nanosecond >= 500) ++t.microsecond;
  t.nanosecond = 0;
  if (t.microsecond < 1'000'000) return;
  t.microsecond = 0;
  if (!carry) return;
  if (++t.second < 60) return;
  t.second = 0;
  step_minute(t, 1);
}

std::string padded(std::int64_t n, std::size_t width) {
  const std::string digits = std::to_string(n);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

/// A column of digits; with `lax` also blanks around them, a sign, and underscores.
std::optional<std::int64_t> column(std::string text, bool lax) {
  std::int64_t sign = 1;
  if (lax) {
    text = trimmed(text);
    std::erase(text, '_');
    if (text.starts_with("-")) sign = -1;
    if (text.starts_with("-") || text.starts_with("+")) text.erase(0, 1);
  }
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return sign * std::stoll(text);
}

}  // namespace

std::optional<datetime> parse_datetime(std::string_view in, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string text(in);
  if (on(datetime_z_accepted) && text.ends_with('Z')) text.replace(text.size() - 1, 1, "+00:00");
  if (on(datetime_without_fraction_accepted) && text.size() == 25) text.insert(19, ".000000");
  if (on(datetime_offset_without_colon_accepted) && text.size() == 31) text.insert(29, ":");
  if (text.size() != 32) return std::nullopt;  // AMP1-TYPE-030

  const std::string_view shape = "0000-00-00T00:00:00.000000+00:00";
  for (std::size_t at = 0; at < shape.size(); ++at) {
    const bool separator = shape[at] != '0' && shape[at] != '+';
    if (separator && text[at] != shape[at] && !on(datetime_separators_unchecked)) return std::nullopt;  // AMP1-TYPE-033
  }
  const char sign = text[26];
  if (sign != '+' && sign != '-' && !on(datetime_sign_unchecked)) return std::nullopt;  // AMP1-TYPE-030

  bool good = true;
  const auto number = [&](std::size_t from, std::size_t size) {
    const auto n = column(text.substr(from, size), on(datetime_columns_lax));
    good = good && n.has_value();
    return n.value_or(0);
  };
  datetime t;
  t.year = number(0, 4);
  t.month = number(5, 2);  // from 1: AMP1-TYPE-035
  t.day = number(8, 2);
  t.hour = number(11, 2);
  t.minute = number(14, 2);
  t.second = number(17, 2);
  t.microsecond = number(20, 6);
  const std::int64_t hours = number(27, 2), minutes = number(30, 2);
  if (!good || !exists(t, broken)) return std::nullopt;

  const bool day_or_more = hours > 23 && !on(datetime_day_offsets_accepted);
  const bool hour_or_more = minutes > 59 && !on(datetime_offset_minutes_unchecked);
  if (day_or_more || hour_or_more) return std::nullopt;  // AMP1-TYPE-033
  t.offset = (hours * 60 + (on(datetime_offset_hours_only) ? 0 : minutes)) * 60;
  if (sign == '-' && !on(datetime_offset_sign_lost)) *t.offset = -*t.offset;  // AMP1-TYPE-029: -00:00 is 0 too
  if (*t.offset == 0 && on(sign == '-' ? datetime_minus_zero_refused : datetime_plus_zero_refused)) return std::nullopt;
  if (on(datetime_wide_offsets_refused) && std::abs(*t.offset) > 14 * 3600) return std::nullopt;
  if (on(datetime_before_1970_refused) && t.year < 1970) return std::nullopt;
  if (on(datetime_after_2038_refused) && t.year > 2037) return std::nullopt;
  if (on(datetime_month_zero_based)) ++t.month;
  if (on(datetime_milliseconds)) t.microsecond = t.microsecond * 1000 % 1'000'000;
  if (on(datetime_microseconds_lost)) t.microsecond -= t.microsecond % 1000;
  if (on(datetime_moved_to_utc)) move_to_utc(t), t.offset = 0;
  return t;
}

std::optional<std::string> print_datetime(datetime t, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  if (!t.offset && !on(prints_naive_as_utc)) return std::nullopt;  // AMP1-TYPE-034
  const bool wide_year = t.year > 9999 && on(prints_wide_year);
  datetime checked = t;
  if (wide_year) checked.year = 9996;
  if (!exists(checked, {})) return std::nullopt;  // AMP1-TYPE-058

  const std::int64_t seconds = t.offset.value_or(0), size = std::abs(seconds);
  std::int64_t minutes = (size + 30) / 60;  // AMP1-TYPE-064: to the nearest minute
  bool minus = seconds <= 0;                // of 0 too: section 11, row 12
  if (on(prints_offset_floored)) minutes = (minus ? (size + 3599) / 3600 * 2 : 0) * 60 + (minus ? -1 : 1) * minutes;
  if (minutes >= 24 * 60 && !on(prints_day_offset)) return std::nullopt;  // AMP1-TYPE-058
  if (on(prints_offset_sign_lost)) minus = false;

  std::string fraction = padded(t.nanosecond, 3);
  if (!on(prints_nanoseconds)) round_nanoseconds(t, !on(prints_nanosecond_carry_lost)), fraction.clear();
  if (on(prints_utc_digits) && t.offset) move_to_utc(t);
  if (t.year > 9999 && !wide_year) return std::nullopt;
  if (on(prints_month_zero_based)) --t.month;
  std::string micro = on(prints_microseconds_unpadded) ? std::to_string(t.microsecond) : padded(t.microsecond, 6);
  if (on(prints_milliseconds)) micro = padded(t.microsecond / 1000, 3);
  std::string zone = (minus ? "-" : "+") + padded(minutes / 60, 2) + (on(prints_offset_without_colon) ? "" : ":") +
                     padded(minutes % 60, 2);
  if (on(prints_offset_seconds) && size % 60 != 0) zone += ":" + padded(size % 60, 2);
  if (on(prints_utc_as_z) && seconds == 0) zone = "Z";
  const std::string year = on(prints_year_unpadded) ? std::to_string(t.year) : padded(t.year, 4);
  return year + "-" + padded(t.month, 2) + "-" + padded(t.day, 2) + (on(prints_time_behind_blank) ? " " : "T") +
         padded(t.hour, 2) + ":" + padded(t.minute, 2) + ":" + padded(t.second, 2) + "." + micro + fraction + zone;
}

}  // namespace ampspec::naive
