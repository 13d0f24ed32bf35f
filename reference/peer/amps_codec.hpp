// The AMPS codecs of both implementations, as adapters and codec vectors know them: messages told as boxes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/faults.hpp"
#include "reference/peer/implementation.hpp"

#include <string_view>
#include <vector>

namespace ampspec::peer {

/// A message is told as a box: its fields by their short names, `c` in full (`publish`), numbers as digits without
/// leading zeros, and `body`; `unreadable` names the numeric fields that hold no number. The records of a batch are
/// told one by one. What is no stream of messages (a URI, options) is one box; see docs/adapter-protocol.md.
decoding decode_amps(wire_protocol, const std::vector<std::string_view>& pieces);
encoding encode_amps(wire_protocol, const behaviour::plain_box&);

/// The same by the second implementation.
decoding decode_naive_amps(wire_protocol, const std::vector<std::string_view>& pieces, const naive::faults&);
encoding encode_naive_amps(wire_protocol, const behaviour::plain_box&, const naive::faults&);

}  // namespace ampspec::peer
