// Property: boxes are read and written by a schema as the naive implementation does it, and values say what they hold.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/support/typed_values.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/schema.hpp"
#include "reference/naive/big_string.hpp"
#include "reference/naive/types.hpp"
#include "reference/peer/naive_values.hpp"
#include "reference/wire/hex.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

using wire::value_kind;
using wire::value_schema;
using wire::value_type;

// --- what an input is made of ---

value_type a_type(maker& from, int depth) {
  constexpr std::array<value_kind, 8> plain{value_kind::integer,  value_kind::text,    value_kind::boolean,
                                            value_kind::floating, value_kind::decimal, value_kind::datetime,
                                            value_kind::path,     value_kind::bytes};
  const std::size_t how = from.below(depth == 0 ? 14 : depth < 3 ? 11 : 8);
  if (how < 8) return {plain[how], {}, {}};
  if (how < 10) return {value_kind::list, {a_type(from, depth + 1)}, {}};
  if (how == 10) {
    value_schema fields;
    constexpr std::array<std::string_view, 3> names{"a", "b", "c"};
    for (std::size_t i = 0, count = 1 + from.below(3); i < count; ++i) {
      auto type = a_type(from, depth + 1);
      fields.push_back({std::string(names[i]), std::move(type), from.flag()});
    }
    return {value_kind::records, {}, std::move(fields)};
  }
  const value_kind inside = from.flag() ? value_kind::bytes : value_kind::text;
  return {how < 13 ? value_kind::big : value_kind::flocker, {{inside, {}, {}}}, {}};
}

value_schema a_schema(maker& from) {
  constexpr std::array<std::string_view, 16> names{"a", "b", "c",    "name",   "a-b",         "A",      "a.2", "a.0",
                                                   "d", "e", "b.10", "b.0010", "_error_code", "_other", "",    "_ask"};
  value_schema made;
  for (std::size_t count = 1 + from.below(4); made.size() < count;) {
    const std::size_t which = from.octet();
    // Names that no schema may have are rare: behind such a one nothing else is looked at.
    std::string name(names[which < 0xe0 ? which % 12 : which % names.size()]);
    if (which == 0xdf) name = std::string(255 + from.below(2), 'n');
    auto type = a_type(from, 0);
    made.push_back({std::move(name), std::move(type), from.flag()});
  }
  return made;
}

std::string octets_of(const value_type& type, maker& from, int depth);

naive::box some_fields(const value_schema& schema, maker& from, int depth) {
  naive::box pairs;
  std::set<std::string> keys;
  const auto add = [&](const std::string& key, std::string value) {
    if (key.size() <= naive::max_key && keys.insert(key).second) pairs.emplace_back(key, std::move(value));
  };
  for (const auto& field : schema) {
    const std::size_t how = from.octet();
    if (how % 16 == 1) continue;
    if (how % 32 == 2) add("z", "ignored");
    if (!field.type.is_big()) {
      add(field.name, octets_of(field.type, from, depth));
      continue;
    }
    const bool is_big = field.type.kind == value_kind::big;
    for (std::size_t i = 0, count = 1 + (how >> 5) % 4; i < count; ++i) {
      const std::size_t number = i + (i > 0 && how >= 0xe0 ? 1 : 0);  // rarely with a gap
      std::string key = field.name;
      if (!is_big || i > 0) key += "." + std::to_string(is_big ? number + 1 : number);
      const std::string text(from.take(from.below(6)));
      add(key, text);
    }
  }
  return pairs;
}

