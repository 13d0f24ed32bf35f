// A message as pairs of names and texts: what vectors, adapters and reports call a box.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/header.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

/// The fields by their short names, `c` in full (`publish`), numbers as digits without leading zeros, then `body`;
/// `unreadable` names the numeric fields that hold no number.
std::vector<std::pair<std::string, std::string>> plain_message(const header_view&, std::string_view body);

}  // namespace ampspec::amps
