// Regular expressions that inputs describe, each with a plain matcher of its own to hold the compiled one against.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/maker.hpp"

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace ampspec::fuzz {

/// A pattern and where its matches that begin at some place of a text end.
struct made_pattern {
  std::string text;
  std::function<std::set<std::size_t>(std::string_view, std::size_t)> ends;

  /// Whether some part of a text matches; tries every place, so texts should be short.
  bool found_in(std::string_view) const;
};

/// Of the documented dialect, with its sets, classes, escapes, borders and repetitions; at most 2,000 instructions.
made_pattern a_pattern(maker& from);

/// A short text of octets that such patterns tell from each other.
std::string a_pattern_text(maker& from);

}  // namespace ampspec::fuzz
