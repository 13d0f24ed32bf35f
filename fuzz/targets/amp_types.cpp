// Property: typed values are read as the naive implementation reads them, and what is printed of them says the same.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/schema.hpp"
#include "reference/naive/types.hpp"
#include "reference/peer/naive_values.hpp"

#include <array>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

using wire::value_kind;
using wire::value_type;

const std::vector<value_type>& types() {
  static const std::vector<value_type> all = [] {
    const auto plain = [](value_kind k) { return value_type{k, {}, {}}; };
    const auto list_of = [](value_type t) { return value_type{value_kind::list, {std::move(t)}, {}}; };
    const value_type records{value_kind::records,
                             {},
                             {{"a", plain(value_kind::integer), false},
                              {"b", plain(value_kind::text), true},
                              {"c", list_of(plain(value_kind::floating)), true}}};
    return std::vector<value_type>{plain(value_kind::integer),
                                   plain(value_kind::text),
                                   plain(value_kind::boolean),
                                   plain(value_kind::floating),
                                   plain(value_kind::decimal),
                                   plain(value_kind::datetime),
                                   plain(value_kind::path),
                                   plain(value_kind::bytes),
                                   list_of(plain(value_kind::integer)),
                                   list_of(list_of(plain(value_kind::bytes))),
                                   list_of(plain(value_kind::decimal)),
                                   records,
                                   list_of(records)};
  }();
  return all;
}

// Whether a value has something in it that the naive implementation does not hold: a Float beyond the largest double,
// which is infinite for the reference (AMP1-TYPE-023), or a Decimal whose exponent has ten digits (AMP1-TYPE-061: what
// an implementation holds is its own).
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

// A text that is nearly right for a type: numbers in several forms, times whose fields are beside their limits.
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
    constexpr std::array<int, 8> hours{0, 1, 23, 24, 12, 14, 60, 99};
    const auto put = [&](std::size_t size, int n) {
      const std::string text = std::to_string(n);
      made.append(size > text.size() ? size - text.size() : 0, '0').append(text);
    };
    put(4, years[from.below(years.size())]);
    made += '-';
    put(2, static_cast<int>(from.below(14)));
    made += '-';
    put(2, from.flag() ? 29 : static_cast<int>(from.below(33)));
    made += from.below(16) == 1 ? ' ' : 'T';
    for (int i = 0; i < 3; ++i) {
      put(2, hours[from.below(hours.size())]);
      made += i < 2 ? ':' : '.';
    }
    put(6, from.octet() * 3921);
    made += from.flag() ? '-' : '+';
    put(2, hours[from.below(hours.size())]);
    made += ':';
    put(2, hours[from.below(hours.size())]);
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

void hold(const value_type& type, const std::string& octets) {
  const auto strict = amp::parse_value(type, octets);
  const auto lenient = amp::parse_value(type, octets, {amp::profile::lenient, 16});
  const auto naive_type = peer::to_naive(type);
  const auto plain = naive::parse(naive_type, octets);

  if (strict) AMPSPEC_ORACLE("model", lenient && wire::same_value(*strict, *lenient));
  if (!strict) AMPSPEC_ORACLE("model", strict.error().offset <= octets.size());
  if (plain) {
    // The naive implementation reads some forms as the lenient profile does (reference/naive/types.hpp).
    AMPSPEC_ORACLE("differential", lenient && wire::same_value(*lenient, peer::from_naive(type, *plain)));
    const bool has_lax_forms = octets.find_first_of("_ \t\n\r\f\v") != std::string::npos;
    AMPSPEC_ORACLE("differential", strict || has_lax_forms);
  } else {
    AMPSPEC_ORACLE("differential", !strict || is_beyond_naive(*strict));
  }
  if (!strict) return;

  std::string printed;
  const auto refused = amp::print_value(type, *strict, printed);
  const auto plainly = naive::print(naive_type, peer::to_naive(type, *strict));
  AMPSPEC_ORACLE("differential", refused.has_value() == !plainly.has_value());
  if (refused) return;
  const auto again = amp::parse_value(type, printed);
  AMPSPEC_ORACLE("round-trip", again && wire::same_value(*again, *strict));
  // Some values have several right texts (the time zone of UTC, a Float); what the other one prints must be the same
  // value.
  const auto& inner = type.element.empty() ? type : type.element.front();
  if (inner.kind == value_kind::decimal || inner.kind == value_kind::integer) {
    AMPSPEC_ORACLE("differential", printed == *plainly);  // AMP1-TYPE-001, AMP1-TYPE-024
  }
  const auto theirs = amp::parse_value(type, *plainly);
  AMPSPEC_ORACLE("differential", theirs && wire::same_value(*theirs, *strict));
}

}  // namespace

// Input: the type, and octets; or, if the top bit of the first octet is set, what some values are made of.
void amp_types(std::string_view input) {
  maker from(input);
  if (from.empty()) return;
  const std::uint8_t first = from.octet();
  const value_type& type = types()[(first & 0x7f) % types().size()];
  if ((first & 0x80) == 0) return hold(type, std::string(from.rest()));
  hold(type, made_text(type.kind, from));
  constexpr std::size_t plain_types = 8, most = 8;
  for (std::size_t more = 1; more < most && !from.empty(); ++more) {
    const value_type& next = types()[from.below(plain_types)];
    hold(next, made_text(next.kind, from));
  }
}

}  // namespace ampspec::fuzz
