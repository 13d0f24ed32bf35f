// The loopback peer: a TCP server that puts the test service, or a named misbehaviour of it, on every connection.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <stop_token>
#include <string>

namespace ampspec::peer {

struct peer_options {
  /// `amp1`, `amp2`, `amps`; or `echo`: octets come back as they are, for comparison of speed.
  std::string protocol = "amp1";
  std::string listen = "tcp://127.0.0.1:0";  ///< tcp://ADDRESS:PORT or tcps (amps: or ws, wss); port 0: any free one
  std::string fault = {};                    ///< a fault of vectors/faults.yaml; empty: none
  bool naive = false;                        ///< the naive implementation instead of the reference; implied by `fault`
  std::uint64_t max_box = 0;                 ///< octets of the largest box that is taken; 0: 64 MiB
  bool trace = false;                        ///< one line on standard error for each box received and sent
  std::string certificate = {};              ///< the file for the certificate of the HTTPS side (PEM); empty: none
  bool show_secrets = false;                 ///< do not mask tokens in the trace
  bool users = false;                        ///< amps: logons need the users of the fixture
  bool unlogged = false;                     ///< amps: no topic has a transaction log
  bool allow_any_address = false;            ///< listen on addresses that are not loopback
};

/// Serves until SIGINT, SIGTERM or `stop`. Once it listens, prints one line `listening tcp://ADDRESS:PORT`, with the
/// scheme of `listen`, to `announce` and flushes. Returns the exit code: 0 stopped, 2 wrong options (said on standard
/// error), 3 could not listen.
int run_peer(const peer_options&, std::ostream& announce, const std::stop_token& stop = {});

}  // namespace ampspec::peer
