// The error category of AMPS: words and texts of its codes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/errc.hpp"

#include "reference/wire/error_table.hpp"

namespace ampspec::amps {
namespace {

constexpr std::array<error_row<errc, condition>, all_errc.size()> codes{{
    {errc::frame_too_large, condition::over_limit, "frame-too-large", "message longer than the limit"},
    {errc::truncated, condition::malformed, "truncated", "stream ended inside a frame"},
    {errc::no_header, condition::malformed, "no-header", "no header object where one must be"},
    {errc::header_cut, condition::malformed, "header-cut", "message ends inside its header"},
    {errc::header_syntax, condition::malformed, "header-syntax", "header is no flat JSON object"},
    {errc::nested_value, condition::malformed, "nested-value", "object or array as a header value"},
    {errc::bad_escape, condition::malformed, "bad-escape", "escape in a header string that means no character"},
    {errc::no_command, condition::malformed, "no-command", "header without a command"},
    {errc::bad_number, condition::malformed, "bad-number", "numeric field is no number of its width"},
    {errc::bad_correlation_id, condition::malformed, "bad-correlation-id",
     "correlation id with other than Base64 characters"},
    {errc::record_without_length, condition::malformed, "record-without-length", "record of a batch without l"},
    {errc::record_too_long, condition::malformed, "record-too-long", "record passes the end of its batch"},
    {errc::bad_part, condition::malformed, "bad-part", "part of a composite does not fit"},
    {errc::bad_uri, condition::malformed, "bad-uri", "no connection URI"},
    {errc::bad_count, condition::malformed, "bad-count", "count of messages is not four octets, or 0"},
    {errc::group_too_long, condition::over_limit, "group-too-long", "more messages in a group than the limit"},
    {errc::bad_mode, condition::malformed, "bad-mode", "first message is neither text nor binary"},
    {errc::header_not_text, condition::malformed, "header-not-text", "header in a BINARY message"},
    {errc::octets_behind_header, condition::malformed, "octets-behind-header",
     "octets behind the header object in its message"},
    {errc::bad_value, condition::malformed, "bad-value", "value breaks its syntax"},
}};

constexpr std::array<condition_row<condition>, 2> conditions{{
    {condition::malformed, "malformed"},
    {condition::over_limit, "over a limit"},
}};

}  // namespace

std::string_view class_word(errc code) {
  const auto* row = row_of(codes, static_cast<int>(code));
  return row ? row->word : std::string_view();
}

std::string_view class_word(const std::error_code& code) {
  return code.category() == category() ? class_word(static_cast<errc>(code.value())) : std::string_view();
}

const std::error_category& category() {
  static const table_category the_category("amps", codes);
  return the_category;
}

std::error_code make_error_code(errc code) { return {static_cast<int>(code), category()}; }

std::error_condition make_error_condition(condition c) {
  static const table_category the_category("amps condition", conditions);
  return {static_cast<int>(c), the_category};
}

}  // namespace ampspec::amps
