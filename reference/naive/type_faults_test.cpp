// What each fault of typed values changes: what is read or printed without it, and with it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/type_testing.hpp"

#include <functional>
#include <string>
#include <vector>

namespace ampspec::naive::testing {
namespace {

using observation = std::function<std::string(const options&)>;

/// These octets, read.
observation reads(const argument_type& type, const std::string& octets) {
  return [=](const options& with) { return read(type, octets, with.broken); };
}

/// The value of these octets, printed.
observation prints(const argument_type& type, const std::string& octets) {
  return [=](const options& with) { return read_and_written(type, octets, with.broken); };
}

observation prints_value(const argument_type& type, const typed_value& v) {
  return [=](const options& with) { return written_as(type, v, with.broken); };
}

observation size_printed(const argument_type& type, const typed_value& v) {
  return [=](const options& with) {
    const auto octets = print(type, v, with.broken);
    return octets ? std::to_string(octets->size()) : "refused";
  };
}

observation reads_box(const argument_list& fields, const box& pairs) {
  return [=](const options& with) {
    const auto record = parse(fields, pairs, with.broken);
    return record ? shown(fields, *record) : "refused";
  };
}

/// The record that is read of this box without faults, printed.
observation prints_box(const argument_list& fields, const box& pairs) {
  return [=](const options& with) {
    const auto out = print(fields, parse(fields, pairs).value(), with.broken);
    return out ? shown(*out) : "refused";
  };
}

observation prints_record(const argument_list& fields, const typed_record& record) {
  return [=](const options& with) {
    const auto out = print(fields, record, with.broken);
    return out ? shown(*out) : "refused";
  };
}

observation calls(const std::string& command, const box& arguments) {
  return [=](const options& with) {
    conversation c(with);
    c.call_typed(command, arguments, true);
    return shown(c);
  };
}

typed_value digits(const std::string& text) {
  typed_value v;
  v.digits = text;
  return v;
}
typed_value code_points(std::size_t n, char32_t c) {
  typed_value v;
  v.text = std::u32string(n, c);
  return v;
}
typed_value bits(std::uint64_t n) {
  typed_value v;
  v.bits = n;
  return v;
}
/// A list of one element of so many octets.
typed_value list_of_size(std::size_t n) {
  typed_value element, list;
  element.octets = std::string(n, 'x');
  list.items = {element};
  return list;
}

const argument_list x_note = {{"x", an_integer, false}, {"note", a_text, true}};
const argument_list all_optional = {{"t", a_text, true}, {"n", an_integer, true}};
const argument_list one_name(const std::string& name) { return {{name, a_text, true}}; }
const std::string x1 = hex("00 01 78 00 01 31 00 00"), x2 = hex("00 01 78 00 01 32 00 00");
const std::string smallest = "-9223372036854775808", above = "9223372036854775808";
const std::string time = "2012-01-23T12:34:56.054321-01:23";

std::string at(const std::string& date_and_time, const std::string& zone = "+00:00") {
  return date_and_time.substr(0, 19) + (date_and_time.size() > 19 ? date_and_time.substr(19) : ".000000") + zone;
}

std::vector<demonstration> numbers() {
  using enum fault;
  const std::string half = "1.00000000000000011102230246251565404236316680908203125", more = half.substr(0, 54) + "6";
  return {
      {integer_wraps_at_64_bits, reads(an_integer, above), above, smallest},
      {integer_wraps_at_32_bits, reads(an_integer, "4294967297"), "4294967297", "1"},
      {integer_saturates, reads(an_integer, above), above, "9223372036854775807"},
      {integer_smallest_refused, reads(an_integer, smallest), smallest, "refused"},
      {integer_sign_lost, reads(an_integer, "-7"), "-7", "7"},
      {integer_octal, reads(an_integer, "010"), "10", "8"},
      {integer_leading_zero_refused, reads(an_integer, "007"), "7", "refused"},
      {integer_hex_accepted, reads(an_integer, "0x10"), "refused", "16"},
      {integer_point_accepted, reads(an_integer, "1.0"), "refused", "1"},
      {integer_exponent_accepted, reads(an_integer, "1e3"), "refused", "1000"},
      {integer_empty_is_zero, reads(an_integer, ""), "refused", "0"},
      {integer_sign_alone_is_zero, reads(an_integer, "-"), "refused", "0"},
      {integer_cut_at_junk, reads(an_integer, hex("31 00")), "refused", "1"},
      {integer_true_is_one, reads(an_integer, "true"), "refused", "1"},
      {integer_foreign_digits_accepted, reads(an_integer, hex("d9 a1")), "refused", "1"},
      {integer_double_sign_accepted, reads(an_integer, "--1"), "refused", "1"},
      {integer_blanks_accepted, reads(an_integer, " 1"), "refused", "1"},
      {integer_underscores_accepted, reads(an_integer, "1_000"), "refused", "1000"},
      {prints_integer_with_plus, prints(an_integer, "7"), "7", "+7"},
      {prints_integer_padded, prints(an_integer, "-7"), "-7", "-07"},
      {prints_integer_grouped, prints(an_integer, "1234567"), "1234567", "1,234,567"},
      {prints_integer_through_double, prints(an_integer, "9007199254740993"), "9007199254740993", "9007199254740992"},
      {prints_integer_modulo_64_bits, prints(an_integer, above), above, smallest},
      {prints_fraction_truncated, prints_value(an_integer, digits("1.5")), "refused", "1"},
      {prints_fraction_with_point, prints_value(an_integer, digits("1.5")), "refused", "1.5"},

      {float_exponent_refused, reads(a_float, "1e0"), "3ff0000000000000", "refused"},
      {float_upper_e_refused, reads(a_float, "1E0"), "3ff0000000000000", "refused"},
      {float_plus_in_exponent_refused, reads(a_float, "1e+0"), "3ff0000000000000", "refused"},
      {float_trailing_point_refused, reads(a_float, "1."), "3ff0000000000000", "refused"},
      {float_whole_refused, reads(a_float, "1"), "3ff0000000000000", "refused"},
      {float_inf_refused, reads(a_float, "inf"), "7ff0000000000000", "refused"},
      {float_nan_refused, reads(a_float, "nan"), "7ff8000000000000", "refused"},
      {float_infinity_sign_lost, reads(a_float, "-inf"), "fff0000000000000", "7ff0000000000000"},
      {float_zero_sign_lost, reads(a_float, "-0.0"), "8000000000000000", "0000000000000000"},
      {float_hex_accepted, reads(a_float, "0x1p3"), "refused", "4020000000000000"},
      {float_comma_accepted, reads(a_float, "1,5"), "refused", "3ff8000000000000"},
      {float_nan_payload_accepted, reads(a_float, "nan(1)"), "refused", "7ff8000000000000"},
      {float_cut_at_junk, reads(a_float, "1.5f"), "refused", "3ff8000000000000"},
      {float_snan_accepted, reads(a_float, "snan"), "refused", "7ff8000000000000"},
      {float_empty_is_zero, reads(a_float, ""), "refused", "0000000000000000"},
      {float_overflow_is_largest, reads(a_float, "1e400"), "refused", "7fefffffffffffff"},
      {float_underflow_refused, reads(a_float, "1e-400"), "0000000000000000", "refused"},
      {float_truncates, reads(a_float, "9007199254740995"), "4340000000000002", "4340000000000001"},
      {float_ties_away, reads(a_float, "9007199254740993"), "4340000000000000", "4340000000000001"},
      {float_rounded_twice, reads(a_float, more), "3ff0000000000001", "3ff0000000000000"},
      {float_digits_ignored, reads(a_float, more), "3ff0000000000001", "3ff0000000000000"},
      {float_scaled_in_doubles, reads(a_float, "1e300"), "7e37e43c8800759c", "7e37e43c8800759d"},
      {float_subnormals_are_zero, reads(a_float, "5e-324"), "0000000000000001", "0000000000000000"},
      {float_through_single, reads(a_float, "0.1"), "3fb999999999999a", "3fb99999a0000000"},
      {prints_float_fixed, prints(a_float, "1.5"), "1.5", "1.50000000000000000"},
      {prints_float_six_digits, prints(a_float, "1234567.5"), "1234567.5", "1.23457e+06"},
      {prints_float_fifteen_digits, prints(a_float, "0.1234567890123456"), "0.1234567890123456", "0.123456789012346"},
      {prints_float_sixteen_digits, prints(a_float, "0.12345678901234567"), "0.12345678901234566",
       "0.1234567890123457"},
      {prints_float_in_hex, prints(a_float, "1.5"), "1.5", "0x1.8p+0"},
      {prints_float_comma, prints(a_float, "1.5"), "1.5", "1,5"},
      {prints_float_zero_sign_lost, prints(a_float, "-0.0"), "-0.0", "0.0"},
      {prints_nan_sign, prints_value(a_float, bits(0xfff8000000000000)), "nan", "-nan"},
      {prints_nan_payload, prints_value(a_float, bits(0x7ff8000000000007)), "nan", "nan(7)"},
      {prints_infinity_long, prints(a_float, "-inf"), "-inf", "-Infinity"},
      {prints_nan_in_capitals, prints(a_float, "nan"), "nan", "NaN"},

      {decimal_normalised, reads(a_decimal, "1.00"), "100e-2", "1e0"},
      {decimal_through_double, reads(a_decimal, "0.10"), "10e-2", "1e-1"},
      {decimal_expanded, reads(a_decimal, "1E+2"), "1e2", "100e0"},
      {decimal_zero_sign_lost, reads(a_decimal, "-0"), "-0e0", "0e0"},
      {decimal_zero_exponent_lost, reads(a_decimal, "0E-7"), "0e-7", "0e0"},
      {decimal_nan_refused, reads(a_decimal, "NaN"), "nan", "refused"},
      {decimal_snan_traps, reads(a_decimal, "sNaN"), "snan", "refused"},
      {decimal_snan_is_nan, reads(a_decimal, "sNaN"), "snan", "nan"},
      {decimal_nan_sign_lost, reads(a_decimal, "-NaN"), "-nan", "nan"},
      {decimal_infinity_refused, reads(a_decimal, "-Infinity"), "-inf", "refused"},
      {decimal_empty_is_zero, reads(a_decimal, ""), "refused", "0e0"},
      {decimal_hex_accepted, reads(a_decimal, "0x10"), "refused", "16e0"},
      {decimal_cut_at_junk, reads(a_decimal, "1x"), "refused", "1e0"},
      {decimal_foreign_digits_accepted, reads(a_decimal, hex("d9 a1")), "refused", "1e0"},
      {decimal_lower_e_refused, reads(a_decimal, "1e2"), "1e2", "refused"},
      {decimal_plus_refused, reads(a_decimal, "+1"), "1e0", "refused"},
      {decimal_rounded_to_28_digits, reads(a_decimal, "1234567890123456789012345678.5"),
       "12345678901234567890123456785e-1", "1234567890123456789012345678e0"},
      {decimal_exponent_clamped, reads(a_decimal, "1E+999999"), "1e999999", "inf"},
      {prints_decimal_plain, prints(a_decimal, "1E+2"), "1E+2", "100"},
      {prints_decimal_coefficient, prints(a_decimal, "1.50"), "1.50", "150E-2"},
      {prints_decimal_lower_e, prints(a_decimal, "1E-7"), "1E-7", "1e-7"},
      {prints_decimal_without_plus, prints(a_decimal, "1E+2"), "1E+2", "1E2"},
      {prints_decimal_infinity_short, prints(a_decimal, "-Infinity"), "-Infinity", "-inf"},
      {prints_decimal_snan_as_nan, prints(a_decimal, "sNaN7"), "sNaN7", "NaN7"},
      {prints_decimal_comma, prints(a_decimal, "1.50"), "1.50", "1,50"},
  };
}

std::vector<demonstration> texts() {
  using enum fault;
  const auto text = [](const std::string& octets) { return reads(a_text, hex(octets)); };
  return {
      {bytes_utf8_only, reads(some_bytes, "\xff"), "\\xff", "refused"},
      {bytes_cut_at_nul, reads(some_bytes, hex("61 00 62")), "a\\x00b", "a"},
      {bytes_empty_refused, reads(some_bytes, ""), "", "refused"},
      {prints_bytes_replaced, prints(some_bytes, "\xff"), "\\xff", "\\xef\\xbf\\xbd"},
      {prints_bytes_cut_at_nul, prints(some_bytes, hex("61 00")), "a\\x00", "a"},
      {text_overlong_accepted, text("c0 80"), "refused", "<0>"},
      {text_surrogates_accepted, text("ed a0 80"), "refused", "<d800>"},
      {text_beyond_unicode_accepted, text("f4 90 80 80"), "refused", "<110000>"},
      {text_wrong_octets_replaced, text("61 ff"), "refused", "a<fffd>"},
      {text_cut_tail_dropped, text("61 e2 82"), "refused", "a"},
      {text_byte_order_mark_removed, text("ef bb bf 61"), "<feff>a", "a"},
      {text_composed, text("65 cc 81"), "e<301>", "<e9>"},
      {text_cut_at_nul, text("61 00 62"), "a<0>b", "a"},
      {text_as_latin_1, text("c3 a9"), "<e9>", "<c3><a9>"},
      {prints_text_as_latin_1, prints_value(a_text, code_points(1, 0xe9)), "\\xc3\\xa9", "\\xe9"},
      {prints_nul_in_two_octets, prints_value(a_text, code_points(1, 0)), "\\x00", "\\xc0\\x80"},
      {prints_surrogate_pairs, prints_value(a_text, code_points(1, 0x1f600)), "\\xf0\\x9f\\x98\\x80",
       "\\xed\\xa0\\xbd\\xed\\xb8\\x80"},
      {prints_surrogates, prints_value(a_text, code_points(1, 0xdfff)), "refused", "\\xed\\xbf\\xbf"},
      {prints_surrogates_replaced, prints_value(a_text, code_points(1, 0xdfff)), "refused", "\\xef\\xbf\\xbd"},
      {prints_text_limit_in_characters, size_printed(a_text, code_points(21846, 0x20ac)), "refused", "65538"},
      {prints_text_limit_of_16383, size_printed(a_text, code_points(21845, 0x20ac)), "65535", "refused"},
      {prints_text_cut_at_limit, size_printed(a_text, code_points(65536, 'a')), "refused", "65535"},
      {prints_text_composed, prints(a_text, hex("65 cc 81")), "e\\xcc\\x81", "\\xc3\\xa9"},
      {prints_byte_order_mark, prints(a_text, "a"), "a", "\\xef\\xbb\\xbfa"},
      {boolean_case_ignored, reads(a_boolean, "TRUE"), "refused", "true"},
      {boolean_digits_accepted, reads(a_boolean, "0"), "refused", "false"},
      {boolean_else_false, reads(a_boolean, ""), "refused", "false"},
      {boolean_trimmed, reads(a_boolean, "True "), "refused", "true"},
      {boolean_by_first_letter, reads(a_boolean, "T"), "refused", "true"},
      {prints_boolean_lower_case, prints(a_boolean, "True"), "True", "true"},
      {prints_boolean_digits, prints(a_boolean, "False"), "False", "0"},
      {path_ascii_only, reads(a_path, hex("2f c3 a9")), "/<e9>", "refused"},
      {path_as_latin_1, reads(a_path, hex("2f c3 a9")), "/<e9>", "/<c3><a9>"},
      {path_escapes_read, reads(a_path, "/%41"), "/%41", "/A"},
      {prints_path_escaped, prints(a_path, hex("2f c3 a9")), "/\\xc3\\xa9", "/%C3%A9"},
  };
}

std::vector<demonstration> times() {
  using enum fault;
  const auto when = [](const std::string& octets) { return reads(a_datetime, octets); };
  const auto says = [](const std::string& octets) { return prints(a_datetime, octets); };
  const auto value = [](std::int64_t year, std::int64_t nano, std::optional<std::int64_t> offset) {
    return prints_value(a_datetime, time_of(year, 999999, nano, offset));
  };
  return {
      {datetime_z_accepted, when("2012-01-23T12:34:56.054321Z"), "refused", "2012-1-23 12:34:56.54321 0"},
      {datetime_without_fraction_accepted, when("2012-01-23T12:34:56-01:23"), "refused", "2012-1-23 12:34:56.0 -4980"},
      {datetime_offset_without_colon_accepted, when("2012-01-23T12:34:56.054321-0123"), "refused",
       "2012-1-23 12:34:56.54321 -4980"},
      {datetime_days_to_31_accepted, when(at("2011-02-30T00:00:00")), "refused", "2011-2-30 0:0:0.0 0"},
      {datetime_day_zero_accepted, when(at("2011-02-00T00:00:00")), "refused", "2011-2-0 0:0:0.0 0"},
      {datetime_month_zero_accepted, when(at("2011-00-01T00:00:00")), "refused", "2011-0-1 0:0:0.0 0"},
      {datetime_month_13_accepted, when(at("2011-13-01T00:00:00")), "refused", "2011-13-1 0:0:0.0 0"},
      {datetime_year_zero_accepted, when(at("0000-01-01T00:00:00")), "refused", "0-1-1 0:0:0.0 0"},
      {datetime_hour_24_accepted, when(at("2011-01-01T24:00:00")), "refused", "2011-1-1 24:0:0.0 0"},
      {datetime_minute_60_accepted, when(at("2011-01-01T00:60:00")), "refused", "2011-1-1 0:60:0.0 0"},
      {datetime_second_60_accepted, when(at("2011-01-01T00:00:60")), "refused", "2011-1-1 0:0:60.0 0"},
      {datetime_sign_unchecked, when(at("2011-01-01T00:00:00", " 01:00")), "refused", "2011-1-1 0:0:0.0 3600"},
      {datetime_leap_by_four, when(at("1900-02-29T00:00:00")), "refused", "1900-2-29 0:0:0.0 0"},
      {datetime_no_leap_centuries, when(at("2000-02-29T00:00:00")), "2000-2-29 0:0:0.0 0", "refused"},
      {datetime_no_leap_days, when(at("2012-02-29T00:00:00")), "2012-2-29 0:0:0.0 0", "refused"},
      {datetime_offset_sign_lost, when(time), "2012-1-23 12:34:56.54321 -4980", "2012-1-23 12:34:56.54321 4980"},
      {datetime_moved_to_utc, when(at("2012-03-01T00:30:00", "+01:00")), "2012-3-1 0:30:0.0 3600",
       "2012-2-29 23:30:0.0 0"},
      {datetime_offset_hours_only, when(time), "2012-1-23 12:34:56.54321 -4980", "2012-1-23 12:34:56.54321 -3600"},
      {datetime_wide_offsets_refused, when(at("2012-03-01T00:00:00", "+23:59")), "2012-3-1 0:0:0.0 86340", "refused"},
      {datetime_before_1970_refused, when(at("1969-12-31T00:00:00")), "1969-12-31 0:0:0.0 0", "refused"},
      {datetime_after_2038_refused, when(at("2038-01-01T00:00:00")), "2038-1-1 0:0:0.0 0", "refused"},
      {datetime_minus_zero_refused, when(at("2012-03-01T00:00:00", "-00:00")), "2012-3-1 0:0:0.0 0", "refused"},
      {datetime_plus_zero_refused, when(at("2012-03-01T00:00:00")), "2012-3-1 0:0:0.0 0", "refused"},
      {datetime_separators_unchecked, when("2012/03.01 00-00-00,000000+00-00"), "refused", "2012-3-1 0:0:0.0 0"},
      {datetime_columns_lax, when(at("2012-03-01T00:00:00.05_321", "+-1:23")), "refused", "2012-3-1 0:0:0.5321 -2220"},
      {datetime_offset_minutes_unchecked, when(at("2012-03-01T00:00:00", "+00:60")), "refused",
       "2012-3-1 0:0:0.0 3600"},
      {datetime_day_offsets_accepted, when(at("2012-03-01T00:00:00", "+24:00")), "refused", "2012-3-1 0:0:0.0 86400"},
      {datetime_month_zero_based, when(at("2012-03-01T00:00:00")), "2012-3-1 0:0:0.0 0", "2012-4-1 0:0:0.0 0"},
      {datetime_milliseconds, when(at("2012-03-01T00:00:00.000054")), "2012-3-1 0:0:0.54 0", "2012-3-1 0:0:0.54000 0"},
      {datetime_microseconds_lost, when(time), "2012-1-23 12:34:56.54321 -4980", "2012-1-23 12:34:56.54000 -4980"},
      {prints_month_zero_based, says(time), time, "2012-00-23T12:34:56.054321-01:23"},
      {prints_milliseconds, says(time), time, "2012-01-23T12:34:56.054-01:23"},
      {prints_microseconds_unpadded, says(time), time, "2012-01-23T12:34:56.54321-01:23"},
      {prints_offset_sign_lost, says(time), time, "2012-01-23T12:34:56.054321+01:23"},
      {prints_offset_floored, says(time), time, "2012-01-23T12:34:56.054321-02:37"},
      {prints_utc_digits, says(time), time, "2012-01-23T13:57:56.054321-01:23"},
      {prints_utc_as_z, says(at("2012-03-01T00:00:00")), "2012-03-01T00:00:00.000000-00:00",
       "2012-03-01T00:00:00.000000Z"},
      {prints_offset_without_colon, says(time), time, "2012-01-23T12:34:56.054321-0123"},
      {prints_time_behind_blank, says(time), time, "2012-01-23 12:34:56.054321-01:23"},
      {prints_year_unpadded, says(at("0001-03-01T00:00:00", "+01:00")), "0001-03-01T00:00:00.000000+01:00",
       "1-03-01T00:00:00.000000+01:00"},
      {prints_naive_as_utc, value(2012, 0, std::nullopt), "refused", "2012-01-02T03:04:59.999999-00:00"},
      {prints_wide_year, value(10000, 0, 60), "refused", "10000-01-02T03:04:59.999999+00:01"},
      {prints_day_offset, value(2012, 0, 86400), "refused", "2012-01-02T03:04:59.999999+24:00"},
      {prints_nanoseconds, value(2012, 7, 60), "2012-01-02T03:04:59.999999+00:01",
       "2012-01-02T03:04:59.999999007+00:01"},
      {prints_nanosecond_carry_lost, value(2012, 500, 60), "2012-01-02T03:05:00.000000+00:01",
       "2012-01-02T03:04:59.000000+00:01"},
      {prints_offset_seconds, value(2012, 0, 61), "2012-01-02T03:04:59.999999+00:01",
       "2012-01-02T03:04:59.999999+00:01:01"},
  };
}

std::vector<demonstration> lists() {
  using enum fault;
  const auto integers = list_of(an_integer), strings = list_of(some_bytes), grid = list_of(integers);
  const auto list = [=](const argument_type& type, const std::string& octets) { return reads(type, hex(octets)); };
  const auto size = [=](std::size_t n) { return size_printed(strings, list_of_size(n)); };
  const std::string one_two = hex("00 01 31 00 01 32");
  return {
      {list_tail_dropped, list(integers, "00 01 31 00 05 31"), "refused", "[1]*1"},
      {list_dangling_octet_ignored, list(integers, "00 01 31 00"), "refused", "[1]*1"},
      {list_empty_is_one_empty, list(strings, ""), "[]*0", "[]*1"},
      {list_with_count, list(strings, "00 01 00 00"), "refused", "[]*1"},
      {list_length_swapped, list(integers, "00 01 31"), "[1]*1", "refused"},
      {list_length_signed,
       [=](const options& with) {
         return std::to_string(read(strings, *print(strings, list_of_size(32768)), with.broken).size());
       },
       "11", "7"},
      {list_empty_elements_dropped, list(strings, "00 00 00 01 61"), "[, a]", "[a]*1"},
      {list_bad_element_skipped, list(integers, "00 01 78 00 01 31"), "refused", "[1]*1"},
      {list_bad_element_ends, list(integers, "00 01 31 00 01 78 00 01 32"), "refused", "[1]*1"},
      {list_nested_read_flat, list(grid, "00 03 00 01 33"), "[[3]*1]*1", "refused"},
      {prints_list_with_count, prints(integers, one_two), shown(one_two), shown(hex("00 02") + one_two)},
      {prints_list_with_terminator, prints(integers, one_two), shown(one_two), shown(one_two + hex("00 00"))},
      {prints_empty_list_as_one_empty, prints(strings, ""), "", "\\x00\\x00"},
      {prints_list_without_empty_elements, prints(strings, hex("00 00 00 01 61")), "\\x00\\x00\\x00\\x01a",
       "\\x00\\x01a"},
      {prints_list_over_limit, size(65534), "refused", "65536"},
      {prints_list_length_wrapped, size(65537), "refused", "65539"},
      {prints_list_cut_at_limit, size(65534), "refused", "0"},
      {prints_list_65533_refused, size(65533), "65535", "refused"},
      {prints_nested_lists_flat, prints(grid, hex("00 03 00 01 33")), "\\x00\\x03\\x00\\x013", "\\x00\\x013"},

      {records_tail_dropped, reads(records_of(x_note), x1 + x2.substr(0, 5)), "refused", "[{x=1}]"},
      {records_long_key_ignored, reads(records_of(x_note), x1 + hex("01 00") + x2), "refused", "[{x=1}]"},
      {records_long_key_accepted, reads(records_of(x_note), raw({{"x", "1"}, {std::string(256, 'k'), "v"}})), "refused",
       "[{x=1}]"},
      {records_empty_is_one_record, reads(records_of(all_optional), ""), "[]", "[{}]"},
      {records_empty_record_dropped, reads(records_of(all_optional), u16(0)), "[{}]", "[]"},
      {records_unknown_key_refused, reads(records_of(x_note), raw({{"x", "1"}, {"y", ""}})), "[{x=1}]", "refused"},
      {records_missing_key_default, reads(records_of(x_note), u16(0)), "refused", "[{x=0}]"},
      {records_optional_required, reads(records_of(x_note), x1), "[{x=1}]", "refused"},
      {records_bad_value_dropped, reads(records_of(x_note), raw({{"x", "?"}}) + x1), "refused", "[{x=1}]"},
      {records_end_at_zeros, reads(records_of({{"l", strings, true}}), raw({{"l", hex("00 00 00 01 61")}})),
       "[{l=[, a]}]", "refused"},
      {prints_records_without_last_terminator, prints(records_of(x_note), x1), shown(x1), shown(x1.substr(0, 6))},
      {prints_records_with_lengths, prints(records_of(x_note), x1), shown(x1), shown(u16(8) + x1)},
      {prints_empty_record_dropped, prints(records_of(all_optional), u16(0)), "\\x00\\x00", ""},
      {prints_missing_key_as_empty, prints_record(x_note, {}), "refused", "{x=}"},
      {prints_nested_records_once, prints(records_of({{"r", records_of(x_note), false}}), raw({{"r", x1 + x2}})),
       shown(raw({{"r", x1 + x2}})), shown(raw({{"r", x1}}))},
  };
}

std::vector<demonstration> boxes() {
  using enum fault;
  return {
      {optional_absent_is_empty, reads_box(one_name("t"), {}), "{}", "{t=}"},
      {prints_optional_as_empty, prints_box(one_name("t"), {}), "{}", "{t=}"},
      {optional_empty_is_absent, reads_box(one_name("t"), {{"t", ""}}), "{t=}", "{}"},
      {prints_empty_as_absent, prints_box(one_name("t"), {{"t", ""}}), "{t=}", "{}"},
      {optional_empty_number_is_absent, reads_box(all_optional, {{"n", ""}}), "refused", "{}"},
      {optional_empty_number_is_zero, reads_box(all_optional, {{"n", ""}}), "refused", "{n=0}"},
      {names_hyphen_changed, reads_box(one_name("a-b"), {{"a-b", "x"}}), "{a-b=x}", "{}"},
      {names_capitalised, prints_box(one_name("class"), {{"class", "x"}}), "{class=x}", "{Class=x}"},
      {names_case_folded, prints_box(one_name("Note"), {{"Note", "x"}}), "{Note=x}", "{note=x}"},
      {reserved_names_accepted, reads_box(one_name("_ask"), {{"_ask", "x"}}), "refused", "{_ask=x}"},
      {calls_without_mandatory, calls("Sum", {{"a", "1"}}), "1:refused(missing b) open",
       "{_ask=1 _command=Sum a=1} open"},
      {calls_with_undeclared, calls("Echo", {{"data", "x"}, {"more", ""}}), "1:refused(undeclared more) open",
       "{_ask=1 _command=Echo data=x more=} open"},
  };
}

}  // namespace

const std::vector<demonstration>& type_demonstrations() {
  static const std::vector<demonstration> all = [] {
    std::vector<demonstration> together;
    for (const auto& part : {numbers(), texts(), times(), lists(), boxes()})
      together.insert(together.end(), part.begin(), part.end());
    return together;
  }();
  return all;
}

}  // namespace ampspec::naive::testing
