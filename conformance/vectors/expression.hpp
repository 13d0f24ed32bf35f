// Arithmetic over limits and matrix names, parsed apart from the values: a loader checks it before it expands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/recipe.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace ampspec::vectors {

/// True for what may follow `$`: a lower-case letter, then lower-case letters, digits and `_`.
bool is_name(std::string_view);

/// Calls `seen` with each `$name` of the expression and checks its syntax; throws load_error at `mark`.
void check_expression(const expression&, const std::function<void(std::string_view)>& seen);

}  // namespace ampspec::vectors
