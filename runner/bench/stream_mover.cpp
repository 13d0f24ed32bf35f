// Moves the value as a stream: chunks of 65,535 octets, one unanswered at a time (spec profile 1, window 1).
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/movers.hpp"

namespace ampspec::runner::bench {

void stream_mover::begin(done then) {
  then_ = std::move(then);
  sent_ = 0;
  target_.call("StreamOpen", {}, [this](const reply& end) {
    if (!end.answered && end.code == "UNHANDLED") throw not_offered("it has no command StreamOpen");
    id_ = end.value("streamId");
    write_next();
  });
}

void stream_mover::write_next() {
  const auto chunk = value_.at(sent_, amp::max_value);
  if (chunk.empty()) return finish();
  sent_ += chunk.size();
  target_.call("StreamWrite", std::vector<amp::pair_view>{{"streamId", id_}, {"data", chunk}},
               [this](const reply& end) {
                 end.must_be_answer();
                 write_next();
               });
}

/// A target without StreamClose (disttrial) ends a stream by naming its id elsewhere, and says UNHANDLED (STREAM-021).
void stream_mover::finish() {
  target_.call("StreamClose", std::vector<amp::pair_view>{{"streamId", id_}}, [this](const reply& end) {
    if (end.code != "UNHANDLED") end.must_be_answer();
    then_();
  });
}

}  // namespace ampspec::runner::bench
