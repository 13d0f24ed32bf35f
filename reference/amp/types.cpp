// The argument types of AMPv1, form by form. No number passes through the C locale (AMP1-TYPE-060).
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/types.hpp"

#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace ampspec::amp {
namespace {

using wire::failure;

constexpr std::int64_t most_exponent = 1'000'000'000'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return std::string_view(" \t\n\r\f\v").find(c) != std::string_view::npos; }

failure bad(std::size_t at, wire::requirement_id broken) { return {errc::bad_value, at, broken}; }

/// Reads a number's text from its beginning. In the lenient profile, over a copy without what that profile skips.
class scanner {
 public:
  scanner(std::string_view text, profile how) {
    if (how == profile::strict) {
      rest_ = text;
    } else {
      while (!text.empty() && is_blank(text.front())) text.remove_prefix(1), ++skipped_;
      while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
      for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
        if (text[i] != '_' || !between) kept_ += text[i];
      }
      rest_ = kept_;
    }
    whole_ = rest_;
  }
  scanner(const scanner&) = delete;
  scanner& operator=(const scanner&) = delete;

  bool done() const { return rest_.empty(); }
  std::size_t at() const { return skipped_ + whole_.size() - rest_.size(); }
  bool take(char c) {
    if (done() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// True for a minus.
  bool take_sign() { return take('-') || (take('+'), false); }
  std::string_view take_digits() {
    const auto all = rest_.substr(0, std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    rest_.remove_prefix(all.size());
    return all;
  }
  /// Letters in lower case, compared whatever their case.
  bool take_word(std::string_view word) {
    const auto same = [](char a, char b) { return a == b || (b >= 'A' && b <= 'Z' && a == b - 'A' + 'a'); };
    if (rest_.size() < word.size() || !std::equal(word.begin(), word.end(), rest_.begin(), same)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// Refused here: by `lax` if it is a form that the lenient profile accepts.
  failure fail(wire::requirement_id broken, wire::requirement_id lax) const {
    return bad(at(), !done() && (is_blank(rest_.front()) || rest_.front() == '_') ? lax : broken);
  }

 private:
  std::string kept_;
  std::string_view whole_, rest_;
  std::size_t skipped_ = 0;
};

/// Digits around a point, and the exponent behind them: what Float and Decimal share.
struct number_text {
  std::string digits;      ///< all of them
  std::size_t places = 0;  ///< how many of them stand behind the point
  std::int64_t exponent = 0;
  bool exponent_fits = true;
};

/// Nothing if the text is none from where the scanner stands; it stands at the wrong octet then.
std::optional<number_text> take_number(scanner& text) {
  number_text made;
  made.digits = text.take_digits();
  if (text.take('.')) {
    const auto behind = text.take_digits();
    made.digits += behind;
    made.places = behind.size();
  }
  if (made.digits.empty()) return std::nullopt;
  if (text.take('e') || text.take('E')) {
    const bool negative = text.take_sign();
    auto digits = text.take_digits();
    if (digits.empty()) return std::nullopt;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    made.exponent_fits = digits.size() <= 19;
    for (const char c : digits.substr(0, 18)) made.exponent = made.exponent * 10 + (c - '0');
    if (digits.size() >
        18) {  // at least 10^18: enough for a Float, and too much for a Decimal unless it is exactly that
      made.exponent_fits = digits == "1000000000000000000";
      made.exponent = most_exponent;
    }
    if (negative) made.exponent = -made.exponent;
  }
  return made;
}

std::string without_zeros(std::string_view digits) {
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1)));
}

bool is_canonical_integer(std::string_view s) {
  if (s == "0") return true;
  if (s.starts_with('-')) s.remove_prefix(1);
  return !s.empty() && s.front() != '0' && std::all_of(s.begin(), s.end(), is_digit);
}

maybe_failure append(std::string_view text, std::string& out, wire::requirement_id broken) {
  if (text.size() > max_value) return failure{errc::value_too_long, 0, broken};
  out += text;
  return std::nullopt;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_of(std::int64_t year, int month) {
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
}

}  // namespace

// --- Integer ---

wire::result<std::string> parse_integer(std::string_view value, profile how) {
  scanner text(value, how);
  const bool negative = text.take_sign();
  const auto digits = text.take_digits();
  if (digits.empty() || !text.done()) return text.fail("AMP1-TYPE-003", "AMP1-TYPE-004");
  auto canonical = without_zeros(digits);  // AMP1-TYPE-005: decimal, whatever zeros stand in front
  if (negative && canonical != "0") canonical.insert(0, 1, '-');  // AMP1-TYPE-006
  return canonical;
}

wire::result<std::int64_t> to_int64(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (wrong == std::errc::result_out_of_range) return failure{errc::out_of_range, 0, "AMP1-TYPE-002"};
  if (wrong != std::errc() || end != digits.data() + digits.size()) return bad(0, "AMP1-TYPE-003");
  return number;
}

maybe_failure print_integer(std::string_view digits, std::string& out) {
  if (!is_canonical_integer(digits)) return bad(0, "AMP1-TYPE-007");
  return append(digits, out, "AMP1-FRAME-007");
}

void print_integer(std::int64_t number, std::string& out) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

// --- Text, Boolean ---

wire::result<std::string_view> parse_text(std::string_view value) {
  const auto valid = valid_utf8_prefix(value);
  if (valid != value.size()) return bad(valid, "AMP1-TYPE-010");
  return value;
}

maybe_failure print_text(std::string_view utf8, std::string& out, version v) {
  if (valid_utf8_prefix(utf8) != utf8.size()) return bad(0, "AMP1-TYPE-011");
  if (v == version::v2) {
    out += utf8;
    return std::nullopt;
  }
  return append(utf8, out, "AMP1-TYPE-012");
}

wire::result<bool> parse_boolean(std::string_view value) {
  if (value == "True") return true;
  if (value == "False") return false;
  return bad(0, "AMP1-TYPE-015");
}

void print_boolean(bool is, std::string& out) { out += is ? "True" : "False"; }  // AMP1-TYPE-014

// --- Float ---

wire::result<double> parse_float(std::string_view value, profile how) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  scanner text(value, how);
  const bool negative = text.take_sign();
  const auto signed_as_read = [&](double d) { return negative ? -d : d; };  // also of zero (AMP1-TYPE-020)
  double is = 0;
  if (text.take_word("inf")) {
    text.take_word("inity");
    is = infinity;
  } else if (text.take_word("nan")) {
    is = std::numeric_limits<double>::quiet_NaN();
  } else {
    const auto number = take_number(text);
    if (!number) return text.fail("AMP1-TYPE-021", "AMP1-TYPE-022");
    // Written anew in the one form that from_chars surely reads: digits without a point, and an exponent. An exponent
    // of 10^18 stays far outside of what 65535 digits could make up for.
    const auto form =
        number->digits + "e" + std::to_string(number->exponent - static_cast<std::int64_t>(number->places));
    const auto wrong = std::from_chars(form.data(), form.data() + form.size(), is).ec;
    if (wrong == std::errc::result_out_of_range) {  // AMP1-TYPE-023: which of both ends, the first digit tells
      const auto first = number->digits.find_first_not_of('0');
      const auto integral = static_cast<std::int64_t>(number->digits.size() - number->places);
      is = number->exponent + integral - static_cast<std::int64_t>(first) > 0 ? infinity : 0;
    }
  }
  if (!text.done()) return text.fail("AMP1-TYPE-021", "AMP1-TYPE-022");
  return signed_as_read(is);
}

