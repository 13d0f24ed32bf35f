// Walks paths through parsed bodies, and compares what it finds there.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/record.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ampspec::amps {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_step(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.' ||
         c == '@' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  const auto begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at - begin;
}

/// Whether a number, which is not 0, is nearer to zero than 1 is: by the power of ten of its first digit but 0.
bool is_below_one(std::string_view text) {
  const auto e = std::min(text.find_first_of("eE"), text.size());
  const auto point = std::min(text.find('.'), e), first = text.find_first_of("123456789");
  const auto power = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) - (first < point ? 1 : 0);
  auto digits = text.substr(std::min(e + 1, text.size()));
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (read.ec == std::errc::result_out_of_range) return digits.starts_with('-');
  return exponent < 0 ? exponent < -power : power < -exponent;
}

template <class T>
ordering order_of(const T& a, const T& b) {
  return a < b ? ordering::less : a == b ? ordering::equal : a > b ? ordering::greater : ordering::none;
}

ordering opposite(ordering o) {
  return o == ordering::less ? ordering::greater : o == ordering::greater ? ordering::less : o;
}

ordering compare_numbers(const scalar& a, const scalar& b) {
  using enum scalar::form;
  if (a.what == floating || b.what == floating) return order_of(a.as_real(), b.as_real());
  if (a.what == b.what) return a.what == whole ? order_of(a.integer, b.integer) : order_of(a.natural, b.natural);
  return a.what == unsigned_whole ? ordering::greater : ordering::less;  // such numbers are above every signed one
}

}  // namespace

double scalar::as_real() const {
  return what == form::floating ? real
         : what == form::whole  ? static_cast<double>(integer)
                                : static_cast<double>(natural);
}

scalar scalar::of_text(std::string_view text) {
  scalar s;
  s.text = text;
  return s;
}

scalar scalar::of_integer(std::int64_t value) {
  scalar s;
  s.what = form::whole;
  s.integer = value;
  return s;
}

scalar scalar::of_natural(std::uint64_t value) {
  if (value <= INT64_MAX) return of_integer(static_cast<std::int64_t>(value));
  scalar s;
  s.what = form::unsigned_whole;
  s.natural = value;
  return s;
}

scalar scalar::of_real(double value) {
  scalar s;
  s.what = form::floating;
  s.real = value;
  return s;
}

std::optional<scalar> scalar::of_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto whole_digits = digits_at(text, at);
  if (whole_digits == 0) return std::nullopt;
  at += whole_digits;
  bool is_integer = true;
  if (at < text.size() && text[at] == '.') {
    const auto more = digits_at(text, at + 1);
    if (more == 0) return std::nullopt;
    at += 1 + more;
    is_integer = false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const auto more = digits_at(text, at);
    if (more == 0) return std::nullopt;
    at += more;
    is_integer = false;
  }
  if (at != text.size()) return std::nullopt;

  const auto *begin = text.data(), *end = text.data() + text.size();
  if (is_integer) {
    std::int64_t small = 0;
    if (std::from_chars(begin, end, small).ec == std::errc{}) return of_integer(small);
    std::uint64_t large = 0;
    if (*begin != '-' && std::from_chars(begin, end, large).ec == std::errc{}) return of_natural(large);
  }
  double value = 0;
  if (std::from_chars(begin, end, value).ec == std::errc::result_out_of_range) {
    // The library leaves the value alone: too large, or too near to zero?
    value = is_below_one(text) ? 0.0 : HUGE_VAL;
    if (*begin == '-') value = -value;
  }
  return of_real(value);
}

ordering compare(const scalar& a, const scalar& b) {
  if (a.is_text() && b.is_text()) return order_of(a.text, b.text);
  if (b.is_text()) return opposite(compare(b, a));
  if (!a.is_text()) return compare_numbers(a, b);
  // AMPS-FILTER-009: a string that is a number compares as one, any other is the greater one.
  const auto number = scalar::of_number(a.text);
  if (!number) return b.what == scalar::form::floating && std::isnan(b.real) ? ordering::none : ordering::greater;
  return compare_numbers(*number, b);
}

