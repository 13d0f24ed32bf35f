// The resources that the test service has for download, each made from its name, so that 200 MB cost no memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ampspec::bulk {

/// `fill/N`: N octets `x`; `prng/SEED/N`: N octets of the pseudo-random sequence of docs/vector-format.md. Nothing if
/// it is neither, or larger than `largest`.
std::optional<octet_source> resource_named(std::string_view name, std::uint64_t largest);

/// `/bulk/` and the name, its octets outside letters, digits and `-._~/` escaped.
std::string target_of(std::string_view resource);

}  // namespace ampspec::bulk
