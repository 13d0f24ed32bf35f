// Content filters that inputs describe, and what each is of the body that it is made for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/support/maker.hpp"

#include <string>

namespace ampspec::fuzz {

struct made_filter {
  std::string text;
  bool is;  ///< what it must be of the body
};

struct filter_case {
  std::string body;
  made_filter filter;
};

/// A JSON body with numbers, texts, arrays, null and nothing, and a filter over them: comparisons, ranges, lists,
/// patterns and arithmetic, joined by NOT, AND and OR.
filter_case a_filter_case(maker& from);

}  // namespace ampspec::fuzz
