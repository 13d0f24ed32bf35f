// Parses the expression language by descent and evaluates the tree that comes of it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/filter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace ampspec::amps {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_word(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) { return lowered(x) == y; });
}

scalar not_a_number() { return scalar::of_real(std::numeric_limits<double>::quiet_NaN()); }

/// A string that converts is a number, any other is not one.
scalar number_of(const scalar& s) { return s.is_text() ? scalar::of_number(s.text).value_or(not_a_number()) : s; }

/// The integer itself, so that sums beyond 64 bits are seen.
__extension__ using wide = __int128;
wide wide_of(const scalar& s) {
  return s.what == scalar::form::whole ? static_cast<wide>(s.integer) : static_cast<wide>(s.natural);
}
scalar from_wide(wide value) {
  if (value >= INT64_MIN && value <= INT64_MAX) return scalar::of_integer(static_cast<std::int64_t>(value));
  if (value >= 0 && value <= static_cast<wide>(UINT64_MAX))
    return scalar::of_natural(static_cast<std::uint64_t>(value));
  return scalar::of_real(static_cast<double>(value));
}

scalar calculated(const scalar& left, char how, const scalar& right) {
  const auto a = number_of(left), b = number_of(right);
  if (a.what != scalar::form::floating && b.what != scalar::form::floating) {
    const wide x = wide_of(a), y = wide_of(b);
    switch (how) {
      case '+':
        return from_wide(x + y);
      case '-':
        return from_wide(x - y);
      case '*': {
        wide product;  // two of 64 bits without a sign have 128
        if (__builtin_mul_overflow(x, y, &product))
          return scalar::of_real(static_cast<double>(x) * static_cast<double>(y));
        return from_wide(product);
      }
      case '/':
        return y == 0 ? not_a_number() : from_wide(x / y);
      default:
        return y == 0 ? not_a_number() : from_wide(x % y);
    }
  }
  const double x = a.as_real(), y = b.as_real();
  switch (how) {
    case '+':
      return scalar::of_real(x + y);
    case '-':
      return scalar::of_real(x - y);
    case '*':
      return scalar::of_real(x * y);
    case '/':
      return scalar::of_real(x / y);
    default:
      return scalar::of_real(std::fmod(x, y));
  }
}

}  // namespace

class filter::parser {
 public:
  parser(filter& made, syntax_error& wrong) : f_(made), text_(made.text_), wrong_(wrong) {}

  bool run() {
    if (text_.size() > max_size) return fail("too long");
    skip_blanks();
    if (at_ == text_.size()) return true;
    index all = 0;
    if (!any_of(all)) return false;
    skip_blanks();
    return at_ == text_.size() || fail("something stands behind the filter");
  }

