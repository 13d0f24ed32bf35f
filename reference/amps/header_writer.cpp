// The writer: a refusal has written nothing.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header_writer.hpp"

#include "reference/amps/octet_words.hpp"

#include <algorithm>
#include <array>
#include <cstring>

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

/// A key and its colon: `"sow_key":`.
struct key_text {
  std::array<char, 24> octets{};
  std::size_t size = 0;
};

constexpr std::array<key_text, field_count> key_texts = [] {
  std::array<key_text, field_count> all{};
  for (std::size_t i = 0; i < field_count; ++i) {
    auto& made = all[i];
    for (const std::string_view part : {std::string_view("\""), all_fields[i].written, std::string_view("\":")}) {
      for (const char c : part) made.octets.at(made.size++) = c;
    }
  }
  return all;
}();

/// Octets on their way into a string, in blocks: a header is many pieces of a few octets, and to append each of them
/// to the string would cost more than all else.
class block {
 public:
  explicit block(std::string& out) : out_(out) {}

  /// Octets put so far.
  std::size_t size() const { return before_ + static_cast<std::size_t>(at_ - octets_.data()); }
  void put(char c) {
    make_room(1);
    *at_++ = c;
  }
  void put(const key_text& key) {
    make_room(key.octets.size());
    std::memcpy(at_, key.octets.data(), key.octets.size());
    at_ += key.size;
  }
  /// Puts what stands in front of the first octet that has to be escaped, and returns how many octets that was.
  std::size_t put_plain(std::string_view text) {
    using namespace octet_words;
    std::size_t done = 0;
    while (text.size() - done >= sizeof(std::uint64_t)) {
      make_room(sizeof(std::uint64_t));
      const std::uint64_t word = load(text.data() + done);
      const std::uint64_t marks = below(word, 0x20) | equal(word, every('"')) | equal(word, every('\\'));
      const auto plain = marks == 0 ? sizeof word : static_cast<std::size_t>(first(marks));
      std::memcpy(at_, text.data() + done, sizeof word);
      at_ += plain;
      done += plain;
      if (marks != 0) return done;
    }
    const auto needs_escape = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; };
    while (done < text.size() && !needs_escape(text[done])) put(text[done++]);
    return done;
  }
  void put(std::string_view text) {
    while (!text.empty()) {
      make_room(1);
      const auto some = std::min(text.size(), left());
      std::memcpy(at_, text.data(), some);
      at_ += some;
      text.remove_prefix(some);
    }
  }
  void flush() {
    before_ = size();
    out_.append(octets_.data(), static_cast<std::size_t>(at_ - octets_.data()));
    at_ = octets_.data();
  }

 private:
  std::size_t left() const { return octets_.size() - static_cast<std::size_t>(at_ - octets_.data()); }
  void make_room(std::size_t octets) {
    if (left() < octets) flush();
  }

  std::string& out_;
  std::size_t before_ = 0;
  std::array<char, 512> octets_;
  char* at_ = octets_.data();
};

void put_text(std::string_view text, block& out) {
  out.put('"');
  while (!text.empty()) {
    const auto plain = out.put_plain(text);
    if (plain == text.size()) break;
    const char c = text[plain];
    out.put('\\');
    if (const char letter = short_escape_of(c); letter != '\0') {
      out.put(letter);
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      out.put(std::string_view("u00"));  // AMPS-HDR-014: a character without a short escape
      out.put(digits[static_cast<unsigned char>(c) >> 4]);
      out.put(digits[static_cast<unsigned char>(c) & 15]);
    }
    text.remove_prefix(plain + 1);
  }
  out.put('"');
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
  block octets(out);
  std::optional<wire::failure> failure;
  const auto refuse = [&](errc code, wire::requirement_id broken) {
    failure = wire::failure{code, octets.size(), broken};
  };
  fields.for_each([&](field f, std::string_view text) {
    if (failure) return;
    octets.put(octets.size() == 0 ? '{' : ',');
    octets.put(key_texts[static_cast<std::size_t>(f)]);
    if (names_of(f).kind == field_kind::text) {
      if (f == field::correlation_id && !is_correlation_id(text)) {
        return refuse(errc::bad_correlation_id, "AMPS-HDR-022");
      }
      put_text(text, octets);
    } else {
      if (!fields.read_number(f).good()) return refuse(errc::bad_number, "AMPS-HDR-038");
      const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
      octets.put(text.substr(zeros));  // 007 is 7, and is no JSON
    }
  });
  if (failure) {
    out.resize(begin);
    return failure;
  }
  octets.put(octets.size() == 0 ? std::string_view("{}") : std::string_view("}"));
  octets.flush();
  return std::nullopt;
}

std::optional<wire::failure> write_header(const header_view& fields, std::string& out) {
  if (fields[field::command].empty()) return wire::failure{errc::no_command, 0, "AMPS-HDR-018"};
  return write_object(fields, out);
}

}  // namespace ampspec::amps
