// The AMP side of bulk transfers: BulkOpen, and what lets a vector see what became of them (docs/test-service.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/session.hpp"
#include "reference/bulk/desk.hpp"

#include <memory>
#include <string>

namespace ampspec::behaviour {

/// What all connections of one server share.
struct bulk_office {
  std::shared_ptr<bulk::desk> desk;
  std::string origin;  ///< of the HTTPS listener, such as `https://127.0.0.1:4433`
};

/// Serves one session; its tokens die with it (BULK-026).
class bulk_service {
 public:
  /// Neither may be null.
  bulk_service(std::shared_ptr<amp::session>, std::shared_ptr<const bulk_office>);
  ~bulk_service() { finish(); }
  bulk_service(const bulk_service&) = delete;
  bulk_service& operator=(const bulk_service&) = delete;

  /// False if the request is none of its commands.
  bool serve(const amp::request_received&);
  /// The connection has ended.
  void finish() { office_->desk->owner_gone(owner_); }

 private:
  void open(const amp::request_received&);
  void stored(const amp::request_received&);
  void clock(const amp::request_received&);

  std::shared_ptr<amp::session> session_;
  std::shared_ptr<const bulk_office> office_;
  bulk::owner_id owner_;
};

}  // namespace ampspec::behaviour
