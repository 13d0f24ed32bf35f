// The reference broker without sockets and without waiting: what vectors play against where faults are scored.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"

#include <memory>
#include <string>

namespace ampspec::runner {

/// The broker of `ampspec peer amps`, with a fault of vectors/faults.yaml (`home: behaviour`) or, if it is empty,
/// without. Everything happens within the caller's calls. The clock is virtual: it stands while there is something to
/// read, and `receive` moves it to the next moment at which something comes, at most by its deadline. Whether there is
/// TLS is told, not seen, since there is nothing between us that could be read. All connections belong to one thread.
std::unique_ptr<conformance::server_subject> in_memory_broker(const std::string& fault = {});

}  // namespace ampspec::runner