std::optional<path> path::take(std::string_view& text, bool subscripts) {
  path made;
  std::size_t at = 0;
  while (at + 1 < text.size() && text[at] == '/' && is_step(text[at + 1])) {
    const auto begin = ++at;
    while (at < text.size() && is_step(text[at])) ++at;
    step s{std::string(text.substr(begin, at - begin))};
    if (subscripts && at < text.size() && text[at] == '[') {
      const auto digits = digits_at(text, at + 1);
      const auto end = at + 1 + digits;
      std::size_t element = 0;
      const auto *from = text.data() + at + 1, *to = text.data() + end;
      if (digits == 0 || end == text.size() || text[end] != ']') return std::nullopt;
      // More than fits a number is more than any array has.
      if (std::from_chars(from, to, element).ec != std::errc{}) element = SIZE_MAX;
      s.element = element;
      at = end + 1;
    }
    made.steps.push_back(std::move(s));
  }
  if (made.steps.empty()) return std::nullopt;
  made.text = text.substr(0, at);
  text.remove_prefix(at);
  return made;
}

std::optional<path> path::of(std::string_view text, bool subscripts) {
  auto made = take(text, subscripts);
  if (!text.empty()) return std::nullopt;
  return made;
}

record_view::findings& record_view::looked_at() const {
  if (!found_) {
    found_ = std::make_unique<findings>();
    auto& document = found_->document;
    if (is_json_) document = json_document::parse(body_);
    if (document && !document->is_object()) document.reset();
  }
  return *found_;
}

const json_document* record_view::document() const {
  const auto& document = looked_at().document;
  return document ? &*document : nullptr;
}

const std::vector<scalar>& record_view::at(const path& p) const {
  auto& all = looked_at();
  if (const auto known = all.seen.find(p.text); known != all.seen.end()) return known->second;
  auto& list = all.seen[all.decoded.emplace_back(p.text)];
  if (all.document) walk(0, p, 0, list);
  return list;
}

std::optional<std::string_view> record_view::first_text(const path& p) const {
  const auto& list = at(p);
  if (list.empty()) return std::nullopt;
  return list.front().text;
}

void record_view::walk(std::size_t node, const path& p, std::size_t step, std::vector<scalar>& into) const {
  const auto& all = *found_->document;
  if (all[node].kind == json_kind::array) {
    for (std::size_t at = node + 1; at < all[node].next; at = all[at].next) walk(at, p, step, into);
    return;
  }
  if (step == p.steps.size()) return add(node, into);
  auto found = all.member(node, p.steps[step].name);
  if (!found) return;
  if (const auto& element = p.steps[step].element) {  // AMPS-FILTER-014
    if (all[*found].kind == json_kind::array) {
      std::size_t at = *found + 1;
      for (std::size_t n = 0; n < *element && at < all[*found].next; ++n) at = all[at].next;
      if (at >= all[*found].next) return;
      found = at;
    } else if (*element != 0) {
      return;  // what is no array is a list of one
    }
  }
  walk(*found, p, step + 1, into);
}

void record_view::add(std::size_t index, std::vector<scalar>& into) const {
  const auto& node = (*found_->document)[index];
  scalar made;
  switch (node.kind) {
    case json_kind::boolean:
      made = scalar::of_integer(node.text == "true" ? 1 : 0);
      break;
    case json_kind::number:
      made = scalar::of_number(node.text).value_or(scalar{});
      break;
    case json_kind::string:
      if (node.text.empty()) return;  // AMPS-FILTER-011
      if (node.text_escaped) {
        into.push_back(scalar::of_text(found_->decoded.emplace_back(json_unescaped(node.text))));
        return;
      }
      break;
    default:
      return;  // null, and an object where a scalar was asked for
  }
  made.text = node.text;
  into.push_back(made);
}

}  // namespace ampspec::amps
