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
  const played_boxes played = play_boxes(stream, limits, {stream.size()});
  compare_with_naive(stream, played, limits);

  if (with.lenient) return;  // a repeated key is not written back
  std::string again;
  for (const auto& pairs : played.boxes) {
    amp::box box;
    for (const auto& [key, value] : pairs) box.add(key, value);
    AMPSPEC_ORACLE("round-trip", !amp::encode(box, again, limits.version));
  }
  AMPSPEC_ORACLE("round-trip", stream.starts_with(again));
}

}  // namespace ampspec::fuzz
