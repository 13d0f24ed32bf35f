// A stream of AMPS frames played through the reference's decoder, and headers as both implementations read them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/input.hpp"
#include "reference/amps/frame_decoder.hpp"
#include "reference/naive/amps_codec.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {

/// The fields of a header by the names that are written, their texts as they were read.
using header_texts = std::map<std::string, std::string>;
header_texts texts_of(const amps::header_view&);

struct played_frame {
  header_texts header;
  std::string body;      ///< its pieces joined
  std::uint64_t at = 0;  ///< where the frame begins in the stream
  bool whole = true;     ///< all pieces came

  bool operator==(const played_frame&) const = default;
};

struct played_frames {
  std::vector<played_frame> frames;
  std::vector<std::size_t> after;    ///< so many whole frames were out after each part
  std::optional<wire::failure> end;  ///< what `finish` said
};

/// Feeds the stream in these parts, each from a block of its own that is given back as soon as it is parsed. Oracles:
/// `sticky`, and `model` for pieces that do not follow each other or whose header changes.
played_frames play_frames(std::string_view stream, const amps::decoder_limits&, const std::vector<std::size_t>& parts);

/// What the naive implementation makes of a header, held against what the reference's scanner says of it.
void compare_headers(std::string_view octets, const amps::scanned&, const amps::header_view&);

}  // namespace ampspec::fuzz
