// The asker's side of the test service: calls by number, and how each of them ended.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/session.hpp"
#include "reference/behaviour/commands.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace ampspec::behaviour {

/// Makes calls on a session. Commands of the test service are typed: their arguments are checked before anything is
/// sent, their answers and errors are held against the schema; a value that goes over several keys (BigString) is
/// handed over and comes back whole, under its name. Other names are called raw.
class test_client {
 public:
  explicit test_client(std::shared_ptr<amp::session>);

  /// Ends exactly once, at once or later. Without `ask` it ends when it was handed to the session.
  void call(std::uint64_t number, std::string_view command, amp::box_view arguments, bool ask);
  /// Sends a box as it is; ends at once.
  void send_box(std::uint64_t number, amp::box_view);
  /// Ask for a change of the transport; end like a call.
  void start_tls(std::uint64_t number);
  void call_switch(std::uint64_t number, std::string_view command, amp::box_view arguments);
  /// False if the event is none of ours.
  bool handle(const amp::event&);
  /// The next call that has ended.
  std::optional<call_end> next_end();

 private:
  struct pending {
    std::uint64_t number;
    const command* schema;  ///< null for raw calls
  };
  std::optional<pending> take(amp::call_id);
  void begun(std::uint64_t number, const command* schema, const wire::result<amp::call_id>&, bool ask = true);
  void end_by_answer(const pending&, amp::box_view values);
  void end_by_error(const pending&, const amp::error_received&);

  std::shared_ptr<amp::session> session_;
  std::map<amp::call_id, pending> pending_;
  std::deque<call_end> ended_;
};

}  // namespace ampspec::behaviour
