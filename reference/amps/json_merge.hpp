// What becomes of JSON bodies on their way: merged by a delta, told as a delta, shaped by a selection.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/record.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// The stored record with an update merged into it: null and "" leave the old value, objects merge, arrays are replaced
/// whole, new members go to the end (AMPS-PUB-031). The update as it is if one of them is no JSON object.
std::string merged(std::string_view stored, std::string_view update);

/// A record as a delta: what of `now` is new or differs from `old`, and the key fields.
struct delta {
  std::string body;
  bool changed = false;  ///< something besides the key fields is told
};

/// Nothing if one of them is no JSON object: the whole record is to be told then. Difference is another type or another
/// text after decoding strings: `1` and `1.0` differ.
std::optional<delta> delta_of(const record_view& old, const record_view& now, std::span<const path> key_fields);

/// The directives of `select=[..]`: which members of a body are delivered (AMPS-SUB-046).
class selection {
 public:
  /// `inside` stands between the brackets: `+/a,-/b/c`, or `/` for everything. Nothing if it is malformed.
  static std::optional<selection> parse(std::string_view inside);

  /// The body with what is left of it, compact; a body that is no JSON object comes back as it is.
  std::string applied(const record_view&) const;

 private:
  struct directive {
    bool include;
    std::vector<std::string> names;
  };
  bool included(std::span<const std::string> names) const;
  bool leads_to_included(std::span<const std::string> names) const;
  void apply(const json_document&, std::size_t object, std::vector<std::string>& names, std::string& out) const;

  std::vector<directive> directives_;
};

}  // namespace ampspec::amps
