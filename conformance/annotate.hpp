// Names the fields of AMP octets for people. Lenient: it labels as much as makes sense and says where that ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"

#include <string_view>
#include <vector>

namespace ampspec::conformance {

/// How a value is written: AMPv1 has one length; in AMPv2 a length of 65535 says that another chunk follows.
enum class amp_values { whole, in_chunks };

/// Fields of a stream that begins at a box. What follows a wrong length, and an unfinished field, get one field of
/// their own.
std::vector<noted_field> annotate_amp(std::string_view octets, amp_values = amp_values::whole);

}  // namespace ampspec::conformance
