// Typed values in exact, language-independent form: what vectors, adapters and implementations tell each other of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ampspec::wire {

enum class value_kind {
  integer,
  bytes,
  text,
  boolean,
  floating,
  decimal,
  datetime,
  path,
  list,
  records,
  big,     ///< bytes or text over several keys of a box: name, name.2, name.3, ... (AMP1-BIGSTR-001)
  flocker  ///< the same over name.0, name.1, ... (AMP1-BIGSTR-014)
};

struct value_field;
using value_schema = std::vector<value_field>;

/// A type of values; `element` holds exactly one type for a list, and bytes or text for a value over several keys,
/// whose values are those of `element`; `fields` is the schema of records.
struct value_type {
  value_kind kind = value_kind::bytes;
  std::vector<value_type> element;
  value_schema fields;
  /// True for values over several keys, which stand in a box and nowhere else.
  bool is_big() const { return kind == value_kind::big || kind == value_kind::flocker; }
};

struct value_field {
  std::string name;  ///< octets
  value_type type;
  bool optional = false;
};

/// An integer of any size as `-?DIGITS` without needless zeros. `-?DIGITS.DIGITS` is a number that is not whole: it may
/// be handed to a printer, which must refuse it; no parser gives it.
struct integer_value {
  std::string digits = "0";
  bool operator==(const integer_value&) const = default;
};

/// Code points, among them lone surrogates (U+D800 to U+DFFF) where a printer is to refuse them.
struct text_value {
  std::u32string code_points;
  bool operator==(const text_value&) const = default;
};

/// The bits of an IEEE double. Compared bit for bit; see `same_value` for nan.
struct float_value {
  std::uint64_t bits = 0;
  bool is_nan() const { return (bits & 0x7fffffffffffffff) > 0x7ff0000000000000; }
  bool operator==(const float_value&) const = default;
};

/// The number (-1)^negative * digits * 10^exponent, digits and exponent exactly as held (General Decimal Arithmetic).
struct decimal_value {
  enum class form { finite, infinity, nan, signalling };
  form what = form::finite;
  bool negative = false;
  std::string digits = "0";  ///< without leading zeros, but "0"; of a nan the payload, empty if it has none
  std::int64_t exponent = 0;
  bool operator==(const decimal_value&) const = default;
};

/// Fields of the local time. `offset` is local time less UTC, in seconds. A printer may be handed fields that the type
/// can't say, and no offset; it must refuse them.
struct datetime_value {
  std::int64_t year = 1;
  int month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int microsecond = 0;  ///< 0 to 999,999
  int nanosecond = 0;   ///< behind the microsecond, 0 to 999
  std::optional<std::int64_t> offset;
  bool operator==(const datetime_value&) const = default;
};

struct value;
struct named_value;
/// Names that are present, in any order; no name stands twice.
using record_value = std::vector<named_value>;
using list_value = std::vector<value>;
using records_value = std::vector<record_value>;

/// A value of some type: bytes are a std::string, paths a text_value.
struct value {
  std::variant<integer_value, std::string, text_value, bool, float_value, decimal_value, datetime_value, list_value,
               records_value>
      is;
};

struct named_value {
  std::string name;  ///< octets
  value is;
};

/// Equal, any nan like any other, and records whatever the order of their names.
bool same_value(const value&, const value&);
bool same_record(const record_value&, const record_value&);

/// The word of a kind without parts (`integer`, `float`, ...); empty for those with parts.
std::string_view word_of(value_kind);
std::optional<value_kind> kind_of(std::string_view word);

/// `-?DIGITS`, or with `fractions` also `-?DIGITS.DIGITS`; nothing if it is neither.
std::optional<integer_value> integer_from(std::string_view, bool fractions);
/// `-150e-2`, `inf`, `-nan123`, `snan`: see docs/vector-format.md.
std::optional<decimal_value> decimal_from(std::string_view);
std::string notation_of(const decimal_value&);
/// 16 hexadecimal digits.
std::optional<float_value> float_from_bits(std::string_view hex);
std::string bits_of(const float_value&);

/// UTF-8 of the code points; surrogates are written like other code points of three octets, which is no UTF-8.
std::string loose_utf8(std::u32string_view);
/// The code points of valid UTF-8, nothing if it is none.
std::optional<std::u32string> code_points_of(std::string_view utf8);

}  // namespace ampspec::wire
