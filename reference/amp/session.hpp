// One AMP connection, of either version, asking and serving: octets in, octets and events out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/box.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/errc.hpp"
#include "reference/wire/failure.hpp"
#include "reference/wire/octet_hash.hpp"
#include "reference/wire/result.hpp"

#include <concepts>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace ampspec::amp {

using call_id = std::uint64_t;     ///< of a call that we made; from 1, never given again
using request_id = std::uint64_t;  ///< of a request that we received; from 1, never given again

// Events. Views in them are valid until the next call of `next_event`, `receive`, `peer_finished`, `lost` or `close`.

/// The peer calls. `answer` or `fail` it, at once or any time later, in any order (AMP1-CONV-021).
struct request_received {
  request_id id = 0;
  std::string_view command;             ///< any octets, also none (AMP1-CONV-010)
  std::optional<std::string_view> ask;  ///< the tag; absent: no box will be sent, whatever happens (AMP1-CONV-003, 004)
  box_view arguments;                   ///< without _command and _ask
};

/// A call of ours was answered.
struct answer_received {
  call_id call = 0;
  box_view values;  ///< without _answer
};

/// A call of ours was answered by an error.
struct error_received {
  call_id call = 0;
  std::string_view code;         ///< as received (AMP1-CONV-078), may be empty (AMP1-CONV-077)
  std::string_view description;  ///< made valid UTF-8 (AMP1-CONV-020), may be empty
};

/// A call of ours ended without an answer or error that could be understood (AMP1-CONV-037, 041).
struct call_failed {
  call_id call = 0;
  wire::failure reason;
};

/// The last event: no further octet is read. `why` is absent when the peer ended the stream between two boxes or
/// `close` was called or a fatal error was sent. What `output` still holds is to be written.
struct closed {
  std::optional<wire::failure> why;
};

/// What the octets behind a box become.
enum class transport_change {
  tls,    ///< TLS records, and the boxes go on inside (StartTLS)
  other,  ///< another protocol, for good (the protocol switch)
};

using event = std::variant<request_received, answer_received, error_received, call_failed, closed>;

/// Codes that the protocol itself knows.
inline constexpr std::string_view code_unhandled = "UNHANDLED";
inline constexpr std::string_view code_unknown = "UNKNOWN";
inline constexpr std::string_view code_tls_error = "TLS_ERROR";
/// The command that the protocol itself knows (AMP1-CONV-057).
inline constexpr std::string_view command_start_tls = "StartTLS";

/// True for the six keys that the protocol uses itself; other keys that begin with `_` are free (AMP1-TYPE-057).
bool is_reserved(std::string_view key);

/// A value of AMPv2 that is made while it is written, so that nobody holds it.
struct made_value {
  std::string_view key;  ///< static storage
  std::uint64_t size = 0;
  std::function<void(std::uint64_t at, std::span<char> out)> make;  ///< its octets from `at` on
};

/// Symmetric: both sides of a connection use one. Knows no socket and no clock. A loop around it reads octets into
/// `receive`, takes `next_event` until there is none, writes `output`, and closes the connection once that is empty and
/// `wants_close`.
///
/// A change of the transport, asked for by either side, happens at a box boundary: once `next_event` gives nothing and
/// `output` is written, `wants_change` says so. The octets behind the boundary, `unread` first, belong to the next
/// layer. For TLS the loop then calls `secured`, feeds what TLS decrypts, and hands `output` to TLS. No empty box is
/// ever sent (AMP1-FRAME-028), nor anything before the first call or answer (AMP1-FRAME-032).
class session {
 public:
  explicit session(limits = {});

  // --- input ---

  /// Lends octets, which must stay as they are until `next_event` has given nothing; must not be called before that.
  void receive(std::string_view octets);
  template <std::same_as<std::string> T>
  void receive(T&&) = delete;  // a temporary would be gone too early
  /// The peer ends its stream (FIN). Requests before it are still answered, then the connection is to be closed.
  void peer_finished();
  /// The connection is gone. Every pending call fails, once; answers that come later are dropped.
  void lost(std::error_code reason = errc::connection_lost);

  /// Large values are offered to `sink` (box_decoder.hpp) before their box is an event; not in version 1.
  void divert(value_sink* sink) { decoder_.divert(sink); }
  version spoken() const { return version_; }

  // --- what comes of it ---

  std::optional<event> next_event();
  /// Octets to be written, valid until any other call. `sent` says how many of them were.
  std::string_view output() const { return std::string_view(output_).substr(output_sent_); }
  void sent(std::size_t count);
  /// Octets that wait to be written, less what is only made then.
  std::size_t waiting() const;
  /// True if the connection is to be closed as soon as `output` is written.
  bool wants_close() const { return state_ == state::closing; }
  /// What both directions become as soon as `output` is written. No box is parsed or written before that is done.
  std::optional<transport_change> wants_change() const { return change_; }
  /// Octets behind the boundary that have been received already; valid as long as those lent to `receive`. They are
  /// never parsed as boxes (AMP1-CONV-053, 054, 066, 067, 068).
  std::string_view unread() const { return decoder_.unread(); }
  /// From here on octets come from and go to TLS; the boxes that were held are in `output` (AMP1-CONV-060, 069). Also
  /// before the first octet, where there is no clear text at all.
  void secured();
  bool is_secure() const { return secure_; }
  /// Another protocol has the connection: no box is read or written any more (AMP1-CONV-055).
  bool is_switched() const { return state_ == state::switched; }
  /// Octets of boxes that wait for the answer to a change that we asked for.
  std::size_t held() const { return held_.size(); }

  // --- asking ---

