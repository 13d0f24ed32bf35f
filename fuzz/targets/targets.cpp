// The table of the targets.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/targets/targets.hpp"

namespace ampspec::fuzz {

std::span<const target> all_targets() {
  static constexpr target table[] = {
#define AMPSPEC_FUZZ_TARGET(name, inputs, max_input, sentence) {#name, shape::inputs, max_input, &name},
#ifdef AMPSPEC_FUZZ_FILES
#define AMPSPEC_FUZZ_FILE_TARGET AMPSPEC_FUZZ_TARGET
#else
#define AMPSPEC_FUZZ_FILE_TARGET(name, inputs, max_input, sentence)
#endif
#include "fuzz/targets/targets.def"
#undef AMPSPEC_FUZZ_FILE_TARGET
#undef AMPSPEC_FUZZ_TARGET
  };
  return table;
}

const target* target_named(std::string_view name) {
  for (const target& t : all_targets()) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

}  // namespace ampspec::fuzz
