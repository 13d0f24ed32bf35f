// AMPS messages that come over a connection, told as boxes: what vectors compare, and what is shown to people.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"
#include "conformance/subject.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

/// A message: each key of its header under the field's short name and `c` in full, then `body`. Keys that a server may
/// not send to every client (AMPS-HDR-007), and unknown ones, stand under the name that they came with; so does a
/// repeated key a second time. Numbers are digits without leading zeros, whether they came in quotes or not.
struct told_message {
  plain_box box;
  std::string written;   ///< the header as it came
  std::size_t size = 0;  ///< octets of what came, with everything of the transport in front
};

/// What stands at the head of the octets of a TCP connection.
struct message_at_head {
  std::optional<told_message> message;  ///< none: not whole yet, or wrong
  std::string wrong;                    ///< why no message can begin so, with the clause; empty: nothing wrong
};
/// Frames of length 0 in front of a message count to it (AMPS-FRAME-012).
message_at_head first_message(std::string_view octets);

/// The same, as soon as its header has come: `message` has no `body` and its `size` ends behind the header.
struct header_at_head : message_at_head {
  std::uint64_t body_size = 0;
};
header_at_head head_of_message(std::string_view octets);

/// The records of a batch, told as messages: the topic of the batch, the fields of the record but for `l`, and `body`.
struct told_records {
  std::vector<plain_box> records;
  std::string wrong;  ///< why there are no further ones, with the clause; empty: these are all
};
told_records records_of(const told_message& batch);

/// The value of a key; null if it is absent.
const std::string* value_in(const plain_box&, std::string_view key);

/// Names lengths, header fields and bodies of octets on TCP. Lenient: it labels as much as makes sense and says where
/// that ends.
std::vector<noted_field> annotate_amps(std::string_view octets);

}  // namespace ampspec::conformance