 private:
  /// Remembers the reason that lies furthest: the one that a person would name.
  bool fail(std::string_view what) {
    if (!failed_ || at_ >= wrong_.offset) wrong_ = {at_, what};
    failed_ = true;
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(std::string_view sign) {
    skip_blanks();
    if (text_.substr(at_, sign.size()) != sign) return false;
    at_ += sign.size();
    return true;
  }
  std::string_view word() {
    skip_blanks();
    auto end = at_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view lower) {
    const auto w = word();
    if (!same_word(w, lower)) return false;
    at_ += w.size();
    return true;
  }

  /// Counts how deep we are; the parser's own stack is what it guards.
  struct level {
    explicit level(int& depth) : depth_(depth) { ++depth_; }
    ~level() { --depth_; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;
    int& depth_;
  };

  index add(test t) {
    f_.tests_.push_back(std::move(t));
    return static_cast<index>(f_.tests_.size() - 1);
  }
  index add(value v) {
    f_.values_.push_back(std::move(v));
    return static_cast<index>(f_.values_.size() - 1);
  }

  bool any_of(index& made) { return chain(made, test_kind::any_of, "or", &parser::all_of); }
  bool all_of(index& made) { return chain(made, test_kind::all_of, "and", &parser::negation); }

  bool chain(index& made, test_kind kind, std::string_view word, bool (parser::*part)(index&)) {
    test all{kind};
    do {
      if (!(this->*part)(made)) return false;
      all.with.push_back(made);
    } while (take_word(word));
    if (all.with.size() > 1) made = add(std::move(all));
    return true;
  }

  bool negation(index& made) {
    const level here(depth_);
    if (depth_ > max_depth) return fail("too deep");
    if (!take_word("not")) return one_test(made);
    if (!negation(made)) return false;
    test t{test_kind::negation};
    t.left = made;
    made = add(std::move(t));
    return true;
  }

  bool one_test(index& made) {
    skip_blanks();
    // A parenthesis holds tests or a value, whichever lets the whole parse.
    if (at_ < text_.size() && text_[at_] == '(') {
      const auto begin = at_;
      const auto tests = f_.tests_.size(), values = f_.values_.size();
      ++at_;
      if (any_of(made) && (take(")") || fail("a closing parenthesis is missing"))) return true;
      at_ = begin;
      f_.tests_.resize(tests, test{test_kind::is_null});
      f_.values_.resize(values, value{value_kind::null});
    }
    index left = 0;
    return sum(left) && behind_value(left, made);
  }

  bool behind_value(index left, index& made) {
    test t{test_kind::comparison};
    t.left = left;
    if (take_word("is")) {
      const bool negated = take_word("not");
      if (!take_word("null")) return fail("NULL is missing behind IS");
      t.what = test_kind::is_null;
      return finish(std::move(t), negated, made);
    }
    if (take_word("like")) {
      t.what = test_kind::like;
      return pattern(t) && finish(std::move(t), false, made);
    }
    const bool negated = take_word("not");
    if (take_word("between")) {
      t.what = test_kind::between;
      t.with.resize(2);
      if (!sum(t.with[0])) return false;
      if (!take_word("and")) return fail("AND is missing in BETWEEN");
      return sum(t.with[1]) && finish(std::move(t), negated, made);
    }
    if (take_word("in")) {
      t.what = test_kind::among;
      if (!take("(")) return fail("an opening parenthesis is missing behind IN");
      do {
        index one = 0;
        if (!sum(one)) return false;
        t.with.push_back(one);
      } while (take(","));
      return (take(")") || fail("a closing parenthesis is missing")) && finish(std::move(t), negated, made);
    }
    if (negated) return fail("BETWEEN or IN is missing behind NOT");
    static constexpr std::pair<std::string_view, comparison> signs[] = {
        {"==", comparison::equal},     {"=", comparison::equal},    {"!=", comparison::not_equal},
        {"<>", comparison::not_equal}, {"<=", comparison::at_most}, {">=", comparison::at_least},
        {"<", comparison::less},       {">", comparison::greater}};
    for (const auto& [sign, how] : signs) {
      if (!take(sign)) continue;
      t.how = how;
      t.with.resize(1);
      return sum(t.with[0]) && finish(std::move(t), false, made);
    }
    return fail("a value alone is no test");
  }

  bool finish(test t, bool negated, index& made) {
    made = add(std::move(t));
    if (negated) {
      test n{test_kind::negation};
      n.left = made;
      made = add(std::move(n));
    }
    return true;
  }

  bool pattern(test& t) {
    skip_blanks();
    const bool raw = at_ < text_.size() && lowered(text_[at_]) == 'r';
    if (raw) ++at_;
    const auto begin = at_;
    std::string text;
    if (!string(text, raw)) return fail("LIKE needs a string");
    if (raw) {  // AMPS-FILTER-019
      t.raw = std::move(text);
      return true;
    }
    syntax_error wrong;
    t.pattern = regex::compile(text, wrong);
    if (t.pattern) return true;
    at_ = begin + 1 + wrong.offset;
    return fail(wrong.what);
  }

  // --- values ---

  bool sum(index& made) { return calculation(made, true); }
  bool product(index& made) { return calculation(made, false); }

  std::optional<char> operator_here(bool sums) {
    skip_blanks();
    if (at_ == text_.size()) return std::nullopt;
    const char c = text_[at_];
    if (sums ? c == '+' || c == '-' : c == '*' || c == '/' || c == '%') {
      // A slash before a step character begins a path, which nothing can stand before.
      ++at_;
      return c;
    }
    if (!sums && take_word("mod")) return '%';
    return std::nullopt;
  }

  bool calculation(index& made, bool sums) {
    const auto part = [&](index& into) { return sums ? product(into) : factor(into); };
    if (!part(made)) return false;
    value all{value_kind::sum};
    all.first = made;
    for (;;) {
      skip_blanks();
      if (!sums && at_ + 1 < text_.size() && text_[at_] == '/') {
        auto rest = text_.substr(at_);
        if (path::take(rest)) return fail("a path can't stand behind a value; a division needs blanks");
      }
      const auto how = operator_here(sums);
      if (!how) break;
      index one = 0;
      if (!part(one)) return false;
      all.then.emplace_back(*how, one);
    }
    if (!all.then.empty()) made = add(std::move(all));
    return true;
  }

  bool factor(index& made) {
    const level here(depth_);
    if (depth_ > max_depth) return fail("too deep");
    if (!take("-")) return plain_factor(made);
    if (!plain_factor(made)) return false;
    value v{value_kind::negated};
    v.first = made;
    made = add(std::move(v));
    return true;
  }

  bool plain_factor(index& made) {
    skip_blanks();
    if (at_ == text_.size()) return fail("a value is missing");
    const char c = text_[at_];
    if (is_digit(c)) return number(made);
    if (c == '\'' || c == '"') {
      std::string text;
      if (!string(text, false)) return false;
      value v{text.empty() ? value_kind::null : value_kind::literal};  // AMPS-FILTER-011
      v.literal = scalar::of_text(f_.literals_.emplace_back(std::move(text)));
      made = add(std::move(v));
      return true;
    }
    if (c == '/') {
      auto rest = text_.substr(at_);
      auto p = path::take(rest);
      if (!p) return fail("a path is missing its name");
      at_ = text_.size() - rest.size();
      value v{value_kind::path};
      v.first = static_cast<index>(f_.paths_.size());
      f_.paths_.push_back(std::move(*p));
      made = add(std::move(v));
      return true;
    }
    if (c == '(') {
      ++at_;
      return sum(made) && (take(")") || fail("a closing parenthesis is missing"));
    }
    return fail("a value is missing");
  }

  bool number(index& made) {
    const auto begin = at_;
    const auto digits = [&](std::size_t at) {
      const auto from = at;
      while (at < text_.size() && is_digit(text_[at])) ++at;
      return at - from;
    };
    at_ += digits(at_);
    if (at_ < text_.size() && text_[at_] == '.') {
      const auto more = digits(at_ + 1);
      if (more == 0) return fail("digits are missing behind the point");
      at_ += 1 + more;
    }
    if (at_ < text_.size() && lowered(text_[at_]) == 'e') {
      auto end = at_ + 1;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      const auto more = digits(end);
      if (more == 0) return fail("digits are missing in the exponent");
      at_ = end + more;
    }
    value v{value_kind::literal};
    v.literal = *scalar::of_number(text_.substr(begin, at_ - begin));
    v.literal.text = text_.substr(begin, at_ - begin);
    made = add(std::move(v));
    return true;
  }

  static int hex_value(char c) {
    return is_digit(c) ? c - '0' : lowered(c) >= 'a' && lowered(c) <= 'f' ? lowered(c) - 'a' + 10 : -1;
  }

  // AMPS-FILTER-018
  bool string(std::string& out, bool raw) {
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return fail("a string is missing");
    const auto begin = at_;
    const char quote = text_[at_++];
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) return true;
      if (c != '\\' || raw) {
        out += c;
        continue;
      }
      if (at_ == text_.size()) break;
      const char e = text_[at_++];
      constexpr std::string_view from = "abtnfr", to = "\a\b\t\n\f\r";
      if (const auto found = from.find(e); found != std::string_view::npos) {
        out += to[found];
      } else if (e == 'x' && at_ + 1 < text_.size() && hex_value(text_[at_]) >= 0 && hex_value(text_[at_ + 1]) >= 0) {
        out += static_cast<char>(hex_value(text_[at_]) * 16 + hex_value(text_[at_ + 1]));
        at_ += 2;
      } else if (is_octal(at_ - 1) && is_octal(at_) && is_octal(at_ + 1)) {
        out += static_cast<char>((e - '0') * 64 + (text_[at_] - '0') * 8 + (text_[at_ + 1] - '0'));
        at_ += 2;
      } else {
        out += e;
      }
    }
    at_ = begin;
    return fail("a string without an end");
  }
  bool is_octal(std::size_t at) const { return at < text_.size() && text_[at] >= '0' && text_[at] <= '7'; }

