// What one server knows of bulk transfers: its tokens, what was uploaded, and what it lets whom do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/hash.hpp"
#include "reference/bulk/token_store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ampspec::bulk {

/// What the shell lends: this room has neither clock nor chance nor hash of its own.
struct surroundings {
  std::function<instant()> now;
  std::function<std::string(std::size_t)> random;  ///< octets from a CSPRNG
  hasher_maker hash;
};

struct desk_limits {
  store_limits tokens;
  std::uint64_t largest_transfer = 256u << 20;  ///< octets, announced or not (BULK-037)
  std::size_t most_stored = 4096;               ///< uploads that are remembered, the oldest forgotten first
  std::size_t longest_resource = 512;           ///< octets of a name
};

/// The arguments of BulkOpen.
struct opening {
  std::string way;  ///< `upload` or `download`
  std::string resource;
  std::optional<std::uint64_t> size;
  std::string sha256;  ///< 32 octets, or empty
};
struct opened {
  std::string target;  ///< path of the URL, without the token (BULK-024, -035)
  std::string token;
  instant expires = 0;
};
enum class open_error { denied, limit, unsupported };

struct stored_upload {
  std::uint64_t size = 0;
  std::string sha256;
};

/// Shared by the AMP connections and the HTTP requests of one server, all of one thread.
class desk {
 public:
  explicit desk(surroundings, desk_limits = {});

  owner_id new_owner() { return ++owners_; }
  void owner_gone(owner_id owner) { tokens_.revoke_owner(owner); }

  /// Policy of the test service (docs/test-service.md): what lies below `denied/` is denied (BULK-029).
  std::variant<opened, open_error> open(const opening&, owner_id);
  std::optional<stored_upload> stored(std::string_view resource) const;
  void age(owner_id owner, std::int64_t seconds) { tokens_.age(owner, seconds); }

  // For exchanges.
  token_store& tokens() { return tokens_; }
  instant now() const { return around_.now(); }
  std::unique_ptr<hasher> new_hash() const { return around_.hash(); }
  const desk_limits& limits() const { return limits_; }
  void store(const std::string& resource, stored_upload);

 private:
  surroundings around_;
  desk_limits limits_;
  token_store tokens_;
  owner_id owners_ = 0;
  std::map<std::string, stored_upload, std::less<>> stored_;
  std::deque<std::string> order_;  ///< of the names in `stored_`, the oldest first
};

}  // namespace ampspec::bulk