std::string octets_of(const value_type& type, maker& from, int depth) {
  std::string made;
  const auto element = [&](const std::string& octets) {
    made += {static_cast<char>(octets.size() >> 8), static_cast<char>(octets.size())};
    made += octets;
  };
  if (type.kind == value_kind::list && depth < 6) {
    for (std::size_t n = from.below(4); n > 0; --n) element(octets_of(type.element.front(), from, depth + 1));
    return made;
  }
  if (type.kind == value_kind::records && depth < 6) {
    for (std::size_t n = from.below(3); n > 0; --n) {
      made += naive::encode(some_fields(type.fields, from, depth + 1)).bytes;
    }
    return made;
  }
  const std::size_t how = from.below(8);
  if (how == 1) return std::string(from.take(from.below(24)));
  if (how == 2) return made_text(type.kind, from);
  switch (type.kind) {  // right ones
    case value_kind::boolean:
      return from.flag() ? "True" : "False";
    case value_kind::integer:
      return std::to_string(from.octet() - 128);
    case value_kind::floating:
      made = std::to_string(from.octet()) + ".";
      return made + std::to_string(from.octet());
    case value_kind::decimal:
      made = std::to_string(from.octet()) + "E";
      return made + std::to_string(from.octet() - 128);
    case value_kind::datetime:
      return "2012-01-23T12:34:56." + std::to_string(100'000 + from.octet()) + "-01:23";
    default:
      return std::string(from.take(from.below(8)));
  }
}

// A value as a program may hand it to a printer: of the type, but not always one that it can say.
wire::value a_value(const value_type& type, maker& from, int depth = 0) {
  switch (type.kind) {
    case value_kind::integer: {
      constexpr std::array<std::string_view, 8> texts{"0", "1",    "-1", "1.5", "-0.5", "18446744073709551616",
                                                      "7", "10.25"};
      return {wire::integer_value{std::string(texts[from.below(8)])}};
    }
    case value_kind::bytes:
      return {from.text()};
    case value_kind::text:
    case value_kind::path: {
      constexpr std::array<char32_t, 8> points{U'a', U'/', 0xe9, 0x20ac, 0x10ffff, 0xd800, 0xdfff, 0};
      std::u32string made;
      for (std::size_t n = from.below(5); n > 0; --n) made += points[from.below(from.below(4) == 1 ? 8 : 5)];
      return {wire::text_value{made}};
    }
    case value_kind::boolean:
      return {from.flag()};
    case value_kind::floating: {
      std::uint64_t bits = 0;
      for (const char c : from.take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
      return {wire::float_value{bits}};
    }
    case value_kind::decimal: {
      using form = wire::decimal_value::form;
      constexpr std::array<std::int64_t, 8> exponents{0, 1, -1, -6, -7, 999'999, -2000, 5};
      wire::decimal_value made;
      const std::size_t how = from.below(8);
      made.negative = from.flag();
      made.digits = std::to_string(from.octet() * (how == 7 ? 100'001 : 1));
      if (how > 2) made.exponent = exponents[from.below(8)];
      if (how == 0) made.what = form::infinity, made.digits = "0";
      if (how == 1) made.what = form::nan;
      if (how == 2) made.what = form::signalling;
      if ((how == 1 || how == 2) && made.digits == "0") made.digits = "";
      return {made};
    }
    case value_kind::datetime: {
      const auto beside = [&](int low, int high) {
        const std::size_t which = from.octet();
        return which >= 0xf8 ? (which % 2 == 0 ? low - 1 : high + 1) : low + static_cast<int>(which) % (high - low + 1);
      };
      wire::datetime_value made;
      made.year = beside(1, 9999), made.month = beside(1, 12), made.day = beside(1, 31), made.hour = beside(0, 23);
      made.minute = beside(0, 59), made.second = beside(0, 59), made.microsecond = beside(0, 999'999);
      if (depth == 0 && from.below(8) == 1) made.nanosecond = 1;
      constexpr std::array<std::int64_t, 8> offsets{0, 60, -60, 3600, 86'340, -86'340, 30, 360'000};
      const std::size_t offset = from.below(9), last = depth == 0 ? 8 : 6;  // inside of lists right ones
      if (offset < 8) made.offset = offsets[offset % last];
      return {made};
    }
    case value_kind::list: {
      wire::list_value made;
      for (std::size_t n = from.below(4); n > 0; --n) made.push_back(a_value(type.element.front(), from, depth + 1));
      return {made};
    }
    case value_kind::records: {
      wire::records_value made;
      for (std::size_t n = from.below(3); n > 0; --n) {
        wire::record_value record;
        for (const auto& f : type.fields) {
          if (from.below(8) != 1) record.push_back({f.name, a_value(f.type, from, depth + 1)});
        }
        if (from.below(16) == 1) record.push_back({"z", {std::string("z")}});
        made.push_back(std::move(record));
      }
      return {made};
    }
    case value_kind::big:
    case value_kind::flocker:
      break;
  }
  return a_value(type.element.front(), from, depth);
}

// --- what must hold ---

amp::box boxed(const naive::box& pairs) {
  amp::box box;
  for (const auto& [key, value] : pairs) box.add(key, value);
  return box;
}

naive::big_names names_of(const value_type& type) {
  return type.kind == value_kind::big ? naive::big_names::from_two : naive::big_names::from_zero;
}

// The class of what is wrong with a schema, rule after rule.
std::string wrong_with(const value_schema& schema) {
  const std::set<std::string> reserved{"_ask", "_answer", "_command", "_error", "_error_code", "_error_description"};
  std::set<std::string> seen;
  for (const auto& field : schema) {
    if (reserved.contains(field.name)) return "reserved-key";
    if (field.name.empty()) return "empty-key";
    if (field.name.size() > naive::max_key) return "key-too-long";
    if (!seen.insert(field.name).second) return "duplicate-key";
  }
  for (const auto& field : schema) {
    for (const auto& other : schema) {
      if (field.type.is_big() && naive::is_chunk(other.name, field.name, names_of(field.type))) return "duplicate-key";
    }
  }
  return "";
}

// How many lists and records lie inside each other.
std::size_t depth_of(const wire::value& v) {
  std::size_t inside = 0;
  if (const auto* list = std::get_if<wire::list_value>(&v.is)) {
    for (const auto& one : *list) inside = std::max(inside, depth_of(one));
    return 1 + inside;
  }
  if (const auto* records = std::get_if<wire::records_value>(&v.is)) {
    for (const auto& record : *records) {
      for (const auto& field : record) inside = std::max(inside, depth_of(field.is));
    }
    return 1 + inside;
  }
  return 0;
}

bool has_code(const auto& result, amp::errc code) { return !result && result.error().code == code; }

// The short notations that vectors and adapters share say what a value holds.
void notations(const wire::value& v) {
  if (const auto* i = std::get_if<wire::integer_value>(&v.is)) {
    AMPSPEC_ORACLE("round-trip", wire::integer_from(i->digits, false) == *i);
  } else if (const auto* f = std::get_if<wire::float_value>(&v.is)) {
    AMPSPEC_ORACLE("round-trip", wire::float_from_bits(wire::bits_of(*f)) == *f);
  } else if (const auto* d = std::get_if<wire::decimal_value>(&v.is)) {
    AMPSPEC_ORACLE("round-trip", wire::decimal_from(wire::notation_of(*d)) == *d);
  } else if (const auto* t = std::get_if<wire::text_value>(&v.is)) {
    AMPSPEC_ORACLE("round-trip", wire::code_points_of(wire::loose_utf8(t->code_points)) == t->code_points);
  } else if (const auto* octets = std::get_if<std::string>(&v.is)) {
    AMPSPEC_ORACLE("round-trip", wire::from_hex(wire::to_hex(*octets)) == *octets);
  }
}

bool same_boxes(const naive::box& pairs) {
  const amp::box one = boxed(pairs);
  amp::box other;
  for (auto p = pairs.rbegin(); p != pairs.rend(); ++p) other.add(p->first, p->second);
  amp::box copy(one), assigned{{"k", "v"}};
  assigned = copy;
  copy.add("more", "");
  bool good = one == other && assigned == one && copy != one && one.size() == pairs.size();
  for (const auto& [key, value] : pairs) {
    amp::box changed(other);
    changed = amp::box(amp::box_view(changed));
    good = good && changed.find(key) == value &&
           one.find(key + "?").has_value() == naive::find(pairs, key + "?").has_value();
    amp::box swapped;
    for (const auto& [k, v] : pairs) swapped.add(k, k == key ? value + "x" : v);
    good = good && swapped != one;
  }
  return good;
}

// A record as a box, and what a printer must refuse of records that are nearly it.
void write(const value_schema& schema, const wire::record_value& record, amp::version version, maker& from) {
  const auto format = version == amp::version::v2 ? naive::format::amp2 : naive::format::amp1;
  const auto printed = amp::print_arguments(schema, record, version);
  const auto plainly = naive::print(peer::to_naive(schema), peer::to_naive(schema, record), {}, format);
  bool exact = true;
  for (const auto& field : schema) exact = exact && field.type.kind != value_kind::flocker;  // a choice: flocker-empty
  AMPSPEC_ORACLE("differential", printed.ok() == plainly.has_value() || !exact);
  if (!printed) return;
  const auto again = amp::parse_arguments(schema, *printed);
  AMPSPEC_ORACLE("round-trip", again && wire::same_record(*again, record));
  if (exact) {
    const auto theirs = amp::parse_arguments(schema, boxed(*plainly));
    AMPSPEC_ORACLE("differential", theirs && wire::same_record(*theirs, record));
    AMPSPEC_ORACLE("differential", printed->size() == plainly->size());
    for (std::size_t i = 0; i < plainly->size(); ++i) {
      AMPSPEC_ORACLE("differential", printed->pairs()[i].key == (*plainly)[i].first);
    }
  }
  wire::record_value more = record;
  more.push_back({"no such name", {true}});
  AMPSPEC_ORACLE("model", has_code(amp::print_arguments(schema, more, version), amp::errc::unknown_argument));
  if (record.empty()) return;
  const std::size_t which = from.below(record.size());
  const auto field =
      std::find_if(schema.begin(), schema.end(), [&](const auto& f) { return f.name == record[which].name; });
  wire::record_value fewer = record;
  fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(which));
  const auto without = amp::print_arguments(schema, fewer, version);
  AMPSPEC_ORACLE("model", field->optional ? without.ok() : has_code(without, amp::errc::missing_argument));
  wire::record_value other = record;
  if (field->type.kind == value_kind::boolean) {
    other[which].is.is = std::string("True");
  } else {
    other[which].is.is = true;
  }
  AMPSPEC_ORACLE("model", has_code(amp::print_arguments(schema, other, version), amp::errc::bad_value));
}

void arguments(maker& from) {
  const auto version = from.flag() ? amp::version::v2 : amp::version::v1;
  const value_schema schema = a_schema(from);
  const std::string wrong = wrong_with(schema);
  const naive::box pairs = some_fields(schema, from, 0);
  const amp::box box = boxed(pairs);
  const auto strict = amp::parse_arguments(schema, box);
  const auto lenient = amp::parse_arguments(schema, box, {amp::profile::lenient, 16});
  const auto refused = amp::check(schema);
  AMPSPEC_ORACLE("model", (refused ? amp::class_word(refused->code) : "") == wrong);
  if (refused) {
    AMPSPEC_ORACLE("model", !strict && strict.error() == *refused && !lenient && lenient.error() == *refused);
    const auto printed = amp::print_arguments(schema, {}, version);
    AMPSPEC_ORACLE("model", !printed && printed.error() == *refused);
    return;
  }
  AMPSPEC_ORACLE("model", same_boxes(pairs));
  const auto plain = naive::parse(peer::to_naive(schema), pairs);
  if (strict) AMPSPEC_ORACLE("model", lenient && wire::same_record(*strict, *lenient));
  if (plain) {
    AMPSPEC_ORACLE("differential", lenient && wire::same_record(*lenient, peer::from_naive(schema, *plain)));
    const bool has_lax_forms = std::any_of(pairs.begin(), pairs.end(), [](const auto& p) {
      return p.second.find_first_of("_ \t\n\r\f\v") != std::string::npos;
    });
    AMPSPEC_ORACLE("differential", strict || has_lax_forms);
  } else if (strict) {
    AMPSPEC_ORACLE("differential", std::any_of(strict->begin(), strict->end(),
                                               [](const auto& field) { return is_beyond_naive(field.is); }));
    return;
  }
  if (!strict) return;
  std::size_t depth = 0;
  for (const auto& [name, is] : *strict) {
    depth = std::max(depth, depth_of(is));
    notations(is);
  }
  const std::size_t most = from.below(4);
  const auto limited = amp::parse_arguments(schema, box, {amp::profile::strict, most});
  AMPSPEC_ORACLE("limit", depth > most ? has_code(limited, amp::errc::nested_too_deep) : limited.ok());
  write(schema, *strict, version, from);
}

// One value that was not read of octets.
void values(maker& from) {
  const auto version = from.flag() ? amp::version::v2 : amp::version::v1;
  const auto format = version == amp::version::v2 ? naive::format::amp2 : naive::format::amp1;
  const value_type type = a_type(from, 1);
  wire::value made = a_value(type, from);
  AMPSPEC_ORACLE("model", wire::same_value(made, made));
  std::string printed = "before";
  const auto refused = amp::print_value(type, made, printed, version);
  if (auto* time = std::get_if<wire::datetime_value>(&made.is); time && time->offset && *time->offset % 60 != 0) {
    AMPSPEC_ORACLE("model", refused);  // AMP1-TYPE-064: the naive implementation takes the nearest minute
    return;
  }
  const auto plainly = naive::print(peer::to_naive(type), peer::to_naive(type, made), {}, format);
  AMPSPEC_ORACLE("differential", refused.has_value() == !plainly.has_value());
  if (refused) AMPSPEC_ORACLE("sticky", printed == "before");
  const std::size_t most = from.below(3);
  std::string shallow;
  const auto too_deep = amp::print_value(type, made, shallow, version, most);
  if (!refused) AMPSPEC_ORACLE("limit", too_deep.has_value() == (depth_of(made) > most));
  if (refused) return;
  if (auto* time = std::get_if<wire::datetime_value>(&made.is)) time->nanosecond = 0;  // is cut (AMP1-TYPE-058)
  const auto back = amp::parse_value(type, std::string_view(printed).substr(6));
  AMPSPEC_ORACLE("round-trip", back && wire::same_value(*back, made));
  const auto theirs = amp::parse_value(type, *plainly);
  AMPSPEC_ORACLE("round-trip", theirs && wire::same_value(*theirs, made));
  notations(*back);
}

// Notations as somebody may write them.
void notations(maker& from) {
  constexpr std::array<std::string_view, 16> pieces{
      "-", "0", "00", "12", ".", "e", "e-", "inf", "nan", "snan", "7", "9223372036854775807", "9223372036854775808",
      "x", "",  "e+"};
  std::string text;
  for (std::size_t n = from.below(6); n > 0; --n) text += pieces[from.below(pieces.size())];
  text += from.take(from.below(3));
  const auto digits_at = [&](std::size_t at) {
    std::size_t size = 0;
    while (at + size < text.size() && text[at + size] >= '0' && text[at + size] <= '9') ++size;
    return size;
  };
  const auto shortened = [&](std::size_t at, std::size_t size) {
    const std::string digits = text.substr(at, size);
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  };
  const std::size_t sign = text.starts_with('-') ? 1 : 0, whole = digits_at(sign), behind = sign + whole;
  // An integer, or with a point a number that is not whole.
  const std::size_t places = text.substr(behind).starts_with('.') ? digits_at(behind + 1) : 0;
  for (const bool fractions : {false, true}) {
    const auto got = wire::integer_from(text, fractions);
    const bool good =
        whole > 0 && (behind == text.size() || (fractions && places > 0 && behind + 1 + places == text.size()));
    AMPSPEC_ORACLE("model", got.has_value() == good);
    if (!good) continue;
    std::string want = shortened(sign, whole) + text.substr(behind);
    if (sign == 1 && want != "0") want.insert(0, 1, '-');
    AMPSPEC_ORACLE("model", got->digits == want);
  }
  // A decimal: digits and an exponent, or a word with a payload.
  const auto decimal = wire::decimal_from(text);
  const auto rest = text.substr(sign);
  bool good = rest == "inf";
  for (const std::size_t word : {rest.starts_with("nan") ? 3u : 0u, rest.starts_with("snan") ? 4u : 0u}) {
    if (word > 0) good = digits_at(sign + word) == rest.size() - word;
  }
  if (whole > 0 && text.substr(behind).starts_with('e')) {
    const std::size_t minus = text.substr(behind + 1).starts_with('-') ? 1 : 0, at = behind + 1 + minus;
    const std::size_t size = digits_at(at);
    good = size > 0 && at + size == text.size();
    const std::string exponent = good ? shortened(at, size) : "";
    const std::string limit = minus == 1 ? "9223372036854775808" : "9223372036854775807";
    good = good && (exponent.size() < limit.size() || (exponent.size() == limit.size() && exponent <= limit));
    if (good && decimal) AMPSPEC_ORACLE("model", decimal->digits == shortened(sign, whole));
  }
  AMPSPEC_ORACLE("model", decimal.has_value() == good);
  if (decimal) AMPSPEC_ORACLE("round-trip", wire::decimal_from(wire::notation_of(*decimal)) == *decimal);
  // Octets and bits.
  const std::string hex(from.take(18));
  const auto octets = wire::from_hex(hex);
  std::string digits;
  bool all = true;
  for (const char c : hex) {
    if (std::string_view(" \n\r\t").find(c) != std::string_view::npos) continue;
    all = all && std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos;
    digits += c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  }
  AMPSPEC_ORACLE("model", octets.has_value() == (all && digits.size() % 2 == 0));
  if (octets) AMPSPEC_ORACLE("model", wire::to_hex(*octets) == digits);
  const auto bits = wire::float_from_bits(hex);
  AMPSPEC_ORACLE("model", bits.has_value() == (all && hex.size() == 16 && digits.size() == 16));
  if (bits) AMPSPEC_ORACLE("model", wire::bits_of(*bits) == digits);
  const auto kind = wire::kind_of(hex);
  AMPSPEC_ORACLE("model", !kind || wire::word_of(*kind) == hex);
  const auto points = wire::code_points_of(text + hex);
  AMPSPEC_ORACLE("model", !points || wire::loose_utf8(*points) == text + hex);
}

}  // namespace

// Input: one octet that chooses, and what a schema and a box, a value or a notation is made of.
void amp_arguments(std::string_view input) {
  maker from(input);
  const std::size_t how = from.below(8);
  if (how == 7) return notations(from);
  if (how >= 5) return values(from);
  arguments(from);
}

}  // namespace ampspec::fuzz
