// Reads orders and compares records by them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/order_by.hpp"

#include <algorithm>

namespace ampspec::amps {

namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\r' || text.front() == '\n'))
    text.remove_prefix(1);
}

bool take_word(std::string_view& text, std::string_view upper) {
  if (text.size() < upper.size()) return false;
  const auto same = [](char a, char b) { return a == b || a == static_cast<char>(b | 0x20); };
  if (!std::equal(upper.begin(), upper.end(), text.begin(), [&](char b, char a) { return same(a, b); })) return false;
  text.remove_prefix(upper.size());
  return true;
}

ordering order_of(const record_view& a, const record_view& b, const path& where) {
  const auto &ours = a.at(where), &theirs = b.at(where);
  if (ours.empty() || theirs.empty()) {
    return ours.empty() == theirs.empty() ? ordering::equal : ours.empty() ? ordering::less : ordering::greater;
  }
  const auto &x = ours.front(), &y = theirs.front();
  // A string of digits is a string here.
  if (x.is_text() != y.is_text()) return x.is_text() ? ordering::greater : ordering::less;
  return compare(x, y);
}

}  // namespace

std::optional<order_by> order_by::parse(std::string_view text) {
  order_by made;
  do {
    if (!made.parts_.empty()) text.remove_prefix(1);  // the comma
    skip_blanks(text);
    auto where = path::take(text);
    if (!where) return std::nullopt;
    part p{std::move(*where)};
    skip_blanks(text);
    if (!take_word(text, "ASC")) p.down = take_word(text, "DESC");
    skip_blanks(text);
    made.parts_.push_back(std::move(p));
  } while (text.starts_with(','));
  if (!text.empty()) return std::nullopt;
  return made;
}

bool order_by::before(const record_view& a, const record_view& b) const {
  for (const auto& p : parts_) {
    const auto o = order_of(a, b, p.where);
    if (o == ordering::less) return !p.down;
    if (o == ordering::greater) return p.down;
  }
  return false;
}

}  // namespace ampspec::amps
