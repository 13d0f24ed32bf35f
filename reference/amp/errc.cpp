// The error category of AMPv1: words and texts of its codes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/errc.hpp"

#include "reference/wire/error_table.hpp"

namespace ampspec::amp {
namespace {

constexpr std::array<error_row<errc, condition>, all_errc.size()> codes{{
    {errc::key_too_long, condition::malformed, "key-too-long", "key longer than 255 octets"},
    {errc::empty_key, condition::malformed, "empty-key", "key without octets"},
    {errc::value_too_long, condition::over_limit, "value-too-long", "value longer than 65535 octets"},
    {errc::duplicate_key, condition::malformed, "duplicate-key", "key stands twice in the box"},
    {errc::too_many_pairs, condition::over_limit, "too-many-pairs", "more pairs in the box than the limit"},
    {errc::box_too_large, condition::over_limit, "box-too-large", "more octets in the box than the limit"},
    {errc::truncated, condition::malformed, "truncated", "stream ended inside a box"},
    {errc::empty_box, condition::malformed, "empty-box", "box without pairs in a conversation"},
    {errc::no_kind, condition::malformed, "no-kind", "box is neither request nor answer nor error"},
    {errc::mixed_kind, condition::malformed, "mixed-kind", "box is more than one of request, answer and error"},
    {errc::unknown_tag, condition::out_of_order, "unknown-tag", "no pending call has this tag"},
    {errc::missing_error_field, condition::malformed, "missing-error-field", "error without code or description"},
    {errc::reserved_key, condition::unsupported, "reserved-key", "argument or value named like a key of the protocol"},
    {errc::connection_lost, condition::out_of_order, "connection-lost", "connection ended before the answer"},
    {errc::not_connected, condition::out_of_order, "not-connected", "connection has ended"},
    {errc::bad_value, condition::malformed, "bad-value", "value is not one of its type"},
    {errc::out_of_range, condition::over_limit, "out-of-range", "number beyond what is held here"},
    {errc::missing_argument, condition::malformed, "missing-argument", "mandatory argument is absent"},
    {errc::unknown_argument, condition::malformed, "unknown-argument", "argument that the schema does not have"},
    {errc::nested_too_deep, condition::over_limit, "nested-too-deep",
     "more lists and records inside each other than the limit"},
    {errc::value_too_large, condition::over_limit, "value-too-large", "more octets in one value than the limit"},
    {errc::change_pending, condition::out_of_order, "change-pending", "another change of the transport is pending"},
    {errc::already_secured, condition::out_of_order, "already-secured", "connection is inside TLS already"},
}};

constexpr std::array<condition_row<condition>, 4> conditions{{
    {condition::malformed, "malformed"},
    {condition::out_of_order, "out of order"},
    {condition::over_limit, "over a limit"},
    {condition::unsupported, "unsupported"},
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
  static const table_category the_category("amp", codes);
  return the_category;
}

std::error_code make_error_code(errc code) { return {static_cast<int>(code), category()}; }

std::error_condition make_error_condition(condition c) {
  static const table_category the_category("amp condition", conditions);
  return {static_cast<int>(c), the_category};
}

}  // namespace ampspec::amp
