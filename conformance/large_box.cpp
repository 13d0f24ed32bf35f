// Reading what is large: its large values are given away, what is left is an ordinary box.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/large_box.hpp"

#include "conformance/amps_message.hpp"
#include "reference/amps/frame.hpp"

#include <algorithm>

namespace ampspec::conformance {
namespace {

constexpr std::uint64_t overhead = 4u << 20;     // of a box besides its exact values, generously
constexpr std::uint64_t any_value = 512u << 20;  // of a value that is not given octet by octet

}  // namespace

large_arrival::large_arrival(std::span<const vectors::box_matcher> expected, const bindings& names)
    : expected_(expected), names_(names) {
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

std::optional<vectors::octets> large_arrival::expected_value(std::string_view key) const {
  if (expected_.size() != 1) return std::nullopt;
  for (const auto& [name, value] : expected_.front().pairs) {
    const auto* exact = std::get_if<vectors::match_exact>(&value.what);
    if (exact != nullptr && vectors::realize(name, names_.names, names_.captured).str() == key)
      return vectors::realize(exact->bytes, names_.names, names_.captured);
  }
  return std::nullopt;
}

large_box::large_box(std::span<const vectors::box_matcher> expected, const bindings& names)
    : large_arrival(expected, names), decoder_({.version = amp::version::v2}) {
  decoder_.divert(&taker_);
}

std::string large_box::wrong() const {
  const auto& f = decoder_.error();
  if (!f) return {};
  return "octets that are no box: " + f->code.message() + " at octet " + std::to_string(f->offset) + " of what came (" +
         std::string(f->broken) + ")";
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
  reader_.emplace(expected_value(key));
}

bool large_message::take(std::string_view octets) {
  octets_ += octets.size();
  if (!body_) {
    head_ += octets;
    if (!begin()) return false;
    octets = head_;  // what came of the body with the header
  }
  const auto piece = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size())));
  body_->take(piece);
  left_ -= piece.size();
  if (left_ == 0) {
    rest = octets.substr(piece.size());
    const auto value = body_->finish();
    box.emplace_back("body", stand_in(value));
    large.emplace("body", value);
  }
  head_.clear();
  return left_ == 0;
}

// True once the header is there; then `head_` has what lies behind it.
bool large_message::begin() {
  auto at_head = head_of_message(head_);
  wrong_ = at_head.wrong;
  if (!at_head.message) return false;
  box = std::move(at_head.message->box);
  written = std::move(at_head.message->written);
  left_ = at_head.body_size;
  head_.erase(0, at_head.message->size);
  body_.emplace(expected_value("body"));
  return true;
}

}  // namespace ampspec::conformance
