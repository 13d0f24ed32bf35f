// The text forms of Integer, Float and Decimal; Float by exact arithmetic with numbers of any size.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/text.hpp"
#include "reference/naive/type_parts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace ampspec::naive {

using enum fault;

namespace {

constexpr std::size_t most_digits = 4300;  // of an Integer: what is longer is refused, as AMP1-TYPE-002 allows
constexpr std::int64_t most_exponent = 999'999'999;  // of a Decimal: AMP1-TYPE-061
constexpr std::uint64_t sign_bit = 1ull << 63, infinity = 0x7ffull << 52, quiet_nan = 0xfffull << 51;

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

std::string without(std::string text, char c) {
  std::erase(text, c);
  return text;
}

std::string replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

/// Blanks around it and underscores between its digits left out: the lenient profile of section 11, row 10.
std::string plain_number(std::string_view in) {
  std::string text;
  const std::string t = trimmed(in);
  const auto digit = [&](std::size_t i) { return i < t.size() && t[i] >= '0' && t[i] <= '9'; };
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (t[i] != '_' || i == 0 || !digit(i - 1) || !digit(i + 1)) text += t[i];
  }
  return text;
}

/// The longest front of `text` that is a number; empty if there is none.
std::string number_in_front(std::string text) {
  while (!text.empty() && !written(text)) text.pop_back();
  return text;
}

