// One play of a vector over connections. Each part of it stands in the file that its section names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/amps_message.hpp"
#include "conformance/large_box.hpp"
#include "conformance/play.hpp"
#include "conformance/play_amps.hpp"
#include "conformance/play_http.hpp"
#include "conformance/segmentation.hpp"
#include "conformance/ws_stream.hpp"
#include "reference/amp/box.hpp"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::conformance {

using vectors::octets;
// Where connections come from, and what only one of the roles can do.
struct world {
  server_subject* server = nullptr;
  client_subject* client = nullptr;
};

// A box that came, and its size in what came.
struct parsed {
  plain_box box;
  std::size_t size = 0;
  large_values large = {};
  std::string written = {};  ///< of a message: its header
};

// Our end of one connection during a play.
struct end_point {
  std::unique_ptr<connection> link;
  std::string in;                        ///< came and was not looked at yet
  std::unique_ptr<large_arrival> large;  ///< a box that is being read as it comes; then `in` is empty
  std::optional<parsed> whole;           ///< such a box, in front of `in`
  bool closed = false;                   ///< by the implementation, seen
  bool was_reset = false;
  bool ours_ended = false;        ///< we half-closed, closed or reset it
  bool switched = false;          ///< another protocol has it: whatever we send comes back
  std::unique_ptr<ws_stream> ws;  ///< then `in` has what came as TCP would carry it
  bool text_mode = true;          ///< of WebSocket
  bool said_close = false;        ///< likewise: our close frame is sent
  std::set<std::string> fences;   ///< tags of our fences whose answers are still to come
};

/// The octets of a box of our own, which is short: alike in both versions (AMP2-001).
std::string encoded(std::initializer_list<amp::pair_view> pairs);

/// A message of AMPS as TCP carries it, whose texts need no escapes; `s` as a bare number.
std::string framed(std::initializer_list<std::pair<std::string_view, std::string_view>> header);

std::string close_in_words(bool was_reset);

/// A word that no other play has, in this run or another, and always of one size, so that cuts fall alike in each.
std::string word_of_its_own();

class wire_play {
 public:
  wire_play(const check& c, world w, const settings& s, patience& p, judge& j, recorder& r, cutting cut)
      : check_(c),
        world_(w),
        settings_(s),
        patience_(p),
        judge_(j),
        record_(r),
        cut_(std::move(cut)),
        names_(bindings_of(c)),
        amps_(vectors::wire_protocol_of(c.vector->protocol) == "amps"),
        word_(amps_ ? "message" : "box"),
        noun_(amps_ ? "message" : "box"),
        version_(vectors::wire_protocol_of(c.vector->protocol) == "amp2" ? amp::version::v2 : amp::version::v1),
        http_(w.server, w.client, names_, p, r),
        inbox_(names_) {
    names_.captured["play"] = word_of_its_own();
  }

  // Fields and borders of everything that was sent, for the segmentations that follow the whole play.
  std::uint64_t sent = 0;
  std::vector<vectors::field> fields;
  std::vector<std::uint64_t> borders;
  bool shook_hands = false;  ///< TLS began, which costs time

  void steps(const vectors::steps& list);

  void decode(const vectors::decode_kind& kind);

  ~wire_play();
  wire_play(const wire_play&) = delete;
  wire_play& operator=(const wire_play&) = delete;

 private:
  using clock = std::chrono::steady_clock;

  static constexpr std::size_t send_chunk = 65536;
  static constexpr std::uint64_t octets_per_ms = 4000;  // that anybody reads; so much longer may an answer take
  static constexpr std::size_t largest_box =
      4U << 20U;  // held at once; beyond it somebody floods us, or we read as it comes
  static constexpr std::size_t largest_held = 256U << 10U;  // of an expected box of AMPv2

  // --- wire_play_octets.cpp: connections, octets, and the boxes at the head of what came ----------------------------

  end_point& open(const std::string& name);

  void reset_all();

  std::string where() const { return step_ == 0 ? "end" : std::to_string(step_); }

  [[noreturn]] void deviate(std::string expected_word, std::string got_word, std::string expected, std::string got,
                            bool by_deadline = false);

  // With `hold_last` the part behind the last cut is not sent but given back.
  std::string send(end_point& side, const std::string& name, const octets& bytes, bool hold_last = false);

