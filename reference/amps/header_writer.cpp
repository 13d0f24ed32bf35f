// The writer: a refusal has written nothing.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header_writer.hpp"

#include <algorithm>

namespace ampspec::amps {
namespace {

/// The letter of the short escape of `c`, 0 if it has none.
char short_escape_of(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return '\0';
  }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void put_text(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    const char c = text[plain];
    out += '\\';
    if (const char letter = short_escape_of(c); letter != '\0') {
      out += letter;
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "u00";  // AMPS-HDR-014: a character without a short escape
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

}  // namespace

bool is_correlation_id(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
  });
}

std::optional<wire::failure> write_object(const header_view& fields, std::string& out) {
  const std::size_t begin = out.size();
  std::optional<wire::failure> failure;
  const auto refuse = [&](errc code, wire::requirement_id broken) {
    failure = wire::failure{code, out.size() - begin, broken};
  };
  fields.for_each([&](field f, std::string_view text) {
    if (failure) return;
    const field_names& names = names_of(f);
    out += out.size() == begin ? "{\"" : ",\"";
    out += names.written;
    out += "\":";
    if (names.kind == field_kind::text) {
      if (f == field::correlation_id && !is_correlation_id(text)) {
        return refuse(errc::bad_correlation_id, "AMPS-HDR-022");
      }
      put_text(text, out);
    } else {
      if (!fields.read_number(f).good()) return refuse(errc::bad_number, "AMPS-HDR-038");
      const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
      out += text.substr(zeros);  // 007 is 7, and is no JSON
    }
  });
  if (failure) {
    out.resize(begin);
    return failure;
  }
  out += out.size() == begin ? "{}" : "}";
  return std::nullopt;
}

std::optional<wire::failure> write_header(const header_view& fields, std::string& out) {
  if (fields[field::command].empty()) return wire::failure{errc::no_command, 0, "AMPS-HDR-018"};
  return write_object(fields, out);
}

}  // namespace ampspec::amps
