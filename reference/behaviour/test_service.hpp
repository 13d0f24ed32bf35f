// The test service (docs/test-service.md) as a responder around a session, for the peer and for a client's own side.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/session.hpp"
#include "reference/behaviour/bulk_service.hpp"
#include "reference/behaviour/commands.hpp"
#include "reference/behaviour/sha256.hpp"
#include "reference/behaviour/stream_service.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::behaviour {

/// What the connections of one server share: deferred calls whose connection has ended, so that another one can release
/// them.
class service_state {
 public:
  void adopt(std::string name, std::shared_ptr<amp::session>, amp::request_id);
  /// Answers the oldest such call of that name, which the session drops (AMP1-CONV-045). False if there is none.
  bool release(std::string_view name);
  const std::shared_ptr<stream_state>& streams() const { return streams_; }

  /// Set before the first connection where bulk transfers are offered.
  std::shared_ptr<const bulk_office> bulk;

 private:
  struct orphan {
    std::string name;
    std::shared_ptr<amp::session> from;
    amp::request_id request;
  };
  std::deque<orphan> orphans_;
  std::shared_ptr<stream_state> streams_ = std::make_shared<stream_state>();
};

/// Serves what one session receives. Give it every event, in order, up to and including `closed`.
class test_service : private amp::value_sink {
 public:
  /// Both must not be null. Large values of Digest are diverted to this service as long as it lives.
  test_service(std::shared_ptr<amp::session>, std::shared_ptr<service_state>);
  ~test_service() override { session_->divert(nullptr); }

  /// False if the event is none of ours: it tells of a call that somebody else made on this session.
  bool handle(const amp::event&);
  /// No event will come any more but those of our own making: deferred calls go to the shared state, the session
  /// closes.
  void finish();
  /// What the other protocol says first, behind a switch.
  const std::string& greeting() const { return greeting_; }
  stream_service& streams() { return streams_; }

 private:
  /// A request whose arguments are there and have their types; by their place in the schema.
  struct checked_request {
    amp::request_id id;
    const command& known;
    std::array<std::string_view, most_arguments> octets;
    std::array<std::int64_t, most_arguments> number;  ///< 0 for what is no number
  };

  // A value of Digest whose command stands in front of it is hashed as it comes.
  bool begin(amp::box_view before, std::string_view key) override;
  void take(std::string_view octets) override;
  void end() override {}

  void serve(const amp::request_received&);
  void digest(const checked_request&);
  void run(const checked_request&);
  void echo_types(const amp::request_received&, const wire::value_schema&);
  void start_tls(const amp::request_received&);
  void switch_protocol(const amp::request_received&, const command&);
  void ask_switch(const amp::request_received&);
  void ask_tls(const amp::request_received&);
  bool take_asked_change(const amp::event&);
  void digest_big(const amp::request_received&);
  void sum(const checked_request&);
  void divide(const checked_request&);
  void defer(const checked_request&);
  void release(const checked_request&);
  void ask_back(const checked_request&);
  void answer_ask_back(amp::request_id, amp::box_view values);
  void note(const checked_request&);
  void answer(const checked_request&, amp::box_view values);
  void answer(const checked_request&, std::string_view value);
  void answer_integer(amp::request_id, const command&, std::int64_t);
  bool take_asked_back(amp::call_id, amp::request_id& request);

  std::shared_ptr<amp::session> session_;
  std::shared_ptr<service_state> state_;
  std::multimap<std::string, amp::request_id, std::less<>> deferred_;
  std::size_t deferred_octets_ = 0;
  std::map<amp::call_id, amp::request_id> asked_back_;  ///< our call -> the request that waits for it
  /// Our call for a change of the transport -> the request that waits for its end.
  struct asked_change {
    amp::call_id call;
    amp::request_id request;
    bool tls;
  };
  std::optional<asked_change> asked_change_;
  std::string greeting_;
  std::optional<sha256> hash_;  ///< of the value that was diverted from the box to come
  std::uint64_t hashed_ = 0;    ///< its octets
  std::string notes_;
  bool any_note_ = false, notes_full_ = false;
  stream_service streams_;
  std::optional<bulk_service> bulk_;
};

}  // namespace ampspec::behaviour