std::uint64_t modulo_64_bits(const std::string& digits) {
  std::uint64_t n = 0;
  for (char c : digits) {
    if (c != '-') n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return digits[0] == '-' ? 0 - n : n;
}

bool fits_64_bits(const std::string& digits) { return integer(digits).has_value(); }

std::string formatted(const char* how, double d) {
  std::array<char, 512> text{};
  const int size = std::snprintf(text.data(), text.size(), how, d);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

double as_double(std::uint64_t bits) { return std::bit_cast<double>(bits); }

/// A natural number of any size: groups of nine decimal digits, the last ones first.
class natural {
 public:
  explicit natural(std::string_view digits) {
    for (std::size_t end = digits.size(); end > 0;) {
      const std::size_t from = end > 9 ? end - 9 : 0;
      groups_.push_back(static_cast<std::uint32_t>(std::stoul(std::string(digits.substr(from, end - from)))));
      end = from;
    }
    trim();
  }

  void multiply(std::uint32_t by) {
    std::uint64_t carry = 0;
    for (std::uint32_t& group : groups_) {
      carry += std::uint64_t{group} * by;
      group = static_cast<std::uint32_t>(carry % 1'000'000'000);
      carry /= 1'000'000'000;
    }
    if (carry > 0) groups_.push_back(static_cast<std::uint32_t>(carry));
  }

  /// `less` is not greater than this.
  void subtract(const natural& less) {
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      std::int64_t group = std::int64_t{groups_[i]} - (i < less.groups_.size() ? less.groups_[i] : 0) - borrow;
      borrow = group < 0 ? 1 : 0;
      if (group < 0) group += 1'000'000'000;
      groups_[i] = static_cast<std::uint32_t>(group);
    }
    trim();
  }

  bool operator<(const natural& other) const {
    if (groups_.size() != other.groups_.size()) return groups_.size() < other.groups_.size();
    return std::lexicographical_compare(groups_.rbegin(), groups_.rend(), other.groups_.rbegin(), other.groups_.rend());
  }
  bool operator==(const natural&) const = default;
  bool is_zero() const { return groups_.empty(); }

  std::string digits() const {
    std::string all;
    for (auto group = groups_.rbegin(); group != groups_.rend(); ++group) {
      const std::string nine = std::to_string(*group);
      all += std::string(9 - nine.size(), '0') + nine;
    }
    return without_front_zeros(all);
  }

 private:
  void trim() {
    while (!groups_.empty() && groups_.back() == 0) groups_.pop_back();
  }

  std::vector<std::uint32_t> groups_;
};

/// A quotient of two natural numbers as `whole * 2^exponent`, and how what is left of it compares with half a step.
struct binary {
  std::uint64_t whole = 0;
  int exponent = 0;
  int rest = 0;  // 0: nothing is left, 1: less than half of 2^exponent, 2: half, 3: more
};

/// `whole` has `bits` bits, or fewer if the exponent is `least`.
binary in_binary(natural number, const natural& divisor, int bits, int least) {
  binary b;
  natural above = divisor;  // the divisor * 2^bits: what the number stays below, so that the quotient has no more bits
  for (int i = 0; i < bits; ++i) above.multiply(2);
  for (; !(number < above); ++b.exponent) above.multiply(2);
  for (;; --b.exponent) {
    natural twice = number;
    twice.multiply(2);
    if (b.exponent == least || !(twice < above)) break;
    number = twice;
  }
  for (int i = 0; i < bits; ++i) {  // after each step: number of before * 2^(i+1) = whole * above + number
    number.multiply(2);
    b.whole *= 2;
    if (number < above) continue;
    number.subtract(above);
    b.whole += 1;
  }
  const bool exact = number.is_zero();
  number.multiply(2);
  b.rest = exact ? 0 : number < above ? 1 : number == above ? 2 : 3;
  return b;
}

std::uint64_t bits_of(std::uint64_t whole, int exponent) {
  if (whole == 1ull << 53) whole /= 2, ++exponent;
  if (whole < 1ull << 52) return whole;  // subnormal: AMP1-TYPE-016
  if (exponent + 1075 >= 2047) return infinity;
  return static_cast<std::uint64_t>(exponent + 1075) << 52 | (whole - (1ull << 52));
}

/// The double nearest to digits * 10^exponent (AMP1-TYPE-063).
std::uint64_t nearest_double(std::string digits, std::int64_t exponent, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  digits = without_front_zeros(digits);
  if (on(float_digits_ignored) && digits.size() > 17) {
    exponent += static_cast<std::int64_t>(digits.size()) - 17;
    digits.resize(17);
  }
  if (digits == "0") return 0;
  const std::int64_t magnitude = static_cast<std::int64_t>(digits.size()) + exponent;  // below 10^magnitude
  if (magnitude > 400) return infinity;
  if (magnitude < -400) return 0;
  if (on(float_scaled_in_doubles)) {
    double d = 0;
    for (char c : digits) d = d * 10 + (c - '0');
    for (; exponent > 0; --exponent) d *= 10;
    for (; exponent < 0; ++exponent) d /= 10;
    return std::bit_cast<std::uint64_t>(d);
  }

  const std::string zeros(static_cast<std::size_t>(std::abs(exponent)), '0');
  const natural number(exponent > 0 ? digits + zeros : digits);
  const natural divisor(exponent < 0 ? "1" + zeros : "1");
  const auto rounds_up = [&](std::uint64_t whole, int rest) {
    if (on(float_truncates)) return false;
    return rest == 3 || (rest == 2 && (whole % 2 == 1 || on(float_ties_away)));
  };
  if (on(float_rounded_twice)) {
    binary long_one = in_binary(number, divisor, 63, -1084);
    if (rounds_up(long_one.whole, long_one.rest)) ++long_one.whole;
    const std::uint64_t rest = long_one.whole % 1024, whole = long_one.whole / 1024;
    const bool up = rounds_up(whole, rest > 512 ? 3 : rest == 512 ? 2 : rest > 0 ? 1 : 0);
    return bits_of(whole + (up ? 1 : 0), long_one.exponent + 10);
  }
  const binary b = in_binary(number, divisor, 53, -1074);
  return bits_of(b.whole + (rounds_up(b.whole, b.rest) ? 1 : 0), b.exponent);
}

/// The double m * 2^e written out in full: all its digits, and the exponent of ten of the last.
written_number exactly(std::uint64_t bits) {
  const auto field = static_cast<int>(bits >> 52 & 0x7ff);
  const std::uint64_t fraction = bits & ((1ull << 52) - 1);
  const int exponent = std::max(field, 1) - 1075;
  natural n(std::to_string(field == 0 ? fraction : fraction + (1ull << 52)));
  for (int i = 0; i < std::abs(exponent); ++i) n.multiply(exponent > 0 ? 2 : 5);  // 2^-1 = 5 / 10
  return {(bits & sign_bit) != 0, n.digits(), std::min(exponent, 0)};
}

/// Rounds to `count` digits, or leaves fewer as they are.
void round_digits(std::string& digits, std::int64_t& exponent, std::size_t count) {
  if (digits.size() <= count) return;
  const std::string rest = digits.substr(count);
  exponent += static_cast<std::int64_t>(rest.size());
  digits.resize(count);
  const std::string half = "5" + std::string(rest.size() - 1, '0');
  if (rest < half || (rest == half && (digits.back() - '0') % 2 == 0)) return;
  std::size_t i = count;
  while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
  if (i > 0) {
    ++digits[i - 1];
  } else {
    digits = "1" + std::string(count - 1, '0');
    ++exponent;
  }
}

std::string sign_of(bool negative) { return negative ? "-" : ""; }

/// `digits` with a point before the last `places` of them; zeros in front as needed.
std::string with_point(std::string digits, std::size_t places) {
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return digits;
}

}  // namespace

std::string without_front_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

std::string with_ascii_digits(std::string_view in) {
  std::string text;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const bool arabic = in[i] == '\xd9' && i + 1 < in.size() && in[i + 1] >= '\xa0' && in[i + 1] <= '\xa9';
    text += arabic ? static_cast<char>(in[++i] - '\xa0' + '0') : in[i];
  }
  return text;
}

