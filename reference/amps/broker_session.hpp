// One connection of the broker: commands in, messages out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/options.hpp"
#include "reference/amps/outgoing.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// Knows no socket: somebody decodes frames into `receive`, writes what `front` gives, and closes the connection when
/// nothing is left and `wants_close`. Everything that a command causes has happened when `receive` returns, on this
/// connection and on the others (`broker::next_touched`).
class broker_session {
 public:
  /// Why the broker ends a connection: what WebSocket tells by a code.
  enum class ending : std::uint8_t {
    none,
    ended,     ///< refused at logon, replaced by a rival, silent beyond its heartbeat, or too slow
    protocol,  ///< no header, or no command that we know
  };

  /// `message_type`: what the path of the connection says; empty: what the logon says, else `json`.
  explicit broker_session(std::shared_ptr<broker>, std::string_view message_type = {});
  broker_session(const broker_session&) = delete;
  broker_session& operator=(const broker_session&) = delete;
  ~broker_session();

  /// In order of accept.
  std::uint64_t number() const { return number_; }

  /// A command has come. Lends the header. Nothing happens once the session has ended.
  void receive(const header_view&, payload body);
  /// True if the command is one that has to wait while the broker is congested.
  static bool publishes(const header_view&);
  /// It waits for that: `broker::next_touched` will tell when it may go on.
  void await_room() { broker_->await_room(*this); }
  /// What came was no message: the connection ends without an ack.
  void refuse();
  /// The connection is gone: subscriptions and leases end, output is dropped (AMPS-SUB-010).
  void lost();

  /// What is to be written next; null if there is nothing. Valid until it is taken off.
  const outgoing_message* front() const { return output_.empty() ? nullptr : &output_.front(); }
  void pop_front();
  /// The front and what stands behind it, until `visit` returns false.
  template <class Visitor>
  void for_each_waiting(Visitor&& visit) const {
    for (const auto& message : output_) {
      if (!visit(message)) return;
    }
  }
  /// Some octets of the front have been written: the client is not stuck.
  void progressed() { looks_in_vain_ = 0; }
  /// False while so many answers wait that nothing more should be read.
  bool wants_input() const { return ending_ == ending::none && waiting_answers_ < max_waiting_answers; }
  bool wants_close() const { return ending_ != ending::none; }
  ending why_closed() const { return ending_; }

 private:
  friend class broker;
  static constexpr std::size_t max_waiting_answers = 8u << 20;

  /// A command being executed.
  struct request {
    const header_view& header;
    command what;
    std::optional<std::string_view> id;  ///< cid
    std::string query_id, sub_id;        ///< what its acks repeat; empty: not at all
    ack_types asked;
    bool wants(ack_type t) const { return asked.has(t); }
  };
  request request_of(const header_view&);

  // --- acks ---
  using ack_fields = const std::function<void(outgoing_header&)>&;
  void send_ack(const request&, ack_type, std::string_view failure, ack_fields more);
  void send_ack(const request&, ack_type, std::string_view failure = {});
  /// Failed: processed, and persisted of commands that publish.
  void fail(const request&, std::string_view reason);

  // --- logon, flush, heartbeat (broker_session.cpp) ---
  void logon(const request&);
  bool can_log_on(const request&, std::string_view& reason);
  void flush(const request&);
  void beat(const request&);
  void heartbeat_due();
  void arm_heartbeat(moment due);

  // --- publishing (session_publishing.cpp) ---
  void publish(const request&, payload body);
  void delete_records(const request&, const payload& body);
  std::optional<std::uint64_t> sequence_of(const request&) const;
  bool is_duplicate(const topic_state*, std::optional<std::uint64_t>) const;
  std::string bookmark_of(std::optional<std::uint64_t> sequence);
  void persist(const request&, std::optional<std::uint64_t>, bool logged);
  void send_persisted(const request&, std::optional<std::uint64_t>, std::string_view failure);
  void send_conflated();

  // --- subscribing (session_subscribing.cpp) ---
  struct subscribing;
  void subscribe(const request&);
  std::string_view read_terms(const request&, subscribing&);
  std::string_view read_options(const request&, subscribing&);
  std::string_view read_topic(const request&, subscribing&);
  std::string_view read_bookmark(const request&, subscribing&);
  std::size_t log_position(const bookmark&, std::string_view if_unknown, bool& unknown) const;
  void replay(subscription&, std::size_t from);
  void arm_report(subscription&);
  void unsubscribe(const request&);
  void forget(std::map<std::string, std::unique_ptr<subscription>>::iterator);

  // --- queries (session_query.cpp) ---
  struct query;
  struct query_result;
  void sow(const request&);
  std::string_view read_numbers(const request&, option_list&, query&);
  std::string_view read_order(const request&, query&);
  query_result run(const query&, const topic_pattern&, const filter&);
  void query_and_subscribe(const request&, subscribing&, const subscription_terms* replaced, subscription&);
  void send_group(const request&, const query&, const subscription_terms&, const query_result&);
  void send_counts(const request&, const query_result&);

  // --- deliveries (session_delivery.cpp) ---
  void tell(std::span<subscription* const>, const change&, struct change_scratch&);
  void tell_own(subscription&, const change&, struct change_scratch&);
  void tell_logged(subscription&, const log_entry&);
  void hold(subscription&, const std::string& key, const delivery&, bool is_delta);
  void release_held(subscription&, const std::string& key);
  void release_all_held(subscription&);
  void drop_held(subscription&);
  void send(const delivery&);

  // --- output ---
  void write(const outgoing_header&, outgoing_message::form, payload body = {}, bool is_delivery = false);
  void write(outgoing_message);
  void end(ending);
  void cut_off();
  void leave();

  std::shared_ptr<broker> broker_;
  std::uint64_t number_;
  std::string type_;
  bool type_is_fixed_;

  bool logged_on_ = false, has_left_ = false, is_touched_ = false;
  ending ending_ = ending::none;
  std::string client_, user_;
  std::string name_hash_;
  std::map<std::string, std::unique_ptr<subscription>> subscriptions_;
  std::uint64_t last_auto_ = 0;

  // Conflated persisted acks.
  duration interval_;
  std::optional<std::uint64_t> pending_;
  timer_queue::id pending_timer_ = timer_queue::none;

  // Heartbeat.
  duration beat_every_{0};
  moment written_at_;
  timer_queue::id beat_timer_ = timer_queue::none, beat_deadline_ = timer_queue::none;

  std::deque<outgoing_message> output_;
  std::size_t waiting_deliveries_ = 0;  // octets behind the front
  std::size_t waiting_answers_ = 0;     // octets of heads
  std::size_t waiting_ = 0;             // octets of all
  int looks_in_vain_ = 0;               ///< since something of it was taken, see broker::watch_slow_ones
  std::uint64_t looked_at_ = 0;
};

}  // namespace ampspec::amps
