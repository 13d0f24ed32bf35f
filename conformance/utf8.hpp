// Whether octets are UTF-8.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ampspec::conformance {

/// Well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view);

}  // namespace ampspec::conformance
