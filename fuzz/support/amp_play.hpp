// A stream of boxes played through the reference's decoder, with all that came of it kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/input.hpp"
#include "reference/amp/box.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/naive/box.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {

naive::box owned(amp::box_view);

/// A box as one text, which is cheaper to keep and compare than its pairs: both make the same of the same pairs.
std::string text_of(amp::box_view);
std::string text_of(const naive::box&);

struct played_boxes {
  std::vector<std::string> boxes;    ///< their texts, what a sink took put back into its pair
  std::vector<std::size_t> pairs;    ///< of each box
  std::vector<std::size_t> sizes;    ///< octets of each box on the wire, if no key is repeated
  std::vector<std::uint64_t> begin;  ///< of each box in the stream
  std::vector<std::size_t> after;    ///< so many boxes were out after each part
  std::optional<wire::failure> end;  ///< what `finish` said

  bool operator==(const played_boxes&) const = default;
};

/// Feeds the stream in these parts, each from a block of its own that is given back as soon as it is parsed, so that a
/// view kept for longer is seen. Oracle `sticky`: behind a failure nothing comes, and the failure stays as it is.
/// `each`, if there is one, is shown every box.
played_boxes play_boxes(std::string_view stream, const amp::limits&, const std::vector<std::size_t>& parts,
                        bool divert = false, const std::function<void(amp::box_view)>& each = {});

/// Holds what the reference said of a stream against the naive implementation: boxes, how it ends, where it is wrong.
/// Limits are each implementation's own (AMP1-FRAME-034), so a refusal by a limit is held against the limit.
void compare_with_naive(std::string_view stream, const played_boxes&, const amp::limits&);

}  // namespace ampspec::fuzz
