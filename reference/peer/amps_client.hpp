// The two AMPS clients as conversations, so that the loops that carry AMP carry them too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/naive/faults.hpp"

#include <memory>
#include <string>

namespace ampspec::peer {

/// What a client is made with (docs/adapter-protocol.md, AMPS client).
struct client_setup {
  std::string name, user, password;
  bool store = false, reconnects = false;
  bool secure = false;  ///< TLS from the first octet (AMPS-FRAME-021)
};

/// A call's arguments are the fields of its message by their short names, `body`, `of` (the number of an earlier call)
/// and `auto_ack`. Beside calls that end, what comes for a call (`message`) and what the server refused to store
/// (`unwritten`, under its sequence) are told by `next_end`. A challenge of the server (AMPS-LOGON-012) is answered by
/// its password and `-answered`.
std::shared_ptr<behaviour::asking_conversation> reference_amps_client(const client_setup&);
std::shared_ptr<behaviour::asking_conversation> naive_amps_client(const client_setup&, const naive::faults&);

}  // namespace ampspec::peer
