// The streams of the test service (docs/test-service.md): its commands about them, and streams that we write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/session.hpp"
#include "reference/amp/stream.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ampspec::behaviour {

/// A file that goes with whoever holds it.
class temporary_file {
 public:
  temporary_file() = default;
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  virtual ~temporary_file() = default;
  /// Appends. False: there is no room.
  virtual bool write(std::string_view) = 0;
  /// Gives all that was written, from the beginning and in pieces. False: it can't be read.
  virtual bool read(const std::function<void(std::string_view)>& piece) = 0;
};

/// What became of a stream that has a consumer, as `StreamOutcome` tells it.
struct stream_outcome {
  std::string_view how = "running";
  std::uint64_t count = 0, size = 0;
  std::string sha256;  ///< of a complete one
};

/// What the connections of one server share.
struct stream_state {
  /// By the name that was given last; the oldest are forgotten.
  std::deque<std::pair<std::string, std::shared_ptr<stream_outcome>>> outcomes;
  /// Null, or gives null: there are no files.
  std::function<std::unique_ptr<temporary_file>()> make_file;
};

/// Serves the streams of one session. Give it every request and every event of the session's calls.
class stream_service {
 public:
  stream_service(std::shared_ptr<amp::session>, std::shared_ptr<stream_state>);

  /// False: the request is none of its commands.
  bool serve(const amp::request_received&);
  /// False: the event is about a call of somebody else.
  bool handle(const amp::event&);
  /// No event will come any more.
  void finish() { receiver_.abort_all(); }

  /// Writes a stream to the peer; ends like a call, by an answer with `streamId` and `count`.
  void write(std::uint64_t number, const stream_order&);
  std::optional<call_end> next_end();

 private:
  struct writing {
    std::unique_ptr<amp::stream_writer> writer;
    amp::request_id request = 0;  ///< that waits for it, or
    std::uint64_t number = 0;     ///< of the order, if `request` is 0
  };

  void take(const amp::request_received&);
  void consume(const amp::request_received&);
  void tell_outcome(const amp::request_received&);
  void send(const amp::request_received&);
  void hold(const amp::request_received&, bool stalls);
  void fail_unknown_stream(amp::request_id);
  void begin(writing, const stream_order&);
  void settle();

  std::shared_ptr<amp::session> session_;
  std::shared_ptr<stream_state> state_;
  amp::stream_receiver receiver_;
  std::list<writing> writings_;
  std::deque<call_end> ended_;
};

}  // namespace ampspec::behaviour
