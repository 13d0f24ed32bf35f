// What the engines need of an implementation under test, whatever carries the octets: in process, an adapter, TCP.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"
#include "conformance/vectors/recipe.hpp"
#include "reference/wire/value.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::conformance {

using millis = std::chrono::milliseconds;

/// A box as an implementation told it: pairs in wire order.
using plain_box = std::vector<std::pair<std::string, std::string>>;

/// What only the carrier can tell: the implementation did not answer as an implementation at all. Thrown by subjects,
/// caught where a play ends; becomes the verdict of the same name.
class mishap : public std::runtime_error {
 public:
  enum class kind { crash, timeout, bad_frame, oversize, fault, harness };
  /// `word` is the closed word for signatures: `SIGSEGV`, `exit-3`, `answer`, `frame`...; `text` is for people.
  mishap(kind k, std::string word, const std::string& text)
      : std::runtime_error(text), kind_(k), word_(std::move(word)) {}
  kind what_kind() const { return kind_; }
  const std::string& word() const { return word_; }

 private:
  kind kind_;
  std::string word_;
};

/// The implementation (or its adapter) says that it has no such feature or op.
class unsupported : public std::runtime_error {
 public:
  explicit unsupported(const std::string& feature) : std::runtime_error(feature) {}
};

/// How octets are handed over: at once, `every` N octets, or cut before each of the offsets.
struct cutting {
  std::uint64_t every = 0;            ///< 0: not used
  std::vector<std::uint64_t> before;  ///< ascending offsets
  bool whole() const { return every == 0 && before.empty(); }
};

struct refusal {
  std::string reject_class;             ///< one of ours, or empty: unknown
  std::optional<std::uint64_t> offset;  ///< of the first wrong octet
  std::string text;                     ///< the implementation's own words
};

struct decode_outcome {
  std::vector<plain_box> boxes;  ///< all delivered, also after a refusal
  bool incomplete = false;
  std::optional<refusal> refused;
};

struct encode_outcome {
  std::string bytes;
  std::optional<refusal> refused;
};

/// What became of a typed value: it, or why it was refused.
template <class T>
struct typed_outcome {
  T is{};
  std::optional<refusal> refused;
};

/// What all roles have in common.
class subject {
 public:
  virtual ~subject() = default;
  /// The wire protocol of everything that follows, such as `amp2`; `amp1` if it was never called.
  virtual void speak(std::string_view wire_protocol) { protocol_ = wire_protocol; }

 protected:
  const std::string& protocol() const { return protocol_; }

 private:
  std::string protocol_ = "amp1";
};

/// A codec. One call at a time; an instance belongs to one thread.
class codec_subject : public subject {
 public:
  virtual decode_outcome decode(const vectors::octets& bytes, const cutting&) = 0;
  virtual encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>& box) = 0;
  /// Typed values and boxes with a schema; throw unsupported where the implementation has no such thing.
  virtual typed_outcome<wire::value> parse(const wire::value_type&, const vectors::octets&) {
    throw unsupported("amp1.types");
  }
  virtual typed_outcome<std::string> print(const wire::value_type&, const wire::value&) {
    throw unsupported("amp1.types");
  }
  virtual typed_outcome<wire::record_value> parse(const wire::value_schema&, const plain_box&) {
    throw unsupported("amp1.types");
  }
  virtual typed_outcome<plain_box> print(const wire::value_schema&, const wire::record_value&) {
    throw unsupported("amp1.types");
  }
  /// CPU seconds that the implementation has used so far (for growth).
  virtual double cpu_seconds() = 0;
};

/// What a connection gave us.
struct arrival {
  enum class kind { octets, closed, nothing };
  kind what = kind::nothing;
  std::string bytes;  ///< for octets: at least one
  bool was_reset = false;
};

/// How our end begins TLS, or fails to.
struct tls_opening {
  bool as_client = false;  ///< we opened the connection
  std::string in_front;    ///< octets in clear that go out in one write with the first of ours
  std::string came;        ///< octets that came already and were not looked at
  vectors::start_tls_step::spoil spoil = vectors::start_tls_step::spoil::nothing;
};

/// What became of that.
struct tls_outcome {
  enum class kind {
    secured,  ///< `text` says what was agreed on
    ended,    ///< the handshake failed or the connection ended; `text` says how
    clear,    ///< octets came that are no TLS record: `octets`
    nothing,  ///< neither in time
  };
  kind what = kind::nothing;
  std::string text, octets;
};