void print_float(double is, std::string& out) {
  if (std::isnan(is)) {  // AMP1-TYPE-059: neither sign nor payload
    out += "nan";
    return;
  }
  std::array<char, 32> text{};
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), is).ptr);
}

// --- Decimal ---

namespace {

// The power of ten of the first digit.
std::int64_t adjusted_exponent(const decimal& d) { return d.exponent + static_cast<std::int64_t>(d.digits.size()) - 1; }

bool exponent_can_be_written(const decimal& d) {
  if (d.exponent > most_exponent) return false;  // then the sum below can't overflow
  const auto adjusted = adjusted_exponent(d);
  return adjusted <= most_exponent && adjusted >= -most_exponent;
}

}  // namespace

wire::result<decimal> parse_decimal(std::string_view value, profile how) {
  scanner text(value, how);
  decimal made;
  made.negative = text.take_sign();
  if (text.take_word("inf")) {
    text.take_word("inity");
    made.what = decimal::form::infinity;
  } else if (const bool signalling = text.take_word("snan"); signalling || text.take_word("nan")) {
    made.what = signalling ? decimal::form::signalling : decimal::form::nan;  // AMP1-TYPE-025: no trap
    const auto payload = text.take_digits();
    const auto first = payload.find_first_not_of('0');
    made.digits = first == std::string_view::npos ? "" : payload.substr(first);
  } else {
    const auto number = take_number(text);
    if (!number) return text.fail("AMP1-TYPE-026", "AMP1-TYPE-027");
    if (text.done() && !number->exponent_fits) return failure{errc::out_of_range, 0, "AMP1-TYPE-061"};
    made.digits = without_zeros(number->digits);
    made.exponent = number->exponent - static_cast<std::int64_t>(number->places);
    // What we could not write ourselves is not taken: there the exponent is that of the first digit.
    if (text.done() && !exponent_can_be_written(made)) return failure{errc::out_of_range, 0, "AMP1-TYPE-061"};
  }
  if (!text.done()) return text.fail("AMP1-TYPE-026", "AMP1-TYPE-027");
  return made;
}

