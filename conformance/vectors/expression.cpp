// Evaluates sizes and counts, and resolves `$name`.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/expression.hpp"

#include "conformance/vectors/loader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace ampspec::vectors {
namespace {

__extension__ using wide = __int128;
constexpr wide largest = std::numeric_limits<std::uint64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// sum := product (('+' | '-') product)* ; product := operand ('*' operand)* ; operand := number | $name | '(' sum ')'
class parser {
 public:
  using lookup = std::function<wide(std::string_view)>;
  parser(const expression& e, const lookup& value_of) : text_(e.text), where_(e), value_of_(value_of) {}

  wide whole() {
    const wide value = sum();
    blanks();
    if (at_ != text_.size()) unexpected();
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw load_error(where_.mark, "bad expression `" + where_.text + "`: " + what);
  }
  [[noreturn]] void unexpected() const {
    fail(at_ >= text_.size() ? "it ends too early; write a number or `$name`"
                             : "`" + std::string(text_.substr(at_)) +
                                   "` is not expected there; write numbers, `$name`, `+`, `-`, `*` and parentheses");
  }
  void blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  wide fitting(wide value) const {
    if (value > largest || value < -largest) fail("the value does not fit into 64 bits; write a smaller one");
    return value;
  }
  wide sum() {
    wide value = product();
    for (;;) {
      if (take('+'))
        value = fitting(value + product());
      else if (take('-'))
        value = fitting(value - product());
      else
        return value;
    }
  }
  wide product() {
    wide value = operand();
    while (take('*')) {
      wide next = 0;
      if (__builtin_mul_overflow(value, operand(), &next))
        fail("the value does not fit into 64 bits; write a smaller one");
      value = fitting(next);
    }
    return value;
  }
  wide operand() {
    blanks();
    if (take('(')) {
      if (++depth_ > 50) fail("parentheses are nested too deep; write it simpler");
      const wide value = sum();
      if (!take(')')) fail("a parenthesis is not closed; write `)`");
      --depth_;
      return value;
    }
    const std::size_t begin = at_;
    if (at_ < text_.size() && text_[at_] == '$') {
      ++at_;
      while (at_ < text_.size() && (is_lower(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '_')) ++at_;
      const auto name = text_.substr(begin + 1, at_ - begin - 1);
      if (!is_name(name)) fail("`$` needs a name behind it; write `$name`");
      return value_of_(name);
    }
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ == begin) unexpected();
    const auto value = number(text_.substr(begin, at_ - begin));
    if (!value) fail("the number does not fit into 64 bits; write a smaller one");
    return static_cast<wide>(*value);
  }

  std::string_view text_;
  const expression& where_;
  const lookup& value_of_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

const std::string& look_up(std::string_view name, const scope& names, const source_mark& mark) {
  const auto found = names.find(name);
  if (found == names.end()) {
    throw load_error(mark, "unknown name `$" + std::string(name) + "`; write a limit or a name of the matrix");
  }
  return found->second;
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && is_lower(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

scope default_scope() { return {{"max_key", "255"}, {"max_value", "65535"}, {"chunk", "65535"}}; }

void check_expression(const expression& e, const std::function<void(std::string_view)>& seen) {
  parser(e, [&](std::string_view name) {
    seen(name);
    return wide{1};
  }).whole();
}

std::uint64_t evaluate(const expression& e, const scope& names) {
  if (const auto plain = number(e.text)) return *plain;
  const wide value =
      parser(e, [&](std::string_view name) {
        const std::string& text = look_up(name, names, e.mark);
        const auto plain = number(text);
        if (!plain) {
          throw load_error(e.mark, "`$" + std::string(name) + "` is `" + text +
                                       "`, which is not a number; write a name whose values are numbers");
        }
        return static_cast<wide>(*plain);
      }).whole();
  if (value < 0) throw load_error(e.mark, "the value of `" + e.text + "` is negative; write one that is not");
  return static_cast<std::uint64_t>(value);
}

std::string resolve(const text_ref& ref, const scope& names) {
  const std::string_view text = ref.text;
  if (text.empty() || text[0] != '$') return ref.text;
  if (text.starts_with("$$")) return std::string(text.substr(1));
  return look_up(text.substr(1), names, ref.mark);
}

}  // namespace ampspec::vectors
