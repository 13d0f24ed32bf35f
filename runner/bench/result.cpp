// Names of the ways, and the ratio that they are compared by.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/result.hpp"

#include <algorithm>

namespace ampspec::runner::bench {

std::string_view title_of(way w) {
  switch (w) {
    case way::idle:
      return "idle";
    case way::stream:
      return "stream";
    case way::big_string:
      return "BigString";
    case way::amp2:
      return "AMPv2";
    case way::bulk:
      return "bulk";
  }
  return "";
}

std::string_view name_of(way w) {
  switch (w) {
    case way::idle:
      return "idle";
    case way::stream:
      return "stream";
    case way::big_string:
      return "bigstring";
    case way::amp2:
      return "amp2";
    case way::bulk:
      return "bulk";
  }
  return "";
}

double interactivity::ratio_to_idle(const way_result& of) const {
  const auto idle =
      std::find_if(ways.begin(), ways.end(), [](const auto& w) { return w.way == way::idle && w.measured(); });
  if (idle == ways.end() || idle->calls.p99.count() == 0 || !of.measured() || of.calls.count == 0) return 0;
  return static_cast<double>(of.calls.p99.count()) / static_cast<double>(idle->calls.p99.count());
}

}  // namespace ampspec::runner::bench
