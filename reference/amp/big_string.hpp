// BigString: one large value over several keys of a box, a convention of its users that the protocol knows nothing of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/errc.hpp"
#include "reference/amp/types.hpp"
#include "reference/wire/failure.hpp"
#include "reference/wire/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// How the keys of the chunks are called. The two do not read each other.
enum class big_names {
  amphacks,  ///< name, name.2, name.3, ... (AMP1-BIGSTR-001)
  flocker,   ///< name.0, name.1, name.2, ... (AMP1-BIGSTR-014)
};

/// Cuts a value into chunks, one after the other, and copies none of it: for 200 MB it keeps one key. All chunks but
/// the last are of the chunk size (AMP1-BIGSTR-002); there is always a first one, also of an empty value, and no empty
/// one behind a full one (AMP1-BIGSTR-003).
class big_splitter {
 public:
  /// Lends `name` and `value`. `chunk` is 1 to 65,535 octets.
  big_splitter(std::string_view name, std::string_view value, big_names = big_names::amphacks,
               std::size_t chunk = max_value);

  /// The failure of a name that is too long for the last of its chunks (AMP1-BIGSTR-011): ask before the first `next`.
  maybe_failure check() const;
  std::size_t chunks() const { return chunks_; }
  /// The next pair, nothing behind the last. Its key is valid until the next call, its value as long as what was lent.
  std::optional<pair_view> next();

 private:
  std::string_view key_of(std::size_t index);

  std::string_view name_, value_;
  big_names names_;
  std::size_t chunk_, chunks_, done_ = 0;
  std::string key_;
};

/// The chunks of one value where they lie in a box, in the order of their numbers.
struct big_chunks {
  std::vector<std::string_view> parts;  ///< up to the first missing number; valid as long as the box
  bool beyond = false;                  ///< there are chunks behind the first missing number (AMP1-BIGSTR-007)
  std::uint64_t size = 0;               ///< octets of all parts
  bool present() const { return !parts.empty(); }
  std::string joined() const;
};

/// Finds the chunks by one walk over the pairs, whatever their order (AMP1-BIGSTR-004) and however many there are. A
/// key is a chunk only if it is exactly the name, a dot and a decimal number without leading zeros (AMP1-BIGSTR-010,
/// AMP1-BIGSTR-017); chunks may be of any length, also empty (AMP1-BIGSTR-009).
big_chunks find_big(box_view, std::string_view name, big_names = big_names::amphacks);

/// The joined value; nothing if there is no chunk at all (AMP1-BIGSTR-015). A chunk whose number before is missing is a
/// failure in the strict profile (AMP1-BIGSTR-007), and where the first is missing (AMP1-BIGSTR-008); in the lenient
/// one the value ends before it.
wire::result<std::optional<std::string>> join_big(box_view, std::string_view name, big_names = big_names::amphacks,
                                                  profile = profile::strict);

/// Appends the pairs of a value to a box, or refuses and appends nothing (AMP1-BIGSTR-011).
[[nodiscard]] maybe_failure split_big(std::string_view name, std::string_view value, box& out,
                                      big_names = big_names::amphacks, std::size_t chunk = max_value);

/// True if `key` could be a chunk of a value of that name besides the name itself (AMP1-BIGSTR-016).
bool is_chunk_key(std::string_view key, std::string_view name, big_names);

}  // namespace ampspec::amp
