// The scanner: a fast path for compact JSON without escapes, and the exact rules where something else is met.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header_scanner.hpp"

#include "reference/amps/key_table.hpp"
#include "reference/amps/octet_words.hpp"

#include <bit>

namespace ampspec::amps {
namespace {

using octet_words::equal;
using octet_words::every;
using octet_words::first;
using octet_words::keep;
using octet_words::load;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// The first quote or backslash at or behind `p`, or `end`.
const char* find_special(const char* p, const char* end) {
  while (end - p >= 8) {
    const std::uint64_t word = load(p);
    const std::uint64_t marks = equal(word, every('"')) | equal(word, every('\\'));
    if (marks != 0) return p + first(marks);
    p += 8;
  }
  while (p < end && *p != '"' && *p != '\\') ++p;
  return p;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The four digits at `p`, or -1.
int four_digits(const char* p) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

/// Octets of the escape at `p` (its backslash), 0 if it is none, -1 if `end` comes too early to tell.
int escape_size(const char* p, const char* end) {
  if (end - p < 2) return -1;
  if (p[1] != 'u') return short_escape(p[1]) == '\0' ? 0 : 2;
  const auto digits = [&](const char* at) {  // as escape_size for the four digits alone
    for (int i = 0; i < 4; ++i) {
      if (at + i == end) return -1;
      if (hex_digit(at[i]) < 0) return 0;
    }
    return 4;
  };
  if (const int n = digits(p + 2); n != 4) return n;
  const int unit = four_digits(p + 2);
  if (is_low_surrogate(unit)) return 0;
  if (!is_high_surrogate(unit)) return 6;
  if (end - p < 7) return -1;
  if (p[6] != '\\') return 0;
  if (end - p < 8) return -1;
  if (p[7] != 'u') return 0;
  if (const int n = digits(p + 8); n != 4) return n;
  return is_low_surrogate(four_digits(p + 8)) ? 12 : 0;
}

/// Appends the text of a string whose escapes are all right.
void unescape(std::string_view raw, std::string& out) {
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\') {
      out += raw[i++];
    } else if (raw[i + 1] != 'u') {
      out += short_escape(raw[i + 1]);
      i += 2;
    } else {
      auto code = static_cast<std::uint32_t>(four_digits(raw.data() + i + 2));
      i += 6;
      if (is_high_surrogate(static_cast<int>(code))) {
        const auto low = static_cast<std::uint32_t>(four_digits(raw.data() + i + 2));
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
      append_utf8(out, code);
    }
  }
}

class scanner {
 public:
  scanner(std::string_view octets, header_view& fields)
      : begin_(octets.data()), at_(begin_), end_(begin_ + octets.size()), fields_(fields) {}

  scanned run(std::string& unescaped) {
    skip_blanks();
    if (at_ == end_) return fail(errc::header_cut, "AMPS-FRAME-024");
    if (*at_ != '{') return fail(errc::no_header, "AMPS-FRAME-014");
    ++at_;
    skip_blanks();
    if (at_ != end_ && *at_ == '}') return done(unescaped);
    while (true) {
      if (!key() || !colon() || !value()) return failure_;
      skip_blanks();
      if (at_ == end_) return fail(errc::header_cut, "AMPS-HDR-019");
      if (*at_ == '}') return done(unescaped);
      if (*at_ != ',') return fail(errc::header_syntax, "AMPS-HDR-019");
      ++at_;
      skip_blanks();
    }
  }

 private:
  void skip_blanks() {
    while (at_ != end_ && is_blank(*at_)) ++at_;  // AMPS-HDR-003
  }

  scanned fail(errc code, wire::requirement_id broken) {
    failure_ = {static_cast<std::size_t>(at_ - begin_), code, broken};
    return failure_;
  }
  bool wrong(errc code, wire::requirement_id broken) {
    fail(code, broken);
    return false;
  }

  scanned done(std::string& unescaped) {
    ++at_;
    if (escaped_ != 0) undo_escapes(unescaped);
    return {static_cast<std::size_t>(at_ - begin_), errc{}, {}};
  }

