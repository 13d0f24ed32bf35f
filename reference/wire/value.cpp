// Comparing typed values, and the short notations that vectors and adapters share.
// SPDX-License-Identifier: Apache-2.0
#include "reference/wire/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

namespace ampspec::wire {
namespace {

constexpr std::array<std::pair<value_kind, std::string_view>, 8> words{{{value_kind::integer, "integer"},
                                                                        {value_kind::bytes, "bytes"},
                                                                        {value_kind::text, "text"},
                                                                        {value_kind::boolean, "boolean"},
                                                                        {value_kind::floating, "float"},
                                                                        {value_kind::decimal, "decimal"},
                                                                        {value_kind::datetime, "datetime"},
                                                                        {value_kind::path, "path"}}};

bool all_digits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string without_zeros(std::string_view digits) {
  const auto first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return std::string(digits.substr(first));
}

bool take(std::string_view& s, std::string_view front) {
  if (!s.starts_with(front)) return false;
  s.remove_prefix(front.size());
  return true;
}

}  // namespace

bool same_record(const record_value& a, const record_value& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& left) {
           return std::any_of(b.begin(), b.end(), [&](const auto& right) {
             return left.name == right.name && same_value(left.is, right.is);
           });
         });
}

bool same_value(const value& a, const value& b) {
  if (a.is.index() != b.is.index()) return false;
  return std::visit(
      [&](const auto& left) {
        using held = std::decay_t<decltype(left)>;
        const auto& right = std::get<held>(b.is);
        if constexpr (std::is_same_v<held, list_value>) {
          return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_value);
        } else if constexpr (std::is_same_v<held, records_value>) {
          return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_record);
        } else if constexpr (std::is_same_v<held, float_value>) {
          return left == right || (left.is_nan() && right.is_nan());
        } else {
          return left == right;
        }
      },
      a.is);
}

std::string_view word_of(value_kind kind) {
  for (const auto& [k, word] : words) {
    if (k == kind) return word;
  }
  return {};
}

std::optional<value_kind> kind_of(std::string_view word) {
  for (const auto& [kind, w] : words) {
    if (w == word) return kind;
  }
  return std::nullopt;
}

std::optional<integer_value> integer_from(std::string_view text, bool fractions) {
  std::string_view rest = text;
  const bool negative = take(rest, "-");
  const auto dot = fractions ? rest.find('.') : std::string_view::npos;
  const auto whole = rest.substr(0, dot);
  if (!all_digits(whole)) return std::nullopt;
  std::string digits = without_zeros(whole);
  if (dot != std::string_view::npos) {
    if (!all_digits(rest.substr(dot + 1))) return std::nullopt;
    digits += rest.substr(dot);
  }
  if (negative && digits != "0") digits.insert(0, 1, '-');
  return integer_value{std::move(digits)};
}

std::optional<decimal_value> decimal_from(std::string_view text) {
  using form = decimal_value::form;
  decimal_value made;
  made.negative = take(text, "-");
  if (text == "inf") {
    made.what = form::infinity;
    return made;
  }
  if (take(text, "snan")) {
    made.what = form::signalling;
  } else if (take(text, "nan")) {
    made.what = form::nan;
  }
  if (made.what != form::finite) {
    if (!text.empty() && !all_digits(text)) return std::nullopt;
    made.digits = text.empty() ? "" : without_zeros(text);
    return made;
  }
  const auto e = text.find('e');
  if (e == std::string_view::npos || !all_digits(text.substr(0, e))) return std::nullopt;
  made.digits = without_zeros(text.substr(0, e));
  const auto exponent = text.substr(e + 1);
  const auto [end, bad] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), made.exponent);
  if (exponent.empty() || bad != std::errc() || end != exponent.data() + exponent.size()) return std::nullopt;
  return made;
}

std::string notation_of(const decimal_value& d) {
  const std::string sign = d.negative ? "-" : "";
  switch (d.what) {
    case decimal_value::form::infinity:
      return sign + "inf";
    case decimal_value::form::nan:
      return sign + "nan" + d.digits;
    case decimal_value::form::signalling:
      return sign + "snan" + d.digits;
    case decimal_value::form::finite:
      break;
  }
  return sign + d.digits + "e" + std::to_string(d.exponent);
}

std::optional<float_value> float_from_bits(std::string_view hex) {
  float_value made;
  const auto [end, bad] = std::from_chars(hex.data(), hex.data() + hex.size(), made.bits, 16);
  if (hex.size() != 16 || bad != std::errc() || end != hex.data() + hex.size()) return std::nullopt;
  return made;
}

std::string bits_of(const float_value& f) {
  std::string hex(16, '0');
  for (std::size_t i = 0; i < 16; ++i) hex[i] = "0123456789abcdef"[f.bits >> (60 - 4 * i) & 0xf];
  return hex;
}

std::string loose_utf8(std::u32string_view points) {
  std::string out;
  out.reserve(points.size());
  const auto put = [&out](char32_t octet) { out += static_cast<char>(octet); };
  for (const char32_t c : points) {
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6);
      put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12);
      put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
      put(0x80 | (c >> 6 & 0x3f));
      put(0x80 | (c & 0x3f));
    }
  }
  return out;
}

std::optional<std::u32string> code_points_of(std::string_view utf8) {
  std::u32string points;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || size > utf8.size() - at) return std::nullopt;
    char32_t c = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
      const auto next = static_cast<unsigned char>(utf8[at + i]);
      if (next >> 6 != 2) return std::nullopt;
      c = c << 6 | (next & 0x3f);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};  // less is an overlong form
    if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return std::nullopt;
    points += c;
    at += size;
  }
  return points;
}

}  // namespace ampspec::wire
