// Owned headers, numbers in fields, and how headers compare.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/header.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ampspec::amps {

std::optional<std::uint64_t> number_from(std::string_view digits, std::uint64_t most) {
  if (digits.empty() || digits.size() > 20) return std::nullopt;  // AMPS-HDR-038
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (~std::uint64_t{0} - digit) / 10) return std::nullopt;
    value = 10 * value + digit;
  }
  if (value > most) return std::nullopt;
  return value;
}

number header_view::read_number(field f) const {
  if (!has(f)) return {};
  const auto most = names_of(f).kind == field_kind::number_32 ? std::numeric_limits<std::uint32_t>::max()
                                                              : std::numeric_limits<std::uint64_t>::max();
  const auto value = number_from((*this)[f], most);
  if (!value) return {number::reading::bad, 0};
  return {number::reading::good, *value};
}

bool header_view::same_fields(const header_view& other) const {
  if (present_ != other.present_) return false;
  bool same = true;
  for_each([&](field f, std::string_view text) { same = same && text == other[f]; });
  return same;
}

header::header(const header_view& other) {
  std::size_t size = 0;
  other.for_each([&](field, std::string_view text) { size += text.size(); });
  octets_.reserve(size);
  other.for_each([&](field f, std::string_view text) { set(f, text); });
}

header& header::set(field f, std::string_view text) {
  if (octets_.capacity() - octets_.size() < text.size()) {
    // The views must follow the octets to their new place; what was overwritten or erased stays behind.
    std::size_t size = text.size();
    view_.for_each([&](field other, std::string_view t) { size += other == f ? 0 : t.size(); });
    std::vector<char> larger;
    larger.reserve(std::max<std::size_t>(2 * size, 64));
    header_view moved;
    const auto keep = [&](field other, std::string_view t) {
      const std::size_t at = larger.size();
      larger.insert(larger.end(), t.begin(), t.end());
      moved.set(other, {larger.data() + at, t.size()});
    };
    view_.for_each([&](field other, std::string_view t) {
      if (other != f) keep(other, t);
    });
    keep(f, text);
    octets_.swap(larger);
    view_ = moved;
    return *this;
  }
  const std::size_t at = octets_.size();
  octets_.resize(at + text.size());
  std::ranges::copy(text, octets_.begin() + static_cast<std::ptrdiff_t>(at));  // which may lie in these octets itself
  view_.set(f, {octets_.data() + at, text.size()});
  return *this;
}

header& header::set(field f, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return set(f, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

}  // namespace ampspec::amps