std::optional<written_number> written(std::string_view text) {
  written_number n;
  const auto take_sign = [&] {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
    text.remove_prefix(1);
    return text.data()[-1] == '-';
  };
  const auto take_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string digits(text.substr(0, count));
    text.remove_prefix(count);
    return digits;
  };
  n.negative = take_sign();
  n.digits = take_digits();
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    const std::string behind = take_digits();
    n.digits += behind;
    n.exponent = -static_cast<std::int64_t>(behind.size());
  }
  if (n.digits.empty()) return std::nullopt;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    const bool down = take_sign();
    const std::string digits = take_digits();
    if (digits.empty()) return std::nullopt;
    const std::string plain = without_front_zeros(digits);
    const std::int64_t e = plain.size() > 15 ? 1'000'000'000'000'000 : std::stoll(plain);
    n.exponent += down ? -e : e;
  }
  return text.empty() ? std::optional(n) : std::nullopt;
}

// ---- Integer

std::optional<std::string> parse_integer(std::string_view in, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string text(in);
  if (on(integer_blanks_accepted)) text = trimmed(text);
  if (on(integer_underscores_accepted)) text = without(text, '_');
  if (on(integer_foreign_digits_accepted)) text = with_ascii_digits(text);
  if (on(integer_empty_is_zero) && text.empty()) return "0";
  if (on(integer_sign_alone_is_zero) && text == "-") return "0";
  if (on(integer_true_is_one) && text == "true") return "1";
  if (on(integer_double_sign_accepted) && text.starts_with("--")) text.erase(0, 2);
  if (on(integer_hex_accepted) && text.starts_with("0x"))
    return std::to_string(std::strtoull(text.c_str(), nullptr, 16));
  if (on(integer_point_accepted) && text.ends_with(".0")) text.resize(text.size() - 2);
  if (on(integer_exponent_accepted)) {
    const auto n = written(text);
    if (n && n->exponent > 0 && n->exponent < 100)
      text = sign_of(n->negative) + n->digits + std::string(static_cast<std::size_t>(n->exponent), '0');
  }

  bool negative = text.starts_with("-");
  if (negative || text.starts_with("+")) text.erase(0, 1);  // `+`: section 11, row 10
  if (on(integer_cut_at_junk)) text.resize(std::min(text.find_first_not_of("0123456789"), text.size()));
  if (text.empty() || !all_digits(text)) return std::nullopt;  // AMP1-TYPE-003, AMP1-TYPE-004
  if (on(integer_leading_zero_refused) && text.size() > 1 && text[0] == '0') return std::nullopt;
  if (on(integer_octal) && text.size() > 1 && text[0] == '0') {
    if (text.find_first_of("89") != std::string::npos) return std::nullopt;
    text = std::to_string(std::strtoull(text.c_str(), nullptr, 8));
  }
  if (on(integer_sign_lost)) negative = false;
  text = without_front_zeros(text);  // AMP1-TYPE-005
  if (text.size() > most_digits) return std::nullopt;
  if (negative && text != "0") text.insert(0, 1, '-');  // AMP1-TYPE-006
  if (on(integer_wraps_at_64_bits)) return std::to_string(static_cast<std::int64_t>(modulo_64_bits(text)));
  if (on(integer_wraps_at_32_bits)) return std::to_string(static_cast<std::int32_t>(modulo_64_bits(text)));
  if (on(integer_saturates) && !fits_64_bits(text)) return std::to_string(negative ? INT64_MIN : INT64_MAX);
  if (on(integer_smallest_refused) && text == std::to_string(INT64_MIN)) return std::nullopt;
  return text;
}

