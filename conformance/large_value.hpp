// Values that are too large to be held: what is kept of them while they pass, and how that compares with a recipe.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/digest.hpp"
#include "conformance/vectors/recipe.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

struct large_value {
  std::uint64_t size = 0;
  std::string sha256;                  ///< lower-case hex; empty if it was compared as it came
  std::vector<std::string> mebibytes;  ///< likewise, of each 1,048,576 octets and of the rest; may be empty
  bool compared = false;               ///< with the one recipe that was expected; then:
  std::optional<std::uint64_t> differs_at;
};

/// The large values of one box, by key. In the box itself stands a text for people in their place.
using large_values = std::map<std::string, large_value, std::less<>>;

/// Takes the octets of one large value, and compares them with `want` if there is one, else hashes them.
class large_value_reader {
 public:
  explicit large_value_reader(std::optional<vectors::octets> want = {}) : want_(std::move(want)) {}
  void take(std::string_view octets);
  large_value finish();

 private:
  void compare(std::string_view octets);
  void hash(std::string_view octets);
  void end_mebibyte();

  std::optional<vectors::octets> want_;
  large_value made_;
  std::optional<running_sha256> all_, mebibyte_;
  std::string expected_;  // a stretch of want_
};

/// An octet at or behind which `got` is known to differ from `want`; nothing if they are the same.
std::optional<std::uint64_t> first_difference(const vectors::octets& want, const large_value& got);

/// `<200000000 octets>`: what stands in a box in place of a large value.
std::string stand_in(const large_value&);

}  // namespace ampspec::conformance
