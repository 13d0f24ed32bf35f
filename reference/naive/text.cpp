// Text, octet by octet.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/text.hpp"

#include <charconv>

namespace ampspec::naive {

std::size_t utf8_character(std::string_view text) {
  if (text.empty()) return 0;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = octet(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (octet(i) < 0x80 || octet(i) > 0xbf) return 0;
  }
  const bool overlong = (first == 0xe0 && octet(1) < 0xa0) || (first == 0xf0 && octet(1) < 0x90);
  const bool surrogate = first == 0xed && octet(1) > 0x9f;
  const bool beyond = first == 0xf4 && octet(1) > 0x8f;
  return overlong || surrogate || beyond ? 0 : size;
}

std::string utf8_of(char32_t c) {
  const auto octet = [](char32_t n) { return static_cast<char>(n); };
  if (c < 0x80) return {octet(c)};
  if (c < 0x800) return {octet(0xc0 + c / 64), octet(0x80 + c % 64)};
  if (c < 0x10000) return {octet(0xe0 + c / 4096), octet(0x80 + c / 64 % 64), octet(0x80 + c % 64)};
  return {octet(0xf0 + c / 262144), octet(0x80 + c / 4096 % 64), octet(0x80 + c / 64 % 64), octet(0x80 + c % 64)};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string with_replacements(std::string_view text) {
  std::string good;
  while (!text.empty()) {
    const std::size_t size = utf8_character(text);
    good += size > 0 ? std::string(text.substr(0, size)) : "\xef\xbf\xbd";
    text.remove_prefix(size > 0 ? size : 1);
  }
  return good;
}

std::string cut_text(std::string_view text, std::size_t size) {
  if (text.size() <= size) return std::string(text);
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return std::string(text.substr(0, size));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string trimmed(std::string_view text) {
  const std::string_view blanks = " \t\r\n";
  const std::size_t from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return "";
  return std::string(text.substr(from, text.find_last_not_of(blanks) - from + 1));
}

std::string up_to_nul(std::string_view text) { return std::string(text.substr(0, text.find('\0'))); }

std::optional<std::int64_t> integer(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

}  // namespace ampspec::naive
