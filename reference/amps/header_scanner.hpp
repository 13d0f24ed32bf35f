// Reads a header object in one pass over its octets: a flat scanner that makes views and no tree.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/header.hpp"
#include "reference/wire/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// How the scan ended: behind the object, or at what is wrong.
struct scanned {
  std::size_t size = 0;  ///< octets up to and with the `}`; where the first wrong octet is, if there is one
  errc code{};           ///< none (0): the object is right
  wire::requirement_id broken;

  bool ok() const { return code == errc{}; }
};

/// Scans the object at the beginning of `octets`; what lies behind its `}` is not looked at, what lies behind `octets`
/// neither. The views put into `fields` point into `octets`, or into `unescaped` for texts with escapes, which is
/// overwritten only if there are any. What `fields` held before stays where this object does not have it. After a
/// failure `fields` is unspecified.
///
/// White space between tokens is accepted (AMPS-HDR-003), keys in any order (AMPS-HDR-004) and by any of their names
/// (AMPS-HDR-006); unknown ones are skipped (AMPS-HDR-016); of repeated ones the last wins, under whichever names
/// (AMPS-HDR-015, AMPS-HDR-039). `null` counts as an absent key (AMPS-HDR-041). Octets of strings are taken as they
/// are, also control characters and what is no UTF-8. `header_cut` means that `octets` ended too early.
scanned scan_header(std::string_view octets, header_view& fields, std::string& unescaped);

}  // namespace ampspec::amps
