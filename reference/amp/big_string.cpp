// Names of chunks, and how a value is cut into them and found again.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/big_string.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>

namespace ampspec::amp {
namespace {

constexpr std::uint64_t first_number(big_names names) { return names == big_names::amphacks ? 1 : 0; }

/// The number that a key has as a chunk of that name, counted from 0; nothing if it is none.
std::optional<std::uint64_t> index_of(std::string_view key, std::string_view name, big_names names) {
  if (!key.starts_with(name)) return std::nullopt;
  key.remove_prefix(name.size());
  if (key.empty()) return names == big_names::amphacks ? std::optional<std::uint64_t>(0) : std::nullopt;
  if (key.front() != '.') return std::nullopt;  // AMP1-BIGSTR-017: big2 is no chunk of big
  key.remove_prefix(1);
  // AMP1-BIGSTR-010: digits only, none of them a needless zero.
  if (key.empty() || key.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (key.front() == '0' && key.size() > 1) return std::nullopt;
  std::uint64_t number = 0;
  if (std::from_chars(key.data(), key.data() + key.size(), number).ec != std::errc()) {
    number = std::numeric_limits<std::uint64_t>::max();  // a number all the same, and certainly beyond a gap
  }
  if (names == big_names::flocker) return number;
  if (number < 2) return std::nullopt;  // AMP1-BIGSTR-001, AMP1-BIGSTR-010: there is no name.0 and no name.1
  return number - 1;
}

}  // namespace

bool is_chunk_key(std::string_view key, std::string_view name, big_names names) {
  return key != name && index_of(key, name, names).has_value();
}

big_splitter::big_splitter(std::string_view name, std::string_view value, big_names names, std::size_t chunk)
    : name_(name),
      value_(value),
      names_(names),
      chunk_(chunk),
      chunks_(value.empty() ? 1 : (value.size() - 1) / chunk + 1) {
  assert(chunk > 0 && chunk <= max_value);
}

std::string_view big_splitter::key_of(std::size_t index) {
  if (index == 0 && names_ == big_names::amphacks) return name_;
  if (key_.empty()) key_.append(name_).append(1, '.');
  key_.resize(name_.size() + 1);
  key_ += std::to_string(index + first_number(names_));
  return key_;
}

maybe_failure big_splitter::check() const {
  const auto last = chunks_ - 1;
  const bool plain = last == 0 && names_ == big_names::amphacks;
  const auto digits = plain ? 0 : 1 + std::to_string(last + first_number(names_)).size();
  if (name_.size() + digits > max_key) return wire::failure{errc::key_too_long, 0, "AMP1-BIGSTR-011"};
  return std::nullopt;
}

std::optional<pair_view> big_splitter::next() {
  if (done_ == chunks_) return std::nullopt;
  const auto key = key_of(done_);
  const auto at = done_ * chunk_;
  ++done_;
  return pair_view{key, value_.substr(at, chunk_)};
}

std::string big_chunks::joined() const {
  std::string all;
  all.reserve(size);
  for (const auto part : parts) all += part;
  return all;
}

big_chunks find_big(box_view from, std::string_view name, big_names names) {
  // A number as large as the count of pairs has one before it that is missing, so no place is needed for it.
  std::vector<const pair_view*> places;
  big_chunks found;
  for (const auto& pair : from) {
    const auto index = index_of(pair.key, name, names);
    if (!index) continue;
    if (*index >= from.size()) {
      found.beyond = true;
      continue;
    }
    if (*index >= places.size()) places.resize(*index + 1, nullptr);
    if (places[*index] == nullptr) places[*index] = &pair;
  }
  const auto gap = std::find(places.begin(), places.end(), nullptr);
  if (gap != places.end()) found.beyond = true;
  for (auto place = places.begin(); place != gap; ++place) {
    found.parts.push_back((*place)->value);
    found.size += (*place)->value.size();
  }
  return found;
}

wire::result<std::optional<std::string>> join_big(box_view from, std::string_view name, big_names names, profile how) {
  const auto found = find_big(from, name, names);
  if (found.beyond && how == profile::strict) {
    return wire::failure{errc::bad_value, 0, found.present() ? "AMP1-BIGSTR-007" : "AMP1-BIGSTR-008"};
  }
  if (!found.present()) return std::optional<std::string>();  // AMP1-BIGSTR-015
  return std::optional<std::string>(found.joined());          // AMP1-BIGSTR-006
}

maybe_failure split_big(std::string_view name, std::string_view value, box& out, big_names names, std::size_t chunk) {
  big_splitter splitter(name, value, names, chunk);
  if (auto refused = splitter.check()) return refused;
  while (const auto pair = splitter.next()) out.add(pair->key, pair->value);
  return std::nullopt;
}

}  // namespace ampspec::amp
