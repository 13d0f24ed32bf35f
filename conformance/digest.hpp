// SHA-256 of octets, as lower-case hex.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ampspec::conformance {

std::string sha256_hex(std::string_view octets);

}  // namespace ampspec::conformance
