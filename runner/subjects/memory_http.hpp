// HTTP with our own implementations without a socket: requests to a server, and what a client here dials.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/behaviour/conversation.hpp"
#include "reference/peer/bulk_transfer.hpp"
#include "reference/peer/implementation.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::runner {

/// Our end of a connection whose other end is that conversation. What it says is there at once.
std::unique_ptr<conformance::connection> connection_with(std::shared_ptr<behaviour::conversation>);

/// The octets of a recipe as a transfer reads them.
bulk::octet_source source_of(const vectors::octets&);

/// The bulk transfers of a client in this process. It dials names instead of ports, and whether it trusts what it finds
/// there is looked up.
class memory_transfers {
 public:
  explicit memory_transfers(std::shared_ptr<peer::implementation> own) : own_(std::move(own)) {}

  /// The arguments of the BulkOpen that is to be called under that number.
  behaviour::plain_box start(std::uint64_t number, bool upload, const std::string& resource, const vectors::octets&);
  /// True if the call that ended was the BulkOpen of a transfer.
  bool take(const behaviour::call_end&);
  std::optional<behaviour::call_end> next_end();
  static std::vector<std::pair<std::string, std::string>> origins();
  conformance::client_subject::accepted_http accept();
  void clear() { transfers_.clear(); }

 private:
  std::shared_ptr<peer::implementation> own_;
  std::map<std::uint64_t, peer::bulk_transfer> transfers_;
};

}  // namespace ampspec::runner
