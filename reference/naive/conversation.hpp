// One side of an AMP connection a second time, without sockets: octets in, octets and ended calls out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/service.hpp"
#include "reference/naive/streams.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

/// A call has ended. The words are those of docs/adapter-protocol.md.
struct ended {
  std::uint64_t call = 0;
  std::string how;                ///< answer, error, lost, refused, sent
  std::string kind;               ///< of an error: declared, unhandled, unknown, undecodable
  box values;                     ///< of an answer; for a command of the test service, those it declares
  std::string code, description;  ///< of an error that the peer sent, as received
  std::string text;               ///< of a refused call: the class of the refusal, or what its schema does not allow
};

/// Asks and serves; the accepting and the connecting side are alike. Its owner moves the octets: after each input or
/// call it writes what `output` gives, then closes the connection if `wants_close`, and tells `lost` when it is gone
/// (calls that are pending end there). Conversations of one server share a `service_state` and one thread; a fault may
/// put octets into the output of another of them, or make all of them want to close.
class conversation {
 public:
  explicit conversation(options with = {}, std::shared_ptr<service_state> shared = std::make_shared<service_state>());
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;
  ~conversation() { lost(); }

  void receive(std::string_view octets);
  /// The peer sends no more, but may still read: what is owed so far is written, then the connection is closed.
  void peer_finished();
  /// The connection has gone; nothing can be written any more. May be called again.
  void lost();

  /// What is to be written, and forgets it.
  std::string output();
  bool wants_close() const { return closing_ || shared_->stopped; }

  /// True if behind what `output` gave the octets of both directions are TLS. The owner calls `begin_tls` then, feeds
  /// the octets that it gives to TLS first, and from there on gives and takes what is inside.
  bool wants_tls() const { return starting_tls_ && !closing_; }
  std::string begin_tls();
  /// By a fault: whoever asked is the TLS client, whoever connected.
  bool tls_by_asker() const { return on(fault::tls_roles_by_asker); }
  bool asked_for_tls() const { return asked_for_tls_; }

  /// Starts a call and gives its number. `arguments` as they stand on the wire. The call ends with exactly one event.
  std::uint64_t call(const std::string& command, const box& arguments, bool ask);
  /// Sends a box as it is; ends as `sent`, `refused` or `lost`, under the number returned.
  std::uint64_t send_box(const box&);
  /// Calls StartTLS, or a command that switches to another protocol: that one sends back what it receives.
  std::uint64_t start_tls();
  std::uint64_t call_switch(const std::string& command, const box& arguments);
  /// The same through the schema of the command, if it is one of the test service: what the schema does not allow is
  /// refused, and nothing is sent.
  std::uint64_t call_typed(const std::string& command, const box& arguments, bool ask);
  /// Writes a stream; ends like a call, an answer being `streamId` and `count`.
  std::uint64_t write_stream(const stream_order&);
  /// The calls that have ended since the last time.
  std::vector<ended> events();

 private:
  using ending_action = std::function<void(const ended&)>;
  struct request {
    std::string command;
    std::optional<std::string> tag;  // nothing: no answer is wanted
  };
  struct pending_call {
    std::string tag, command;
    ending_action then;
  };

  bool on(fault f) const { return options_.broken.has(f); }
  void close() { closing_ = true; }
  void send(const box& b) { write(encode(b, options_.broken, options_.version).bytes); }
  void write(const std::string& bytes, bool answers = true);

  void take_boxes(std::string_view octets);
  void ask_for(const change&, const std::string& command, const box& arguments, ending_action then);
  void make(const change&);
  void refused_change();
  void stop_at(std::size_t box_number);
  void take(const box& received);
  void refuse_box(const box& received);
  void serve(const box& received);
  void finish(std::uint64_t number, reply r);
  void respond(std::uint64_t number, reply r);
  box error_box(const std::string& tag, const reply& r) const;
  bool stays_silent(const request& q, const reply& r) const;
  std::string echoed(std::string tag) const;

  std::string objection(const schema& command, const box& arguments) const;
  void start(const std::string& command, const box& arguments, bool ask, ending_action then);
  std::string next_tag();
  void settle(const box& received);
  std::vector<pending_call>::iterator pending_with(const std::string& tag);
  ended judge_answer(const std::string& command, const box& received);
  ended judge_error(const std::string& command, const box& received);
  void end_calls();

  options options_;
  std::shared_ptr<service_state> shared_;
  reader reader_;
  std::string out_;
  bool closing_ = false, gone_ = false;

  struct asked_change {
    std::string tag;
    change what;
  };
  std::optional<asked_change> asked_;  // for, and not answered yet
  std::string locked_;                 // boxes that wait for the answer, or for TLS
  bool starting_tls_ = false, secure_ = false, switched_ = false;
  bool asked_for_tls_ = false;
  std::string unread_;  // octets behind the boundary

  service service_;
  std::uint64_t requests_ = 0;             // received
  std::map<std::uint64_t, request> open_;  // not answered yet, in wire order

  std::uint64_t calls_ = 0, tags_ = 0;
  std::vector<pending_call> pending_;  // in the order of the calls
  std::vector<ended> events_;

  // What only faults need.
  std::set<std::string> used_tags_;
  std::map<std::uint64_t, reply> held_;
  std::deque<box> not_served_;
  std::deque<std::function<void()>> not_started_;
  std::uint64_t writing_ = 0;  // streams
  std::vector<pending_call> settled_;
  bool deaf_ = false;                 // holds what it sends for ever
  std::set<std::string> calls_held_;  // tags of calls that were held
};

}  // namespace ampspec::naive
