// A client of AMPS a second time, without sockets: octets and calls in, octets and what became of them out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/amps_codec.hpp"
#include "reference/naive/amps_ws.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

struct amps_client_options {
  faults broken;
  std::string name, user, password;
  bool store = false;                ///< keeps publishes until they are persisted
  bool reconnects = false;           ///< takes a new connection when one is lost
  std::string host = {}, path = {};  ///< of its URI, if its connections are of WebSocket; else empty
};

/// What became of a call, or came for one. The words are those of docs/adapter-protocol.md.
struct amps_told {
  std::string how;  ///< answer, error, lost, refused, sent; message; unwritten
  std::uint64_t call = 0;
  box values;          ///< of a message, of the ack that ended the call, of what was not written
  std::string reason;  ///< of a failed ack, of a refusal
};

/// One client on one connection after another. Its owner moves the octets; `connected` comes first, and again when
/// `wants_connection`. The arguments of a call are the fields that the caller gives, `body`, and `of`: the number of
/// an earlier call.
class amps_client {
 public:
  explicit amps_client(amps_client_options with)
      : options_(std::move(with)), user_(options_.user), password_(options_.password) {}

  void connected();
  void receive(std::string_view octets);
  void lost();
  void call(std::uint64_t number, const std::string& command, const box& arguments);

  /// What is to be written, and forgets it.
  std::string output();
  bool wants_close() const { return closing_; }
  /// Seconds that the server may be silent once heartbeats have begun, 0: for ever; and that they have passed.
  std::uint64_t patience() const { return beats_ && here_ ? 2 * interval_ : 0; }
  void ran_out() { closing_ = !on(fault::amps_client_waits_for_ever); }  // AMPS-HB-007
  bool wants_connection() const { return !here_ && options_.reconnects; }
  /// What has become of calls since the last time.
  std::vector<amps_told> events();

 private:
  struct waiting {
    std::uint64_t call = 0;
    std::string command;
    std::vector<std::string> acks;  // still to come
    std::string sequence;           // of a stored message
    std::string id;                 // subscription or query
    box entered;                    // a subscription as it is entered again
  };
  struct route {
    std::uint64_t call = 0;
    box entered;  // empty: a query
    std::string bookmark;
    bool acknowledges = false;
  };
  struct kept {
    std::uint64_t sequence = 0;
    amps_message message;
  };

  bool on(fault f) const { return options_.broken.has(f); }
  bool send(std::uint64_t call, amps_message);
  void tell(std::string how, std::uint64_t call, std::string reason = "", box values = {});
  void log_on(std::uint64_t call);
  void publish(std::uint64_t number, const std::string& command, box fields);
  void take(const amps_message&);
  void take_ack(const amps_message&);
  void logged_on(std::uint64_t call, const amps_message&);
  void settle(std::uint64_t sequence, bool success, const amps_message&);
  void deliver(const std::string& id, const amps_message&);
  std::string next_sequence();

  amps_client_options options_;
  amps_reader reader_;
  std::optional<amps_ws> ws_;
  std::string out_;
  std::string half_;  // by a fault: the rest of a message
  std::vector<amps_told> events_;
  bool here_ = false, ready_ = false, failed_ = false, asked_ = false, closing_ = false, beats_ = false;
  std::uint64_t logon_ = 0, ids_ = 0, sequence_ = 0, interval_ = 0;
  std::string user_, password_;
  std::map<std::string, waiting> waiting_;  // by command id
  std::map<std::string, route> routes_;     // by subscription or query id
  std::vector<std::string> subscribed_;     // ids in their order
  std::vector<kept> store_;
};

}  // namespace ampspec::naive
