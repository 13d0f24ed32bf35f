// What the socket loop asks of whatever sits behind it: the reference, the naive implementation or an echo.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::behaviour {

/// One side of one connection: octets in, octets out. Order of calls: `receive` any number of times, `peer_finished` at
/// most once, `lost` exactly once and last. After each of them `output` may have grown.
class conversation {
 public:
  conversation() = default;
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;
  virtual ~conversation() = default;

  /// Lends octets, which must stay as they are until `wants_input` says true again.
  virtual void receive(std::string_view bytes) = 0;
  /// The peer sends no more; it may still read.
  virtual void peer_finished() = 0;
  /// The connection is gone, or about to be closed by us: nothing can be written any more.
  virtual void lost() = 0;

  /// What is to be written; valid until the next call that is not const.
  virtual std::string_view output() const = 0;
  /// The first `count` octets of `output` have been written.
  virtual void sent(std::size_t count) = 0;
  /// False while so much output waits that nothing more should be read.
  virtual bool wants_input() const = 0;
  /// True if the connection is to be closed once `output` has been written.
  virtual bool wants_close() const = 0;

  /// True if the octets of both directions become TLS as soon as `output` has been written: then the owner calls
  /// `begin_tls`, and from there on gives `receive` what TLS decrypts and takes `output` as what TLS is to encrypt.
  /// Nothing is to be read meanwhile.
  virtual bool wants_tls() const { return false; }
  /// Gives the octets that were received behind the boundary: the first ones for TLS. Also called before the first
  /// octet, and unasked, where the connection is inside TLS from the start.
  virtual std::string begin_tls() { return {}; }
  /// Certificates (PEM), one of which the TLS server must show, and for the name or address that was dialled; nothing:
  /// any certificate will do.
  virtual std::optional<std::string> trusted() const { return std::nullopt; }
  /// Whether it is the TLS client, where it is not for the connection to say (AMP1-CONV-059): by a fault.
  virtual std::optional<bool> is_tls_client() const { return std::nullopt; }
};

/// A box as pairs in wire order.
using plain_box = std::vector<std::pair<std::string, std::string>>;

/// How a call ended, in the words of docs/adapter-protocol.md.
struct call_end {
  std::uint64_t number = 0;                      ///< as given to `call`
  std::string how;                               ///< answer, error, lost, refused, sent; AMPS: message, unwritten
  std::string kind;                              ///< of an error: declared, unhandled, unknown, undecodable
  plain_box box;                                 ///< of an answer
  std::optional<std::string> code, description;  ///< of an error that the peer sent
  std::string text;                              ///< why, for people; may be empty
};

/// A stream to be written: `size` octets of `pattern`, repeated.
struct stream_order {
  std::string pattern;
  std::uint64_t size = 0;
  std::size_t window = 1;     ///< writes that may be unanswered at a time
  std::string end = "leave";  ///< leave, close, abort: what is done behind the last write
};

/// A conversation that also makes calls.
class asking_conversation : public conversation {
 public:
  /// Ends exactly once, at once or later. Without `ask` it ends when it was handed over for writing.
  virtual void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool ask) = 0;
  /// Hands over a box to be sent as it is; ends like a call without `ask`.
  virtual void send_box(std::uint64_t number, const plain_box&) = 0;
  /// Calls StartTLS, or a command that switches protocols; ends like a call. Behind a switch what is received is sent
  /// back (docs/test-service.md).
  virtual void start_tls(std::uint64_t number) = 0;
  virtual void call_switch(std::uint64_t number, std::string_view command, const plain_box& arguments) = 0;
  /// Writes a stream to the peer; ends like a call, an answer being `streamId` and `count` of the writes. False: it can
  /// write no streams.
  virtual bool write_stream(std::uint64_t /*number*/, const stream_order&) { return false; }
  /// The next call that has ended.
  virtual std::optional<call_end> next_end() = 0;
  /// Of a client that makes a further connection when one was lost: its conversation on that one; null: none is wanted.
  virtual std::shared_ptr<asking_conversation> again() { return nullptr; }
};

}  // namespace ampspec::behaviour
