// Cases against a broker of AMPS over TCP, TLS or WebSocket.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/fuzzing/arena.hpp"
#include "runner/subjects/server.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::fuzzing {

/// What one connection is sent. What a broker answers depends on what it holds, which no second broker here knows; so
/// less is held against it than against a server of AMP: that it lives, goes on or ends as it must, says nothing that
/// nobody asked for, names the subscriptions that a delivery is for, and keeps records inside their group.
struct amps_plan {
  struct message {
    std::string header, body;
    bool is_ours = false;  ///< logon or fence
  };
  std::vector<message> messages;  ///< as they go out over WebSocket
  std::string rest;               ///< octets behind the last whole frame, which WebSocket has no form for
  /// Of each `cid` that is not empty: the ack types that it asked for, with how often.
  std::map<std::string, std::map<std::string, int>> asked;
  /// What subscriptions and queries may be called: their `sub_id`, `query_id` or `cid`. Nothing: none was asked for.
  std::set<std::string> names;
  bool any_name = false;   ///< one has no name of its own, or one that can be read in two ways
  std::string closes_for;  ///< it must close by itself, for this reason; empty: it goes on
  bool may_close = false;  ///< either
  std::size_t cases = 0;
  std::string on_tcp() const;
};
amps_plan amps_plan_of(std::span<const std::string> cases);

class amps_server : public arena {
 public:
  amps_server(server& host, bool tls, bool websocket) : host_(host), tls_(tls), websocket_(websocket) {}

  /// Throws mishap where nothing comes of a logon and a flush, or there is no TLS though it should be.
  void calibrate(millis deadline);
  played play(std::span<const std::string> cases, millis deadline) override;
  /// Not told: a broker keeps what is published, and grows by it.
  std::uint64_t peak_rss_kib() const override { return 0; }
  std::string log() const override { return host_.log(); }
  std::string shape(std::string_view stream) const override;
  std::vector<std::string> smaller(const std::string& stream) const override;

 private:
  std::optional<difference> play(const amps_plan&, millis deadline);
  std::unique_ptr<conformance::connection> open(millis deadline);
  difference gone(const conformance::mishap&);

  server& host_;
  const bool tls_, websocket_;
  std::uint64_t generation_ = 0;
  bool met_ = false;
  std::vector<std::string> before_;
};

/// Holds what came against a plan.
class amps_judge {
 public:
  explicit amps_judge(const amps_plan& plan) : plan_(plan), left_(plan.asked) {}
  void take(std::string_view octets_as_on_tcp);
  void malformed(const std::string& why);
  bool fence_came() const { return fence_came_; }
  bool has_wrong() const { return wrong_.has_value(); }
  std::optional<difference> end(bool in_time, bool was_reset);

 private:
  void frame(std::string_view content);
  void delivery(const std::string& command, const std::map<std::string, std::string>& fields);
  void differs(std::string signature, std::string expected, std::string got, std::string clause);

  const amps_plan& plan_;
  std::map<std::string, std::map<std::string, int>> left_;
  std::string in_;
  std::set<std::string> open_groups_;  // of queries, by name
  bool fence_came_ = false;
  std::optional<difference> wrong_;
};

}  // namespace ampspec::runner::fuzzing
