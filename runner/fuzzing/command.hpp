// `ampspec fuzz`: from the options to the findings, their files and the exit code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ampspec::runner {

struct fuzz_options {
  run_options of;         ///< what is attached, as for `run`: target, server, codec, command, supports
  std::string protocol;   ///< amp1, amp2, amps; empty: the first that the target declares
  std::string role;       ///< server or codec; empty: the first that the target has
  std::string transport;  ///< tcp, tls, ws, wss: of a server that we start; empty: tcp, or what its URI says
  std::uint64_t seed = 1, from = 0, cases = 0;
  double seconds = 60;
  unsigned deadline_ms = 2000;
  unsigned findings = 20;
  std::string out = "out/fuzz";      ///< folder for what is found
  std::vector<std::string> allowed;  ///< hosts that are not loopback and may be attacked all the same
  std::string json;
};

/// Returns the exit code: 0 nothing found, 1 something was, 2 usage, 3 the implementation can't be started or answers
/// nothing, 130 interrupted.
int fuzz_command(const fuzz_options&);

}  // namespace ampspec::runner
