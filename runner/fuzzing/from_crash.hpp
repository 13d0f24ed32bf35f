// `ampspec vector from-crash`: an input that something stopped at becomes the fewest octets, a picture, and a vector.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ampspec::runner {

struct crash_options {
  std::string file;
  std::string protocol;  ///< amp1, amp2, amps; empty: by the target, else amp1
  std::string target;    ///< the fuzz target that it is an input of; empty: octets of the wire
  std::string program;   ///< the fuzzer of the target, or fuzz_replay: what stops at the input
  std::string out;       ///< the vector file; empty: the input's name and .yaml, in this folder
};

/// Returns the exit code: 0 the vector is written, 2 usage.
int from_crash_command(const crash_options&);

}  // namespace ampspec::runner
