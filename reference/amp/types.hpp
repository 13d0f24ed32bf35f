// The argument types of AMPv1: the text of one value, read and written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/errc.hpp"
#include "reference/wire/failure.hpp"
#include "reference/wire/result.hpp"
#include "reference/wire/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// What a parser makes of forms that a conforming encoder never writes and that some implementations accept:
///
/// | form | strict | lenient |
/// |---|---|---|
/// | white space around numbers, `_` between digits (AMP1-TYPE-004, -022, -027) | refused | accepted |
/// | separators of a DateTime, its offset minutes above 59, its offset of a day or more (AMP1-TYPE-033) | refused |
/// accepted | | a list or records whose end is missing (AMP1-TYPE-041, -048) | refused | whole elements are kept |
///
/// Both accept `007` as 7 (AMP1-TYPE-005), `-0` as 0 (AMP1-TYPE-006), a plus sign, `.5`, `5.`, and the words of Float
/// and Decimal in any case (AMP1-TYPE-022, -027).
enum class profile { strict, lenient };

using decimal = wire::decimal_value;
using date_time = wire::datetime_value;

/// In every failure of this file `offset` counts from the first octet of the value; for a printer it is 0.
using maybe_failure = std::optional<wire::failure>;

/// An Integer of any size, as `0` or `-?[1-9][0-9]*`.
wire::result<std::string> parse_integer(std::string_view, profile = profile::strict);
/// The number that such digits say: `out_of_range` beyond 64 bits with sign, never a wrapped value (AMP1-TYPE-002).
wire::result<std::int64_t> to_int64(std::string_view digits);
/// Appends; refuses what is no whole number in canonical digits (AMP1-TYPE-007).
[[nodiscard]] maybe_failure print_integer(std::string_view digits, std::string& out);
void print_integer(std::int64_t, std::string& out);

/// Text and Path: valid UTF-8, nothing added, removed or normalised (AMP1-TYPE-013).
wire::result<std::string_view> parse_text(std::string_view);
[[nodiscard]] maybe_failure print_text(std::string_view utf8, std::string& out, version = version::v1);

wire::result<bool> parse_boolean(std::string_view);
void print_boolean(bool, std::string& out);

/// The nearest double, ties to even (AMP1-TYPE-063); beyond the largest one infinity (AMP1-TYPE-023).
wire::result<double> parse_float(std::string_view, profile = profile::strict);
/// The shortest decimal text that reads as the same double (AMP1-TYPE-016); `inf`, `-inf`, `nan`.
void print_float(double, std::string& out);

/// Exponents from -10^18 to 10^18, digits of any number; `out_of_range` beyond (AMP1-TYPE-061).
wire::result<decimal> parse_decimal(std::string_view, profile = profile::strict);
[[nodiscard]] maybe_failure print_decimal(const decimal&, std::string& out);

wire::result<date_time> parse_datetime(std::string_view, profile = profile::strict);
/// Nanoseconds are cut (AMP1-TYPE-058). Refuses fields that are no date or time, no offset (AMP1-TYPE-034), an offset
/// that is no whole number of minutes (AMP1-TYPE-064) or a day or more, years outside 1 to 9999 (AMP1-TYPE-058).
[[nodiscard]] maybe_failure print_datetime(const date_time&, std::string& out);

/// The elements of a ListOf, as views into it.
wire::result<std::vector<std::string_view>> parse_list(std::string_view, profile = profile::strict);
/// Appends one element; refuses an element that does not fit, or a list that would not (AMP1-TYPE-042). In version 2 a
/// list of any length fits, and elements are as in version 1 (AMP2-017).
[[nodiscard]] maybe_failure append_element(std::string_view element, std::string& list, version = version::v1);

/// The boxes of an AmpList.
wire::result<std::vector<box>> parse_records(std::string_view, profile = profile::strict);
/// Inner boxes are written by version 1, in which they are read (AMP2-018).
[[nodiscard]] maybe_failure append_record(box_view, std::string& list, version = version::v1);

}  // namespace ampspec::amp