  // The first cut behind stream offset `at`.
  std::uint64_t next_cut(std::uint64_t at) const;

  // Waits for more octets or the end. False if nothing came by then.
  bool more(end_point& side, const std::string& name, clock::time_point until);

  // The box at the head of what came, and its size there; nothing if it is not whole yet. Malformed octets deviate.
  std::optional<parsed> head_box(const end_point& side);

  std::optional<parsed> head_message(const end_point& side);

  // The box at hand with what a matcher asks for besides.
  static plain_box as_asked(const vectors::box_matcher& want, const parsed& got);

  // Takes the box at the head away.
  static void remove_head(end_point& side, const parsed& p);

  // Whether a box that is large would be read as it comes.
  bool will_stream() const { return (amps_ || version_ == amp::version::v2) && !hope_.empty(); }

  // From here on the box at the head is not held any more, if it is one that was expected to be large.
  void stop_holding(end_point& side);

  void read_large(end_point& side, const std::string& octets);

  static const std::string* find(const plain_box& box, std::string_view key);

  // Drops the answers of our own fences from the head of what came.
  void drop_fence_answers(end_point& side);

  // The tag that an answer, or an ack, bears; a fence's or another's.
  const std::string* answered_fence(const plain_box& box) const;

  enum class sight { box, closed, nothing };
  // What is there next: a box (left in place), the end, or nothing in time.
  sight look(end_point& side, const std::string& name, millis wait, bool is_answer = true);

  // How long a step waits: as it says, or as long as an answer may take, with what has to be read before it.
  millis wait_of(const std::optional<vectors::expression>& within) const;

  // `hope`: what it is expected to be one of.
  parsed next_box(end_point& side, const std::string& name, const std::string& expected,
                  std::span<const vectors::box_matcher> hope, const std::optional<vectors::expression>& within = {});

  // Tokens of bulk transfers are shown to nobody.
  void hide_token(const plain_box& box);

  std::string cut_box(const end_point& side) const;

  void await_close(end_point& side, const std::string& name, const std::optional<vectors::expression>& within = {});

  // Nothing may come; no fence can be had.
  void await_quiet(end_point& side, const std::string& name, const std::string& expected, bool close_allowed = true,
                   const std::optional<vectors::expression>& lasts = {});

  std::string came(const end_point& side);

  // --- wire_play_websocket.cpp --------------------------------------------------------------------------------------

  bool on_websocket() const { return check_.transport.starts_with("ws"); }

  std::string path_of_upgrade() const;

  // Octets of an HTTP head that has come, with its empty line; `upgrade` is what was expected.
  std::size_t await_head(end_point& side, const std::string& name, const std::string& expected);

  // The upgrade that a client asks for; its mode is looked at as it comes.
  void accept_upgrade(end_point& side, const std::string& name);

  // False if it was refused, as it should be.
  bool upgrade(end_point& side, const std::string& name);

  // Turns what came on a WebSocket connection into messages as TCP carries them.
  void take_websocket(end_point& side, const std::string& name, std::string_view octets);

  // A frame of ours: masked if we are the client.
  ws_frame_options as_ours() const { return {.last = true, .masked = world_.server != nullptr}; }

  // A command of ours, or messages for a client, as the transport of this connection carries them. `framed`: as TCP
  // does.
  std::string carried(const end_point& side, std::string framed) const;
  octets carried(const end_point& side, const octets& framed) const;

  // A command over WebSocket whose body is too large to be held.
  bool send_large(end_point& side, const std::string& name, const vectors::send_step& s);

  octets sent_by(end_point& side, const vectors::send_step& s);

  void expect(end_point& side, const std::string& name, const vectors::expect_pong_step& s);

  // --- wire_play_amps.cpp: what a vector does not say: logons, topics that are emptied; groups, clients -------------

  void begin_amps(end_point& side, const std::string& name);

  void log_on(end_point& side, const std::string& name);

  // Sends a command of ours, and waits for its processed ack, which must be a success.
  void ask_and_await(end_point& side, const std::string& name, const std::string& cid, const std::string& command,
                     const std::function<void(const plain_box&)>& take);

  // What others have left in the topics that the vector has for itself.
  void empty_topics();

  client_setup setup_of(const vectors::steps& list) const;

