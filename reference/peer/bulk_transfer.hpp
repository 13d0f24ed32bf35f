// A client's bulk transfer from BulkOpen to its end; its owner makes the call and the connections that it asks for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/bulk/client.hpp"
#include "reference/peer/http_request.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ampspec::peer {

class bulk_transfer {
 public:
  /// `body` is what an upload sends. `number` is that of the call that the transfer is to its owner.
  bulk_transfer(std::uint64_t number, std::unique_ptr<bulk::transfer_rules>, bulk::direction, std::string resource,
                bulk::octet_source body);

  std::uint64_t number() const { return number_; }
  /// The arguments of BulkOpen.
  behaviour::plain_box arguments() const;
  /// BulkOpen has ended so.
  void opened(const behaviour::call_end&);

  /// A request that waits for a connection, given out once; null if there is none.
  std::shared_ptr<http_request> next_request() { return std::exchange(waiting_, nullptr); }
  /// The connection for the request in hand could not be had, or its certificate was refused.
  void not_connected(std::string why);
  /// To be called whenever the request in hand may be over.
  void look();
  /// How it ended, told once.
  std::optional<behaviour::call_end> next_end() { return std::exchange(end_, std::nullopt); }

 private:
  void take(bulk::client_turn);
  void finish(std::string how, std::string text);

  std::uint64_t number_;
  std::unique_ptr<bulk::transfer_rules> rules_;
  bulk::direction way_;
  std::string resource_;
  bulk::octet_source body_;
  std::shared_ptr<http_request> waiting_, running_;
  http_outcome last_;
  std::optional<behaviour::call_end> end_;
};

}  // namespace ampspec::peer
