// What every refusal of the project carries: why, where, and which rule was broken.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

namespace ampspec::wire {

/// The id of a clause, such as `AREA-017`. Refers to static storage: ids are written out beside the branch that
/// enforces them.
using requirement_id = std::string_view;

/// A refusal. `offset` counts octets from the first octet of the stream, not of the chunk.
struct failure {
  std::error_code code;
  std::uint64_t offset = 0;
  requirement_id broken;

  bool operator==(const failure&) const = default;
};

}  // namespace ampspec::wire
