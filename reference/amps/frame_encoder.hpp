// Turns messages into frames, or refuses and writes nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/frame.hpp"
#include "reference/wire/failure.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// No limit but that of the length field: for what a server delivers (AMPS-LIMIT-013).
inline constexpr std::uint64_t any_length = 0xffffffff;

/// Appends the length and the header of a message whose payload of `body_size` octets follows by other means, so that a
/// payload is never copied for each of its receivers. On a failure `out` is unchanged; offsets count from the length.
/// Refuses what `write_header` refuses, and frame_too_large if header and payload exceed `limit` (AMPS-LIMIT-006).
[[nodiscard]] std::optional<wire::failure> encode_head(const header_view&, std::uint64_t body_size, std::string& out,
                                                       std::uint64_t limit = default_limit);

/// Appends the whole frame; else as `encode_head`.
[[nodiscard]] std::optional<wire::failure> encode(const header_view&, std::string_view body, std::string& out,
                                                  std::uint64_t limit = default_limit);

}  // namespace ampspec::amps
