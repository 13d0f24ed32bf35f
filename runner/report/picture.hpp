// Draws the octets of a transcript as rows of offset, hex, label and pointer, for every report that is plain text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace ampspec::runner {

/// One row. All texts are escaped.
struct picture_row {
  std::optional<std::uint64_t> offset;            ///< of the first octet shown; none: the row has no octets
  std::string hex;                                ///< `01 00`, `6b 6b 6b … ×256`
  std::string label;                              ///< what they are, for one field
  std::size_t pointer_at = 0, pointer_width = 0;  ///< columns of `hex` to point at; width 0: none
  std::string pointer_text;                       ///< beside the pointer; may stand without one
};

/// An entry with octets, `per_row` of them in a row. Long fields and more than `most_rows` rows are shortened; what is
/// pointed at always stays.
std::vector<picture_row> picture_of(const conformance::transcript_entry&, std::size_t per_row,
                                    std::size_t most_rows = 48);

/// What stands above each side: `we sent`, `the server answered`.
struct side_names {
  std::string_view ours, theirs;
};
side_names sides_of(vectors::role);

/// The whole transcript in one column, lines ended by a newline.
std::string plain_transcript(const conformance::check_result&);

}  // namespace ampspec::runner
