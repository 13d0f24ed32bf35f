// Octets as hexadecimal text and back, for people and for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ampspec::wire {

/// Two lower-case digits for each octet, nothing between them.
std::string to_hex(std::string_view octets);

/// The octets of `digits`, upper or lower case; blanks and line ends between digits are free. Nothing if another
/// character stands there or the number of digits is odd.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace ampspec::wire
