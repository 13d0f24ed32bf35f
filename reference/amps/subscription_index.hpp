// Finds the subscriptions that a message may concern without looking at all of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/record.hpp"
#include "reference/amps/subscription.hpp"
#include "reference/wire/octet_hash.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ampspec::amps {

/// Subscriptions by topic, and those of one topic whose filter needs `/path = literal` by that literal: a message is
/// shown to those that its own values lead to, and to those without such a filter.
class subscription_index {
 public:
  /// Terms must stay as they are until it is removed again.
  void add(subscription&);
  void remove(const subscription&);

  /// Every subscription whose topic matches and whose filter may be true of `after` or of `before` (null: no such
  /// record), in order of accept of their connections, then of subscription. With `by_name` no pattern matches. Valid
  /// until the next call.
  const std::vector<subscription*>& candidates(std::string_view topic, bool by_name, const record_view* before,
                                               const record_view* after);

 private:
  using list = std::vector<subscription*>;  // in that order
  struct by_value {
    path where;
    std::unordered_map<std::string, list> lists;
  };
  struct entry {
    topic_pattern topic;
    list any;
    std::vector<by_value> values;
  };

  entry& entry_of(const topic_pattern&);
  void take(const entry&, const record_view* before, const record_view* after);

  wire::octet_map<entry> names_;
  std::map<std::string, entry> patterns_;
  list found_;
  std::size_t sources_ = 0;  // lists that found_ came from
};

}  // namespace ampspec::amps
