// One subscription: what it selects, how it wants it told, and what it has been told so far.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/filter.hpp"
#include "reference/amps/json_merge.hpp"
#include "reference/amps/moment.hpp"
#include "reference/amps/payload.hpp"
#include "reference/amps/timer_queue.hpp"
#include "reference/amps/topic_pattern.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ampspec::amps {

class broker_session;
class message_queue;

/// A publish or an oof on its way to one connection. Texts are views of what caused it.
struct delivery {
  bool oof = false;
  std::string_view topic = {}, subscriptions = {};
  std::optional<std::string_view> key = {}, correlation_id = {};
  std::string_view bookmark = {};  ///< empty: none is told
  std::optional<moment> timestamp = {}, lease_end = {};
  std::string_view reason = {};
  payload body = nullptr;
};

/// A delivery that waits for the end of its interval.
struct held_delivery {
  bool oof = false;
  std::string topic, bookmark;
  std::optional<std::string> key, correlation_id;
  std::optional<moment> timestamp;
  std::string_view reason;  ///< one of a few constants
  payload body;
  timer_queue::id timer = timer_queue::none;
};

/// What a subscription asked for.
struct subscription_terms {
  topic_pattern topic;
  std::shared_ptr<const amps::filter> test;
  bool forbidden = false;  ///< replaced onto a topic that the user may not read: silent (AMPS-SUB-035)
  bool delta = false, oof = false, timestamp = false, no_sowkey = false, bookmark = false, no_empties = false;
  std::optional<selection> select;
  std::optional<duration> conflation;
  std::vector<path> conflation_key;  ///< none: the SOW key
  bool replays = false;              ///< a bookmark subscription
  message_queue* queue = nullptr;
  std::uint32_t granted = 1;  ///< of a queue: messages that it may hold unacknowledged
};

struct subscription {
  broker_session* owner = nullptr;
  std::string id;
  std::uint64_t place = 0;  ///< of two the older one has the lower place
  subscription_terms terms;

  // A bookmark subscription.
  std::optional<std::uint64_t> remaining = {};  ///< messages that it still gets; nothing: any number
  bool reports = false;                         ///< periodic persisted acks are wanted
  std::string reported = {};                    ///< the bookmark that it was told last
  moment reported_at = {};
  timer_queue::id report_timer = timer_queue::none;

  std::uint32_t leased = 0;  ///< messages of queues that it holds

  // Conflation, by the text of the key.
  std::unordered_map<std::string, held_delivery> held = {};
  std::unordered_set<std::string> shown = {};

  /// What it takes in memory, about; the same as long as its terms stay.
  std::size_t octets() const {
    return sizeof(subscription) + 2 * id.size() + 2 * terms.topic.octets() + (terms.test ? terms.test->octets() : 0);
  }
  /// It gets copies of its own, which name no other subscription.
  bool needs_own_copy() const {
    return terms.replays || terms.queue != nullptr || terms.select.has_value() || terms.conflation.has_value();
  }
};

}  // namespace ampspec::amps
