// Property: the decoder says what the naive implementation says, and what it delivered is written back as it came.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/box_encoder.hpp"

#include <string>

namespace ampspec::fuzz {

void amp_decode(std::string_view input) {
  const auto [with, stream] = read_input(input);
  const amp::limits limits = amp_limits(with);
  std::string again;
  const auto write = [&](amp::box_view box) { AMPSPEC_ORACLE("round-trip", !amp::encode(box, again, limits.version)); };
  const played_boxes played = play_boxes(stream, limits, {stream.size()}, false, write);
  compare_with_naive(stream, played, limits);
  if (!with.lenient)
    AMPSPEC_ORACLE("round-trip", stream.starts_with(again));  // else a repeated key is not written back
}

}  // namespace ampspec::fuzz
