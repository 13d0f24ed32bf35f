// Opening of transfers, and the memory of what was uploaded.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/desk.hpp"

#include "reference/bulk/resource.hpp"

#include <utility>

namespace ampspec::bulk {

desk::desk(surroundings around, desk_limits limits)
    : around_(std::move(around)), limits_(limits), tokens_(around_.hash, limits.tokens) {}

std::variant<opened, open_error> desk::open(const opening& wanted, owner_id owner) {
  const bool up = wanted.way == "upload";
  if (!up && wanted.way != "download") return open_error::unsupported;
  if (wanted.resource.starts_with("denied/")) return open_error::denied;  // BULK-029
  if (wanted.resource.empty() || wanted.resource.size() > limits_.longest_resource) return open_error::unsupported;
  if (!up && !resource_named(wanted.resource, limits_.largest_transfer)) return open_error::unsupported;
  if (wanted.size.value_or(0) > limits_.largest_transfer) return open_error::limit;

  grant what;
  what.way = up ? direction::upload : direction::download;
  what.resource = wanted.resource;
  what.target = target_of(wanted.resource);
  if (up) what.size = wanted.size;
  if (up) what.sha256 = wanted.sha256;
  what.owner = owner;
  auto token = tokens_.mint(what, around_.random(token_store::random_octets), now());
  if (!token) return open_error::limit;  // BULK-028
  return opened{what.target, std::move(*token), what.expires};
}

std::optional<stored_upload> desk::stored(std::string_view resource) const {
  const auto found = stored_.find(resource);
  return found == stored_.end() ? std::nullopt : std::optional(found->second);
}

void desk::store(const std::string& resource, stored_upload what) {
  if (stored_.insert_or_assign(resource, std::move(what)).second) order_.push_back(resource);
  if (order_.size() <= limits_.most_stored) return;
  stored_.erase(order_.front());
  order_.pop_front();
}

}  // namespace ampspec::bulk
