// Tokens by their hash.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/token_store.hpp"

#include <algorithm>
#include <cassert>

namespace ampspec::bulk {

namespace {

// BULK-003: an alphabet that needs no quoting in a header value.
std::string base64url(std::string_view octets) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : octets) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += letters[bits >> (held - 6) & 63];
  }
  if (held > 0) out += letters[bits << (6 - held) & 63];
  return out;
}

}  // namespace

std::optional<std::string> token_store::mint(grant& what, std::string_view random, instant now) {
  assert(random.size() == random_octets);
  drop_expired(now);
  if (live(what.owner, now) >= limits_.live_per_owner) return std::nullopt;
  auto token = base64url(random);
  what.expires = now + limits_.lifetime;
  grants_.insert_or_assign(hash_of(hash_, token), what);
  return token;
}

std::optional<grant> token_store::present(std::string_view token, instant now) {
  const auto found = grants_.find(hash_of(hash_, token));
  if (found == grants_.end()) return std::nullopt;
  auto granted = std::move(found->second);
  grants_.erase(found);
  if (granted.expires <= now) return std::nullopt;  // BULK-011
  return granted;
}

void token_store::revoke_owner(owner_id owner) {
  std::erase_if(grants_, [&](const auto& entry) { return entry.second.owner == owner; });
}

void token_store::age(owner_id owner, std::int64_t seconds) {
  for (auto& [hash, granted] : grants_) {
    if (granted.owner == owner) granted.expires -= seconds;
  }
}

std::size_t token_store::live(owner_id owner, instant now) {
  return static_cast<std::size_t>(std::count_if(grants_.begin(), grants_.end(), [&](const auto& entry) {
    return entry.second.owner == owner && entry.second.expires > now;
  }));
}

void token_store::drop_expired(instant now) {
  std::erase_if(grants_, [&](const auto& entry) { return entry.second.expires <= now; });
}

}  // namespace ampspec::bulk
