// The test service (docs/test-service.md) as one side of one connection offers it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/bulk.hpp"
#include "reference/naive/types.hpp"

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

class conversation;
class streams;
struct stream_outcome;

/// What the conversations of one server share.
struct service_state {
  std::multiset<std::string> left_behind;  ///< names of calls deferred on connections that have ended
  bool stopped = false;                    ///< by a fault: nothing is served any more
  /// SHA-256 of octets in hex, for DigestBig; without it that command fails.
  std::function<std::string(const std::string&)> sha256_hex;
  std::map<std::string, conversation*> last_user;                   ///< of each tag, for a fault
  std::map<std::string, std::shared_ptr<stream_outcome>> outcomes;  ///< of streams with a consumer
  bulk_shop bulk;
};

/// An argument or a response value.
struct field {
  enum class type { integer, natural, octets };
  std::string_view name;
  type is;
};

/// A command of the test service, as both sides know it.
struct schema {
  std::string_view command;
  std::vector<field> arguments, values;
  std::vector<std::string_view> codes;  ///< of its declared errors
  std::vector<field> optional = {};     ///< arguments that may be absent
};

/// The command of exactly this name (AMP1-CONV-011), or null.
const schema* schema_of(std::string_view command);
/// The arguments of EchoTypes, which are its values too.
const argument_list& echo_types();
/// These pairs decoded by the types of EchoTypes and encoded again; nothing if that can't be done.
std::optional<box> echoed_types(const box&, const faults&);
/// The arguments of the commands whose values go over several keys, EchoBig and DigestBig; null for the others. Those
/// of EchoBig are its values too.
const argument_list* big_arguments(std::string_view command);
/// The values of such a command, each whole under its name, as the box that goes over the wire, and back; nothing if
/// they are not those of the schema.
std::optional<box> with_chunks(const argument_list&, const box& whole, const faults&);
std::optional<box> without_chunks(const argument_list&, const box& pairs, const faults&);
/// Whether `text` is a value of this type.
bool is_decodable(field::type, std::string_view text);

/// How a request ends.
struct reply {
  enum class how {
    answer,
    declared,
    fatal,
    unhandled,
    bad_argument,
    failure,
    bad_response,
    long_response,
    later,
    switches,
    starts_tls
  };
  how what = how::answer;
  box values;        ///< of an answer
  std::string code;  ///< of a declared error, fatal or not
  std::string text;  ///< of a failure: for whoever runs the responder, not for the peer
};

/// A change of what the octets are: TLS, or another protocol, which sends `greeting` and then whatever it receives.
struct change {
  bool tls = false;
  std::string greeting;
};

/// How a call of ours ended.
struct called {
  std::string how;  ///< answer, error, undecodable, lost, refused
  box values;
  std::string code, description;
};

/// What a service needs of its connection.
struct service_hands {
  std::function<void(std::uint64_t request, reply)> finish;  ///< ends a request that was to be answered later
  /// Calls the other side; `then` gets its answer, or null if the call failed.
  std::function<void(const std::string& command, const box&, std::function<void(const box*)> then)> ask;
  /// Asks the other side for a change; `then` gets how that call ended, and the code of an error.
  std::function<void(const change&, std::function<void(const std::string& how, const std::string& code)> then)> ask_for;
  /// The same, told in full.
  std::function<void(const std::string& command, const box&, std::function<void(const called&)> then)> call;
};

/// The service on one connection.
class service {
 public:
  /// Far more than any vector asks of it: it holds what it makes.
  static constexpr std::size_t most_made_in_chunks = 64u << 20;

  /// Octets beyond `most_made` are too long whatever they are, so that no more than that need be made.
  service(service_hands hands, service_state& state, faults broken, std::size_t most_made = max_value);
  ~service();

  streams& of_streams() { return *streams_; }
  reply execute(const std::string& command, const box& arguments, std::uint64_t request);
  /// The connection has ended: its deferred calls are left behind.
  void ended();

 private:
  bool on(fault f) const { return broken_.has(f); }
  reply perform(const std::string& command, const box& arguments, std::uint64_t request);
  reply release(const std::string& name);
  reply ask_back(std::int64_t depth, std::uint64_t request);
  reply echo_big(const box& arguments);
  reply digest_big(const box& arguments);

  service_hands hands_;
  service_state& state_;
  faults broken_;
  std::size_t most_made_;
  std::map<std::string, std::deque<std::uint64_t>> deferred_;
  std::vector<std::string> notes_;
  std::unique_ptr<streams> streams_;
  std::uint64_t bulk_customer_;  // this connection, to the shop
};

}  // namespace ampspec::naive
