// Streams a second time: those that the other side writes to us, and those that we write to it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/service.hpp"
#include "reference/naive/sha256.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ampspec::naive {

/// What became of a stream that has a consumer. Conversations of one server share them, by name.
struct stream_outcome {
  std::string how = "running";  ///< then complete or aborted
  std::uint64_t count = 0, size = 0;
  sha256 hash;
};

/// A stream that we are to write: `size` octets of `pattern`, repeated.
struct stream_order {
  std::string pattern;
  std::uint64_t size = 0, window = 1;
  std::string end = "leave";  ///< leave, close, abort
};

/// The streams of one connection.
class streams {
 public:
  streams(const service_hands& hands, service_state& state, faults broken)
      : hands_(hands), state_(state), broken_(broken) {}

  /// Nothing if the command is none about streams.
  std::optional<reply> execute(const std::string& command, const box& arguments, std::uint64_t request);
  /// True while a fault lets a request of another command wait; it is kept until then.
  bool holds_back(std::uint64_t request, const reply&);
  /// The connection has ended.
  void ended();
  /// Writes a stream; `then` is told once how the last of its calls ended. If it did well: `streamId` and `count`.
  void write(const stream_order&, std::function<void(const called&)> then);

 private:
  struct stream {
    std::vector<std::string> chunks;
    std::deque<std::uint64_t> waiting;  // writes whose answers are withheld
    std::uint64_t count = 0, size = 0, held = 0;
    bool closed = false, stalled = false;
    std::shared_ptr<stream_outcome> consumer;
  };
  struct writing;

  bool on(fault f) const { return broken_.has(f); }
  reply open();
  reply write(const box& arguments, std::uint64_t request);
  reply close(std::int64_t id);
  reply abort(std::int64_t id);
  reply take(const box& arguments, std::int64_t id);
  reply consume(const box& arguments, std::int64_t id);
  reply outcome(const box& arguments);
  reply stall(std::int64_t id);
  reply resume(std::int64_t id);
  reply send(const box& arguments, std::uint64_t request);
  bool is_open(std::int64_t id) const { return open_.count(id) > 0 && !open_.at(id).closed; }
  void keep(stream&, std::string data);
  void finish(stream&, const std::string& end);  // complete or aborted
  void answer_waiting(stream&);
  void let_go();

  void write_on(const std::shared_ptr<writing>&);
  void call(const std::shared_ptr<writing>&, const std::string& command, const box& arguments);
  void settled(const std::shared_ptr<writing>&, const std::string& command, const called&);

  const service_hands& hands_;
  service_state& state_;
  faults broken_;
  std::int64_t last_id_ = 0, latest_ = 0;
  std::map<std::int64_t, stream> open_;  // and closed ones that were not taken

  // What only faults need.
  std::map<std::int64_t, stream> taken_;
  std::map<std::uint64_t, reply> held_back_;
};

}  // namespace ampspec::naive
