// Writes a header as compact JSON, or refuses and writes nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/header.hpp"
#include "reference/wire/failure.hpp"

#include <optional>
#include <string>

namespace ampspec::amps {

/// Appends the object: the fields in the order of the enumerators, without white space (AMPS-HDR-002), numeric fields
/// as bare numbers (AMPS-HDR-011), others as strings with `"` and `\` escaped (AMPS-HDR-012) and control characters by
/// their short escape, else \u00 and two digits (AMPS-HDR-013). On a failure `out` is unchanged; the failure's offset
/// is where the refused value would have begun in the object. Refuses: bad_number (AMPS-HDR-038), bad_correlation_id
/// (AMPS-HDR-022). For record headers; a message needs `write_header`.
[[nodiscard]] std::optional<wire::failure> write_object(const header_view&, std::string& out);

/// The same for the header of a message: refuses also no_command (AMPS-HDR-018), absent or empty.
[[nodiscard]] std::optional<wire::failure> write_header(const header_view&, std::string& out);

/// Letters, digits, `+`, `/` and `=`, in any number and order (AMPS-HDR-022).
bool is_correlation_id(std::string_view);

}  // namespace ampspec::amps
