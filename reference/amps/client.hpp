// The client's side of AMPS connections, sans-IO: calls and octets in, octets and events out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/field_values.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/frame_decoder.hpp"
#include "reference/amps/ws_grouping.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

struct client_options {
  std::string name;  ///< `client_name` of the logon
  std::string user, password;
  std::string message_type = "json";
  bool store = false;       ///< keeps what it publishes until that is persisted (AMPS-PUB-016)
  bool reconnects = false;  ///< takes a further connection when one is lost, and goes on there (AMPS-SUB-024)
  /// The password with which a challenge of the server is answered (AMPS-LOGON-012); none: it is no success.
  std::function<std::string(std::string_view challenge)> authenticate = {};
  std::uint64_t limit = default_limit;  ///< of a frame, received or to be sent (AMPS-LIMIT-005)
  bool websocket = false;               ///< its connections carry messages of WebSocket instead of octets
};

/// What a client is asked to do: a command with the fields that its caller gives (the topic, a filter, options, the
/// acks that are wanted); what else must be in the header is the client's business.
struct client_call {
  std::uint64_t number = 0;  ///< the caller's, under which it ends and its messages come
  command what = command::unknown;
  header fields;
  std::string body;
  /// unsubscribe: the call that is ended (nothing: all); a subscription: the call whose place it takes (`replace`).
  std::optional<std::uint64_t> of;
  bool acknowledges = false;  ///< subscribe: messages of a queue are acked as they are delivered (AMPS-QUEUE-008)
};

struct client_event {
  enum class kind : std::uint8_t {
    answered,  ///< every ack that the call waits for has come, with success
    failed,    ///< an ack came without success: `reason` (AMPS-ERR-003)
    lost,      ///< the connection ended first
    refused,   ///< by the client itself, nothing was sent: `reason`
    sent,      ///< a call that waits for nothing was handed over
    message,   ///< a publish, oof or record for the call
    unwritten  ///< a stored publish of sequence `number` was refused by the server: `reason`
  };
  kind what = kind::answered;
  std::uint64_t number = 0;  ///< of the call
  std::string reason;
  amps::header header;  ///< of the message; of an answer, that of its last ack
  std::string body;
};

/// Order of calls: `connected` first; then `call`, `receive` and `lost` as they happen; of a client that reconnects
/// `connected` again while `wants_connection`. After each, `output` and `next_event` may have grown.
///
/// A call ends once. It waits for `processed`, but: sow for `completed` too, sow_delete for `stats`, publish and
/// delta_publish for nothing; the acks named in the field `a` of a call are asked for and waited for besides.
class client {
 public:
  explicit client(client_options);
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void connected();
  void call(client_call);
  void receive(std::string_view octets);
  /// Over WebSocket: one message, its fragments joined.
  void receive(ws_kind, std::string_view message);
  /// The connection is gone: what waits for an answer ends as lost.
  void lost();

  /// Octets to be written; valid until the next call that is not const.
  std::string_view output() const { return std::string_view(out_).substr(sent_); }
  void sent(std::size_t count);
  /// Over WebSocket: messages to be written, and forgets them.
  std::vector<ws_message> take_messages() { return std::exchange(messages_, {}); }
  /// The connection is to be closed: octets came that are no frame, or the logon failed (AMPS-LOGON-009).
  bool wants_close() const { return closing_; }
  /// Over WebSocket: with which code.
  std::uint16_t close_code() const { return close_code_; }
  /// Seconds that the server may be silent, once heartbeats have begun (AMPS-HB-007); nothing: for ever.
  std::optional<std::uint64_t> patience() const;
  /// The server has been silent for so long: the connection is given up.
  void ran_out() { break_off(1000); }
  bool wants_connection() const { return state_ == state::away && options_.reconnects; }
  std::optional<client_event> next_event();
  /// Publishes that are not known to be persisted.
  std::size_t unpersisted() const { return store_.size(); }

 private:
  enum class state : std::uint8_t { away, connected, logging_on, ready, failed };

  struct pending {
    client_call call;
    ack_types awaited;
    std::uint64_t sequence = 0;  ///< of a stored message
    std::string id;              ///< subscription or query
    amps::header entered;        ///< of a subscription
  };
  struct subscription {
    std::uint64_t number = 0;  ///< of the call whose messages they are
    amps::header fields;       ///< with which it is entered again
    bool acknowledges = false;
    std::string last_bookmark;
  };
  struct stored {
    std::uint64_t sequence = 0;
    amps::header header;
    std::string body;
  };

  void end(std::uint64_t number, client_event::kind, std::string_view reason = {}, const header_view* = nullptr);
  bool write(std::uint64_t number, const header_view&, std::string_view body);
  std::optional<wire::failure> put(const header_view&, std::string_view body);
  void log_on(const client_call&);
  void publish(client_call&);
  void command_with_acks(client_call&);
  void beat();

  void take(const frame_view&);
  void take_ack(const header_view&);
  void take_logon_ack(std::map<std::string, pending, std::less<>>::iterator, const header_view&);
  void go_on(std::uint64_t persisted);
  void settle(std::uint64_t sequence, bool success, std::string_view reason, const header_view&);
  void deliver(std::string_view id, const header_view&, std::string_view body);
  std::string id_of(std::uint64_t number) const;
  void forget(const pending&);
  void break_off(std::uint16_t close_code = 1002);

  std::string next_id() { return std::to_string(++ids_); }

  client_options options_;
  state state_ = state::away;
  std::optional<frame_decoder> decoder_;  ///< of the connection in hand; over WebSocket:
  std::optional<ws_delivery_reader> deliveries_;
  std::string out_;
  std::vector<ws_message> messages_;
  std::uint16_t close_code_ = 1000;
  std::size_t sent_ = 0;
  bool closing_ = false, beats_ = false;
  std::uint64_t ids_ = 0, next_sequence_ = 1;
  std::uint64_t interval_ = 0;  ///< of heartbeats, in seconds
  client_call logon_;           ///< the last that was made, to be made again
  std::string user_, password_;

  std::map<std::string, pending, std::less<>> pending_;             ///< by command id
  std::map<std::string, subscription, std::less<>> subscriptions_;  ///< by id, queries as well
  std::vector<std::string>
      entered_;  ///< ids of subscriptions that were acked, in their order: they outlive a connection
  std::deque<stored> store_;
  std::deque<client_event> events_;
};

}  // namespace ampspec::amps
