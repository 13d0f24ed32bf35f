// What parses and prints the types one by one; types.hpp puts them together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::naive {

/// `-?DIGITS` without needless zeros.
std::optional<std::string> parse_integer(std::string_view, const faults&);
std::optional<std::string> print_integer(const std::string& digits, const faults&);

/// The bits of the nearest double, of two equally near ones that whose last bit is 0.
std::optional<std::uint64_t> parse_float(std::string_view, const faults&);
/// The shortest digits that are read back as the same double.
std::string print_float(std::uint64_t bits, const faults&);

std::optional<decimal> parse_decimal(std::string_view, const faults&);
std::string print_decimal(const decimal&, const faults&);

std::optional<datetime> parse_datetime(std::string_view, const faults&);
std::optional<std::string> print_datetime(datetime, const faults&);

/// A decimal number as it is written: [sign] digits [. digits] [e [sign] digits], a digit in front of the `e` at least.
struct written_number {
  bool negative = false;
  std::string digits;         ///< before and behind the point, at least one
  std::int64_t exponent = 0;  ///< of ten, of the last digit; beyond 10^15 it stops counting
};
std::optional<written_number> written(std::string_view);

std::string without_front_zeros(std::string_view digits);
/// The digits of U+0660 to U+0669 in UTF-8 as ASCII: what only faults do.
std::string with_ascii_digits(std::string_view);

}  // namespace ampspec::naive
