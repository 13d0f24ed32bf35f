// The frame: one AMPS message on TCP, a header and a payload behind it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/header.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// A message that lives elsewhere; who lends it says for how long. A large payload may come in pieces: then the same
/// header comes with each, and `body` is the octets `body_at` to `body_at + body.size()` of it, at least one.
struct frame_view {
  const header_view& header;
  std::string_view body;        ///< opaque octets (AMPS-FRAME-004); may be empty (AMPS-FRAME-013)
  std::uint64_t body_size = 0;  ///< octets of the whole payload
  std::uint64_t body_at = 0;    ///< where this piece begins in it

  bool whole() const { return body.size() == body_size; }
  bool last() const { return body_at + body.size() == body_size; }
};

/// A message that owns its octets, its payload whole.
struct frame {
  amps::header header;
  std::string body;

  bool operator==(const frame&) const = default;
};

inline constexpr std::size_t prefix_size = 4;                   ///< octets of the length (AMPS-FRAME-001)
inline constexpr std::uint64_t largest_accepted = 200'000'000;  ///< must be accepted (AMPS-LIMIT-001)
inline constexpr std::uint64_t default_limit = 209'715'200;     ///< above it: rejected (AMPS-LIMIT-002)

}  // namespace ampspec::amps
