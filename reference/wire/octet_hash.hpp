// Lets tables keyed by strings be asked by views, without a copy of the key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ampspec::wire {

struct octet_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

template <class Value>
using octet_map = std::unordered_map<std::string, Value, octet_hash, std::equal_to<>>;

}  // namespace ampspec::wire
