// A queue: messages that wait for a subscription, and those that one holds until it acknowledges them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_config.hpp"
#include "reference/amps/payload.hpp"
#include "reference/amps/subscription.hpp"
#include "reference/amps/timer_queue.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ampspec::amps {

struct queue_message {
  std::string bookmark;
  payload body = nullptr;
  std::optional<std::string> correlation_id = {};
  moment published = {};
  subscription* holder = nullptr;  ///< null: available
  timer_queue::id lease = timer_queue::none;
};

/// At-least-once: a message goes to one subscription at a time (AMPS-QUEUE-002), and is available again at its old
/// place when its lease ends, is cancelled, or its subscription is gone (AMPS-QUEUE-007, 011).
class message_queue {
 public:
  message_queue(const queue_config& config, timer_queue& timers) : config_(config), timers_(timers) {}

  const queue_config& config() const { return config_; }
  /// What a subscription that asked for that many is granted (AMPS-QUEUE-004).
  std::uint32_t granted(std::optional<std::uint32_t> asked) const;

  void add(queue_message);
  void subscribe(subscription&);
  /// It takes no more messages; what it holds it keeps.
  void unsubscribe(const subscription&);
  /// What it holds is available again.
  void release(subscription&);

  std::size_t size() const { return messages_.size(); }
  /// The numbers of the messages that pass, oldest first, held ones too.
  std::vector<std::uint64_t> matching(const filter&) const;
  std::optional<std::uint64_t> find(std::string_view bookmark) const;
  /// Acknowledged or expired: it is gone, whoever holds it (AMPS-QUEUE-009).
  void remove(std::uint64_t);
  /// Available again at once (AMPS-QUEUE-006).
  void cancel(std::uint64_t);

  /// Hands out what can be handed out: the oldest available message to the subscription of the lowest ratio of leased
  /// to granted among those that match and have room, the oldest of equals (AMPS-QUEUE-014, 015).
  using hand_over = std::function<void(subscription&, const queue_message&, moment lease_end)>;
  /// `lease_ended` is called when a message has become available again because of the time.
  void distribute(moment now, const hand_over&, const std::function<void()>& lease_ended);

 private:
  void take_back(std::uint64_t, queue_message&);

  queue_config config_;
  timer_queue& timers_;
  std::map<std::uint64_t, queue_message> messages_;
  std::set<std::uint64_t> available_;
  std::unordered_map<std::string, std::uint64_t> by_bookmark_;
  std::vector<subscription*> takers_;  // the oldest first
  std::uint64_t last_ = 0;
};

}  // namespace ampspec::amps
