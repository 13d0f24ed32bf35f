// What an input says besides octets of a stream: where they are cut, and what the decoder allows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box_decoder.hpp"
#include "reference/amps/frame_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {

/// The settings in front of an input, `header_size` octets of them:
///
/// | octet | bits | |
/// |---|---|---|
/// | 0 | 7 | always set: this is what tells settings from a stream |
/// | | 6, 5, 4 | `divert`, `second` (AMPv2; binary WebSocket mode), `lenient` |
/// | | 2 to 0 | how the stream is cut |
/// | 1 | | seed of the cuts |
/// | 2 | 7 to 4, 3 to 0 | which limit on octets, which on pairs |
/// | 3 | 3 to 0 | which limit on one value; AMPS: up to where frames are given whole |
struct settings {
  bool divert = false, second = false, lenient = false;
  std::uint8_t cut = 0, seed = 0, octets_limit = 0, pairs_limit = 0, value_limit = 0;
};
inline constexpr std::size_t header_size = 4;

struct wire_input {
  settings with;
  std::string_view stream;
};

/// Any octets are an input. Without settings, that is if the top bit of the first octet is not set, all of them are the
/// stream: both wires begin with a length whose top bit no right stream sets, so captured traffic is an input too.
wire_input read_input(std::string_view octets);
/// The settings as they stand in front of a stream.
std::string written(const settings&);

/// The sizes of the parts that the stream is fed in; together they are `size`, and there are at most some thousand.
std::vector<std::size_t> cuts(const settings&, std::size_t size);

/// Limits that inputs choose among: the usual ones first, then small ones and those beside lengths of the format, since
/// an input that reaches a large limit is rare.
amp::limits amp_limits(const settings&);
amps::decoder_limits amps_limits(const settings&);

}  // namespace ampspec::fuzz
