// Splitting and joining, and the ways in which others got it wrong.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/big_string.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>

namespace ampspec::naive {

using enum fault;
using how = joined::how;

namespace {

constexpr std::size_t max_name = 255, max_chunk = 65535;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The sizes of the chunks of a value.
std::vector<std::size_t> chunk_sizes(std::size_t size, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::size_t full = max_chunk;  // AMP1-BIGSTR-002
  if (on(big_chunks_of_65534)) full = 65534;
  if (on(big_chunks_of_65536)) full = 65536;
  std::vector<std::size_t> sizes;
  for (std::size_t left = size; left > 0; left -= sizes.back()) sizes.push_back(std::min(left, full));
  if (size == 0) sizes.push_back(0);  // AMP1-BIGSTR-003
  if (on(big_empty_chunk_behind_full) && sizes.back() == full) sizes.push_back(0);
  if (on(big_short_chunk_first)) std::reverse(sizes.begin(), sizes.end());
  if (on(big_evenly_split)) {
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = size * (i + 1) / sizes.size() - size * i / sizes.size();
  }
  return sizes;
}

/// The key of chunk number `i`, counted from 0.
std::string chunk_name(std::string_view name, std::size_t i, big_names names, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const bool zero = names == big_names::from_zero;
  std::size_t number = zero ? i : i + 1;
  bool plain = !zero && i == 0;  // AMP1-BIGSTR-001
  if (!zero && on(big_first_numbered)) plain = false;
  if (!zero && on(big_from_zero)) plain = false, number = i;
  if (!zero && on(big_second_is_one)) number = i;
  if (zero && on(flocker_from_one)) number = i + 1;
  if (zero && on(flocker_first_plain)) plain = i == 0;
  std::string digits = std::to_string(number);
  if (on(big_numbers_padded) && digits.size() == 1) digits = "0" + digits;
  return std::string(name) + (plain ? "" : "." + digits);
}

/// Octets up to the last whole character that begins in the first `size`.
std::size_t up_to_character(const std::string& octets, std::size_t at, std::size_t size) {
  const std::size_t full = std::min(at + size, octets.size());
  std::size_t end = full;
  while (end > at && end < octets.size() && (octets[end] & 0xc0) == 0x80) --end;
  return (end > at ? end : full) - at;  // octets in which no character begins are cut anywhere
}

/// What stands behind the name and its dot, if a key is one of a chunk; "" for the name alone.
std::optional<std::string> number_in(std::string_view key, std::string_view name, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const bool same =
      on(big_names_any_case) ? lower(key.substr(0, name.size())) == lower(name) : key.substr(0, name.size()) == name;
  if (!same || key.size() < name.size()) return std::nullopt;
  std::string rest(key.substr(name.size()));
  if (rest.empty()) return "";
  const bool dotted = rest[0] == '.';
  if (!dotted && !on(big_dot_not_looked_at)) return std::nullopt;  // AMP1-BIGSTR-017
  if (dotted) rest.erase(0, 1);
  if (on(big_reads_plus) && rest.substr(0, 1) == "+") rest.erase(0, 1);
  if (on(big_reads_padded) && is_digits(rest)) {
    while (rest.size() > 1 && rest[0] == '0') rest.erase(0, 1);
  }
  const bool padded = rest.size() > 1 && rest[0] == '0';
  if (!is_digits(rest) || padded) return std::nullopt;  // AMP1-BIGSTR-010
  return rest;
}

/// The keys of the box in the order in which a careless program takes them for the chunks: what only a fault does.
std::vector<std::string> whatever_looks_like_it(std::string_view name, const box& pairs, big_names names,
                                                const faults& broken) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : pairs) {
    const auto number = number_in(key, name, broken);
    const bool first = number && *number == (names == big_names::from_zero ? "0" : "");
    if (first || (number && !number->empty() && *number != "0" && *number != "1") ||
        (names == big_names::from_zero && number == "1"))
      keys.push_back(key);
  }
  const bool by_text = broken.has(big_joined_by_text) || broken.has(flocker_joined_by_text);
  if (by_text) std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

bool is_chunk(std::string_view key, std::string_view name, big_names names) {
  const auto number = number_in(key, name, {});
  if (!number || number->empty()) return false;
  return names == big_names::from_zero || (*number != "0" && *number != "1");
}

std::optional<box> split_big(std::string_view name, const std::string& octets, big_names names, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  if (on(big_limited_to_a_million) && octets.size() > 1'000'000) return std::nullopt;  // AMP1-BIGSTR-013
  if (octets.empty() && (names == big_names::from_zero || on(big_empty_without_key))) return box{};
  if (on(big_long_names_refused_early) && name.size() > 250) return std::nullopt;
  box pairs;
  std::size_t at = 0;
  std::vector<std::size_t> sizes = chunk_sizes(octets.size(), broken);
  if (on(big_cut_at_characters)) sizes.clear();
  for (std::size_t end = 0; on(big_cut_at_characters) && end < octets.size(); end += sizes.back())
    sizes.push_back(up_to_character(octets, end, max_chunk));
  for (const std::size_t size : sizes) {
    std::string key = chunk_name(name, pairs.size(), names, broken);
    if (key.size() > max_name && on(big_long_name_ends_value)) break;
    if (key.size() > max_name && on(big_long_name_cut)) key.resize(max_name);
    if (key.size() > max_name && !on(big_long_name_written)) return std::nullopt;  // AMP1-BIGSTR-011
    pairs.emplace_back(key, octets.substr(at, size));
    at += size;
  }
  return pairs;
}

std::string joined::octets() const {
  std::string all;
  for (const std::string& chunk : chunks) all += chunk;
  return all;
}

joined join_big(std::string_view name, const box& pairs, big_names names, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const bool zero = names == big_names::from_zero;
  joined all;
  const auto value_under = [&](const std::string& number) -> std::optional<std::string> {
    for (const auto& [key, value] : pairs) {
      if (number_in(key, name, broken) == number) return value;
    }
    return std::nullopt;
  };
  const auto one_digit_only = [&](std::size_t number) { return on(big_stops_at_nine) && number > 9; };

  if (on(big_joined_in_box_order) || on(big_joined_by_text) || (zero && on(flocker_joined_by_text)) ||
      on(big_joins_beyond_gap)) {
    auto keys = whatever_looks_like_it(name, pairs, names, broken);
    const auto number = [&](const std::string& key) {
      const std::string digits = number_in(key, name, broken).value();
      return digits.empty() ? 0 : std::stoull(digits.substr(0, 18));
    };
    if (on(big_joins_beyond_gap))
      std::sort(keys.begin(), keys.end(),
                [&](const std::string& a, const std::string& b) { return number(a) < number(b); });
    const bool first = value_under(zero ? "0" : "").has_value();
    if (!first) return all;
    for (const std::string& key : keys) all.chunks.push_back(find(pairs, key).value());
    all.what = how::value;
    return all;
  }

  auto first = value_under(zero ? "0" : "");
  if (!zero && on(big_reads_zero)) {
    if (const auto nought = value_under("0")) first = *nought + first.value_or("");
  }
  if (!zero && on(big_reads_one)) {
    if (const auto one = value_under("1")) first = first.value_or("") + *one;
  }
  if (!first && on(big_without_first_joined) && value_under("2")) first = "";
  if (!first && on(big_without_first_is_empty)) {
    all.what = how::value;
    all.chunks = {""};
    return all;
  }
  std::size_t number = zero ? 0 : 1;
  if (first) {
    all.what = how::value;
    all.chunks.push_back(*first);
    while (const auto next = value_under(std::to_string(++number))) {  // AMP1-BIGSTR-004, AMP1-BIGSTR-005
      if (one_digit_only(number)) return all;
      if (on(big_ends_at_empty_chunk) && next->empty()) return all;
      if (on(big_ends_at_short_chunk) && all.chunks.back().size() < max_chunk) return all;
      if (on(big_short_chunks_refused) && all.chunks.back().size() < max_chunk) {
        all.what = how::wrong;
        return all;
      }
      all.chunks.push_back(*next);  // of any length: AMP1-BIGSTR-009
    }
  }
  // The first number that is missing is `number`, or there is not even a first chunk: is there one behind it?
  for (const auto& [key, value] : pairs) {
    const bool further = is_chunk(key, name, names) && all.chunks.size() <= pairs.size();
    if (!further || on(big_gap_cuts_value)) continue;
    const std::string digits = number_in(key, name, {}).value();
    const bool behind = digits.size() > 9 || !first || std::stoull(digits) > number;
    if (behind) all.what = how::wrong;  // AMP1-BIGSTR-007, AMP1-BIGSTR-008
  }
  if (on(big_limited_to_a_million) && all.octets().size() > 1'000'000) all.what = how::wrong;
  return all;
}

}  // namespace ampspec::naive