maybe_failure print_decimal(const decimal& d, std::string& out) {
  const std::string sign = d.negative ? "-" : "";
  switch (d.what) {
    case decimal::form::infinity:
      return append(sign + "Infinity", out, "AMP1-FRAME-007");
    case decimal::form::nan:
      return append(sign + "NaN" + d.digits, out, "AMP1-FRAME-007");
    case decimal::form::signalling:
      return append(sign + "sNaN" + d.digits, out, "AMP1-FRAME-007");
    case decimal::form::finite:
      break;
  }
  if (d.digits.empty() || !std::all_of(d.digits.begin(), d.digits.end(), is_digit)) return bad(0, "AMP1-TYPE-024");
  const auto size = d.digits.size();
  if (size > max_value || !exponent_can_be_written(d)) return failure{errc::out_of_range, 0, "AMP1-TYPE-061"};
  // To-scientific-string of General Decimal Arithmetic (AMP1-TYPE-024).
  const auto adjusted = adjusted_exponent(d);
  std::string text = sign;
  if (d.exponent > 0 || adjusted < -6) {
    text += d.digits.front();
    if (size > 1) text += "." + d.digits.substr(1);
    text += (adjusted < 0 ? "E" : "E+") + std::to_string(adjusted);
  } else if (adjusted >= 0) {
    const auto integral = static_cast<std::size_t>(adjusted + 1);
    text += d.digits.substr(0, integral);
    if (d.exponent < 0) text += "." + d.digits.substr(integral);
  } else {
    text += "0." + std::string(static_cast<std::size_t>(-adjusted - 1), '0') + d.digits;
  }
  return append(text, out, "AMP1-FRAME-007");
}

// --- DateTime: YYYY-MM-DDThh:mm:ss.uuuuuu+hh:mm ---

namespace {
constexpr std::string_view columns = "0000-00-00T00:00:00.000000+00:00";
}

wire::result<date_time> parse_datetime(std::string_view value, profile how) {
  if (value.size() != columns.size()) return bad(std::min(value.size(), columns.size()), "AMP1-TYPE-030");
  const char sign = value[26];
  if (sign != '+' && sign != '-') return bad(26, "AMP1-TYPE-030");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i == 26) continue;
    const bool wrong = columns[i] == '0' ? !is_digit(value[i]) : how == profile::strict && value[i] != columns[i];
    if (wrong) return bad(i, "AMP1-TYPE-033");
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int n = 0;
    for (const char c : value.substr(at, size)) n = n * 10 + (c - '0');
    return n;
  };
  date_time t;
  t.year = number(0, 4);
  t.month = number(5, 2);  // from 1 (AMP1-TYPE-035)
  t.day = number(8, 2);
  t.hour = number(11, 2);
  t.minute = number(14, 2);
  t.second = number(17, 2);
  t.microsecond = number(20, 6);
  if (t.year == 0) return bad(0, "AMP1-TYPE-030");
  if (t.month < 1 || t.month > 12) return bad(5, "AMP1-TYPE-030");
  if (t.day < 1 || t.day > days_of(t.year, t.month)) {
    return bad(8, t.month == 2 && t.day == 29 ? "AMP1-TYPE-031" : "AMP1-TYPE-030");
  }
  if (t.hour > 23) return bad(11, "AMP1-TYPE-030");
  if (t.minute > 59) return bad(14, "AMP1-TYPE-030");
  if (t.second > 59) return bad(17, "AMP1-TYPE-030");  // no leap second
  const int hours = number(27, 2), minutes = number(30, 2);
  if (how == profile::strict && hours > 23) return bad(27, "AMP1-TYPE-033");
  if (how == profile::strict && minutes > 59) return bad(30, "AMP1-TYPE-033");
  const int offset = (hours * 60 + minutes) * 60;
  t.offset = sign == '-' ? -offset : offset;  // AMP1-TYPE-029: both zeros are UTC
  return t;
}

