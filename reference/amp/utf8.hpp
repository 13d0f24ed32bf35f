// UTF-8 as the protocol wants it: valid, and of a limited length.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ampspec::amp {

/// `octets` with everything that is not UTF-8 replaced by U+FFFD; valid text comes back as it is.
std::string valid_utf8(std::string_view octets);

/// How many octets at the beginning are valid UTF-8: all of them if `octets.size()` comes back.
std::size_t valid_utf8_prefix(std::string_view octets);

/// The longest beginning of valid UTF-8 that has at most `size` octets and ends at a character border.
std::string_view cut_utf8(std::string_view text, std::size_t size);

}  // namespace ampspec::amp
