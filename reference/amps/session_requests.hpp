// What subscribing and querying commands ask for, once it has been read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_session.hpp"
#include "reference/amps/order_by.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

struct broker_session::query {
  std::uint32_t batch_size = 1;  // AMPS-SOW-006
  std::optional<std::uint32_t> top_n, skip_n;
  std::optional<order_by> order;
  std::optional<std::set<std::string, std::less<>>> keys;
};

struct broker_session::query_result {
  struct row {
    const topic_state* topic;
    const sow_record* record;
  };
  std::vector<row> rows;          ///< to be sent, in order
  std::size_t topic_matches = 0;  ///< records compared
  std::size_t matches = 0;        ///< those that pass
};

struct broker_session::subscribing {
  subscription_terms terms;
  broker_session::query query;
  bool is_query = false;  ///< sow_and_subscribe, sow_and_delta_subscribe
  bool replace = false;
  subscription* replaced = nullptr;
  std::optional<std::uint32_t> max_backlog;
  std::string_view bookmark, bookmark_not_found = "now";
  std::size_t start = 0;  ///< in the log
};

}  // namespace ampspec::amps
