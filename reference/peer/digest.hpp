// SHA-256, which the test service answers with and its own room has no library for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ampspec::peer {

/// Lower-case hex of the digest of octets that lie in parts.
std::string sha256_hex(const std::vector<std::string_view>& parts);

}  // namespace ampspec::peer
