// Where a client under test makes its bulk transfers: our HTTPS ports, one whose certificate is not to be trusted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/peer/tls_engine.hpp"
#include "runner/subjects/tcp.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::runner {

class https_side {
 public:
  https_side();  ///< throws std::system_error

  /// `main`, `other`, `untrusted` and `plain`, each with its origin.
  std::vector<std::pair<std::string, std::string>> origins() const;
  /// The certificates (PEM) that the client is to trust.
  std::string trusted() const { return trusted_->pem(); }
  /// The next connection, inside TLS if the client went through with the handshake.
  conformance::client_subject::accepted_http accept(millis deadline);

 private:
  loopback_listener main_, other_, untrusted_port_, plain_;
  std::shared_ptr<const peer::tls_identity> trusted_, untrusted_;
};

}  // namespace ampspec::runner
