// Results of `ampspec bench interactivity` as JSON: written, handed between our processes, and read again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/result.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace ampspec::runner::bench {

/// The text is not such a result; what() says where and why.
class result_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One line without its newline. Times are in nanoseconds, sizes in KiB; what was not measured is absent, never 0.
std::string json_line(const way_result&);
way_result way_result_of(std::string_view json);

/// The whole file. Unknown keys are ignored when it is read.
std::string json_text(const interactivity&);
interactivity interactivity_of(std::string_view json);

}  // namespace ampspec::runner::bench
