// Moves the value as a BigString: one AMPv1 box, its keys data, data.2, data.3 and so on.
// SPDX-License-Identifier: Apache-2.0
#include "reference/wire/hex.hpp"
#include "runner/bench/movers.hpp"

namespace ampspec::runner::bench {

void must_be_digest(const reply& end, const payload& value) {
  const auto size = end.value("size"), hash = end.value("sha256");
  if (size != std::to_string(value.size())) {
    throw broken("the target has got " + std::string(size) + " octets of " + std::to_string(value.size()));
  }
  if (hash != value.sha256() && hash != wire::to_hex(value.sha256())) {
    throw broken("the target has got other octets than were sent: it tells another SHA-256");
  }
}

big_string_mover::big_string_mover(line& target, const payload& value) : target_(target), value_(value) {
  std::uint64_t sent = 0;
  for (std::string_view chunk; !(chunk = value_.at(sent, amp::max_value)).empty(); sent += chunk.size()) {
    // AMP1-BIGSTR-001: the first chunk under the name itself, then .2; there is no .1.
    names_.push_back(names_.empty() ? "data" : "data." + std::to_string(names_.size() + 1));
    chunks_.push_back(chunk);
  }
}

void big_string_mover::begin(done then) {
  std::vector<amp::pair_view> pairs;
  for (std::size_t i = 0; i < names_.size(); ++i) pairs.push_back({names_[i], chunks_[i]});
  target_.call("DigestBig", pairs, [this, then = std::move(then)](const reply& end) {
    if (end.code == "UNHANDLED") throw not_offered("it has no command DigestBig");
    must_be_digest(end, value_);
    then();
  });
}

}  // namespace ampspec::runner::bench
