// Every way in which an AMP stream, box or conversation can be wrong, one code each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/wire/failure.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace ampspec::amp {

/// Values are never given again. With dashes for underscores (`class_word`) these are the reject classes of vectors.
enum class errc {
  /// A key of 256 octets or more, received (AMP1-FRAME-013, seen at the first octet of its length, AMP1-FRAME-014) or
  /// to
  /// be encoded (AMP1-FRAME-005).
  key_too_long = 1,
  /// A key without octets is to be encoded (AMP1-FRAME-006). Can't be received: it is the end of a box.
  empty_key = 2,
  /// A value of 65,536 octets or more is to be encoded (AMP1-FRAME-007, AMP1-FRAME-008). Can't be received.
  value_too_long = 3,
  /// A key stands twice in one box, received (AMP1-FRAME-026) or to be encoded (AMP1-FRAME-025), or would: a schema has
  /// a name that is a chunk of a BigString too (AMP1-BIGSTR-016).
  duplicate_key = 4,
  /// More pairs in one box than the limit (AMP1-FRAME-034); `box_too_large` is about octets.
  too_many_pairs = 5,
  /// More octets in one box than the limit, terminator included (AMP1-FRAME-034).
  box_too_large = 6,
  /// The stream ended inside a box (AMP1-FRAME-029). At the end of a stream only, never "not enough yet".
  truncated = 7,
  /// A box without any pair in a conversation (AMP1-CONV-034); codecs accept it (AMP1-FRAME-027).
  empty_box = 8,
  /// A box with pairs, but none of _command, _answer and _error (AMP1-CONV-033, AMP1-CONV-035).
  no_kind = 9,
  /// A box with more than one of _command, _answer and _error (AMP1-CONV-036).
  mixed_kind = 10,
  /// An answer or error whose tag no pending call has: never used, ended already, or other octets (AMP1-CONV-028 to
  /// 031, 079).
  unknown_tag = 11,
  /// An error for a pending call, without _error_code or _error_description (AMP1-CONV-037).
  missing_error_field = 12,
  /// An argument or response value is named like one of the six keys that the protocol uses itself (AMP1-TYPE-057).
  reserved_key = 13,
  /// The connection ended while the call was pending (AMP1-CONV-041). For a call made later choose `not_connected`.
  connection_lost = 14,
  /// A call was made after the connection had ended (AMP1-CONV-042).
  not_connected = 15,
  /// Octets that are no text of their type, received (AMP1-TYPE-003, -010, -015, -021, -026, -030, -040), or a value
  /// that its type can't say, to be encoded (AMP1-TYPE-007, -011, -034, -058, -064), or a BigString of which a chunk is
  /// missing (AMP1-BIGSTR-007). A list or record that ends early is `truncated`.
  bad_value = 16,
  /// Right for its type, but more than is held here: an Integer as a number of 64 bits (AMP1-TYPE-002), the exponent
  /// of a Decimal (AMP1-TYPE-061).
  out_of_range = 17,
  /// A mandatory argument is absent, received (AMP1-TYPE-047) or to be encoded (AMP1-TYPE-052).
  missing_argument = 18,
  /// A value is given for a name that the schema does not have (AMP1-TYPE-053).
  unknown_argument = 19,
  /// Lists and records inside each other, more of them than the limit.
  nested_too_deep = 20,
  /// More octets in one value of AMPv2 than the limit, received (AMP2-015); `box_too_large` is about the whole box, and
  /// `value_too_long` about a value that the format of version 1 can't say.
  value_too_large = 21,
  /// A change of the transport is asked for or to be made while another one waits for its answer (AMP1-CONV-062).
  change_pending = 22,
  /// StartTLS on a connection that is inside TLS already (AMP1-CONV-062).
  already_secured = 23,
};

inline constexpr std::array all_errc{
    errc::key_too_long,    errc::empty_key,        errc::value_too_long,   errc::duplicate_key,
    errc::too_many_pairs,  errc::box_too_large,    errc::truncated,        errc::empty_box,
    errc::no_kind,         errc::mixed_kind,       errc::unknown_tag,      errc::missing_error_field,
    errc::reserved_key,    errc::connection_lost,  errc::not_connected,    errc::bad_value,
    errc::out_of_range,    errc::missing_argument, errc::unknown_argument, errc::nested_too_deep,
    errc::value_too_large, errc::change_pending,   errc::already_secured};

/// What people and exit statuses ask for: `code == condition::malformed`.
enum class condition {
  malformed = 1,  ///< the format was broken
  out_of_order,   ///< right octets at the wrong moment
  over_limit,     ///< right, but more than is allowed
  unsupported,    ///< right, but not offered here
};

/// The enumerator with dashes: `key-too-long`.
std::string_view class_word(errc);
/// The same for any code; empty if it is not an `errc`.
std::string_view class_word(const std::error_code&);

const std::error_category& category();
std::error_code make_error_code(errc);
std::error_condition make_error_condition(condition);

}  // namespace ampspec::amp

template <>
struct std::is_error_code_enum<ampspec::amp::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<ampspec::amp::condition> : std::true_type {};
