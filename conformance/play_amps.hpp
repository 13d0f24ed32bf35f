// What a play with a client of AMPS needs besides messages: acks as they are asked for, and what comes for calls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/play.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::conformance {

/// The acks that a client asked for, of those that may be sent, as one write; empty: none.
vectors::recipe acks_of(const vectors::acks_step&, const bindings&);

/// The messages of a client during one play. A message that no step expects is a deviation at the end of the play.
class amps_inbox {
 public:
  explicit amps_inbox(bindings& names) : names_(names) {}

  /// False if the event is neither a message nor what was not stored.
  bool take(const client_event&);
  /// The next message for `call`: `wait` gets one more event, false in vain.
  void expect(const vectors::expect_message_step&, std::uint64_t call, const std::string& where,
              const std::function<bool()>& wait);
  void expect(const vectors::expect_unwritten_step&, const std::string& where, const std::function<bool()>& wait);
  /// Throws deviation if something is left.
  void finish(const std::string& where) const;

 private:
  bindings& names_;
  std::map<std::uint64_t, std::deque<plain_box>> messages_;
  std::deque<client_event> unwritten_;
};

}  // namespace ampspec::conformance
