// The ways in which one stream of octets is handed over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ampspec::conformance {

struct segmentation_limits {
  std::uint64_t every_cut_up_to = 256;         ///< octets; up to here every two-part cut is played
  std::uint64_t single_octets_up_to = 131072;  ///< octets; above, single octets are left out
  std::size_t field_cuts = 128;                ///< at most so many cuts beside length fields
  std::size_t seeded_cuts = 64;
  std::uint64_t volume = 16u << 20;  ///< octets in all the two-part plays of one check; fewer cuts for larger streams
};

/// The segmentations of a stream of `size` octets but for the whole one, which is always played first. `borders` are
/// offsets at which the stream is cut anyway (between two writes); no cut is made there. The same arguments give the
/// same list.
std::vector<cutting> segmentations(std::uint64_t size, const std::vector<vectors::field>& fields,
                                   const std::vector<std::uint64_t>& borders, std::uint64_t seed,
                                   const segmentation_limits& = {});

/// `whole`, `every octet`, `before octet 17`.
std::string name_of(const cutting&);

}  // namespace ampspec::conformance
