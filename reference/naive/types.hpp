// Typed argument values a second time: slow and plain, each text form written out as the specification tells it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/faults.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

enum class kind { integer, bytes, text, boolean, floating, decimal, datetime, path, list, records, big, flocker };

struct argument;
using argument_list = std::vector<argument>;

struct argument_type {
  kind is = kind::bytes;
  std::vector<argument_type> element;  ///< of a list: one; of a value over several keys: bytes or text
  argument_list fields;                ///< of records
};

struct argument {
  std::string name;
  argument_type type;
  bool optional = false;
};

/// (-1)^negative * digits * 10^exponent; of a nan the digits are its payload, empty if it has none.
struct decimal {
  enum class form { finite, infinity, nan, signalling };
  form what = form::finite;
  bool negative = false;
  std::string digits = "0";  ///< no needless zeros in front
  std::int64_t exponent = 0;
};

/// Fields of the local time; `offset` is local time less UTC in seconds.
struct datetime {
  std::int64_t year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t microsecond = 0, nanosecond = 0;
  std::optional<std::int64_t> offset;
};

struct named_value;
/// Names that are present, with their values.
using typed_record = std::vector<named_value>;

/// A value of any type; only the member of its kind means something.
struct typed_value {
  std::string digits;      ///< integer: `-?DIGITS`; to be printed also `-?DIGITS.DIGITS`, a number that is not whole
  std::string octets;      ///< bytes
  std::u32string text;     ///< text, path: code points; to be printed also lone surrogates
  bool truth = false;      ///< boolean
  std::uint64_t bits = 0;  ///< floating: of the IEEE double
  decimal number;          ///< decimal
  datetime time;           ///< datetime
  std::vector<typed_value> items;     ///< list
  std::vector<typed_record> records;  ///< records
};

struct named_value {
  std::string name;
  typed_value value;
};

/// The value that these octets say, or nothing: they must be refused. Where the specification leaves two ways this
/// takes the lenient one: a plus sign, `-0`, other spellings of inf and nan, blanks and underscores in Float and
/// Decimal; but a Float beyond the largest double is refused.
std::optional<typed_value> parse(const argument_type&, std::string_view octets, const faults& = {});
/// The octets of a value, or nothing if the type can't say it. In AMPv2 it may be longer than 65,535 octets, but what
/// lies in a list or a record may not.
std::optional<std::string> print(const argument_type&, const typed_value&, const faults& = {}, format = format::amp1);

/// A box as the arguments of a command, or nothing; keys that are no argument are ignored.
std::optional<typed_record> parse(const argument_list&, const box&, const faults& = {});
/// The pairs of a record in the order of the schema, or nothing if a mandatory name is missing, a name is none of the
/// schema, or a value can't be said.
std::optional<box> print(const argument_list&, const typed_record&, const faults& = {}, format = format::amp1);

}  // namespace ampspec::naive
