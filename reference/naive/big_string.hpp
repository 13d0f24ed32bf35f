// One value over several keys of a box (BigString) a second time: key after key is looked up by its name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/faults.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

/// How the keys of the chunks are called.
enum class big_names {
  from_two,  ///< the first is the name alone, then .2, .3 (AMP1-BIGSTR-001)
  from_zero  ///< .0, .1, .2 (AMP1-BIGSTR-014)
};

/// The pairs of a value, or nothing if a key would be too long. Where the names count from zero, an empty value has no
/// key at all.
std::optional<box> split_big(std::string_view name, const std::string& octets, big_names, const faults& = {});

/// What stands under the keys of a value.
struct joined {
  enum class how { value, absent, wrong };
  how what = how::absent;
  std::vector<std::string> chunks;  ///< in the order in which they are joined
  std::string octets() const;
};
joined join_big(std::string_view name, const box&, big_names, const faults& = {});

/// True if a key is that of a chunk behind the first of such a value (AMP1-BIGSTR-016).
bool is_chunk(std::string_view key, std::string_view name, big_names);

}  // namespace ampspec::naive
