// TLS on our end of a connection, whatever carries it, from the moment a vector says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/peer/tls_engine.hpp"

#include <memory>
#include <string>

namespace ampspec::runner {

/// The same connection, able to `start_tls`; until then everything passes through. As a server it shows `identity`, or
/// that of the process.
std::unique_ptr<conformance::connection> with_tls(std::unique_ptr<conformance::connection>,
                                                  std::shared_ptr<const peer::tls_identity> identity = nullptr);

/// Begins TLS on a connection that we have opened, whatever certificate is shown. Throws mishap `tls` if there is none:
/// mishap{timeout} if nothing comes of it in time, mishap{fault} otherwise; `whom` is for its text.
void begin_tls(conformance::connection&, const std::string& whom, conformance::millis deadline);

}  // namespace ampspec::runner
