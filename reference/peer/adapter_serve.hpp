// The reference as an adapter (docs/adapter-protocol.md): its codec and its client behind frames.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace ampspec::peer {

struct adapter_options {
  std::uint64_t max_box = 0;  ///< octets of the largest box that its client takes; 0: 64 MiB
  bool naive = false;         ///< the naive implementation instead of the reference; implied by `fault`
  std::string fault = {};     ///< a fault of vectors/faults.yaml; empty: none
};

/// Serves on standard input and output, or on the address in the environment variable AMPSPEC_ADAPTER, until `bye` or
/// the end of the input. Returns the exit code: 0, 2 wrong options, 3 a broken frame or no connection (said on standard
/// error).
int run_adapter_serve(const adapter_options& = {});

/// The same on two descriptors, which it closes.
int run_adapter_serve(const adapter_options&, int in, int out);

}  // namespace ampspec::peer
