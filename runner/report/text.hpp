// Makes text and octets that came from an implementation safe to show: on a terminal, in XML, in a line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::runner {

/// One code point at the front of `text`: its value and how many octets it takes. Invalid UTF-8 (overlong forms,
/// surrogates and values above U+10FFFF included) takes one octet and has `valid` false, `value` being that octet.
struct code_point {
  std::uint32_t value = 0;
  std::size_t octets = 0;
  bool valid = false;
};
code_point first_code_point(std::string_view text);

/// `text` as UTF-8 without anything that acts on a terminal, breaks a line, turns the writing direction or is not legal
/// in XML: control characters and invalid octets become `\x1b`, other such characters `\u{202e}`. Everything else
/// stays.
std::string escaped(std::string_view text);

/// Text that has been escaped, or consists of escaped lines, for HTML and XML: between tags and in attributes.
std::string markup(std::string_view escaped_text);

/// Columns that escaped text takes, one for each code point.
std::size_t columns(std::string_view text);

/// Escaped text cut to `width` columns, with an ellipsis if something was cut; `width` 0 gives nothing.
std::string cut_to(std::string_view text, std::size_t width);

/// `cut_to`, filled with blanks to exactly `width` columns.
std::string padded(std::string_view text, std::size_t width);

/// Escaped text, never cut, filled with blanks to `width` columns; at least one blank stands behind it.
std::string in_column(std::string text, std::size_t width);

/// `01 00 ff`
std::string spaced_hex(std::string_view octets);

/// `0100ff`
std::string plain_hex(std::string_view octets);

/// `1,234`
std::string thousands(std::uint64_t number);

/// `1 check`, `1,234 checks`
std::string counted(std::uint64_t number, std::string_view noun);

/// For a POSIX shell: as it is if no character means anything there, else in single quotes.
std::string shell_word(std::string_view word);

}  // namespace ampspec::runner
