// Streams over one session, profile 1: the receiver's table of streams, and a writer that cuts its octets and waits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/session.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amp {

/// Codes of the declared errors of the stream commands; none of them ends the connection.
inline constexpr std::string_view code_stream_unknown = "STREAM_UNKNOWN";
inline constexpr std::string_view code_stream_limit = "STREAM_LIMIT";

enum class stream_end {
  complete,  ///< closed by its writer, or named by a command that takes it
  aborted,   ///< by its writer, by a limit, or because the connection ended (STREAM-024)
};

/// Takes the chunks of one stream as they come, instead of having them held.
class stream_sink {
 public:
  stream_sink() = default;
  stream_sink(const stream_sink&) = delete;
  stream_sink& operator=(const stream_sink&) = delete;
  virtual ~stream_sink() = default;
  /// One chunk, which may be empty (STREAM-008); the view is lent for the call. False: it can take no more, and the
  /// stream is aborted.
  virtual bool take(std::string_view chunk) = 0;
  /// Exactly once, and last.
  virtual void end(stream_end) = 0;
};

/// What one peer can make a receiver hold. Sizes are octets.
struct stream_limits {
  std::size_t streams = 256;         ///< on one connection that were not taken (STREAM-025)
  std::size_t answered = 1u << 20;   ///< held of one stream; beyond it answers are withheld (STREAM-016)
  std::size_t held = 2u << 20;       ///< of one stream; a write beyond it is refused, and the stream aborted
  std::size_t all_held = 16u << 20;  ///< of all streams, likewise
  std::size_t chunks = 65536;        ///< held of one stream, and answers withheld from it, likewise
};

/// What was held of a stream.
struct stream_content {
  std::vector<std::string> chunks;  ///< as they were sent (STREAM-009); none if a sink took them
  std::uint64_t count = 0;          ///< of all chunks
  std::uint64_t size = 0;           ///< octets of all chunks
};

/// The receiving side of one direction: allocates ids (STREAM-006: its own, whatever the other direction has), keeps
/// chunks until somebody consumes them, and answers writes when there is room for more. Give it the requests of the
/// session; the session must outlive it.
class stream_receiver {
 public:
  explicit stream_receiver(session&, stream_limits = {});
  ~stream_receiver() { abort_all(); }
  stream_receiver(const stream_receiver&) = delete;
  stream_receiver& operator=(const stream_receiver&) = delete;

  /// Serves StreamOpen, StreamWrite, StreamClose and StreamAbort. False: the request is none of them.
  bool serve(const request_received&);
  /// The connection has ended: every stream that was not complete is aborted (STREAM-024).
  void abort_all();

  // --- consumers. `id` is the Integer that names the stream, of any size; all of them do nothing and say so (nothing,
  // or false) if it names no stream that is here and was not taken.

  /// Takes a stream: it is complete, what is held of it goes to the caller, and its id names nothing any more
  /// (STREAM-023).
  std::optional<stream_content> take(std::string_view id);
  /// Hands the chunks that are held to the sink, then every further one as it comes. False also if there is a sink
  /// already.
  bool consume(std::string_view id, std::unique_ptr<stream_sink>);
  /// True if a sink takes its chunks.
  bool is_consumed(std::string_view id) const;
  /// Withholds the answers to its writes until `resume`; other streams and commands go on (STREAM-015).
  bool stall(std::string_view id);
  bool resume(std::string_view id);

 private:
  struct stream {
    std::deque<std::string> chunks;
    std::size_t held = 0;  ///< octets of `chunks`
    std::uint64_t count = 0, size = 0;
    std::deque<request_id> withheld;
    std::unique_ptr<stream_sink> sink;
    bool consumed = false, closed = false, stalled = false;
  };
  using table = std::map<std::string, stream, std::less<>>;  ///< by id, in canonical digits

  void open(const request_received&);
  void write(const request_received&);
  void close(const request_received&);
  void give_up(const request_received&);
  /// The stream that a request names; or it has been answered with the reason why there is none.
  table::iterator named(const request_received&);
  bool is_too_much(const stream&, std::size_t more) const;
  void keep(stream&, std::string_view chunk);
  void answer_withheld(stream&);
  void discard(table::iterator);  ///< answers what is withheld, and aborts
  void abort(table::iterator);

  session& session_;
  stream_limits limits_;
  table streams_;
  std::uint64_t next_id_ = 0;
  std::size_t held_ = 0;  ///< octets of all chunks
};

/// Gives the next chunk, of at most so many octets and valid until the next call; nothing at the end.
using stream_source = std::function<std::optional<std::string_view>(std::size_t most)>;

/// How a writer works.
struct stream_writing {
  std::size_t window = 1;         ///< writes that may be unanswered at a time (STREAM-014)
  std::size_t chunk = max_value;  ///< octets of one write at most (STREAM-012)
  enum class ending {
    leave,  ///< nothing: a later command names the stream
    close,  ///< StreamClose; a peer without it is no failure (STREAM-021)
    abort,  ///< StreamAbort, likewise (STREAM-029)
  } end = ending::leave;
};

/// How a writer ended.
struct stream_written {
  enum class how {
    done,         ///< every write was answered, and the end too
    failed,       ///< a command was answered by the error in `code` and `description`
    undecodable,  ///< StreamOpen was answered without an id
    lost,         ///< the connection ended (STREAM-024: so it is not done)
    refused,      ///< the session would not send one of the commands
  } what = how::done;
  std::string id;           ///< as the receiver told it, in canonical digits; empty before
  std::uint64_t count = 0;  ///< of writes that were answered
  std::string code, description;
};

/// Writes one stream: opens it, cuts what its source gives into writes, and ends it. Give it the events of the session,
/// which must outlive it.
class stream_writer {
 public:
  /// Opens the stream at once.
  stream_writer(session&, stream_source, stream_writing = {});

  /// False: the event is not about a call of this writer.
  bool handle(const event&);
  /// How it ended, as soon as it has.
  const std::optional<stream_written>& ended() const { return ended_; }
  /// It has ended and none of its calls is pending: it may go.
  bool idle() const { return ended_ && calls_.empty(); }

 private:
  enum class stage { opening, writing, ending };

  void call(std::string_view command, box_view arguments);
  void take_answer(box_view values);
  void take_error(const error_received&);
  void write_on();
  void end(stream_written::how, std::string_view code = {}, std::string_view description = {});

  session& session_;
  stream_source source_;
  stream_writing with_;
  stage stage_ = stage::opening;
  bool exhausted_ = false;
  std::string id_;
  std::uint64_t count_ = 0;
  std::set<call_id> calls_;  ///< pending
  std::optional<stream_written> ended_;
};

}  // namespace ampspec::amp