  filter& f_;
  std::string_view text_;
  syntax_error& wrong_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

std::shared_ptr<const filter> filter::parse(std::string_view text, syntax_error& wrong) {
  auto made = std::make_shared<filter>();
  made->text_ = text;
  wrong = {};
  if (!parser(*made, wrong).run()) return nullptr;
  // One of the conjuncts decides alone: `/a = 'x' AND ...`.
  if (!made->tests_.empty()) {
    const auto& all = made->tests_.back();
    const auto look = [&](const test& t) {
      if (made->needs_ || t.what != test_kind::comparison || t.how != comparison::equal) return;
      const auto *a = &made->values_[t.left], *b = &made->values_[t.with[0]];
      if (a->what == value_kind::literal) std::swap(a, b);
      if (a->what != value_kind::path || b->what != value_kind::literal) return;
      made->needs_ = equality{&made->paths_[a->first], b->literal};
    };
    if (all.what == test_kind::all_of) {
      for (const auto part : all.with) look(made->tests_[part]);
    } else {
      look(all);
    }
  }
  return made;
}

std::size_t filter::octets() const {
  auto all = sizeof(filter) + 2 * text_.size() + paths_.size() * 128;
  for (const auto& v : values_) all += sizeof(value) + v.then.size() * sizeof(v.then.front());
  for (const auto& t : tests_) {
    all += sizeof(test) + t.with.size() * sizeof(index) + (t.pattern ? t.pattern->octets() : 0);
  }
  return all;
}

bool filter::matches(const record_view& record) const { return tests_.empty() || holds(tests_.back(), record); }

bool filter::holds(const test& t, const record_view& record) const {
  switch (t.what) {
    case test_kind::any_of:
      return std::any_of(t.with.begin(), t.with.end(), [&](index i) { return holds(tests_[i], record); });
    case test_kind::all_of:
      return std::all_of(t.with.begin(), t.with.end(), [&](index i) { return holds(tests_[i], record); });
    case test_kind::negation:
      return !holds(tests_[t.left], record);
    case test_kind::comparison:
      return compared(t.left, t.how, t.with[0], record);
    case test_kind::between:  // AMPS-FILTER-006
      return compared(t.left, comparison::at_least, t.with[0], record) &&
             compared(t.left, comparison::at_most, t.with[1], record);
    case test_kind::among:  // AMPS-FILTER-005
      return std::any_of(t.with.begin(), t.with.end(),
                         [&](index i) { return compared(t.left, comparison::equal, i, record); });
    case test_kind::like: {  // AMPS-FILTER-007
      scalar one;
      std::size_t count = 0;
      const auto* list = list_of(t.left, record, one, count);
      for (std::size_t i = 0; i < count; ++i) {
        const auto text = list[i].text;
        if (t.pattern ? t.pattern->found_in(text) : text.find(t.raw) != std::string_view::npos) return true;
      }
      return false;
    }
    case test_kind::is_null: {
      scalar one;
      std::size_t count = 0;
      list_of(t.left, record, one, count);
      return count == 0;
    }
  }
  return false;
}

const scalar* filter::list_of(index at, const record_view& record, scalar& one, std::size_t& count) const {
  const auto& v = values_[at];
  if (v.what == value_kind::path) {
    const auto& list = record.at(paths_[v.first]);
    count = list.size();
    return list.data();
  }
  count = first_of(at, record, one) ? 1 : 0;
  return &one;
}

bool filter::first_of(index at, const record_view& record, scalar& into) const {
  const auto& v = values_[at];
  switch (v.what) {
    case value_kind::literal:
      into = v.literal;
      return true;
    case value_kind::null:
      return false;
    case value_kind::path: {
      const auto& list = record.at(paths_[v.first]);
      if (list.empty()) return false;
      into = list.front();
      return true;
    }
    case value_kind::negated:
      if (!first_of(v.first, record, into)) return false;
      into = into.what == scalar::form::floating ? scalar::of_real(-into.real)
                                                 : calculated(scalar::of_integer(0), '-', into);
      return true;
    case value_kind::sum: {
      if (!first_of(v.first, record, into)) return false;
      scalar operand;
      for (const auto& [how, with] : v.then) {
        if (!first_of(with, record, operand)) return false;  // with NULL in it, all of it is NULL
        into = calculated(into, how, operand);
      }
      return true;
    }
  }
  return false;
}

bool filter::compared(index left, comparison how, index right, const record_view& record) const {
  scalar one, other;
  std::size_t left_count = 0, right_count = 0;
  const auto* ours = list_of(left, record, one, left_count);
  const auto* theirs = list_of(right, record, other, right_count);
  // AMPS-FILTER-013: some pair is enough; with nothing on one side there is none (AMPS-FILTER-008).
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < left_count; ++i) {
    for (std::size_t j = 0; j < right_count; ++j) {
      if (++pairs > max_pairs) return false;
      const auto o = compare(ours[i], theirs[j]);
      if (o == ordering::none) continue;
      switch (how) {
        case comparison::equal:
          if (o == ordering::equal) return true;
          break;
        case comparison::not_equal:
          if (o != ordering::equal) return true;
          break;
        case comparison::less:
          if (o == ordering::less) return true;
          break;
        case comparison::at_most:
          if (o != ordering::greater) return true;
          break;
        case comparison::greater:
          if (o == ordering::greater) return true;
          break;
        case comparison::at_least:
          if (o != ordering::less) return true;
          break;
      }
    }
  }
  return false;
}

}  // namespace ampspec::amps
