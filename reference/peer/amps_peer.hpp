// The loopback broker on TCP: connections share one broker, and one clock that runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <stop_token>

namespace ampspec::peer {

struct peer_options;

/// As `run_peer`, for the protocol `amps`.
int run_amps_peer(const peer_options&, std::ostream& announce, const std::stop_token& stop);

}  // namespace ampspec::peer
