// The order of a query's records: paths, each up or down.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/record.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace ampspec::amps {

class order_by {
 public:
  /// Nothing if the text is no order. An empty one is none, which is for the caller to see.
  static std::optional<order_by> parse(std::string_view text);

  /// True if `a` comes before `b`: nothing first, then numbers, then strings octet by octet; DESC turns all of it
  /// round.
  bool before(const record_view& a, const record_view& b) const;

 private:
  struct part {
    path where;
    bool down = false;
  };
  std::vector<part> parts_;
};

}  // namespace ampspec::amps
