// What the tests of typed values share: short names of types, and short pictures of values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/testing.hpp"
#include "reference/naive/types.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive::testing {

inline const argument_type an_integer{kind::integer, {}, {}}, some_bytes{kind::bytes, {}, {}},
    a_text{kind::text, {}, {}};
inline const argument_type a_boolean{kind::boolean, {}, {}}, a_float{kind::floating, {}, {}},
    a_path{kind::path, {}, {}};
inline const argument_type a_decimal{kind::decimal, {}, {}}, a_datetime{kind::datetime, {}, {}};
inline argument_type list_of(const argument_type& element) { return {kind::list, {element}, {}}; }
inline argument_type records_of(argument_list fields) { return {kind::records, {}, std::move(fields)}; }

/// ASCII as it is, other code points as <20ac>.
inline std::string shown(const std::u32string& text) {
  std::string all;
  for (char32_t c : text) {
    std::array<char, 16> hex{};
    std::snprintf(hex.data(), hex.size(), "<%x>", static_cast<unsigned>(c));
    all += c >= ' ' && c <= '~' ? std::string(1, static_cast<char>(c)) : std::string(hex.data());
  }
  return all;
}

inline std::string shown(const decimal& d) {
  const std::string sign = d.negative ? "-" : "";
  switch (d.what) {
    case decimal::form::finite:
      return sign + d.digits + "e" + std::to_string(d.exponent);
    case decimal::form::infinity:
      return sign + "inf";
    case decimal::form::nan:
      return sign + "nan" + d.digits;
    case decimal::form::signalling:
      return sign + "snan" + d.digits;
  }
  return "";
}

/// `2012-1-23 12:34:56.54321 -4980`: the numbers as they are held.
inline std::string shown(const datetime& t) {
  const auto n = [](std::int64_t number) { return std::to_string(number); };
  return n(t.year) + "-" + n(t.month) + "-" + n(t.day) + " " + n(t.hour) + ":" + n(t.minute) + ":" + n(t.second) + "." +
         n(t.microsecond) + " " + (t.offset ? n(*t.offset) : "none");
}

std::string shown(const argument_type&, const typed_value&);

/// `{x=1 note=}`.
inline std::string shown(const argument_list& fields, const typed_record& record) {
  std::string text;
  for (const argument& field : fields) {
    for (const auto& [name, value] : record) {
      if (name == field.name) text += (text.empty() ? "" : " ") + name + "=" + shown(field.type, value);
    }
  }
  return "{" + text + "}";
}

inline std::string shown(const argument_type& type, const typed_value& v) {
  std::string text;
  std::array<char, 20> hex{};
  switch (type.is) {
    case kind::integer:
      return v.digits;
    case kind::bytes:
      return shown(v.octets);
    case kind::text:
    case kind::path:
      return shown(v.text);
    case kind::boolean:
      return v.truth ? "true" : "false";
    case kind::floating:
      std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(v.bits));
      return hex.data();
    case kind::decimal:
      return shown(v.number);
    case kind::datetime:
      return shown(v.time);
    case kind::list:
      for (const typed_value& item : v.items)
        text += (&item == &v.items.front() ? "" : ", ") + shown(type.element.at(0), item);
      return "[" + text + "]" + (v.items.size() > 1 ? "" : "*" + std::to_string(v.items.size()));
    case kind::records:
      for (const typed_record& record : v.records) text += shown(type.fields, record);
      return "[" + text + "]";
    case kind::big:
    case kind::flocker:
      return shown(type.element.at(0), v);
  }
  return "";
}

inline std::string read(const argument_type& type, std::string_view octets, const faults& broken = {}) {
  const auto v = parse(type, octets, broken);
  return v ? shown(type, *v) : "refused";
}

inline std::string written_as(const argument_type& type, const typed_value& v, const faults& broken = {}) {
  const auto octets = print(type, v, broken);
  return octets ? shown(*octets) : "refused";
}

/// The value that these octets say, printed; they are read without faults.
inline std::string read_and_written(const argument_type& type, std::string_view octets, const faults& broken = {}) {
  const auto v = parse(type, octets);
  return v ? written_as(type, *v, broken) : "not read";
}

inline typed_value time_of(std::int64_t year, std::int64_t micro, std::int64_t nano,
                           std::optional<std::int64_t> offset) {
  typed_value v;
  v.time = {year, 1, 2, 3, 4, 59, micro, nano, offset};
  return v;
}

}  // namespace ampspec::naive::testing
