// Holds processes to processors, since where two sides of a connection run changes their figures several times over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <vector>

namespace ampspec::runner::bench {

/// Numbers of the processors that this thread may use, ascending.
std::vector<int> usable_cores();

/// While it lives, the calling thread and every process and thread that it starts stay on that core, as far as the
/// system lets them; what was started stays there afterwards.
class on_core {
 public:
  explicit on_core(int core);
  ~on_core();
  on_core(const on_core&) = delete;
  on_core& operator=(const on_core&) = delete;

 private:
  cpu_set_t before_;
  bool held_;
};

}  // namespace ampspec::runner::bench