std::optional<std::string> print_integer(const std::string& number, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string digits = number;
  const std::size_t point = digits.find('.');
  if (point != std::string::npos && on(prints_fraction_truncated)) digits.resize(point);
  if (point != std::string::npos && on(prints_fraction_with_point)) return digits;
  if (digits.find('.') != std::string::npos) return std::nullopt;  // AMP1-TYPE-007
  const bool negative = digits[0] == '-';
  if (on(prints_integer_modulo_64_bits)) return std::to_string(static_cast<std::int64_t>(modulo_64_bits(digits)));
  if (on(prints_integer_through_double)) return formatted("%.17g", std::strtod(digits.c_str(), nullptr));
  if (on(prints_integer_padded)) digits.insert(negative ? 1 : 0, 1, '0');
  if (on(prints_integer_grouped)) {
    for (std::size_t i = digits.size(); i > (negative ? 4u : 3u);) digits.insert(i -= 3, 1, ',');
  }
  if (on(prints_integer_with_plus) && !negative && digits != "0") digits.insert(0, 1, '+');
  return digits;  // AMP1-TYPE-001
}

// ---- Float

std::optional<std::uint64_t> parse_float(std::string_view in, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string text = plain_number(in);
  if (on(float_comma_accepted)) text = replaced(text, ',', '.');
  const std::string small = lower(text);
  if (on(float_exponent_refused) && small.find('e') != std::string::npos && written(text)) return std::nullopt;
  if (on(float_upper_e_refused) && text.find('E') != std::string::npos) return std::nullopt;
  if (on(float_plus_in_exponent_refused) && small.find("e+") != std::string::npos) return std::nullopt;
  if (on(float_trailing_point_refused) && text.ends_with('.')) return std::nullopt;
  if (on(float_whole_refused) && all_digits(text)) return std::nullopt;
  if (on(float_hex_accepted) && small.starts_with("0x"))
    return std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr));

  const bool negative = text.starts_with("-");
  const std::string word = negative || text.starts_with("+") ? small.substr(1) : small;  // AMP1-TYPE-022
  if (word == "inf" || word == "infinity") {                                             // AMP1-TYPE-019
    if (on(float_inf_refused)) return std::nullopt;
    return negative && !on(float_infinity_sign_lost) ? infinity | sign_bit : infinity;
  }
  if (word == "nan") return on(float_nan_refused) ? std::nullopt : std::optional(quiet_nan);
  if (on(float_nan_payload_accepted) && word.starts_with("nan(")) return quiet_nan;
  if (on(float_snan_accepted) && word == "snan") return quiet_nan;
  if (on(float_empty_is_zero) && (text.empty() || text == ".")) return 0;
  if (on(float_cut_at_junk)) text = number_in_front(text);

  const auto n = written(text);
  if (!n) return std::nullopt;  // AMP1-TYPE-021
  std::uint64_t bits = nearest_double(n->digits, n->exponent, broken);
  const bool zero = all_digits(n->digits) && without_front_zeros(n->digits) == "0";
  if (on(float_subnormals_are_zero) && bits < 1ull << 52) bits = 0;
  if (on(float_overflow_is_largest) && bits == infinity) bits = infinity - 1;
  if (bits == infinity) return std::nullopt;  // AMP1-TYPE-023
  if (on(float_underflow_refused) && bits == 0 && !zero) return std::nullopt;
  if (on(float_through_single)) bits = std::bit_cast<std::uint64_t>(double{static_cast<float>(as_double(bits))});
  if (n->negative && !(on(float_zero_sign_lost) && bits == 0)) bits |= sign_bit;  // AMP1-TYPE-020
  return bits;
}

