// Makes texts of typed values, most of them right or wrong by little.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/typed_values.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace ampspec::fuzz {

using wire::value_kind;

bool is_beyond_naive(const wire::value& v) {
  if (const auto* f = std::get_if<wire::float_value>(&v.is)) return (f->bits << 1) == 0xffe0000000000000u;
  if (const auto* d = std::get_if<wire::decimal_value>(&v.is))
    return d->exponent > 999'999'999 || d->exponent < -999'999'999;
  if (const auto* items = std::get_if<wire::list_value>(&v.is)) {
    for (const auto& item : *items) {
      if (is_beyond_naive(item)) return true;
    }
  }
  if (const auto* records = std::get_if<wire::records_value>(&v.is)) {
    for (const auto& record : *records) {
      for (const auto& field : record) {
        if (is_beyond_naive(field.is)) return true;
      }
    }
  }
  return false;
}

std::string made_text(value_kind kind, maker& from) {
  constexpr std::array<std::string_view, 16> digits{"",
                                                    "0",
                                                    "6",
                                                    "1",
                                                    "7",
                                                    "10",
                                                    "007",
                                                    "4503599627370497",
                                                    "308",
                                                    "309",
                                                    "324",
                                                    "325",
                                                    "17976931348623157",
                                                    "49406564584124654",
                                                    "5",
                                                    "18446744073709551616"};
  constexpr std::array<std::string_view, 8> between{"", "", "", "+", "-", " ", "_", "E"};
  const auto some = [&](const auto& of) { return std::string(of[from.below(of.size())]); };
  std::string made;
  if (kind == value_kind::datetime) {
    constexpr std::array<int, 10> years{0, 1, 1900, 2000, 2011, 2012, 2100, 9999, 4, 1970};
    constexpr std::array<int, 8> hours{0, 1, 23, 12, 14, 24, 60, 99};
    // Mostly all of the time of day is right: else nobody looks at the date.
    const std::size_t some_hours = from.below(4) == 1 ? hours.size() : 5;
    const auto put = [&](std::size_t size, int n) {
      const std::string text = std::to_string(n);
      made.append(size > text.size() ? size - text.size() : 0, '0').append(text);
    };
    put(4, years[from.below(years.size())]);
    made += '-';
    const std::size_t month = from.octet();
    put(2, month < 0x40 ? 2 : static_cast<int>(month % 14));
    made += '-';
    put(2, from.flag() ? 29 : static_cast<int>(from.below(33)));
    made += from.below(16) == 1 ? ' ' : 'T';
    for (int i = 0; i < 3; ++i) {
      put(2, hours[from.below(some_hours)]);
      made += i < 2 ? ':' : '.';
    }
    put(6, from.octet() * 3921);
    made += from.flag() ? '-' : '+';
    put(2, hours[from.below(some_hours)]);
    made += ':';
    put(2, hours[from.below(some_hours)]);
    return made;
  }
  if (kind == value_kind::text ||
      kind == value_kind::path) {  // characters beside the limits of UTF-8, and what is none
    using namespace std::string_view_literals;
    constexpr std::array characters{"a"sv,
                                    "\0"sv,
                                    "\x7f"sv,
                                    "\x80"sv,
                                    "\xc1\xbf"sv,
                                    "\xc2\x80"sv,
                                    "\xe0\x9f\xbf"sv,
                                    "\xe0\xa0\x80"sv,
                                    "\xed\x9f\xbf"sv,
                                    "\xed\xa0\x80"sv,
                                    "\xed\xbf\xbf"sv,
                                    "\xee\x80\x80"sv,
                                    "\xf0\x90\x80\x80"sv,
                                    "\xf4\x8f\xbf\xbf"sv,
                                    "\xf4\x90\x80\x80"sv,
                                    "\xe2\x82"sv};
    for (std::size_t left = from.below(4); left > 0; --left) made += characters[from.below(characters.size())];
    return made;
  }
  constexpr std::array<std::string_view, 6> words{"inf", "Infinity", "nan", "sNaN12", "NaN", "-inf"};
  if (from.below(8) == 1) return some(words) + std::string(from.take(from.below(3)));
  const std::size_t form = from.below(8);
  if (form == 1) {  // about as many zeros as the exponent takes away
    made.append(20 * from.below(20), '0');
    return made.append(some(digits)).append("e-").append(std::to_string(300 + from.below(64)));
  }
  if (form == 2) return some(between) + some(digits) + "E-" + std::to_string(from.below(12));
  made = some(between) + some(digits);
  if (from.flag()) made += "." + some(digits);
  if (from.flag()) made += (from.flag() ? "e" : "E") + some(between) + some(digits);
  return made + some(between);
}

}  // namespace ampspec::fuzz
