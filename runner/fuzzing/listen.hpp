// What both kinds of servers do on a connection: say what is due, take what comes, until it ends or nothing comes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/fuzzing/difference.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace ampspec::runner::fuzzing {

struct ending {
  bool in_time = true;     ///< false: nothing came for as long as an answer may take
  bool was_reset = false;  ///< the connection, instead of closed
};

/// What is wrong where `begin_tls` has thrown: no case has been sent yet.
inline difference without_tls(const conformance::mishap& m, std::string clause) {
  const bool late = m.what_kind() == conformance::mishap::kind::timeout;
  return {std::string("tls/") + (late ? "nothing" : "none"), "TLS from the first octet", m.what(), std::move(clause),
          late};
}

/// `speak` is called before each wait and returns true if it has said something, from which the deadline counts anew;
/// `take` gets the octets.
template <class Speak, class Take>
ending listen(conformance::connection& link, conformance::millis deadline, Speak speak, Take take) {
  using clock = std::chrono::steady_clock;
  using conformance::arrival;
  using conformance::millis;
  auto until = clock::now() + deadline;
  while (true) {
    if (speak()) until = clock::now() + deadline;
    const auto left = std::chrono::duration_cast<millis>(until - clock::now());
    const arrival a = link.receive(std::max(millis(1), left));
    if (a.what == arrival::kind::closed) return {true, a.was_reset};
    if (a.what == arrival::kind::nothing) return {false, false};
    take(a.bytes);
  }
}

}  // namespace ampspec::runner::fuzzing
