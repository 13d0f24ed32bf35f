// What a broker is set up with: its topics, its users, its limits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame.hpp"
#include "reference/amps/moment.hpp"
#include "reference/amps/record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ampspec::amps {

/// A queue delivers each message to one subscription at a time, and again when it was not acknowledged within the
/// lease.
struct queue_config {
  duration lease = std::chrono::seconds(2);
  std::uint32_t max_backlog = 10;  ///< what one subscription may be granted
};

/// A topic with a property that others have not. Any other name is a plain topic that needs no configuration. Of
/// message type `json`; the same name of another type is another topic, and plain.
struct topic_config {
  std::string name;
  bool sow = false;                               ///< keeps the last message of each key
  std::vector<path> key_fields;                   ///< of a SOW topic; none: the publisher gives the key
  bool expiration = false;                        ///< `e` of a publish is honoured
  std::optional<std::chrono::seconds> life = {};  ///< of a record whose publish has no `e`
  bool logged = false;                            ///< has a transaction log; a queue always has
  std::optional<queue_config> queue = {};
};

struct user_config {
  std::string name, password;
};

/// Users that may neither read nor write a topic, of whatever message type.
struct denial {
  std::string topic, user;
};

struct broker_config {
  std::vector<topic_config> topics;
  std::vector<std::string> message_types{"json", "binary", "json-binary"};
  bool authentication = false;
  std::vector<user_config> users;
  std::vector<denial> denials;
  std::string version = "5.3.5.0";
  duration ack_conflation = std::chrono::seconds(1);
  std::uint64_t max_frame = default_limit;  ///< of what is received, and of a batch of records

  // What a broker may cost. Beyond it a command fails, a publisher waits, or a subscriber is cut off.
  std::size_t max_stored = 1u << 29;      ///< octets of all records and logged messages (`sow store failed`, ...)
  std::size_t max_subscribed = 1u << 28;  ///< octets of all subscriptions, about; beyond them: `not supported`
  std::size_t max_held = 100'000;         ///< messages that one subscription's conflation holds
  std::size_t max_waiting = 4u << 20;     ///< octets of deliveries to one connection, besides the message being written
  std::size_t max_congestion = 8u << 20;  ///< octets waiting for all connections; publishers wait meanwhile
  std::size_t small_backlog = 64u << 10;  ///< a connection that has no more than this waiting is never slow
  duration slow_after = std::chrono::seconds(10);  ///< with more, and nothing of it taken for so long: cut off
};

struct fixture_options {
  bool logged = true;  ///< false: the same server without any logged topic, so without the queue
  bool authentication = false;
};

/// The topics and users that a server under test offers (docs/test-service.md).
broker_config conformance_fixture(fixture_options = {});

}  // namespace ampspec::amps