  /// A string, at its opening quote; leaves `at_` behind the closing one. `raw` is what stands between them.
  bool string(std::string_view& raw, bool& has_escapes) {
    const char* const from = ++at_;
    while (true) {
      at_ = find_special(at_, end_);
      if (at_ == end_) return wrong(errc::header_cut, "AMPS-HDR-019");
      if (*at_ == '"') break;
      has_escapes = true;
      const int size = escape_size(at_, end_);
      if (size < 0) {
        at_ = end_;
        return wrong(errc::header_cut, "AMPS-HDR-019");
      }
      if (size == 0) return wrong(errc::bad_escape, "AMPS-HDR-037");
      at_ += size;
    }
    raw = {from, static_cast<std::size_t>(at_ - from)};
    ++at_;
    return true;
  }

  bool key() {
    if (at_ == end_) return wrong(errc::header_cut, "AMPS-HDR-019");
    if (*at_ != '"') return wrong(errc::header_syntax, "AMPS-HDR-019");
    if (end_ - at_ > 8) {
      // Most keys have fewer than eight octets.
      const std::uint64_t word = load(at_ + 1);
      const std::uint64_t quotes = equal(word, every('"'));
      if (quotes != 0 && equal(word, every('\\')) == 0) {
        const int size = first(quotes);
        key_ = key_table::find({keep(word, size), 0, static_cast<std::uint32_t>(size)});
        at_ += size + 2;
        return true;
      }
    }
    return long_key();
  }

  bool long_key() {
    std::string_view raw;
    bool has_escapes = false;
    if (!string(raw, has_escapes)) return false;
    std::string plain;
    if (has_escapes) {
      unescape(raw, plain);
      raw = plain;
    }
    key_ = raw.size() > key_table::longest_key ? key_table::no_field : key_table::find(key_table::words_of(raw));
    return true;
  }

  bool colon() {
    skip_blanks();
    if (at_ == end_) return wrong(errc::header_cut, "AMPS-HDR-019");
    if (*at_ != ':') return wrong(errc::header_syntax, "AMPS-HDR-019");
    ++at_;
    skip_blanks();
    return true;
  }

  void put(std::string_view text, bool has_escapes) {
    if (key_ == key_table::no_field) return;      // AMPS-HDR-016
    fields_.set(static_cast<field>(key_), text);  // AMPS-HDR-015: the last wins
    const std::uint64_t bit = std::uint64_t{1} << key_;
    escaped_ = has_escapes ? escaped_ | bit : escaped_ & ~bit;
  }

  bool value() {
    if (at_ == end_) return wrong(errc::header_cut, "AMPS-HDR-019");
    if (*at_ == '"') {
      std::string_view raw;
      bool has_escapes = false;
      if (!string(raw, has_escapes)) return false;
      put(raw, has_escapes);
      return true;
    }
    if (*at_ == '{' || *at_ == '[') return wrong(errc::nested_value, "AMPS-HDR-017");
    const char* const from = at_;
    while (at_ != end_ && is_number_part(*at_)) ++at_;
    if (at_ != from) {
      put({from, static_cast<std::size_t>(at_ - from)}, false);  // AMPS-HDR-041
      return true;
    }
    return word("true") || (failure_.ok() && word("false")) || (failure_.ok() && word("null")) ||
           (failure_.ok() && wrong(errc::header_syntax, "AMPS-HDR-019"));
  }

  /// That word, if it stands here; a failure if the octets end inside it.
  bool word(std::string_view text) {
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    if (!rest.starts_with(text)) {
      if (!text.starts_with(rest)) return false;
      at_ = end_;
      return wrong(errc::header_cut, "AMPS-HDR-019");
    }
    if (text != "null") put(rest.substr(0, text.size()), false);
    at_ += text.size();
    return true;
  }

  void undo_escapes(std::string& unescaped) {
    std::size_t size = 0;
    const auto each = [&](auto&& visit) {
      for (std::uint64_t rest = escaped_; rest != 0; rest &= rest - 1) {
        visit(static_cast<field>(std::countr_zero(rest)));
      }
    };
    each([&](field f) { size += fields_[f].size(); });
    unescaped.clear();
    unescaped.reserve(size);  // so that views into it stay where they are; texts never grow by losing escapes
    each([&](field f) {
      const std::size_t from = unescaped.size();
      unescape(fields_[f], unescaped);
      fields_.set(f, std::string_view(unescaped).substr(from));
    });
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  header_view& fields_;
  std::uint8_t key_ = key_table::no_field;
  std::uint64_t escaped_ = 0;  // fields whose text still has its escapes
  scanned failure_;
};

}  // namespace

scanned scan_header(std::string_view octets, header_view& fields, std::string& unescaped) {
  return scanner(octets, fields).run(unescaped);
}

}  // namespace ampspec::amps
