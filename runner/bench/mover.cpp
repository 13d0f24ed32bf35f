// Chooses the mover of a way.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/mover.hpp"

#include "runner/bench/movers.hpp"

namespace ampspec::runner::bench {

std::unique_ptr<mover> make_mover(way w, line& target, const payload& value) {
  switch (w) {
    case way::idle:
      return nullptr;
    case way::stream:
      return std::make_unique<stream_mover>(target, value);
    case way::big_string:
      return std::make_unique<big_string_mover>(target, value);
    case way::amp2:
      return std::make_unique<amp2_mover>(target, value);
    case way::bulk:
      return std::make_unique<bulk_mover>(target, value);
  }
  return nullptr;
}

}  // namespace ampspec::runner::bench
