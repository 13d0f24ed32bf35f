// Property: typed values are read as the naive implementation reads them, and what is printed of them says the same.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/support/typed_values.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/schema.hpp"
#include "reference/naive/types.hpp"
#include "reference/peer/naive_values.hpp"

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

// What is wrong in an element is told where it lies in the list, if the elements themselves are whole.
void hold_place(const value_type& element, std::string_view octets, std::uint64_t told) {
  std::vector<std::string_view> elements;
  for (auto rest = octets; !rest.empty();) {
    if (rest.size() < 2) return;
    const std::size_t size =
        std::size_t{static_cast<unsigned char>(rest[0])} << 8 | static_cast<unsigned char>(rest[1]);
    if (size > rest.size() - 2) return;
    elements.push_back(rest.substr(2, size));
    rest.remove_prefix(2 + size);
  }
  for (const auto one : elements) {
    const auto read = amp::parse_value(element, one);
    if (read) continue;
    const auto at = static_cast<std::uint64_t>(one.data() - octets.data());
    AMPSPEC_ORACLE("model", told == at + read.error().offset);  // AMP1-TYPE-040
    return;
  }
}

void hold(const value_type& type, const std::string& octets) {
  const auto strict = amp::parse_value(type, octets);
  const auto lenient = amp::parse_value(type, octets, {amp::profile::lenient, 16});
  const auto naive_type = peer::to_naive(type);
  const auto plain = naive::parse(naive_type, octets);

  if (strict) AMPSPEC_ORACLE("model", lenient && wire::same_value(*strict, *lenient));
  if (!strict) {
    AMPSPEC_ORACLE("model", strict.error().offset <= octets.size());
    if (type.kind == value_kind::list) hold_place(type.element.front(), octets, strict.error().offset);
  }
  if (plain) {
    // The naive implementation reads some forms as the lenient profile does (reference/naive/types.hpp).
    AMPSPEC_ORACLE("differential", lenient && wire::same_value(*lenient, peer::from_naive(type, *plain)));
    const bool has_lax_forms = octets.find_first_of("_ \t\n\r\f\v") != std::string::npos;
    AMPSPEC_ORACLE("differential", strict || has_lax_forms);
  } else {
    AMPSPEC_ORACLE("differential", !strict || is_beyond_naive(*strict));
  }
  if (!strict) return;

  if (const auto* integer = std::get_if<wire::integer_value>(&strict->is)) {  // AMP1-TYPE-002
    const auto number = amp::to_int64(integer->digits);
    const std::string limit = integer->digits.starts_with('-') ? "-9223372036854775808" : "9223372036854775807";
    const auto beyond =
        integer->digits.size() == limit.size() ? integer->digits > limit : integer->digits.size() > limit.size();
    AMPSPEC_ORACLE("model", number.ok() == !beyond);
    std::string again;
    if (number) amp::print_integer(*number, again);
    AMPSPEC_ORACLE("round-trip", beyond || again == integer->digits);
  }
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

// A value as made_text makes those of plain types; of lists, a few such values behind their lengths.
std::string made_value(const value_type& type, maker& from) {
  if (type.kind != value_kind::list) return made_text(type.kind, from);
  std::string made;
  for (std::size_t n = from.below(5); n > 0; --n) {
    const std::string one = made_value(type.element.front(), from);
    made.append({static_cast<char>(one.size() >> 8), static_cast<char>(one.size())});
    made += one;
  }
  return made;
}

}  // namespace

// Input: the type, and octets; or, if the top bit of the first octet is set, what some values are made of.
void amp_types(std::string_view input) {
  maker from(input);
  if (from.empty()) return;
  const std::uint8_t first = from.octet();
  const value_type& type = types()[(first & 0x7f) % types().size()];
  if ((first & 0x80) == 0) return hold(type, std::string(from.rest()));
  hold(type, made_value(type, from));
  constexpr std::size_t plain_types = 8, most = 8;
  for (std::size_t more = 1; more < most && !from.empty(); ++more) {
    const value_type& next = types()[from.below(plain_types)];
    hold(next, made_text(next.kind, from));
  }
}

}  // namespace ampspec::fuzz
