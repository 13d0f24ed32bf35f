// Reads JSON by descent, octet after octet.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/json.hpp"

#include <cstdint>

namespace ampspec::naive {
namespace {

struct no_json {};

std::string utf8_of(std::uint32_t c) {
  const auto octet = [](std::uint32_t n) { return std::string(1, static_cast<char>(n)); };
  if (c < 0x80) return octet(c);
  if (c < 0x800) return octet(0xc0 + c / 64) + octet(0x80 + c % 64);
  if (c < 0x10000) return octet(0xe0 + c / 4096) + octet(0x80 + c / 64 % 64) + octet(0x80 + c % 64);
  return octet(0xf0 + c / 262144) + octet(0x80 + c / 4096 % 64) + octet(0x80 + c / 64 % 64) + octet(0x80 + c % 64);
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

class reader {
 public:
  reader(std::string_view text, std::size_t most_depth) : rest_(text), most_depth_(most_depth) {}

  json all() {
    blanks();
    json made = value(0);
    blanks();
    if (!rest_.empty()) throw no_json();
    return made;
  }

 private:
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  char octet() {
    if (rest_.empty()) throw no_json();
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void blanks() {
    while (!rest_.empty() && std::string(" \t\n\r").find(rest_.front()) != std::string::npos) octet();
  }
  void expect(std::string_view word) {
    for (const char c : word) {
      if (octet() != c) throw no_json();
    }
  }

  json value(std::size_t depth) {
    json made;
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth == most_depth_) throw no_json();
      made.is = c == '{' ? json::form::object : json::form::array;
      octet();
      contents(made, c == '{' ? '}' : ']', depth);
    } else if (c == '"') {
      made.is = json::form::string;
      made.text = string();
    } else if (c == 't' || c == 'f') {
      made.is = json::form::boolean;
      made.text = c == 't' ? "true" : "false";
      expect(made.text);
    } else if (c == 'n') {
      made.text = "null";
      expect(made.text);
    } else {
      made.is = json::form::number;
      made.text = number();
    }
    return made;
  }

  void contents(json& made, char end, std::size_t depth) {
    blanks();
    if (peek() == end) return void(octet());
    for (;;) {
      blanks();
      std::string name;
      if (end == '}') {
        name = string();
        blanks();
        expect(":");
        blanks();
      }
      made.members.push_back({name, value(depth + 1)});
      blanks();
      const char c = octet();
      if (c == end) return;
      if (c != ',') throw no_json();
    }
  }

  std::string digits() {
    std::string some;
    while (peek() >= '0' && peek() <= '9') some += octet();
    if (some.empty()) throw no_json();
    return some;
  }
  std::string number() {
    std::string made;
    if (peek() == '-') made += octet();
    made += peek() == '0' ? std::string(1, octet()) : digits();
    if (peek() == '.') {
      made += octet();
      made += digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      made += octet();
      if (peek() == '+' || peek() == '-') made += octet();
      made += digits();
    }
    return made;
  }

  std::string string() {
    expect("\"");
    std::string made;
    for (;;) {
      const char c = octet();
      if (c == '"') return made;
      if (static_cast<unsigned char>(c) < 0x20) throw no_json();
      if (c == '\\') {
        made += escape();
      } else {
        made += c;
      }
    }
  }
  std::string escape() {
    const char c = octet();
    if (c == '"' || c == '\\' || c == '/') return {c};
    if (c == 'b') return "\b";
    if (c == 'f') return "\f";
    if (c == 'n') return "\n";
    if (c == 'r') return "\r";
    if (c == 't') return "\t";
    if (c != 'u') throw no_json();
    const std::uint32_t high = unit();
    if (high < 0xd800 || high >= 0xdc00 || !rest_.starts_with("\\u")) return utf8_of(high);
    const std::string_view behind = rest_;  // the other half of a pair, or something else
    expect("\\u");
    const std::uint32_t low = unit();
    if (low >= 0xdc00 && low < 0xe000) return utf8_of(0x10000 + (high - 0xd800) * 1024 + (low - 0xdc00));
    rest_ = behind;
    return utf8_of(high);
  }
  std::uint32_t unit() {
    std::uint32_t made = 0;
    for (int i = 0; i < 4; ++i) {
      const auto value = std::string("0123456789abcdef").find(lowered(octet()));
      if (value == std::string::npos) throw no_json();
      made = made * 16 + static_cast<std::uint32_t>(value);
    }
    return made;
  }

  std::string_view rest_;
  std::size_t most_depth_;
};

}  // namespace

std::optional<json> read_json(std::string_view text, std::size_t most_depth) {
  try {
    return reader(text, most_depth).all();
  } catch (const no_json&) {
    return std::nullopt;
  }
}

std::vector<std::string> scalars_at(const json& from, const std::vector<json_step>& steps, std::size_t step) {
  std::vector<std::string> found;
  if (from.is == json::form::array) {
    for (const auto& [none, element] : from.members) {
      for (auto& text : scalars_at(element, steps, step)) found.push_back(std::move(text));
    }
    return found;
  }
  if (step == steps.size()) {
    if (from.is != json::form::object && from.is != json::form::null && !from.text.empty()) found.push_back(from.text);
    return found;
  }
  if (from.is != json::form::object) return found;
  for (const auto& [name, member] : from.members) {
    if (name != steps[step].name) continue;
    const auto& element = steps[step].element;
    if (!element) return scalars_at(member, steps, step + 1);
    if (member.is != json::form::array) return *element == 0 ? scalars_at(member, steps, step + 1) : found;
    if (*element >= member.members.size()) return found;
    return scalars_at(member.members[*element].value, steps, step + 1);
  }
  return found;
}

}  // namespace ampspec::naive
