// HTTP with our own implementations without a socket: requests to a server, and what a client in the same process
// dials. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/behaviour/conversation.hpp"

#include <memory>

namespace ampspec::runner {

/// Our end of a connection whose other end is that conversation. What it says is there at once.
std::unique_ptr<conformance::connection> connection_with(std::shared_ptr<behaviour::conversation>);

}  // namespace ampspec::runner
