// Our own implementations as subjects without a process: the codecs, and conversations whose connections are memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/peer/implementation.hpp"

#include <memory>

namespace ampspec::runner {

/// `peer::make_implementation` makes what these are given: the reference, or the naive one with a named fault. Recipes
/// become octets before the clock of `cpu_seconds` runs. A codec belongs to one thread; all connections of one
/// implementation belong to one thread.
std::unique_ptr<conformance::codec_subject> in_process_codec(std::shared_ptr<peer::implementation>);

/// Everything happens within the caller's calls, so nothing ever has to be waited for: where nothing is there,
/// `receive` and `next_event` say so at once, whatever their deadline.
std::unique_ptr<conformance::server_subject> in_memory_server(std::shared_ptr<peer::implementation>);
std::unique_ptr<conformance::client_subject> in_memory_client(std::shared_ptr<peer::implementation>);

}  // namespace ampspec::runner
