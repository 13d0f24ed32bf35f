// Moves the value as a stream: chunks of 65,535 octets, one unanswered at a time (spec profile 1, window 1).
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/movers.hpp"

namespace ampspec::runner::bench {

namespace {

bool is_unhandled(const reply& end) { return !end.answered && end.code == "UNHANDLED"; }

}  // namespace

void stream_mover::begin(done then) {
  then_ = std::move(then);
  sent_ = 0;
  target_.call("StreamOpen", {}, [this](const reply& end) {
    if (is_unhandled(end)) throw not_offered("it has no command StreamOpen");
    id_ = end.value("streamId");
    consume();
  });
}

/// Has the target hash what comes instead of keeping it, where it can (docs/test-service.md, service.streams.consume).
void stream_mover::consume() {
  const std::vector<amp::pair_view> arguments{{"streamId", id_}, {"as", "digest"}, {"name", "bench"}};
  target_.call("StreamConsume", arguments, [this](const reply& end) {
    consumed_ = !is_unhandled(end);
    if (consumed_) end.must_be_answer();
    write_next();
  });
}

void stream_mover::write_next() {
  const auto chunk = value_.at(sent_, amp::max_value);
  if (chunk.empty()) return consumed_ ? close() : take();
  sent_ += chunk.size();
  target_.call("StreamWrite", std::vector<amp::pair_view>{{"streamId", id_}, {"data", chunk}},
               [this](const reply& end) {
                 end.must_be_answer();
                 write_next();
               });
}

void stream_mover::close() {
  target_.call("StreamClose", std::vector<amp::pair_view>{{"streamId", id_}}, [this](const reply& end) {
    if (is_unhandled(end)) return take_consumed();
    end.must_be_answer();
    ask_outcome();
  });
}

/// Where no command closes a stream (disttrial's), taking it ends it.
void stream_mover::take_consumed() {
  target_.call("StreamTake", std::vector<amp::pair_view>{{"streamId", id_}, {"as", "digest"}},
               [this](const reply& end) {
                 end.must_be_answer();
                 ask_outcome();
               });
}

void stream_mover::ask_outcome() {
  target_.call("StreamOutcome", std::vector<amp::pair_view>{{"name", "bench"}}, [this](const reply& end) {
    must_be_digest(end, value_);
    then_();
  });
}

/// A target that consumes nothing is asked for the digest of what it has kept. One that knows no take either
/// (disttrial's commands alone) ends a stream by naming its id elsewhere: its answers are all the evidence there is.
void stream_mover::take() {
  target_.call("StreamTake", std::vector<amp::pair_view>{{"streamId", id_}, {"as", "digest"}},
               [this](const reply& end) {
                 if (!is_unhandled(end)) must_be_digest(end, value_);
                 then_();
               });
}

}  // namespace ampspec::runner::bench
