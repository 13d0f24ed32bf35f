// The transaction log: what was published to logged topics, in the order of the instance, to be replayed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/moment.hpp"
#include "reference/amps/payload.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ampspec::amps {

struct log_entry {
  std::string bookmark;
  std::string topic;  ///< empty: a deletion, which has a bookmark and is not replayed
  payload body = nullptr;
  std::optional<std::string> key = {}, correlation_id = {};
  moment at = {};
};

class transaction_log {
 public:
  void append(log_entry entry) {
    octets_ += octets_of(entry.body).size();
    by_bookmark_.emplace(entry.bookmark, entries_.size());
    entries_.push_back(std::move(entry));
  }
  const std::vector<log_entry>& entries() const { return entries_; }
  /// Octets of all bodies.
  std::size_t octets() const { return octets_; }
  /// `0` if there is none.
  std::string_view last_bookmark() const {
    if (entries_.empty()) return "0";
    return entries_.back().bookmark;
  }
  /// Index of the entry behind the one of that bookmark.
  std::optional<std::size_t> behind(std::string_view bookmark) const {
    const auto found = by_bookmark_.find(std::string(bookmark));
    return found == by_bookmark_.end() ? std::nullopt : std::optional(found->second + 1);
  }
  /// Index of the first entry that was logged at or after that time (AMPS-SUB-043).
  std::size_t from(moment when) const {
    std::size_t at = 0;
    while (at < entries_.size() && entries_[at].at < when) ++at;
    return at;
  }

 private:
  std::vector<log_entry> entries_;
  std::unordered_map<std::string, std::size_t> by_bookmark_;
  std::size_t octets_ = 0;
};

}  // namespace ampspec::amps
