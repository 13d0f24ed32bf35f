// What the second implementation needs to know of text: UTF-8, letters, numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::naive {

/// Octets of the UTF-8 character at the front of `text`; 0 if there is none.
std::size_t utf8_character(std::string_view text);
bool is_utf8(std::string_view text);
/// The octets of a code point; of a surrogate too, which is no UTF-8.
std::string utf8_of(char32_t);
/// `text` with U+FFFD for each octet that belongs to no character.
std::string with_replacements(std::string_view text);
/// The longest front of the UTF-8 `text` of at most `size` octets that ends at a character's border.
std::string cut_text(std::string_view text, std::size_t size);

std::string lower(std::string_view text);
/// Without spaces, tabs and line ends around it.
std::string trimmed(std::string_view text);
std::string up_to_nul(std::string_view text);

/// Base 10 with an optional sign; nothing if it is anything else or does not fit into 64 bits.
std::optional<std::int64_t> integer(std::string_view text);

}  // namespace ampspec::naive
