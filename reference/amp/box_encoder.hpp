// Turns boxes into octets, or refuses and writes nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/errc.hpp"
#include "reference/wire/failure.hpp"

#include <optional>
#include <string>

namespace ampspec::amp {

/// Appends one box to `out`, pairs in the order given (AMP1-FRAME-001). On a failure `out` is unchanged; the failure's
/// offset is where the refused key or value would have begun in this box. Refuses: empty_key (AMP1-FRAME-006),
/// key_too_long (AMP1-FRAME-005), value_too_long (AMP1-FRAME-007), duplicate_key (AMP1-FRAME-025). The empty box is
/// encoded (AMP1-FRAME-027); a session never sends it. In version 2 a value of any length is written, in chunks
/// (AMP2-001 to -007).
[[nodiscard]] std::optional<wire::failure> encode(box_view, std::string& out, version = version::v1);

}  // namespace ampspec::amp
