// Typed values as inputs describe them, for the targets that hold the argument types against the naive implementation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/maker.hpp"
#include "reference/wire/value.hpp"

#include <string>

namespace ampspec::fuzz {

/// Whether a value has something in it that the naive implementation does not hold: a Float beyond the largest double,
/// which is infinite for the reference (AMP1-TYPE-023), or a Decimal whose exponent has ten digits (AMP1-TYPE-061: what
/// an implementation holds is its own).
bool is_beyond_naive(const wire::value&);

/// A text that is nearly right for a type without parts: numbers in several forms, times whose fields are beside their
/// limits.
std::string made_text(wire::value_kind, maker& from);

}  // namespace ampspec::fuzz
