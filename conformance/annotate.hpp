// Names the fields of AMPv1 octets for people. Lenient: it labels as much as makes sense and says where that ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <string_view>
#include <vector>

namespace ampspec::conformance {

/// Fields of a stream that begins at a box. What follows a wrong length, and an unfinished field, get one field of
/// their own.
std::vector<noted_field> annotate_amp(std::string_view octets);

}  // namespace ampspec::conformance
