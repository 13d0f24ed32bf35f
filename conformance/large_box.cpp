// Reading a large box: the decoder gives its large values away, what is left is an ordinary box.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/large_box.hpp"

#include <algorithm>

namespace ampspec::conformance {
namespace {

constexpr std::uint64_t overhead = 4u << 20;     // of a box besides its exact values, generously
constexpr std::uint64_t any_value = 512u << 20;  // of a value that is not given octet by octet

}  // namespace

large_box::large_box(std::span<const vectors::box_matcher> expected, const bindings& names)
    : expected_(expected), names_(names), decoder_({.version = amp::version::v2}) {
  decoder_.divert(&taker_);
  for (const auto& one : expected) {
    std::uint64_t size = overhead;
    for (const auto& [key, value] : one.pairs) {
      const auto* exact = std::get_if<vectors::match_exact>(&value.what);
      // Two octets for each chunk are far less than an eighth.
      size += exact == nullptr ? any_value : vectors::realize(exact->bytes, names.names, names.captured).size() / 8 * 9;
    }
    largest_ = std::max(largest_, size);
  }
}

bool large_box::take(std::string_view octets) {
  octets_ += octets.size();
  decoder_.feed(octets);
  const auto view = decoder_.next();
  if (!view) return false;
  for (const auto& [key, value] : *view) {
    const auto found = large.find(key);
    box.emplace_back(key, found == large.end() ? std::string(value) : stand_in(found->second));
  }
  rest = decoder_.unread();
  return true;
}

void large_box::begin(std::string_view key) {
  key_ = key;
  std::optional<vectors::octets> want;
  if (expected_.size() == 1) {
    for (const auto& [name, value] : expected_.front().pairs) {
      const auto* exact = std::get_if<vectors::match_exact>(&value.what);
      if (exact != nullptr && vectors::realize(name, names_.names, names_.captured).str() == key) {
        want = vectors::realize(exact->bytes, names_.names, names_.captured);
      }
    }
  }
  reader_.emplace(std::move(want));
}

}  // namespace ampspec::conformance
