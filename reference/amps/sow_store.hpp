// The state of a SOW topic: the last message of each key, in the order in which the keys came.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/moment.hpp"
#include "reference/amps/payload.hpp"
#include "reference/amps/record.hpp"
#include "reference/amps/timer_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ampspec::amps {

struct sow_record {
  std::string key;
  payload body = nullptr;
  std::optional<std::string> correlation_id = {};
  moment updated = {};
  std::uint64_t place = 0;  ///< of two records the one that came first has the lower one
  timer_queue::id expiration = timer_queue::none;
};

class sow_store {
 public:
  using list = std::list<sow_record>;

  /// In the order of first insertion; a key that was erased and came again is new.
  list& records() { return records_; }
  std::size_t size() const { return records_.size(); }
  /// Octets of all bodies.
  std::size_t octets() const { return octets_; }

  /// Null if there is none. Valid until it is erased.
  sow_record* find(std::string_view key);
  /// The record of the key, made if there is none.
  sow_record& of(std::string_view key);
  void replace_body(sow_record&, payload);
  void erase(const sow_record&);

 private:
  list records_;
  std::unordered_map<std::string_view, list::iterator> by_key_;  // by the record's own octets
  std::size_t octets_ = 0;
  std::uint64_t last_place_ = 0;
};

/// 64-bit FNV-1a.
class fnv1a {
 public:
  fnv1a& add(std::string_view octets) {
    for (const char c : octets) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return *this;
  }
  std::uint64_t value() const { return hash_; }
  std::string text() const { return std::to_string(hash_); }

 private:
  std::uint64_t hash_ = 14695981039346656037u;
};

/// The key that the server makes of the topic and the key fields: each is a scalar that is neither null nor empty
/// (AMPS-HDR-026, AMPS-HDR-040). Nothing if one is not (AMPS-SOW-054).
std::optional<std::string> generated_key(std::string_view topic, std::span<const path> key_fields, const record_view&);

}  // namespace ampspec::amps
