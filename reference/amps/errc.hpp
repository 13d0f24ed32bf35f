// Every way in which an AMPS frame, header, batch, group, composite or URI can be wrong, one code each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/wire/failure.hpp"

#include <array>
#include <string_view>
#include <system_error>

namespace ampspec::amps {

/// Values are never given again. With dashes for underscores (`class_word`) these are the reject classes of vectors.
enum class errc {
  /// The declared length is above the limit, received (AMPS-LIMIT-002) or to be encoded (AMPS-LIMIT-006); on WebSocket
  /// the sum of header and bodies (AMPS-LIMIT-010).
  frame_too_large = 1,
  /// The stream ended inside a frame (AMPS-FRAME-011). At the end of a stream only, never "not enough yet".
  truncated = 2,
  /// No object where a header must be (AMPS-FRAME-014).
  no_header = 3,
  /// The frame ends inside the header object (AMPS-FRAME-024, AMPS-HDR-019). For a record of a batch as well.
  header_cut = 4,
  /// Something else than a key, a colon, a value, a comma or the end where one of these must be (AMPS-HDR-019).
  header_syntax = 5,
  /// An object or array as a value (AMPS-HDR-017).
  nested_value = 6,
  /// An escape that JSON does not have, a bad digit in \u, or half a surrogate pair (AMPS-HDR-037).
  bad_escape = 7,
  /// No command in a header, received or to be encoded (AMPS-HDR-018).
  no_command = 8,
  /// A numeric field is no number of its width, read (AMPS-HDR-038) or to be encoded.
  bad_number = 9,
  /// A correlation id is to be encoded that holds other than Base64 characters (AMPS-HDR-022).
  bad_correlation_id = 10,
  /// A record of a batch has no `l` (AMPS-SOW-056).
  record_without_length = 11,
  /// The `l` of a record passes the end of the frame (AMPS-SOW-056).
  record_too_long = 12,
  /// A part of a composite passes the end of the body, received (AMPS-CMP-003), or is to be encoded and has more octets
  /// than its length can say (AMPS-CMP-001).
  bad_part = 13,
  /// A connection URI without port, host or protocol, or an option without `=` (AMPS-FRAME-020).
  bad_uri = 14,
  /// WebSocket: the count is not four octets in a BINARY message, or is 0 (AMPS-WS-019).
  bad_count = 15,
  /// WebSocket: more messages in a group than the limit (AMPS-LIMIT-012).
  group_too_long = 16,
  /// WebSocket: the first message is neither TEXT `text` nor TEXT `binary` (AMPS-WS-003).
  bad_mode = 17,
  /// WebSocket: a header came as BINARY (AMPS-WS-031).
  header_not_text = 18,
  /// WebSocket: octets other than white space behind the header object (AMPS-WS-034).
  octets_behind_header = 19,
  /// A value that its syntax does not allow: a bookmark, a timestamp (AMPS-HDR-031, AMPS-HDR-025).
  bad_value = 20,
};

inline constexpr std::array all_errc{errc::frame_too_large,
                                     errc::truncated,
                                     errc::no_header,
                                     errc::header_cut,
                                     errc::header_syntax,
                                     errc::nested_value,
                                     errc::bad_escape,
                                     errc::no_command,
                                     errc::bad_number,
                                     errc::bad_correlation_id,
                                     errc::record_without_length,
                                     errc::record_too_long,
                                     errc::bad_part,
                                     errc::bad_uri,
                                     errc::bad_count,
                                     errc::group_too_long,
                                     errc::bad_mode,
                                     errc::header_not_text,
                                     errc::octets_behind_header,
                                     errc::bad_value};

/// What people and exit statuses ask for: `code == condition::malformed`.
enum class condition {
  malformed = 1,  ///< the format was broken
  over_limit,     ///< right, but more than is allowed
};

/// The enumerator with dashes: `frame-too-large`.
std::string_view class_word(errc);
/// The same for any code; empty if it is not an `errc`.
std::string_view class_word(const std::error_code&);

const std::error_category& category();
std::error_code make_error_code(errc);
std::error_condition make_error_condition(condition);

}  // namespace ampspec::amps

template <>
struct std::is_error_code_enum<ampspec::amps::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<ampspec::amps::condition> : std::true_type {};
