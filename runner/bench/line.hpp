// One AMP connection of a measurement: calls go out, their ends come in, and nothing blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/box_decoder.hpp"
#include "runner/subjects/fd.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace ampspec::runner::bench {

/// The measurement can't go on; what() says why, for people.
class broken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The target has no such way to move a value; what() says how it shows.
class not_offered : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a call ended. Valid while the function that is handed it runs.
struct reply {
  bool answered = false;
  amp::box_view values;                ///< of an answer
  std::string_view code, description;  ///< of an error

  /// Throws broken unless it is an answer.
  void must_be_answer() const;
  /// A value of an answer; throws broken if the call failed or the value is missing.
  std::string_view value(std::string_view key) const;
};

/// Order of calls: `call` at any time; `write` when the socket takes octets, `read` when it has some. Every function
/// throws broken if the peer closes, answers what was not asked, or breaks the protocol.
class line {
 public:
  using ended = std::function<void(const reply&)>;
  /// Gives the next octets of a request, valid until it is asked again; an empty view behind the last.
  using supply = std::function<std::string_view()>;

  /// `socket` is connected.
  explicit line(unique_fd socket);

  int fd() const { return socket_.get(); }
  bool wants_write() const { return !now_.empty() || !waiting_.empty(); }

  /// The tag that the next call will have.
  std::string next_tag() const { return std::to_string(last_tag_ + 1); }
  void call(std::string_view command, amp::box_view arguments, ended then);
  /// A call whose octets, with `next_tag` in them, are made while they are sent.
  void call(supply octets, ended then);

  /// Hands the kernel what it takes at once; no more than a part of what waits, so that other work gets its turn.
  void write();
  /// Takes in what has arrived, a part of it likewise.
  void read();

  std::size_t calls_pending() const { return pending_.size(); }
  /// Octets sent and received so far; as long as it grows the connection lives.
  std::uint64_t octets_moved() const { return moved_; }

 private:
  void take(amp::box_view);
  void refill();

  unique_fd socket_;
  amp::box_decoder decoder_;
  std::vector<char> in_;
  std::deque<std::variant<std::string, supply>> waiting_;  ///< the first is what `now_` views, if that is not empty
  std::string_view now_;
  std::unordered_map<std::string, ended> pending_;  ///< by tag
  std::uint64_t last_tag_ = 0, moved_ = 0;
};

}  // namespace ampspec::runner::bench
