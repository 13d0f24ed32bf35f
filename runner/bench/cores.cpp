// Holds processes to processors, since where two sides of a connection run changes their figures several times over.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/cores.hpp"

namespace ampspec::runner::bench {

std::vector<int> usable_cores() {
  cpu_set_t set;
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) cores.push_back(i);
  }
  return cores;
}

on_core::on_core(int core) : held_(::sched_getaffinity(0, sizeof before_, &before_) == 0) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(core), &set);
  held_ = held_ && ::sched_setaffinity(0, sizeof set, &set) == 0;
}

on_core::~on_core() {
  if (held_) ::sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace ampspec::runner::bench
