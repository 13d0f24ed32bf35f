// Counts rises above a base.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/growth.hpp"

namespace ampspec::runner::fuzzing {

bool growth_watch::grows(std::uint64_t cases, std::uint64_t peak_kib) {
  if (peak_kib == 0 || cases < warm_up) return false;
  if (base_ == 0) {
    base_ = risen_from_ = peak_kib;
    base_at_ = cases;
  }
  last_ = peak_kib;
  last_at_ = cases;
  if (peak_kib >= risen_from_ + 1024) {
    ++rises_;
    risen_from_ = peak_kib;
  }
  if (told_ || rises_ < steps || peak_kib < base_ + most_kib) return false;
  return told_ = true;
}

double growth_watch::octets_per_case() const {
  return last_at_ > base_at_ ? static_cast<double>(last_ - base_) * 1024 / static_cast<double>(last_at_ - base_at_) : 0;
}

}  // namespace ampspec::runner::fuzzing
