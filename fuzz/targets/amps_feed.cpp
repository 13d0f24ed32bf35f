// Property: how a stream of frames is cut changes nothing of what the decoder says, nor what it costs.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/budget.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"

namespace ampspec::fuzz {
namespace {

void hold_to_budget(std::string_view stream, const amps::decoder_limits& limits,
                    const std::vector<std::size_t>& parts) {
  amps::frame_decoder decoder(limits);
  const heap_watch heap;
  const std::uint64_t before = work();
  std::size_t fed = 0, steps = 1;
  for (const std::size_t size : parts) {
    decoder.feed(stream.substr(fed, size));
    fed += size;
    for (++steps; decoder.next();) ++steps;
    AMPSPEC_ORACLE("live-octets", heap.peak() <= 1024 + 8 * fed);
    AMPSPEC_ORACLE("work", work() - before <= 2000 + 64 * steps + 32 * fed);
    AMPSPEC_ORACLE("limit", decoder.held() <= limits.max_frame + amps::prefix_size);
  }
}

}  // namespace

void amps_feed(std::string_view input) {
  const auto [with, stream] = read_input(input);
  const amps::decoder_limits limits = amps_limits(with);
  const auto parts = cuts(with, stream.size());
  const auto whole = play_frames(stream, limits, {stream.size()});
  const auto cut = play_frames(stream, limits, parts);
  AMPSPEC_ORACLE("split", cut.frames == whole.frames && cut.end == whole.end);

  // A frame is there with its last octet, not later.
  std::size_t fed = 0, frames = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fed += parts[i];
    while (frames + 1 < whole.frames.size() && whole.frames[frames + 1].at <= fed) ++frames;
    AMPSPEC_ORACLE("split", cut.after[i] >= frames);
  }
  hold_to_budget(stream, limits, parts);
}

}  // namespace ampspec::fuzz
