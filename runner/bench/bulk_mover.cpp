// Moves the value beside the AMP connection: a one-time token by BulkOpen, then one HTTPS PUT.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/movers.hpp"

namespace ampspec::runner::bench {

void bulk_mover::begin(done then) {
  then_ = std::move(then);
  const auto size = std::to_string(value_.size());
  // With the hash the server confirms the octets, not their number alone (BULK-020).
  const std::vector<amp::pair_view> opening{
      {"direction", "upload"}, {"resource", "bench"}, {"size", size}, {"sha256", value_.sha256()}};
  target_.call("BulkOpen", opening, [this](const reply& end) {
    if (end.code == "UNHANDLED") throw not_offered("it has no command BulkOpen");
    if (end.code == "BULK_UNSUPPORTED") throw not_offered("BulkOpen answers BULK_UNSUPPORTED");
    put_.emplace(std::string(end.value("url")), std::string(end.value("token")), value_);
  });
}

std::optional<pollfd> bulk_mover::watched() const { return put_ ? std::optional(put_->watched()) : std::nullopt; }

void bulk_mover::ready() {
  put_->ready();
  if (!put_->done()) return;
  moved_ += put_->octets_moved();
  put_.reset();
  then_();
}

std::uint64_t bulk_mover::octets_moved() const { return moved_ + (put_ ? put_->octets_moved() : 0); }

}  // namespace ampspec::runner::bench
