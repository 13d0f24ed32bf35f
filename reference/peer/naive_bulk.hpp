// The naive implementation's bulk transfers behind the interfaces that HTTP connections are served and made by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/client.hpp"
#include "reference/bulk/http.hpp"
#include "reference/naive/service.hpp"

#include <memory>

namespace ampspec::peer {

/// Lends the shop clock, chance and hash.
void furnish(naive::bulk_shop&);
std::unique_ptr<bulk::http_exchange> naive_exchange(std::shared_ptr<naive::service_state>, const naive::faults&);
std::unique_ptr<bulk::transfer_rules> naive_transfer(bulk::direction, const naive::faults&);

}  // namespace ampspec::peer
