// `ampspec bench calls`: how many calls a second a server answers, compared with a raw echo in the same run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/target.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::bench {

struct calls_options {
  std::vector<std::size_t> windows{1, 64};  ///< calls that are unanswered at a time
  int rounds = 5;
  std::chrono::milliseconds each{300};  ///< echo and calls in each round
  std::string program;                  ///< our own executable
};

struct window_result {
  std::size_t window = 0;
  double echoes_per_second = 0, calls_per_second = 0;  ///< medians of the rounds
  double ratio = 0;                                    ///< median of the ratios of the rounds, not ratio of the medians
};

struct calls_result {
  std::string target, failed;  ///< why it broke off; empty: it did not
  int rounds = 0;
  bool was_up = false;  ///< both servers; else `failed` says why it could not begin
  std::vector<window_result> windows;
  bool one_core = false;  ///< all processes were held to one core
};

/// Small `Echo` calls against `peer echo`, which sends the same octets back as they are. Both servers are up all the
/// time, each on a connection of its own, and take turns within a round, so that a load on the machine hits both. Our
/// side is the reference's session, so what it costs to ask is part of the figure. Throws std::runtime_error if the
/// target has no server role.
calls_result measure_calls(const target&, const calls_options&);

/// Publishes of AMPS likewise: each is delivered to the one subscription of the connection that published it, and that
/// is its answer. Against `uri` (`tcp://HOST:PORT`), or the loopback broker if that is empty.
calls_result measure_publishes(const std::string& uri, const calls_options&);

/// What the reference is to reach at least, as `ratio`; 0: no goal for that window.
double calls_goal(std::size_t window);
double publishes_goal(std::size_t window);

/// `what`: calls or publishes. `goal`: for the reference; may be null.
std::string table_of(const calls_result&, const std::string& what, double (*goal)(std::size_t));

/// A pipe of requests that keeps `window` of them unanswered: octets out, octets in.
class talker {
 public:
  talker() = default;
  talker(const talker&) = delete;
  talker& operator=(const talker&) = delete;
  virtual ~talker() = default;

  /// To be sent; valid until the next call.
  virtual std::string_view output() const = 0;
  virtual void sent(std::size_t) = 0;
  /// Makes a new request for each that these octets answer. Throws broken if they are no answer.
  virtual void receive(std::string_view) = 0;
  virtual std::uint64_t answered() const = 0;
};

/// Says `request` and waits for as many octets.
std::unique_ptr<talker> make_echo_talker(std::size_t window, std::string request);
/// The request of `make_call_talker`, as long as it stays in most cases.
std::string call_request();
std::unique_ptr<talker> make_call_talker(std::size_t window);
/// Logs on and subscribes before its first publish.
std::unique_ptr<talker> make_publish_talker(std::size_t window);
std::string publish_request();

}  // namespace ampspec::runner::bench
