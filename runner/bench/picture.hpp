// Results of `ampspec bench interactivity` as a picture in HTML: for the report, and as a page of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/result.hpp"

#include <span>
#include <string>

namespace ampspec::runner::bench {

/// A `<section id="bench">` for the page of the report, whose style it uses: for each target the latencies on a
/// logarithmic axis, throughput, memory, and the same numbers as a table. No script, nothing from outside; what came
/// from the target is escaped.
std::string section_of(std::span<const interactivity>);

/// A whole page around that section, one file that asks the network for nothing.
std::string page_of(std::span<const interactivity>);

}  // namespace ampspec::runner::bench