std::string print_float(std::uint64_t bits, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const bool negative = (bits & sign_bit) != 0;
  const std::uint64_t size = bits & ~sign_bit;
  if (size > infinity) {  // AMP1-TYPE-059
    const std::string nan = on(prints_nan_in_capitals) ? "NaN" : "nan";
    if (on(prints_nan_payload) && bits != quiet_nan) return nan + "(" + std::to_string(bits & ((1ull << 51) - 1)) + ")";
    return sign_of(negative && on(prints_nan_sign)) + nan;
  }
  if (size == infinity) return sign_of(negative) + (on(prints_infinity_long) ? "Infinity" : "inf");  // AMP1-TYPE-019
  const auto shape = [&]() -> const char* {
    if (on(prints_float_fixed)) return "%.17f";
    if (on(prints_float_six_digits)) return "%g";
    if (on(prints_float_fifteen_digits)) return "%.15g";
    if (on(prints_float_sixteen_digits)) return "%.16g";
    return on(prints_float_in_hex) ? "%a" : nullptr;
  }();
  if (shape != nullptr) return formatted(shape, as_double(bits));
  if (size == 0) return sign_of(negative && !on(prints_float_zero_sign_lost)) + "0.0";  // AMP1-TYPE-020

  const written_number exact = exactly(size);
  std::string digits;
  std::int64_t exponent = 0;
  for (std::size_t count = 1; count <= 17; ++count) {  // 17 are always enough: AMP1-TYPE-016
    digits = exact.digits;
    exponent = exact.exponent;
    round_digits(digits, exponent, count);
    if (nearest_double(digits, exponent, {}) == size) break;
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back(), ++exponent;
  const std::int64_t first = exponent + static_cast<std::int64_t>(digits.size()) - 1;  // of ten, of the first digit
  std::string text;
  if (first >= -5 && first < 16) {
    const std::string zeros(static_cast<std::size_t>(std::max<std::int64_t>(exponent, 0)), '0');
    text = with_point(digits + zeros, static_cast<std::size_t>(std::max<std::int64_t>(-exponent, 0)));
  } else {
    text = with_point(digits, digits.size() - 1) + "e" + std::to_string(first);
  }
  if (on(prints_float_comma)) text = replaced(text, '.', ',');
  return sign_of(negative) + text;
}

// ---- Decimal

std::optional<decimal> parse_decimal(std::string_view in, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  using form = decimal::form;
  std::string text = plain_number(in);
  if (on(decimal_foreign_digits_accepted)) text = with_ascii_digits(text);
  if (on(decimal_empty_is_zero) && text.empty()) text = "0";
  if (on(decimal_lower_e_refused) && text.find('e') != std::string::npos) return std::nullopt;
  if (on(decimal_plus_refused) && text.find('+') == 0) return std::nullopt;
  if (on(decimal_hex_accepted) && text.starts_with("0x"))
    text = std::to_string(std::strtoull(text.c_str(), nullptr, 16));
  if (on(decimal_cut_at_junk)) {
    const std::string front = number_in_front(text);
    if (!front.empty()) text = front;
  }

  decimal d;
  std::string word = lower(text);
  d.negative = word.starts_with("-");
  if (d.negative || word.starts_with("+")) word.erase(0, 1);
  if (word == "inf" || word == "infinity") {  // AMP1-TYPE-025
    if (on(decimal_infinity_refused)) return std::nullopt;
    d.what = form::infinity;
    return d;
  }
  const bool signalling = word.starts_with("snan");
  if (signalling || word.starts_with("nan")) {  // AMP1-TYPE-025: a signalling one is only read, nothing traps
    const std::string payload = word.substr(signalling ? 4 : 3);
    if (!all_digits(payload) || on(decimal_nan_refused) || (signalling && on(decimal_snan_traps))) return std::nullopt;
    d.what = signalling && !on(decimal_snan_is_nan) ? form::signalling : form::nan;
    d.digits = without_front_zeros(payload) == "0" ? "" : without_front_zeros(payload);
    if (on(decimal_nan_sign_lost)) d.negative = false;
    return d;
  }

  const auto n = written(text);
  if (!n) return std::nullopt;  // AMP1-TYPE-026
  d.digits = without_front_zeros(n->digits);
  d.exponent = n->exponent;
  if (std::abs(d.exponent) > most_exponent) return std::nullopt;  // AMP1-TYPE-061
  if (on(decimal_through_double)) {
    const std::string shortest = print_float(parse_float(text, {}).value_or(0), {});
    const auto again = written(shortest);
    if (again) d.digits = without_front_zeros(again->digits), d.exponent = again->exponent;
  }
  if (on(decimal_normalised)) {
    while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back(), ++d.exponent;
    if (d.digits == "0") d.exponent = 0;
  }
  if (on(decimal_expanded) && d.exponent > 0 && d.exponent < 100) {
    d.digits = without_front_zeros(d.digits + std::string(static_cast<std::size_t>(d.exponent), '0'));
    d.exponent = 0;
  }
  if (on(decimal_zero_sign_lost) && d.digits == "0") d.negative = false;
  if (on(decimal_zero_exponent_lost) && d.digits == "0") d.exponent = 0;
  if (on(decimal_rounded_to_28_digits)) round_digits(d.digits, d.exponent, 28);
  if (on(decimal_exponent_clamped) && d.exponent > 6144) d.what = form::infinity;
  return d;
}

/// The form "to-scientific-string" of General Decimal Arithmetic (AMP1-TYPE-024).
std::string print_decimal(const decimal& d, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  using form = decimal::form;
  const std::string sign = sign_of(d.negative);
  if (d.what == form::infinity) return sign + (on(prints_decimal_infinity_short) ? "inf" : "Infinity");
  if (d.what == form::nan || (d.what == form::signalling && on(prints_decimal_snan_as_nan)))
    return sign + "NaN" + d.digits;
  if (d.what == form::signalling) return sign + "sNaN" + d.digits;

  const std::int64_t first = d.exponent + static_cast<std::int64_t>(d.digits.size()) - 1;
  const bool small = std::abs(d.exponent) < 10000;
  std::string text;
  if (on(prints_decimal_plain) && small) {
    text = d.digits + std::string(static_cast<std::size_t>(std::max<std::int64_t>(d.exponent, 0)), '0');
    text = with_point(without_front_zeros(text), static_cast<std::size_t>(std::max<std::int64_t>(-d.exponent, 0)));
  } else if (on(prints_decimal_coefficient)) {
    text = d.digits + "E" + std::to_string(d.exponent);
  } else if (d.exponent <= 0 && first >= -6) {
    text = with_point(d.digits, static_cast<std::size_t>(-d.exponent));
  } else {
    const std::string plus = first > 0 && !on(prints_decimal_without_plus) ? "+" : "";
    text = with_point(d.digits, d.digits.size() - 1) + (on(prints_decimal_lower_e) ? "e" : "E") + plus +
           std::to_string(first);
  }
  if (on(prints_decimal_comma)) text = replaced(text, '.', ',');
  return sign + text;
}

}  // namespace ampspec::naive