  // The logon of a client, which it makes by itself on a further connection.
  void take_logon(end_point& side, const std::string& name, std::uint64_t persisted);

  void run_amps(end_point&, const std::string&, const vectors::attach_step&) {}  // done before it connected
  void run_amps(end_point& side, const std::string& name, const vectors::log_on_step& s);
  void run_amps(end_point& side, const std::string& name, const vectors::acks_step& s);
  void run_amps(end_point&, const std::string&, const vectors::expect_message_step& s);
  void run_amps(end_point&, const std::string&, const vectors::expect_unwritten_step& s);
  void run_amps(end_point& side, const std::string& name, const vectors::reattach_step&);

  // The result of a query, from group_begin to group_end (AMPS-SOW-001), however it is divided into batches.
  void expect(end_point& side, const std::string& name, const vectors::expect_group_step& s);

  // --- wire_play_fences.cpp -----------------------------------------------------------------------------------------

  // Shows that nothing comes: a request of ours (server role) or a call (client role), before whose end nothing may
  // come.
  void fence(end_point& side, const std::string& name, bool close_allowed);

  std::string fence_request(const std::string& tag) const;

  void fence_by_request(end_point& side, const std::string& name, bool close_allowed);

  // Until what the client was made to send is there; false if it closed instead, where it may.
  bool await_call(end_point& side, const std::string& name, const std::string& what, bool close_allowed);

  void fence_by_call(end_point& side, const std::string& name, bool close_allowed);

  // A client of AMPS is made to flush, once it has logged on: before that, and before it is acked, nothing may come.
  void fence_by_flush(end_point& side, const std::string& name, bool close_allowed);

  // Behind a switch whatever we send comes back, and nothing else may come.
  void fence_by_echo(end_point& side, const std::string& name);

  // --- wire_play_calls.cpp: calls of a client, TLS, streams ---------------------------------------------------------

  // Takes one event into `ended_`; false if none came by then.
  bool take_event(clock::time_point until);

  static std::string in_words(const client_event& e);

  const client_event* await_end(const std::string& call, const std::string& expected, bool may_be_lost = false);

  void ended(const vectors::expect_ended_step& s);

  void start_tls(end_point& side, const std::string& name, const vectors::start_tls_step& s);

  void secure(end_point& side, const std::string& name);

  void write_stream(const std::string& name, const vectors::write_stream_step& s);

  // Takes writes of one stream until so many octets of `data` have come, in whatever chunks, and answers each.
  void take_writes(end_point& side, const std::string& name, const vectors::take_writes_step& s);

  // --- wire_play.cpp: the steps -------------------------------------------------------------------------------------

  void run(int number, const vectors::step& s);

  void repeat(int number, const vectors::repeat_step& s);

  void expect(end_point& side, const std::string& name, const vectors::expect_boxes_step& s);

  void expect(end_point& side, const std::string& name, const vectors::expect_bytes_step& s);

  static bool begins_with_silence(const vectors::steps& branch);

  bool silence_seen(const vectors::choice_step& s) const;

  // How long the most patient branch waits for its first message or close.
  millis longest_wait(const vectors::choice_step& s) const;

  // What is seen selects the branch; then its steps are played.
  void choose(int number, end_point& side, const std::string& name, const vectors::choice_step& s);

  bool begins_as(const vectors::step& first, sight seen, end_point& side);

  void finish();

  const check& check_;
  world world_;
  const settings& settings_;
  patience& patience_;
  judge& judge_;
  recorder& record_;
  cutting cut_;
  bindings names_;
  const bool amps_;                             // messages instead of boxes
  const std::string word_, noun_;               // for what comes: in signatures, and for people
  const amp::version version_;                  // of the boxes that we read
  std::span<const vectors::box_matcher> hope_;  // what the next box is expected to be one of
  std::map<std::string, end_point> ends_;
  std::map<std::string, std::uint64_t> calls_;
  std::map<std::uint64_t, client_event> ended_;
  std::map<std::string, std::uint64_t> taken_;  ///< octets of each stream, by connection and id
  std::uint64_t rounds_ = 0;                    ///< of all repeats
  std::uint64_t unanswered_ = 0;                ///< octets sent since any came
  http_play http_;
  amps_inbox inbox_;
  bool logon_made_ = false;
  int step_ = 0;
  int fences_ = 0;
};

}  // namespace ampspec::conformance
