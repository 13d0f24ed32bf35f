// What is to happen at which time, on a clock that somebody else moves.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/moment.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace ampspec::amps {

/// Timers fire in the order of their times, those of one time in the order in which they were made.
class timer_queue {
 public:
  using id = std::uint64_t;  ///< 0 is none
  static constexpr id none = 0;

  id add(moment due, std::function<void()> action) {
    const id made = ++last_;
    waiting_.emplace(std::pair(due, made), std::move(action));
    due_.emplace(made, due);
    return made;
  }
  /// Does nothing if it has fired already. Sets `timer` to none.
  void cancel(id& timer) {
    if (timer == none) return;
    if (const auto found = due_.find(std::exchange(timer, none)); found != due_.end()) {
      waiting_.erase({found->second, found->first});
      due_.erase(found);
    }
  }
  std::optional<moment> next_due() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first.first);
  }
  /// Takes the first one off; there must be one.
  std::function<void()> take_next() {
    auto first = waiting_.extract(waiting_.begin());
    due_.erase(first.key().second);
    return std::move(first.mapped());
  }

 private:
  std::map<std::pair<moment, id>, std::function<void()>> waiting_;
  std::unordered_map<id, moment> due_;
  id last_ = none;
};

}  // namespace ampspec::amps
