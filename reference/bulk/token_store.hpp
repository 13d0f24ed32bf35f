// One-time tokens: minted for one transfer, consumed by their first presentation, dead with time or connection.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/hash.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::bulk {

/// Seconds since 1970 in UTC, of a clock that the caller reads.
using instant = std::int64_t;
/// Names one AMP connection.
using owner_id = std::uint64_t;

enum class direction { upload, download };

/// What a token lets its bearer do, once.
struct grant {
  direction way = direction::download;
  std::string resource;
  std::string target;                 ///< of the URL: exactly this path
  std::optional<std::uint64_t> size;  ///< announced, of an upload
  std::string sha256;                 ///< 32 octets, or empty
  owner_id owner = 0;
  instant expires = 0;
};

struct store_limits {
  std::size_t live_per_owner = 16;  ///< BULK-028
  std::int64_t lifetime = 300;      ///< seconds (BULK-011)
};

/// Keeps no token, only its hash (BULK-025): a look-up tells nothing by its time that helps to guess one.
class token_store {
 public:
  static constexpr std::size_t random_octets = 32;  ///< 256 bits (BULK-002)

  explicit token_store(hasher_maker hash, store_limits limits = {}) : hash_(std::move(hash)), limits_(limits) {}

  /// A token of 43 base64url characters for the grant, whose `expires` it sets; `random` is `random_octets` from a
  /// CSPRNG. Nothing if its owner has as many live ones as it may have (BULK-028).
  std::optional<std::string> mint(grant&, std::string_view random, instant now);

  /// Consumes whatever token that is, used or not, right or wrong (BULK-005, -008, -009). What it granted, if it was
  /// live; unknown, used, expired and revoked ones are all nothing (BULK-015).
  std::optional<grant> present(std::string_view token, instant now);

  void revoke_owner(owner_id);  ///< BULK-026
  /// Lets time pass for the tokens of one owner, so that expiry can be seen without waiting for it.
  void age(owner_id, std::int64_t seconds);

  std::size_t live(owner_id, instant now);

 private:
  void drop_expired(instant now);

  hasher_maker hash_;
  store_limits limits_;
  std::map<std::string, grant> grants_;  ///< by the hash of the token
};

}  // namespace ampspec::bulk