/// Our end of one connection with the implementation. Deadlines are the caller's.
class connection {
 public:
  virtual ~connection() = default;
  /// Writes all. If the peer stops reading, what it sends meanwhile is read and kept for `receive`; throws
  /// mishap{timeout} after `deadline` without progress. Writing to a connection that the peer has closed is not an
  /// error: nothing is sent.
  virtual void send(std::string_view bytes, millis deadline) = 0;
  /// Returns when the peer has read all that was sent, as far as this can be seen; at latest after a short while.
  virtual void settle() = 0;
  /// Waits for octets or the end of the connection, at most `deadline`. Once closed it says closed again.
  virtual arrival receive(millis deadline) = 0;
  /// From here on octets are protected: `send` and `receive` mean those inside.
  virtual tls_outcome start_tls(const tls_opening&, millis /*deadline*/) { throw unsupported("amp1.starttls"); }
  virtual void half_close() = 0;
  virtual void close() = 0;
  virtual void reset() = 0;
};

/// Where BulkOpen's URL leads.
struct http_place {
  std::string host;
  std::uint16_t port = 0;
  bool secure = true;  ///< TLS; its certificate is not looked at
};

/// A server under test: we connect to it.
class server_subject : public subject {
 public:
  /// Throws mishap{crash} if it is gone, mishap{timeout} if it does not accept.
  virtual std::unique_ptr<connection> connect(millis deadline) = 0;
  /// How it must be set up for what follows: a fixture of docs/vector-format.md (empty: the usual one), and what
  /// carries its octets. A server that is set up so already does nothing.
  virtual void serve_as(std::string_view /*fixture*/, std::string_view /*transport*/) {}
  /// Our end of a connection for HTTP, inside TLS where that is wanted. Only to where the server itself is.
  virtual std::unique_ptr<connection> connect_http(const http_place&, millis /*deadline*/) {
    throw unsupported("service.bulk");
  }
};

/// A stream that a client is to write: `size` octets of `pattern`, repeated.
struct stream_order {
  std::string pattern;
  std::uint64_t size = 0, window = 1;
  std::string end;  ///< leave, close, abort
};

/// What a client of AMPS is made with.
struct client_setup {
  std::string name, user, password;
  bool store = false, reconnects = false, secure = false, websocket = false;
  std::string path = "/amps/json";  ///< of its URI
};

struct client_event {
  enum class kind {
    connected,
    closed,
    ended,
    message,   ///< AMPS: `box` came for `call`
    unwritten  ///< AMPS: a stored message was refused: `call` is its sequence, `code` the reason
  };
  kind what = kind::ended;
  std::uint64_t call = 0;
  std::string how;         ///< answer, error, lost, refused, sent
  std::string error_kind;  ///< `kind` of an error
  plain_box box;
  std::optional<std::string> code, description;
  std::string text;
};

/// A client under test: we listen, it connects, and its adapter makes it call.
class client_subject : public subject {
 public:
  /// Makes the client connect to us; our end.
  virtual std::unique_ptr<connection> attach(millis deadline) = 0;
  /// AMPS: what the next client that is attached is made with.
  virtual void prepare(const client_setup&) { throw unsupported("amps"); }
  /// AMPS: waits for the further connection that the client makes by itself when one is lost; our end.
  virtual std::unique_ptr<connection> reattach(millis /*deadline*/) { throw unsupported("amps.reconnect"); }
  /// Starts a call; its number.
  virtual std::uint64_t call(std::string_view command, const plain_box& arguments, bool ask, millis deadline) = 0;
  /// Hands the client a box to be sent as it is; its number. It ends as `sent`, `refused` or `lost`.
  virtual std::uint64_t send_box(const plain_box&, millis /*deadline*/) { throw unsupported("amp1.send-box"); }
  /// Makes it call StartTLS, or a command that switches protocols; its number.
  virtual std::uint64_t start_tls(millis /*deadline*/) { throw unsupported("amp1.starttls"); }
  virtual std::uint64_t call_switch(std::string_view /*command*/, const plain_box&, millis /*deadline*/) {
    throw unsupported("amp1.switch");
  }
  /// Makes the client write a stream; its number. It ends like a call, an answer being `streamId` and `count`.
  virtual std::uint64_t write_stream(const stream_order&, millis /*deadline*/) { throw unsupported("stream.writer"); }
  /// Makes it move something out of band; its number. It ends like a call.
  virtual std::uint64_t transfer(bool /*upload*/, const std::string& /*resource*/, const vectors::octets& /*body*/,
                                 millis /*deadline*/) {
    throw unsupported("bulk.client");
  }
  /// Our HTTPS side, by name: `main`, whose certificate it trusts, `other` likewise, `untrusted`, and `plain` without
  /// TLS; each with its origin (`https://127.0.0.1:4433`).
  virtual std::vector<std::pair<std::string, std::string>> http_origins() { throw unsupported("bulk.client"); }
  struct accepted_http {
    std::unique_ptr<connection> link;  ///< null: nobody connected in time
    std::string origin;
  };
  virtual accepted_http accept_http(millis /*deadline*/) { throw unsupported("bulk.client"); }
  /// The next event, or nothing within `deadline`.
  virtual std::optional<client_event> next_event(millis deadline) = 0;
  /// Forgets connection, calls and events.
  virtual void reset(millis deadline) = 0;
};

}  // namespace ampspec::conformance