  /// Calls the peer. Refused, with nothing written and the connection usable: reserved_key, value_too_long and the
  /// other refusals of `encode` (AMP1-FRAME-008); not_connected after the end (AMP1-CONV-042, 043). With `ask` it ends
  /// by exactly one of answer_received, error_received, call_failed; without it no event follows (AMP1-CONV-047).
  wire::result<call_id> call(std::string_view command, box_view arguments, bool ask = true);
  /// Sends a box as it is given, for those who speak in boxes. Refused, with nothing written: an empty box
  /// (AMP1-FRAME-028), what `encode` refuses, anything after the end.
  std::optional<wire::failure> send(box_view);
  std::size_t pending_calls() const { return calls_.size(); }

  /// Asks the peer to start TLS; ends like any call. Until then every box of ours is held (AMP1-CONV-060). An answer
  /// is followed by `wants_change`; an error sends what was held in clear, and all goes on (AMP1-CONV-061). Refused,
  /// with nothing written and the connection usable (AMP1-CONV-062, 071): change_pending, already_secured.
  wire::result<call_id> start_tls();
  /// Asks for the protocol switch that `command` is in the same way (AMP1-CONV-051, 052, 073). An answer ends AMP: what
  /// was held is dropped, other calls fail (AMP1-CONV-055, 081).
  wire::result<call_id> call_switch(std::string_view command, box_view arguments);

  // --- serving ---

  /// Answers a request. Values that cannot be encoded make it an error UNKNOWN (AMP1-CONV-017). Does nothing for a
  /// request without _ask (AMP1-CONV-003), one that has its box already (AMP1-CONV-001), or after the end
  /// (AMP1-CONV-045).
  void answer(request_id, box_view values);
  /// Likewise, with a further value, which may not be reserved; in version 2 only. Boxes that are sent later come
  /// behind it (AMP2-024). While a change of ours is pending it can't be held, and fails like `fail_unknown`.
  void answer(request_id, box_view values, made_value);
  /// Fails a request with a declared error, then closes if `fatal` (AMP1-CONV-012, 013). The description is made valid
  /// UTF-8 and cut to 65,535 octets at a character border (AMP1-CONV-019, 075). Does nothing where `answer` does
  /// nothing (AMP1-CONV-004, 005).
  void fail(request_id, std::string_view code, std::string_view description, bool fatal = false);
  /// There is no such command: UNHANDLED, and the connection stays open (AMP1-CONV-007, 008).
  void fail_unhandled(request_id);
  /// Anything else went wrong: UNKNOWN without details, then closes (AMP1-CONV-014, 015, 076).
  void fail_unknown(request_id);
  /// Answers the request last received and changes the transport behind that box; to be called before the next
  /// `next_event`, so that nothing behind the request is parsed. A request without _ask is not performed, and nothing
  /// else happens (AMP1-CONV-056, 070). StartTLS inside TLS is failed with TLS_ERROR. While a change of our own is
  /// pending neither side can be answered: the connection ends.
  void accept(request_id, transport_change, box_view values = {});
  std::size_t pending_requests() const { return requests_.size(); }

  /// Ends the connection from our side: what is written is sent, pending calls fail, pending requests are dropped.
  void close();

 private:
  enum class state {
    open,      // both directions work
    switched,  // another protocol has the connection
    draining,  // the peer has ended its stream; what it asked before is still answered
    closing,   // output is still written, then the connection is to be closed
    ended,     // there is no connection any more
  };

  std::optional<event> take_box(box_view);
  std::optional<event> take_answer(std::string_view tag);
  std::optional<event> take_error(std::string_view tag, box_view);
  std::optional<call_id> take_call(std::string_view tag);
  std::nullopt_t refuse(errc, wire::requirement_id);
  void take_end_of_stream();
  void end(state, const std::optional<wire::failure>& why);
  void fail_calls(const wire::failure& reason);
  void close_if_drained();
  wire::result<call_id> ask_for(transport_change, std::string_view command, box_view arguments);
  void settle_change(call_id, bool granted);
  void become(transport_change);
  std::string& out() { return asked_ || change_ ? held_ : behind_all(); }
  std::string& behind_all() { return making_.empty() ? output_ : making_.back().behind; }
  void make_some();

  struct value_in_the_making {
    made_value what;
    std::uint64_t done = 0;
    std::string behind;  ///< boxes that follow
  };

  /// A change that we asked for and that has no answer yet.
  struct asked_change {
    call_id call;
    transport_change what;
  };

  const version version_;  // of both directions, for as long as the connection lasts (AMP2-019)
  state state_ = state::open;
  box_decoder decoder_;
  bool peer_finished_ = false;
  std::string output_;
  std::size_t output_sent_ = 0;
  std::deque<value_in_the_making> making_;  // behind output_
  std::string held_;                        // written while a change was pending
  std::optional<asked_change> asked_;
  std::optional<transport_change> change_;  // agreed on, and not made yet
  bool secure_ = false;
  std::uint64_t last_tag_ = 0;
  call_id last_call_ = 0;
  request_id last_request_ = 0;
  wire::octet_map<call_id> calls_;                        // pending, by tag
  std::unordered_map<request_id, std::string> requests_;  // unanswered, with their tags
  std::optional<wire::failure> cut_;                      // while draining: the stream ended inside a box
  std::deque<event> ready_;                               // the last events, which hold no views
  std::vector<pair_view> shown_;                          // pairs that an event shows
  std::vector<pair_view> made_;                           // pairs of the box being made, which may come from shown_
  std::string description_;                               // that an event shows
};

}  // namespace ampspec::amp
