// A stream of boxes played through the reference's decoder, with all that came of it kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/input.hpp"
#include "reference/amp/box.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/naive/box.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {

naive::box owned(amp::box_view);

struct played_boxes {
  std::vector<naive::box> boxes;     ///< what a sink took put back into its pair
  std::vector<std::uint64_t> begin;  ///< of each box in the stream
  std::vector<std::size_t> after;    ///< so many boxes were out after each part
  std::optional<wire::failure> end;  ///< what `finish` said

  bool operator==(const played_boxes&) const = default;
};

/// Feeds the stream in these parts, each from a block of its own that is given back as soon as it is parsed, so that a
/// view kept for longer is seen. Oracle `sticky`: behind a failure nothing comes, and the failure stays as it is.
played_boxes play_boxes(std::string_view stream, const amp::limits&, const std::vector<std::size_t>& parts,
                        bool divert = false);

/// Holds what the reference said of a stream against the naive implementation: boxes, how it ends, where it is wrong.
/// Limits are each implementation's own (AMP1-FRAME-034), so a refusal by a limit is held against the limit.
void compare_with_naive(std::string_view stream, const played_boxes&, const amp::limits&);

}  // namespace ampspec::fuzz
