// Large values: compared or hashed while they pass.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/large_value.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ampspec::conformance {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

}  // namespace

void large_value_reader::take(std::string_view octets) {
  if (want_) {
    compare(octets);
  } else {
    hash(octets);
  }
  made_.size += octets.size();
}

void large_value_reader::compare(std::string_view octets) {
  if (made_.differs_at) return;
  const std::uint64_t at = made_.size, end = want_->size();
  const std::size_t common = std::min<std::uint64_t>(octets.size(), at < end ? end - at : 0);
  expected_.resize(common);
  want_->read(std::min(at, end), expected_);
  if (std::memcmp(expected_.data(), octets.data(), common) != 0) {
    const auto first = std::mismatch(expected_.begin(), expected_.end(), octets.begin()).first;
    made_.differs_at = at + static_cast<std::uint64_t>(first - expected_.begin());
  } else if (common < octets.size()) {
    made_.differs_at = end;  // longer than it should be
  }
}

void large_value_reader::hash(std::string_view octets) {
  if (!all_) all_.emplace();
  all_->update(octets);
  for (std::uint64_t at = made_.size; !octets.empty();) {
    const auto some = octets.substr(0, mebibyte - at % mebibyte);
    if (!mebibyte_) mebibyte_.emplace();
    mebibyte_->update(some);
    octets.remove_prefix(some.size());
    at += some.size();
    if (at % mebibyte == 0) end_mebibyte();
  }
}

void large_value_reader::end_mebibyte() {
  made_.mebibytes.push_back(mebibyte_->finish_hex());
  mebibyte_.reset();
}

large_value large_value_reader::finish() {
  if (want_) {
    made_.compared = true;
    if (!made_.differs_at && made_.size < want_->size()) made_.differs_at = made_.size;
  } else {
    made_.sha256 = all_ ? all_->finish_hex() : sha256_hex("");
    if (mebibyte_) end_mebibyte();
  }
  return std::move(made_);
}

std::optional<std::uint64_t> first_difference(const vectors::octets& want, const large_value& got) {
  if (got.compared) return got.differs_at;
  large_value_reader reader;
  std::string some;
  for (std::uint64_t at = 0; at < want.size(); at += some.size()) {
    some.resize(std::min<std::uint64_t>(65536, want.size() - at));
    want.read(at, some);
    reader.take(some);
  }
  const auto ours = reader.finish();
  if (ours.size == got.size && ours.sha256 == got.sha256) return std::nullopt;
  const auto same =
      std::mismatch(ours.mebibytes.begin(), ours.mebibytes.end(), got.mebibytes.begin(), got.mebibytes.end());
  return static_cast<std::uint64_t>(same.first - ours.mebibytes.begin()) * mebibyte;
}

std::string stand_in(const large_value& value) { return "<" + std::to_string(value.size) + " octets>"; }

}  // namespace ampspec::conformance
