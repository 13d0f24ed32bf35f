// Every target: any octets are an input, nothing is kept from one input to the next, the same input does the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ampspec::fuzz {

/// What is known of the format of a target's inputs, for its mutator.
enum class shape {
  octets,  ///< nothing
  script,  ///< a list of small choices (fuzz/support/maker.hpp): any octets are a right one
  boxes,   ///< settings, then boxes of AMP
  frames,  ///< settings, then frames of AMPS
};

struct target {
  std::string_view name;
  shape inputs;
  std::size_t max_input;  ///< longer inputs are not played
  void (*play)(std::string_view input);
};

#define AMPSPEC_FUZZ_TARGET(name, inputs, max_input, sentence) void name(std::string_view input);
#define AMPSPEC_FUZZ_FILE_TARGET AMPSPEC_FUZZ_TARGET
#include "fuzz/targets/targets.def"
#undef AMPSPEC_FUZZ_FILE_TARGET
#undef AMPSPEC_FUZZ_TARGET

std::span<const target> all_targets();
const target* target_named(std::string_view);

}  // namespace ampspec::fuzz
