// What all connections of a broker share: topics, records, log, queues, subscriptions, names, and the clock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_config.hpp"
#include "reference/amps/message_queue.hpp"
#include "reference/amps/sow_store.hpp"
#include "reference/amps/subscription_index.hpp"
#include "reference/amps/timer_queue.hpp"
#include "reference/amps/transaction_log.hpp"
#include "reference/wire/octet_hash.hpp"

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
#include <unordered_map>
#include <vector>

namespace ampspec::amps {

class broker_session;

/// A configured topic and what it holds.
struct topic_state {
  const topic_config* config;
  sow_store store = {};
  std::unique_ptr<message_queue> queue = nullptr;
};

/// A change of a topic, as subscriptions are shown it: a publish, or a record that leaves. Everything is lent.
struct change {
  std::string_view type, topic;
  const topic_state* state = nullptr;   ///< null: a plain topic
  const record_view* before = nullptr;  ///< the record as it was; null: none
  const record_view* after = nullptr;   ///< the message, or the record as it is; null: it is gone
  payload body_before = nullptr, body_after = nullptr;
  std::optional<std::string_view> key = {}, correlation_before = {}, correlation_after = {};
  std::string_view bookmark = {};  ///< empty: not logged
  moment at = {};
  std::string_view reason = {};  ///< of a record that is gone: deleted or expired
};

/// One thread of decisions on a clock that moves when told. Sessions (`broker_session`) belong to it and must be gone
/// before it is. What a session is given may make others speak: `next_touched` tells which.
class broker {
 public:
  explicit broker(broker_config, moment start = virtual_start);
  broker(const broker&) = delete;
  broker& operator=(const broker&) = delete;
  ~broker();

  const broker_config& config() const { return config_; }

  moment now() const { return now_; }
  /// When the next timer is due.
  std::optional<moment> next_due() const { return timers_.next_due(); }
  /// Fires what is due up to then, in order, each at its own time. The clock does not go back.
  void advance(moment to);

  /// A session that has something to write, has ended, or may go on publishing, since it was told last; null if there
  /// is none.
  broker_session* next_touched();

  /// True while so much output waits that publishers are not to be read.
  bool congested() const { return waiting_octets_ > config_.max_congestion; }
  /// Octets of all output that waits, a body counted once however many connections it goes to.
  std::size_t waiting_octets() const { return waiting_octets_; }

 private:
  friend class broker_session;

  struct client {
    std::uint64_t highest = 0;  ///< sequence that counts: the highest that succeeded on a logged topic
    std::uint64_t unnumbered = 0;
  };

  topic_state* find_topic(std::string_view type, std::string_view name);
  bool any_logged() const;
  bool is_denied(std::string_view topic, std::string_view user) const;

  /// Room for so many further octets of records and log.
  bool has_room(std::size_t octets) const;
  void append_log(log_entry);

  void deliver(const change&);
  /// Makes the topic's record what `after` says and tells subscribers.
  void remove_record(topic_state&, sow_record&, std::string_view reason);
  void arm_expiration(topic_state&, sow_record&, std::optional<std::uint64_t> seconds);
  void distribute(message_queue&);
  void distribute_all();

  void add_subscription(subscription&);
  void remove_subscription(subscription&);

  void touch(broker_session&);
  void await_room(broker_session&);
  void make_room(std::size_t octets);
  void settle();
  void watch_slow_ones();

  broker_config config_;
  moment now_;
  timer_queue timers_;
  std::vector<std::unique_ptr<topic_state>> topics_;
  wire::octet_map<topic_state*> topic_names_;
  transaction_log log_;
  std::unordered_map<std::string, client> clients_;
  std::unordered_map<std::string, broker_session*> names_;          // in use; only with a logged topic
  std::map<std::string, subscription_index, std::less<>> indexes_;  // by message type
  std::map<std::uint64_t, broker_session*> sessions_;
  std::vector<subscription*> reporters_;  // bookmark subscriptions that want periodic acks
  std::deque<broker_session*> touched_;
  std::vector<broker_session*> doomed_;              // cut off while a command was at work
  std::vector<broker_session*> waiting_publishers_;  // to be told when the congestion is over
  std::uint64_t last_session_ = 0, last_subscription_ = 0;
  std::size_t waiting_octets_ = 0, subscribed_octets_ = 0;
  timer_queue::id slow_watch_ = timer_queue::none;
  std::uint64_t advances_ = 0;  ///< of the clock
};

}  // namespace ampspec::amps
