// Makes text and octets that came from an implementation safe to show: on a terminal, in XML, in a line.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/text.hpp"

#include <algorithm>

namespace ampspec::runner {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_octet(std::string& out, unsigned char octet) {
  out += hex_digits[octet >> 4];
  out += hex_digits[octet & 15];
}

std::string hex_number(std::uint32_t value) {
  std::string out;
  for (int shift = 20; shift >= 0; shift -= 4) {
    const auto digit = value >> shift & 15;
    if (digit != 0 || !out.empty() || shift == 0) out += hex_digits[digit];
  }
  return out;
}

bool is_control(std::uint32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/// Invisible or acting on what stands around it: zero-width and direction marks, line separators, tags, non-characters.
bool is_treacherous(std::uint32_t c) {
  return c == 0xad || c == 0x61c || c == 0xfeff || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe ||
         (c >= 0xe0000 && c <= 0xe0fff);
}

}  // namespace

code_point first_code_point(std::string_view text) {
  const auto octet = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
  const std::uint32_t lead = octet(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const code_point invalid{lead, 1, false};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return invalid;
  std::uint32_t value = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return invalid;
    value = value << 6 | (octet(i) & 0x3f);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return invalid;
  return {value, size, true};
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto c = first_code_point(text);
    if (!c.valid || is_control(c.value)) {
      out += "\\x";
      append_octet(out, static_cast<unsigned char>(c.value));
    } else if (is_treacherous(c.value)) {
      out += "\\u{" + hex_number(c.value) + "}";
    } else {
      out += text.substr(0, c.octets);
    }
    text.remove_prefix(c.octets);
  }
  return out;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::string out;
  for (std::size_t used = 0; used + 1 < width; ++used) {
    const auto size = first_code_point(text).octets;
    out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return width == 0 ? out : out + "…";
}

std::string padded(std::string_view text, std::size_t width) {
  auto out = cut_to(text, width);
  out.append(width - columns(out), ' ');
  return out;
}

std::string in_column(std::string text, std::size_t width) {
  const auto used = columns(text);
  return text.append(used < width ? width - used : 1, ' ');
}

std::string spaced_hex(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (!out.empty()) out += ' ';
    append_octet(out, static_cast<unsigned char>(c));
  }
  return out;
}

std::string plain_hex(std::string_view octets) {
  std::string out;
  out.reserve(octets.size() * 2);
  for (const char c : octets) append_octet(out, static_cast<unsigned char>(c));
  return out;
}

std::string thousands(std::uint64_t number) {
  auto out = std::to_string(number);
  for (auto at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return thousands(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

std::string shell_word(std::string_view word) {
  const auto harmless = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:@%+=,").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), harmless)) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string markup(std::string_view escaped_text) {
  std::string out;
  for (const char c : escaped_text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace ampspec::runner
