// How often an implementation that crashes or hangs is started again, so that a hopeless one ends the run soon.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace ampspec::runner {

/// Shared by all processes of one role in a run: 20 restarts, and one more for every 10 checks.
class restart_budget {
 public:
  explicit restart_budget(std::int64_t restarts = 20) : tenths_(restarts * 10) {}
  void check_done() { ++tenths_; }
  /// True if one more restart may be made; it is then used up.
  bool take() {
    auto left = tenths_.load();
    while (left >= 10) {
      if (tenths_.compare_exchange_weak(left, left - 10)) return true;
    }
    return false;
  }

 private:
  std::atomic<std::int64_t> tenths_;
};

}  // namespace ampspec::runner
