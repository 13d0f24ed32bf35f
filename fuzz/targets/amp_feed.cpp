// Property: how a stream is cut changes nothing of what the decoder says, nor what it costs.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/budget.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"

namespace ampspec::fuzz {
namespace {

// Discards what a sink is offered.
class no_sink : public amp::value_sink {
 public:
  bool begin(amp::box_view, std::string_view) override { return true; }
  void take(std::string_view) override {}
  void end() override {}
};

// Memory grows by what has come, never by what is declared; work is linear in the octets, however they are cut.
void hold_to_budget(std::string_view stream, const settings& with, const std::vector<std::size_t>& parts) {
  no_sink sink;
  amp::box_decoder decoder(amp_limits(with));
  if (with.divert) decoder.divert(&sink);
  const heap_watch heap;
  const std::uint64_t before = work();
  std::size_t fed = 0, steps = 1;
  for (const std::size_t size : parts) {
    decoder.feed(stream.substr(fed, size));
    fed += size;
    for (++steps; decoder.next();) ++steps;
    AMPSPEC_ORACLE("live-octets", heap.peak() <= 2048 + 48 * fed);
    AMPSPEC_ORACLE("work", work() - before <= 2000 + 32 * steps + 64 * fed);
  }
}

}  // namespace

void amp_feed(std::string_view input) {
  const auto [with, stream] = read_input(input);
  const amp::limits limits = amp_limits(with);
  const bool divert = with.divert && !with.lenient;
  const auto parts = cuts(with, stream.size());
  const played_boxes whole = play_boxes(stream, limits, {stream.size()}, divert);
  const played_boxes cut = play_boxes(stream, limits, parts, divert);
  AMPSPEC_ORACLE("split", cut.boxes == whole.boxes && cut.begin == whole.begin && cut.end == whole.end);

  // A box is there with its last octet, not later.
  std::size_t fed = 0, boxes = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    fed += parts[i];
    while (boxes + 1 < whole.begin.size() && whole.begin[boxes + 1] <= fed) ++boxes;
    AMPSPEC_ORACLE("split", cut.after[i] >= boxes);
  }
  hold_to_budget(stream, with, parts);
}

}  // namespace ampspec::fuzz
