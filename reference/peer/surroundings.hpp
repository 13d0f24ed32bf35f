// Clock, chance and hash for the rooms that have none: the system's and OpenSSL's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/desk.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// Seconds since 1970; `size` octets from OpenSSL's generator; SHA-256.
bulk::surroundings real_surroundings();
std::string sha256(std::string_view octets);

}  // namespace ampspec::peer