maybe_failure print_datetime(const date_time& t, std::string& out) {
  if (!t.offset) return bad(0, "AMP1-TYPE-034");
  if (t.year < 1 || t.year > 9999) return bad(0, "AMP1-TYPE-058");
  if (*t.offset <= -86400 || *t.offset >= 86400) return bad(0, "AMP1-TYPE-058");
  if (*t.offset % 60 != 0) return bad(0, "AMP1-TYPE-064");
  const auto within = [](int n, int low, int high) { return n >= low && n <= high; };
  const bool is_time = within(t.month, 1, 12) && within(t.day, 1, days_of(t.year, t.month)) && within(t.hour, 0, 23) &&
                       within(t.minute, 0, 59) && within(t.second, 0, 59) && within(t.microsecond, 0, 999'999);
  if (!is_time) return bad(0, "AMP1-TYPE-030");
  std::string text(columns);
  const auto put = [&](std::size_t at, std::size_t size, std::int64_t n) {
    for (std::size_t i = size; i-- > 0; n /= 10) text[at + i] = static_cast<char>('0' + n % 10);
  };
  put(0, 4, t.year);
  put(5, 2, t.month);
  put(8, 2, t.day);
  put(11, 2, t.hour);
  put(14, 2, t.minute);
  put(17, 2, t.second);
  put(20, 6, t.microsecond);
  const auto minutes = (*t.offset < 0 ? -*t.offset : *t.offset) / 60;
  text[26] = *t.offset < 0 ? '-' : '+';
  put(27, 2, minutes / 60);
  put(30, 2, minutes % 60);
  out += text;  // AMP1-TYPE-028: 32 octets, whatever the time
  return std::nullopt;
}

// --- ListOf, AmpList ---

wire::result<std::vector<std::string_view>> parse_list(std::string_view value, profile how) {
  std::vector<std::string_view> elements;
  for (std::size_t at = 0; at < value.size();) {
    const auto octet = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(value[i])}; };
    const bool has_length = value.size() - at >= 2;
    const std::size_t size = has_length ? octet(at) << 8 | octet(at + 1) : 0;
    if (!has_length || value.size() - at - 2 < size) {  // AMP1-TYPE-041
      if (how == profile::lenient) break;
      return failure{errc::truncated, at, "AMP1-TYPE-041"};
    }
    elements.push_back(value.substr(at + 2, size));
    at += 2 + size;
  }
  return elements;
}

maybe_failure append_element(std::string_view element, std::string& list, version v) {
  const std::size_t room = v == version::v2 ? max_value + 2 : max_value - std::min(list.size(), max_value);
  if (element.size() + 2 > room) {
    return failure{errc::value_too_long, 0, "AMP1-TYPE-042"};
  }
  list += static_cast<char>(element.size() >> 8);
  list += static_cast<char>(element.size() & 0xff);
  list += element;
  return std::nullopt;
}

wire::result<std::vector<box>> parse_records(std::string_view value, profile how) {
  std::vector<box> records;
  box_decoder decoder;
  decoder.feed(value);
  while (const auto record = decoder.next()) records.emplace_back(*record);
  if (decoder.error()) return *decoder.error();
  if (const auto unfinished = decoder.finish(); unfinished && how == profile::strict) {
    return failure{errc::truncated, unfinished->offset, "AMP1-TYPE-048"};
  }
  return records;
}

maybe_failure append_record(box_view record, std::string& list, version v) {
  const auto before = list.size();
  if (auto refused = encode(record, list)) return refused;
  if (v == version::v1 && list.size() > max_value) {
    list.resize(before);
    return failure{errc::value_too_long, 0, "AMP1-FRAME-007"};
  }
  return std::nullopt;
}

}  // namespace ampspec::amp
