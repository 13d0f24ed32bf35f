// Plays vectors over connections: with a server, to which we connect, or a client, which connects to us.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/amps_message.hpp"
#include "conformance/large_box.hpp"
#include "conformance/overloaded.hpp"
#include "conformance/play.hpp"
#include "conformance/play_amps.hpp"
#include "conformance/play_http.hpp"
#include "conformance/segmentation.hpp"
#include "conformance/ws_client.hpp"
#include "conformance/ws_server.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <initializer_list>
#include <map>
#include <mutex>
#include <random>
#include <span>
#include <utility>

namespace ampspec::conformance {
namespace {

using vectors::octets;
using clock = std::chrono::steady_clock;

constexpr std::size_t send_chunk = 65536;
constexpr std::size_t largest_box = 4U << 20U;     // held at once; beyond it somebody floods us, or we read as it comes
constexpr std::size_t largest_held = 256U << 10U;  // of an expected box of AMPv2

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

// The octets of a box of our own, which is short: alike in both versions (AMP2-001).
std::string encoded(std::initializer_list<amp::pair_view> pairs) {
  std::string out;
  [[maybe_unused]] const auto refused = amp::encode({pairs.begin(), pairs.size()}, out);
  assert(!refused);
  return out;
}

// A message of AMPS whose texts need no escapes; `s` as a bare number.
std::string framed(std::initializer_list<std::pair<std::string_view, std::string_view>> header) {
  std::string text;
  for (const auto& [key, value] : header) {
    const std::string_view quote = key == "s" ? "" : "\"";
    text.append(text.empty() ? "{\"" : ",\"").append(key).append("\":").append(quote).append(value).append(quote);
  }
  text += '}';
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(text.size() >> shift & 0xff);
  return out + text;
}

// A word that no other play has, in this run or another, and always of one size, so that cuts fall alike in each.
std::string word_of_its_own() {
  static const unsigned run = std::random_device{}();
  static std::atomic<unsigned> count;
  std::string word;
  for (const std::uint64_t number : {std::uint64_t{run}, std::uint64_t{++count}}) {
    for (int shift = 28; shift >= 0; shift -= 4) word += "0123456789abcdef"[number >> shift & 15];
  }
  return word;
}

// A logged server has one connection for each client name: no two of ours may have the same.
std::string new_client_name() { return "ampspec-" + word_of_its_own(); }

// Vectors that use the same topics of one server can't be played at once.
class topic_locks {
 public:
  explicit topic_locks(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());  // all in one order, so that nobody waits for ever
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const auto& name : names) held_.emplace_back(mutex_of(name));
  }

 private:
  static std::mutex& mutex_of(const std::string& name) {
    static std::mutex all;
    static std::map<std::string, std::mutex> mutexes;
    const std::lock_guard lock(all);
    return mutexes[name];
  }
  std::vector<std::unique_lock<std::mutex>> held_;
};

std::string close_in_words(bool was_reset) {
  return was_reset ? "the connection was reset" : "the connection was closed";
}

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

  void steps(const vectors::steps& list) {
    empty_topics();
    if (amps_ && world_.client) world_.client->prepare(setup_of(list));
    open("main");
    for (std::size_t i = 0; i < list.size(); ++i) run(static_cast<int>(i) + 1, list[i]);
    finish();
  }

  void decode(const vectors::decode_kind& kind) {
    const auto& chosen = kind.expect.at(check_.role);
    const auto& want = chosen.branches.front().second;
    auto bytes = vectors::realize(kind.bytes, names_.names);
    auto& side = open("main");
    if (want.end == vectors::ending::reject && want.by) {
      std::string head(static_cast<std::size_t>(vectors::evaluate(*want.by, names_.names)), '\0');
      bytes.read(0, head);
      bytes = octets::from(std::move(head));
    }
    step_ = 1;
    send(side, "main", bytes);
    if (want.end == vectors::ending::reject) {
      if (kind.then) {
        // What was refused must be seen to be refused before more is sent: unread octets would turn the close into a
        // reset.
        side.link->settle();
        send(side, "main", vectors::realize(*kind.then, names_.names));
      }
      record_.point_at(bytes.size() == 0 ? 0 : bytes.size() - 1, 1,
                       "must be refused here, by octet " + std::to_string(bytes.size()));
      await_close(side, "main");
    } else if (want.end == vectors::ending::incomplete) {
      side.link->half_close();
      side.ours_ended = true;
      record_.note(1, "main", "we closed our direction inside a box");
      await_quiet(side, "main", "nothing");
    } else {
      await_quiet(side, "main", "nothing");
    }
    reset_all();
  }

  ~wire_play() {
    try {
      reset_all();
    } catch (const mishap&) {  // the play is over: what the implementation does now is the next play's business
    }
  }
  wire_play(const wire_play&) = delete;
  wire_play& operator=(const wire_play&) = delete;

 private:
  // --- connections and octets ---------------------------------------------------------------------------------------

  end_point& open(const std::string& name) {
    auto& side = ends_[name];
    if (!side.link) {
      side.link = world_.server ? world_.server->connect(patience_.for_answer())
                                : world_.client->attach(patience_.for_answer());
      record_.note(step_, name, world_.server ? "connected" : "the implementation connected");
      if (amps_) begin_amps(side, name);
    }
    return side;
  }

  // --- what AMPS needs in front of a vector -------------------------------------------------------------------------

  void begin_amps(end_point& side, const std::string& name) {
    record_.speaks_amps(name, on_websocket());
    if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
    if (world_.client) {
      if (on_websocket()) accept_upgrade(side, name);
      if (check_.vector->opening) take_logon(side, name, 0);
      return;
    }
    if (on_websocket() && !upgrade(side, name)) return;
    names_.captured[name + ".client_name"] = new_client_name();
    if (check_.vector->opening) log_on(side, name);
  }

  bool on_websocket() const { return check_.transport.starts_with("ws"); }

  std::string path_of_upgrade() const {
    const auto& path = check_.vector->upgrade.path;
    return path.empty() ? "/amps/json" : vectors::realize(path, names_.names).str();
  }

  // Octets of an HTTP head that has come, with its empty line; `upgrade` is what was expected.
  std::size_t await_head(end_point& side, const std::string& name, const std::string& expected) {
    const auto until = clock::now() + patience_.for_answer();
    std::size_t end = 0;
    while ((end = side.in.find("\r\n\r\n")) == side.in.npos) {
      if (side.closed) deviate("upgrade", "close", expected, close_in_words(side.was_reset));
      if (side.in.size() > largest_box || !more(side, name, until))
        deviate("upgrade", "nothing", expected, "nothing in time", true);
    }
    return end + 4;
  }

  // The upgrade that a client asks for; its mode is looked at as it comes.
  void accept_upgrade(end_point& side, const std::string& name) {
    const auto& how = check_.vector->upgrade;
    const auto from = record_.entries();
    const std::string expected = "a request for the upgrade at " + path_of_upgrade();
    const auto size = await_head(side, name, expected);
    const std::string head = side.in.substr(0, size), rest = side.in.substr(size);
    side.in.clear();
    if (const auto wrong = wrong_upgrade_request(head, path_of_upgrade()); !wrong.empty())
      deviate("upgrade", "other", expected, wrong);
    for (const auto& [key, value] : plain(how.headers.pairs, names_)) {
      const auto told = http_header(head, key);
      if (told == value) continue;
      deviate("upgrade", "other", "the header " + key + ": " + show_octets(value),
              told ? key + ": " + show_octets(*told) : "no such header");
    }
    const auto answer = ws_upgrade_answer(head);
    record_.ours(step_, name, octets::from(answer));
    side.link->send(answer, patience_.limit());
    side.text_mode = how.mode != "binary";
    side.ws = std::make_unique<ws_commands>(side.text_mode);
    record_.fold(from, step_, name, "it upgraded at " + path_of_upgrade());
    if (!rest.empty()) take_websocket(side, name, rest);
  }

  // False if it was refused, as it should be.
  bool upgrade(end_point& side, const std::string& name) {
    const auto& how = check_.vector->upgrade;
    const auto from = record_.entries();
    const std::string path = path_of_upgrade();
    const auto request = ws_upgrade_request(path, plain(how.headers.pairs, names_));
    record_.ours(step_, name, octets::from(request));
    side.link->send(request, patience_.limit());
    const std::string expected = how.status.empty() ? "the upgrade" : "the upgrade to be refused with " + how.status;
    const auto size = await_head(side, name, expected);
    const std::string head = side.in.substr(0, size);
    if (!how.status.empty()) {
      const auto status = std::to_string(http_status(head));
      const bool fits = how.status.ends_with("xx") ? status[0] == how.status[0] : status == how.status;
      if (!fits) deviate("upgrade", "other", expected, "status " + status);
      side.in.clear();
      side.ours_ended = true;  // what an HTTP server does with the connection is its business
      return false;
    }
    if (const auto wrong = wrong_upgrade(head); !wrong.empty()) deviate("upgrade", "other", expected, wrong);
    side.text_mode = how.mode != "binary";
    side.ws = std::make_unique<ws_messages>(side.text_mode);
    record_.fold(from, step_, name, "upgraded at " + path);
    if (how.mode != "none") side.link->send(ws_frame(ws_opcode::text, how.mode), patience_.limit());
    const std::string rest = side.in.substr(size);
    side.in.clear();
    if (!rest.empty()) take_websocket(side, name, rest);
    return true;
  }

  // Turns what came on a WebSocket connection into messages as TCP carries them.
  void take_websocket(end_point& side, const std::string& name, std::string_view octets) {
    auto& ws = *side.ws;
    ws.feed(octets);
    side.in += ws.take();
    for (; !ws.pings.empty(); ws.pings.pop_front())
      side.link->send(ws_frame(ws_opcode::pong, ws.pings.front(), as_ours()), patience_.limit());
    if (!ws.wrong().empty()) deviate(word_, "malformed", "messages over WebSocket", ws.wrong());
    if (!ws.closed || side.closed) return;
    side.closed = true;
    record_.note(step_, name, "the connection was closed with code " + std::to_string(ws.closed->code));
    const char code[] = {static_cast<char>(ws.closed->code >> 8), static_cast<char>(ws.closed->code & 0xff)};
    const std::string_view told(code, ws.closed->code == 1005 ? 0 : 2);
    if (!side.ours_ended && !side.said_close)
      side.link->send(ws_frame(ws_opcode::close, told, as_ours()), patience_.limit());
    if (world_.client) side.link->half_close();  // the server ends the connection first (RFC 6455, 7.1.1)
  }

  // A frame of ours: masked if we are the client.
  ws_frame_options as_ours() const { return {.last = true, .masked = world_.server != nullptr}; }

  // A command of ours, or messages for a client, as the transport of this connection carries them. `framed`: as TCP
  // does.
  std::string carried(const end_point& side, std::string framed) const {
    if (!side.ws) return framed;
    if (world_.client) return ws_deliveries(framed, side.text_mode);
    return ws_command(std::string_view(framed).substr(4), {}, side.text_mode);
  }
  octets carried(const end_point& side, const octets& framed) const {
    return side.ws ? octets::from(ws_deliveries(framed.str(), side.text_mode)) : framed;
  }

  // A command over WebSocket whose body is too large to be held.
  bool send_large(end_point& side, const std::string& name, const vectors::send_step& s) {
    if (!side.ws || world_.client || s.messages.size() != 1) return false;
    const auto body = vectors::realize(s.messages.front().body, names_.names, names_.captured);
    if (body.size() <= largest_held) return false;
    const auto header = vectors::realize(s.messages.front().header, names_.names, names_.captured).str();
    send(side, name, octets::from(ws_command_head(header, body.size(), side.text_mode)));
    record_.note(step_, name, "and behind it a body of " + std::to_string(body.size()) + " octets");
    std::string chunk;
    for (std::uint64_t at = 0; at < body.size(); at += chunk.size()) {
      chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(body.size() - at, send_chunk)));
      body.read(at, chunk);
      ws_mask(chunk, at);
      side.link->send(chunk, patience_.limit());
    }
    return true;
  }

  octets sent_by(end_point& side, const vectors::send_step& s) {
    const auto made = [&](const vectors::recipe& r) { return vectors::realize(r, names_.names, names_.captured); };
    if (!side.ws) return made(s.bytes);
    if (world_.client && s.ws.empty()) return carried(side, made(s.bytes));
    if (s.messages.empty() && s.ws.empty()) return made(s.bytes);
    octets all;
    for (const auto& m : s.messages)
      all.append(octets::from(ws_command(made(m.header).str(), made(m.body).str(), side.text_mode)));
    for (const auto& item : s.ws) {
      const auto opcode = item.kind == "text"           ? ws_opcode::text
                          : item.kind == "binary"       ? ws_opcode::binary
                          : item.kind == "continuation" ? ws_opcode::continuation
                          : item.kind == "ping"         ? ws_opcode::ping
                          : item.kind == "pong"         ? ws_opcode::pong
                                                        : ws_opcode::close;
      side.said_close = side.said_close || opcode == ws_opcode::close;
      all.append(octets::from(
          ws_frame(opcode, made(item.payload).str(), {item.last, item.masked && world_.server != nullptr})));
    }
    return all;
  }

  void secure(end_point& side, const std::string& name) {
    tls_opening how;
    how.as_client = world_.server != nullptr;
    shook_hands = true;
    const auto done = side.link->start_tls(how, patience_.for_answer());
    if (done.what != tls_outcome::kind::secured)
      deviate("tls", "other", "TLS to begin", done.text.empty() ? "no handshake in time" : done.text);
    record_.note(step_, name, "inside TLS: " + done.text);
  }

  void log_on(end_point& side, const std::string& name) {
    const std::string& client = names_.captured.at(name + ".client_name");
    const auto from = record_.entries();
    ask_and_await(side, name, "opening",
                  framed({{"c", "logon"},
                          {"cid", "opening"},
                          {"client_name", client},
                          {"mt", "json"},
                          {"a", "processed"},
                          {"version", "ampspec"}}),
                  [&](const plain_box& ack) {
                    for (const char* key : {"s", "bm"}) {
                      if (const auto* value = value_in(ack, key)) names_.captured[name + "." + key] = *value;
                    }
                  });
    record_.fold(from, step_, name, "logged on as " + client);
  }

  // Sends a command of ours, and waits for its processed ack, which must be a success.
  template <class F>
  void ask_and_await(end_point& side, const std::string& name, const std::string& cid, const std::string& command,
                     F take) {
    const std::string expected = "a processed ack of our " + cid + " with status success";
    const auto sent_octets = carried(side, command);
    record_.ours(step_, name, octets::from(sent_octets));
    side.link->send(sent_octets, patience_.limit());
    const auto seen = look(side, name, patience_.for_answer());
    if (seen != sight::box) {
      deviate(cid, seen == sight::closed ? "close" : "nothing", expected,
              seen == sight::closed ? close_in_words(side.was_reset) : "nothing in time", seen == sight::nothing);
    }
    const auto ack = head_box(side);
    remove_head(side, *ack);
    const auto is = [&](const char* key, const std::string& value) {
      const auto* got = value_in(ack->box, key);
      return got != nullptr && *got == value;
    };
    if (!is("c", "ack") || !is("cid", cid) || !is("a", "processed") || !is("status", "success"))
      deviate(cid, "other", expected, "a message: " + show_box(ack->box));
    take(ack->box);
  }

  // What others have left in the topics that the vector has for itself.
  void empty_topics() {
    if (!world_.server) return;
    const auto from = record_.entries();
    std::string all;
    for (const auto& topic : check_.vector->holds) {
      if (topic == "conf/log") continue;  // keeps a log, which nobody can empty
      all += (all.empty() ? "" : ", ") + topic;
      const std::string name = "emptying";
      auto& side = ends_[name];
      if (!side.link) {
        side.link = world_.server->connect(patience_.for_answer());
        record_.speaks_amps(name, on_websocket());
        if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
        if (on_websocket()) upgrade(side, name);
        names_.captured[name + ".client_name"] = new_client_name();
        log_on(side, name);
      }
      ask_and_await(
          side, name, "emptying",
          framed({{"c", "sow_delete"}, {"cid", "emptying"}, {"t", topic}, {"filter", "1=1"}, {"a", "processed"}}),
          [](const plain_box&) {});
    }
    const auto used = ends_.find("emptying");
    if (used == ends_.end()) return;
    record_.fold(from, step_, "main", "emptied what the vector holds: " + all);
    used->second.link->reset();
    ends_.erase(used);
  }

  void reset_all() {
    for (auto& [name, side] : ends_) {
      if (side.link) side.link->reset();
    }
    ends_.clear();
    if (world_.client) world_.client->reset(patience_.limit());
  }

  std::string where() const { return step_ == 0 ? "end" : std::to_string(step_); }

  [[noreturn]] void deviate(std::string expected_word, std::string got_word, std::string expected, std::string got,
                            bool by_deadline = false) {
    throw deviation{where(),    std::move(expected_word), std::move(got_word), std::move(expected), std::move(got),
                    by_deadline};
  }

  // With `hold_last` the part behind the last cut is not sent but given back.
  std::string send(end_point& side, const std::string& name, const octets& bytes, bool hold_last = false) {
    record_.ours(step_, name, bytes);
    constexpr std::size_t most_fields = 100'000;  // far more than there are cuts
    if (check_.vector->cut && fields.size() < most_fields) {
      for (auto f : bytes.fields()) {
        f.offset += sent;
        fields.push_back(std::move(f));
      }
      if (sent > 0) borders.push_back(sent);
    }
    std::string chunk;
    for (std::uint64_t at = 0; at < bytes.size();) {
      const auto next = std::min(bytes.size(), next_cut(sent + at) - sent);
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(next - at, send_chunk));
      chunk.resize(size);
      bytes.read(at, chunk);
      at += size;
      if (hold_last && at == bytes.size()) break;
      side.link->send(chunk, patience_.limit());
      if (at == next && at < bytes.size()) side.link->settle();
    }
    sent += bytes.size();
    return hold_last ? chunk : std::string();
  }

  // The first cut behind stream offset `at`.
  std::uint64_t next_cut(std::uint64_t at) const {
    if (cut_.every > 0) return at + cut_.every;
    const auto it = std::upper_bound(cut_.before.begin(), cut_.before.end(), at);
    return it == cut_.before.end() ? ~std::uint64_t{0} : *it;
  }

  // Waits for more octets or the end. False if nothing came by then.
  bool more(end_point& side, const std::string& name, clock::time_point until) {
    if (side.closed) return true;
    const auto left = std::chrono::duration_cast<millis>(until - clock::now());
    auto a = side.link->receive(std::max(left, millis(0)));
    if (a.what == arrival::kind::octets) {
      record_.theirs(step_, name, a.bytes);
      if (side.ws) {
        take_websocket(side, name, a.bytes);
      } else {
        side.in += a.bytes;
      }
      if (side.large) read_large(side, std::exchange(side.in, {}));
      return true;
    }
    if (a.what == arrival::kind::nothing) return false;
    side.closed = true;
    side.was_reset = a.was_reset;
    record_.note(step_, name, close_in_words(a.was_reset));
    return true;
  }

  // The box at the head of what came, and its size there; nothing if it is not whole yet. Malformed octets deviate.
  std::optional<parsed> head_box(const end_point& side) {
    if (side.whole) return side.whole;
    if (side.large) return std::nullopt;
    if (amps_) return head_message(side);
    amp::box_decoder decoder({.version = version_});
    decoder.feed(side.in);
    const auto view = decoder.next();
    if (!view) {
      if (const auto& f = decoder.error()) {
        deviate("box", "malformed", "well-formed boxes",
                "octets that are no box: " + f->code.message() + " at octet " + std::to_string(f->offset) +
                    " of what came (" + std::string(f->broken) + ")");
      }
      if (side.in.size() > largest_box && !will_stream()) {
        deviate("box", "endless", "a box",
                "a box without end: " + std::to_string(side.in.size()) + " octets of it came");
      }
      return std::nullopt;
    }
    parsed p;
    for (const auto& pair : *view) p.box.emplace_back(pair.key, pair.value);
    p.size = side.in.size() - decoder.unread().size();
    return p;
  }

  std::optional<parsed> head_message(const end_point& side) {
    auto at_head = first_message(side.in);
    if (!at_head.wrong.empty()) deviate(word_, "malformed", "well-formed messages", at_head.wrong);
    if (!at_head.message) {
      if (side.in.size() > largest_box && !will_stream())
        deviate(word_, "endless", "a message",
                "a message without end: " + std::to_string(side.in.size()) + " octets of it came");
      return std::nullopt;
    }
    auto& m = *at_head.message;
    return parsed{std::move(m.box), m.size, {}, std::move(m.written)};
  }

  // The box at hand with what a matcher asks for besides.
  static plain_box as_asked(const vectors::box_matcher& want, const parsed& got) {
    auto box = got.box;
    for (const auto& [key, value] : want.pairs) {
      const auto* text = key.size() == 1 ? std::get_if<vectors::text_atom>(&key.front().what) : nullptr;
      if (text != nullptr && text->text.text == "written") box.emplace_back("written", got.written);
    }
    return box;
  }

  // Takes the box at the head away.
  static void remove_head(end_point& side, const parsed& p) {
    side.in.erase(0, p.size);
    side.whole.reset();
  }

  // Whether a box that is large would be read as it comes.
  bool will_stream() const { return (amps_ || version_ == amp::version::v2) && !hope_.empty(); }

  // From here on the box at the head is not held any more, if it is one that was expected to be large.
  void stop_holding(end_point& side) {
    if (!will_stream() || side.large || side.whole || side.in.size() <= largest_held) return;
    if (amps_) {
      side.large = std::make_unique<large_message>(hope_, names_);
    } else {
      side.large = std::make_unique<large_box>(hope_, names_);
    }
    read_large(side, std::exchange(side.in, {}));
  }

  void read_large(end_point& side, const std::string& octets) {
    const bool whole = side.large->take(octets);
    if (const auto wrong = side.large->wrong(); !wrong.empty())
      deviate(word_, "malformed", amps_ ? "well-formed messages" : "well-formed boxes", wrong);
    if (side.large->endless()) {
      deviate(word_, "endless", "a " + noun_,
              "a " + noun_ + " without end: " + std::to_string(side.large->octets()) + " octets of it came");
    }
    if (!whole) return;
    side.whole = parsed{std::move(side.large->box), 0, std::move(side.large->large), std::move(side.large->written)};
    side.in = std::move(side.large->rest);
    side.large.reset();
  }

  static const std::string* find(const plain_box& box, std::string_view key) {
    for (const auto& [k, v] : box) {
      if (k == key) return &v;
    }
    return nullptr;
  }

  // Drops the answers of our own fences from the head of what came.
  void drop_fence_answers(end_point& side) {
    while (!side.fences.empty()) {
      const auto p = head_box(side);
      if (!p) return;
      const auto* tag = answered_fence(p->box);
      if (!tag || side.fences.erase(*tag) == 0) return;
      remove_head(side, *p);
    }
  }

  // The tag that an answer, or an ack, bears; a fence's or another's.
  const std::string* answered_fence(const plain_box& box) const {
    if (amps_) {
      const auto* command = find(box, "c");
      return command && *command == "ack" ? find(box, "cid") : nullptr;
    }
    const auto* tag = find(box, "_answer");
    return tag ? tag : find(box, "_error");
  }

  enum class sight { box, closed, nothing };
  // What is there next: a box (left in place), the end, or nothing in time.
  sight look(end_point& side, const std::string& name, millis wait, bool is_answer = true) {
    const auto began = clock::now();
    auto until = began + wait;
    for (;;) {
      drop_fence_answers(side);
      if (head_box(side)) {
        if (!side.whole && is_answer)
          patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
        return sight::box;
      }
      if (side.closed) return sight::closed;
      stop_holding(side);
      if (side.large) until = clock::now() + wait;  // it goes on coming
      if (!side.whole && !more(side, name, until)) return sight::nothing;
    }
  }

  // How long a step waits: as it says, or as long as an answer may take.
  millis wait_of(const std::optional<vectors::expression>& within) const {
    return within ? millis(vectors::evaluate(*within, names_.names)) : patience_.for_answer();
  }

  // `hope`: what it is expected to be one of.
  parsed next_box(end_point& side, const std::string& name, const std::string& expected,
                  std::span<const vectors::box_matcher> hope, const std::optional<vectors::expression>& within = {}) {
    hope_ = hope;
    // What a step waits for by the clock is no answer whose time tells anything.
    switch (look(side, name, wait_of(within), !within)) {
      case sight::box:
        break;
      case sight::closed:
        deviate(word_, "close", expected, close_in_words(side.was_reset) + cut_box(side));
      case sight::nothing:
        deviate(word_, "nothing", expected, "nothing in time" + cut_box(side), true);
    }
    hope_ = {};
    auto p = head_box(side);
    remove_head(side, *p);
    hide_token(p->box);
    return std::move(*p);
  }

  // Tokens of bulk transfers are shown to nobody.
  void hide_token(const plain_box& box) {
    if (check_.vector->protocol != "bulk") return;
    if (const auto* token = find(box, "token")) record_.hide(*token);
  }

  std::string cut_box(const end_point& side) const {
    return side.in.empty() ? "" : ", behind " + std::to_string(side.in.size()) + " octets of an unfinished " + noun_;
  }

  void await_close(end_point& side, const std::string& name, const std::optional<vectors::expression>& within = {}) {
    const auto until = clock::now() + wait_of(within);
    for (;;) {
      drop_fence_answers(side);  // an answer of our own that was late is no word of its
      if (side.closed || !side.in.empty()) break;
      if (!more(side, name, until)) {
        deviate("close", "open", "the connection to be closed", "it stayed open, and nothing came", true);
      }
    }
    if (!side.in.empty()) deviate("close", "octets", "the connection to be closed without a word", came(side));
  }

  // Nothing may come; no fence can be had.
  void await_quiet(end_point& side, const std::string& name, const std::string& expected, bool close_allowed = true,
                   const std::optional<vectors::expression>& lasts = {}) {
    const auto until = clock::now() + (lasts ? wait_of(lasts) : patience_.for_quiet());
    if (lasts) drop_fence_answers(side);
    while (side.in.empty() && !side.closed && more(side, name, until)) {
    }
    if (!side.in.empty()) deviate("silence", "octets", expected, came(side));
    if (side.closed && !close_allowed)
      deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
  }

  std::string came(const end_point& side) {
    if (side.switched) return std::to_string(side.in.size()) + " octets: " + show_octets(side.in);
    if (const auto p = head_box(side)) return "a " + noun_ + ": " + show_box(p->box);
    return std::to_string(side.in.size()) + " octets: " + show_octets(side.in);
  }

  // --- fences --------------------------------------------------------------------------------------------------------

  // Shows that nothing comes: a request of ours (server role) or a call (client role), before whose end nothing may
  // come.
  void fence(end_point& side, const std::string& name, bool close_allowed) {
    if (side.closed && side.in.empty()) {
      if (close_allowed) return;
      deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
    }
    if (side.ours_ended) {  // nothing can be asked any more
      await_quiet(side, name, "nothing more");
      if (side.closed && !close_allowed)
        deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
      return;
    }
    if (side.switched) {
      fence_by_echo(side, name);
    } else if (amps_ && world_.client) {
      fence_by_flush(side, name, close_allowed);
    } else if (world_.client) {
      fence_by_call(side, name, close_allowed);
    } else {
      fence_by_request(side, name, close_allowed);
    }
  }

  std::string fence_request(const std::string& tag) const {
    // Also before a logon: then it fails, and says so (AMPS-LOGON-011).
    if (amps_) return framed({{"c", "flush"}, {"cid", tag}, {"a", "processed"}});
    const auto supports = settings_.supports.find(check_.role);
    const bool service = supports != settings_.supports.end() && supported(supports->second, "service.core");
    // An unknown command must be answered too; with the service the fence does not depend on that.
    return encoded({{"_ask", tag}, {"_command", service ? "Echo" : "ampspec-fence"}, {"data", "fence"}});
  }

  void fence_by_request(end_point& side, const std::string& name, bool close_allowed) {
    const std::string tag = "fence-" + std::to_string(++fences_);
    side.fences.insert(tag);
    side.link->send(carried(side, fence_request(tag)), patience_.limit());
    const auto began = clock::now();
    const auto until = began + patience_.for_answer();
    while (true) {
      if (const auto p = head_box(side)) {
        const auto* answered = answered_fence(p->box);
        if (!answered || side.fences.erase(*answered) == 0) deviate("silence", word_, "nothing more", came(side));
        remove_head(side, *p);
        patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
        if (*answered == tag) return;
        continue;
      }
      if (side.closed) {
        if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
        if (close_allowed) return;
        deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
      }
      if (!more(side, name, until)) {
        if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
        deviate("fence", "nothing", "an answer to a further request, as proof that nothing else comes",
                "no answer in time", true);
      }
    }
  }

  // Until what the client was made to send is there; false if it closed instead, where it may.
  bool await_call(end_point& side, const std::string& name, const std::string& what, bool close_allowed) {
    const auto until = clock::now() + patience_.for_answer();
    while (!head_box(side)) {
      if (side.closed) {
        if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
        if (close_allowed) return false;
        deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
      }
      if (!more(side, name, until))
        deviate("fence", "nothing", what + " to be sent, as proof that nothing else comes", "nothing in time", true);
    }
    return true;
  }

  void fence_by_call(end_point& side, const std::string& name, bool close_allowed) {
    const std::string mark = std::to_string(314159 + ++fences_);
    const auto id = world_.client->call("Sum", {{"a", mark}, {"b", "1"}}, true, patience_.limit());
    calls_["fence " + mark] = id;
    if (!await_call(side, name, "a further call", close_allowed)) return;
    const auto p = head_box(side);
    const auto* command = find(p->box, "_command");
    const auto* a = find(p->box, "a");
    const auto* tag = find(p->box, "_ask");
    if (!command || *command != "Sum" || !a || *a != mark || !tag)
      deviate("silence", "box", "nothing more", came(side));
    remove_head(side, *p);
    side.link->send(encoded({{"_answer", *tag}, {"total", "1"}}), patience_.limit());
    await_end("fence " + mark, "the further call to end, as proof that everything before it was read", close_allowed);
  }

  // A client of AMPS is made to flush, once it has logged on: before that, and before it is acked, nothing may come.
  void fence_by_flush(end_point& side, const std::string& name, bool close_allowed) {
    if (!logon_made_) take_logon(side, name, 0);
    const std::string call = "fence " + std::to_string(++fences_);
    calls_[call] = world_.client->call("flush", {}, true, patience_.limit());
    if (!await_call(side, name, "a flush", close_allowed)) return;
    const auto p = head_box(side);
    const auto* command = find(p->box, "c");
    const auto* id = find(p->box, "cid");
    const auto* asked = find(p->box, "a");
    if (!command || *command != "flush" || !id || !asked) deviate("silence", "box", "nothing more", came(side));
    remove_head(side, *p);
    std::string acks;
    for (const char* type : {"received", "processed", "completed", "persisted"}) {
      if ((',' + *asked + ',').find(',' + std::string(type) + ',') == std::string::npos) continue;
      acks += framed({{"c", "ack"}, {"cid", *id}, {"a", type}, {"status", "success"}});
    }
    side.link->send(carried(side, acks), patience_.limit());
    await_end(call, "the flush to end, as proof that everything before it was read", close_allowed);
  }

  // Behind a switch whatever we send comes back, and nothing else may come.
  void fence_by_echo(end_point& side, const std::string& name) {
    const std::string mark = "fence-" + std::to_string(++fences_) + ".";
    side.link->send(mark, patience_.limit());
    const auto until = clock::now() + patience_.for_answer();
    while (side.in.size() < mark.size() && mark.starts_with(side.in)) {
      if (side.closed) deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
      if (!more(side, name, until))
        deviate("fence", "nothing", "further octets to come back, as proof that nothing else comes", "nothing in time",
                true);
    }
    if (side.in != mark) deviate("silence", "octets", "nothing more", came(side));
    side.in.clear();
  }

  // --- TLS -----------------------------------------------------------------------------------------------------------

  void start_tls(end_point& side, const std::string& name, const vectors::start_tls_step& s) {
    using kind = tls_outcome::kind;
    tls_opening how;
    how.as_client = world_.server != nullptr;  // AMP1-CONV-059
    how.spoil = s.by;
    if (!s.after.empty()) {
      how.in_front = send(side, name, vectors::realize(s.after, names_.names, names_.captured), true);
    } else {
      side.link->settle();  // in one read with what was sent only where the vector says so
    }
    how.came = std::exchange(side.in, {});
    record_.note(step_, name, s.fails ? "TLS, which must not begin" : "TLS begins");
    shook_hands = true;
    const auto done = side.link->start_tls(how, patience_.for_answer());
    if (done.what == kind::clear) {
      record_.theirs(step_, name, done.octets, "in clear");
      side.in = done.octets;
      deviate(s.fails ? "close" : "tls", "octets", s.fails ? "TLS to fail" : "TLS to begin",
              "octets in clear: " + came(side));
    }
    if (done.what == kind::ended) {
      record_.note(step_, name, done.text);
      side.closed = true;
      if (!s.fails) deviate("tls", "close", "TLS to begin", done.text);
    } else if (done.what == kind::secured) {
      record_.note(step_, name, "inside TLS from here on: " + done.text);
      if (s.fails) deviate("close", "tls", "the handshake to fail or the connection to be closed", "TLS began");
    } else if (s.fails) {
      deviate("close", "open", "the handshake to fail or the connection to be closed", "neither in time", true);
    } else {
      deviate("tls", "nothing", "TLS to begin", "no handshake in time", true);
    }
  }

  // --- calls of a client ---------------------------------------------------------------------------------------------

  // Takes one event into `ended_`; false if none came by then.
  bool take_event(clock::time_point until) {
    const auto left = std::max(std::chrono::duration_cast<millis>(until - clock::now()), millis(0));
    const auto e = world_.client->next_event(left);
    if (!e) return false;
    if (inbox_.take(*e)) {
      record_.note(step_, "main",
                   e->what == client_event::kind::message ? "it delivered " + show_box(e->box)
                                                          : "it tells that a stored message was refused");
      return true;
    }
    if (e->what != client_event::kind::ended) return true;
    record_.note(step_, "main", "a call ended: " + in_words(*e));
    if (!ended_.emplace(e->call, *e).second)
      deviate("once", "twice", "a call to end once", "it ended again: " + in_words(*e));
    return true;
  }

  static std::string in_words(const client_event& e) {
    std::string text = e.how;
    if (!e.error_kind.empty()) text += " (" + e.error_kind + ")";
    if (e.how == "answer") text += " " + show_box(e.box);
    if (e.code) text += ", code " + show_octets(*e.code);
    if (e.description) text += ", description " + show_octets(*e.description);
    if (!e.text.empty()) text += ": " + e.text;
    return text;
  }

  const client_event* await_end(const std::string& call, const std::string& expected, bool may_be_lost = false) {
    const auto it = calls_.find(call);
    if (it == calls_.end()) throw mishap(mishap::kind::harness, "call", "no call named " + call + " was made");
    const auto until = clock::now() + patience_.for_answer();
    while (!ended_.contains(it->second)) {
      if (!take_event(until)) deviate("ended", "pending", expected, "it has not ended", true);
    }
    const auto& e = ended_.at(it->second);
    if (!may_be_lost && call.starts_with("fence ") && e.how != "answer") {
      deviate("silence", "close", "the connection to stay usable", "a further call ended as " + in_words(e));
    }
    return &e;
  }

  void ended(const vectors::expect_ended_step& s) {
    std::string allowed;
    for (const auto& h : s.how) allowed += (allowed.empty() ? "" : " or ") + h;
    const auto* e = await_end(s.call, "call " + s.call + " to end: " + allowed);
    if (std::find(s.how.begin(), s.how.end(), e->how) == s.how.end()) {
      deviate(s.how.front(), e->how, "call " + s.call + " to end: " + allowed, in_words(*e));
    }
    if (s.box && e->how == "answer") {
      if (const auto d = differs(*s.box, e->box, names_))
        deviate("answer", "other", describe(*s.box, names_), d->text + "; got " + show_box(e->box));
    }
    if (e->how != "error") return;
    if (!s.kind.empty() && std::find(s.kind.begin(), s.kind.end(), e->error_kind) == s.kind.end()) {
      deviate("kind-" + s.kind.front(), e->error_kind.empty() ? "none" : e->error_kind,
              "an error of kind " + s.kind.front(), in_words(*e));
    }
    const auto value = [&](const std::optional<vectors::value_matcher>& want, const std::optional<std::string>& got,
                           const std::string& what) {
      if (!want) return;
      if (!matches(*want, got ? std::optional<std::string_view>(*got) : std::nullopt, names_)) {
        deviate(what, got ? "other" : "none", "the error's " + what + ": " + describe(*want, names_), in_words(*e));
      }
    };
    value(s.code, e->code, "code");
    value(s.description, e->description, "description");
  }

  // --- steps ---------------------------------------------------------------------------------------------------------

  void run(int number, const vectors::step& s) {
    step_ = number;
    auto& side = open(s.connection);
    const auto& name = s.connection;
    std::visit(
        overloaded{
            [&](const vectors::send_step& x) {
              if (!send_large(side, name, x)) send(side, name, sent_by(side, x));
            },
            [&](const vectors::expect_boxes_step& x) { expect(side, name, x); },
            [&](const vectors::expect_bytes_step& x) { expect(side, name, x); },
            [&](const vectors::expect_group_step& x) { expect(side, name, x); },
            [&](const vectors::expect_pong_step& x) { expect(side, name, x); },
            [&](const vectors::expect_close_step& x) {
              await_close(side, name, x.within);
              if (!x.code || !side.ws) return;
              const auto code = std::to_string(side.ws->closed ? side.ws->closed->code : 1006);
              if (!matches(*x.code, code, names_))
                deviate("close", "other", "close code " + describe(*x.code, names_), "close code " + code);
            },
            [&](const vectors::expect_silence_step& x) {
              if (x.by_waiting || x.lasts) return await_quiet(side, name, "nothing", x.close_allowed, x.lasts);
              fence(side, name, x.close_allowed);
            },
            [&](const vectors::start_tls_step& x) { start_tls(side, name, x); },
            [&](const vectors::switched_step&) {
              side.switched = true;
              record_.note(step_, name, "another protocol from here on");
            },
            [&](const vectors::half_close_step&) {
              side.link->half_close();
              side.ours_ended = true;
              record_.note(step_, name, "we closed our direction");
            },
            [&](const vectors::close_step&) {
              side.link->close();
              side.ours_ended = true;
              record_.note(step_, name, "we closed the connection");
            },
            [&](const vectors::reset_step&) {
              side.link->reset();
              side.ours_ended = true;
              record_.note(step_, name, "we reset the connection");
            },
            [&](const vectors::call_step& x) {
              auto box = plain(x.box.pairs, names_);
              if (!x.of.empty()) box.emplace_back("of", std::to_string(calls_.at(x.of)));
              if (x.starts == vectors::call_step::change::tls) {
                record_.note(step_, name, "told it to call StartTLS");
                calls_[x.name] = world_.client->start_tls(patience_.limit());
                return;
              }
              if (!x.command) {
                record_.note(step_, name, "told it to send the box " + show_box(box));
                calls_[x.name] = world_.client->send_box(box, patience_.limit());
                return;
              }
              const auto command = vectors::realize(*x.command, names_.names, names_.captured).str();
              if (x.starts == vectors::call_step::change::other) {
                record_.note(step_, name, "told it to switch by " + show_octets(command) + " " + show_box(box));
                calls_[x.name] = world_.client->call_switch(command, box, patience_.limit());
                return;
              }
              record_.note(
                  step_, name,
                  "told it to call " + show_octets(command) + " " + show_box(box) + (x.ask ? "" : ", without _ask"));
              logon_made_ = logon_made_ || command == "logon";
              calls_[x.name] = world_.client->call(command, box, x.ask, patience_.limit());
            },
            [&](const vectors::expect_ended_step& x) { ended(x); },
            [&](const vectors::expect_pending_step& x) {
              fence(side, name, false);
              if (const auto it = ended_.find(calls_.at(x.call)); it != ended_.end()) {
                deviate("pending", it->second.how, "call " + x.call + " not to have ended", in_words(it->second));
              }
            },
            [&](const vectors::choice_step& x) { choose(number, side, name, x); },
            [&](const vectors::repeat_step& x) { repeat(number, x); },
            [&](const vectors::write_stream_step& x) { write_stream(name, x); },
            [&](const vectors::take_writes_step& x) { take_writes(side, name, x); },
            [&](const vectors::amps_step& x) {
              std::visit([&](const auto& each) { run_amps(side, name, each); }, x.what);
            },
            [&](const vectors::bulk_step& x) {
              const auto call = http_.run(number, x);
              if (const auto* transfer = std::get_if<vectors::transfer_step>(&x.what)) calls_[transfer->name] = call;
            },
        },
        s.what);
  }

  void repeat(int number, const vectors::repeat_step& s) {
    const auto times = vectors::evaluate(s.times, names_.names);
    for (std::uint64_t i = 0; i < times; ++i) {
      if (++rounds_ > vectors::most_rounds)
        throw mishap(mishap::kind::harness, "rounds", "more than " + std::to_string(vectors::most_rounds) + " rounds");
      if (!s.as.empty()) names_.names[s.as] = std::to_string(i);
      for (const auto& each : s.body) run(number, each);
    }
    if (!s.as.empty()) names_.names.erase(s.as);
  }

  // --- AMPS clients --------------------------------------------------------------------------------------------------

  client_setup setup_of(const vectors::steps& list) const {
    client_setup setup;
    setup.secure = check_.transport == "tls" || check_.transport == "wss";
    setup.websocket = on_websocket();
    setup.path = path_of_upgrade();
    setup.name = "ampspec";
    const auto* first = list.empty() ? nullptr : std::get_if<vectors::amps_step>(&list.front().what);
    const auto* told = first ? std::get_if<vectors::attach_step>(&first->what) : nullptr;
    if (!told) return setup;
    if (!told->client_name.empty()) setup.name = told->client_name;
    setup.user = told->user;
    setup.password = told->password;
    setup.store = told->store;
    setup.reconnects = told->reconnect;
    return setup;
  }

  // The logon of a client, which it makes by itself on a further connection.
  void take_logon(end_point& side, const std::string& name, std::uint64_t persisted) {
    const bool told = !std::exchange(logon_made_, true);
    if (told) {
      record_.note(step_, name, "told it to log on");
      calls_["logon"] = world_.client->call("logon", {}, true, patience_.limit());
    }
    const auto got = next_box(side, name, "a logon", {}).box;
    const auto* command = find(got, "c");
    const auto* id = find(got, "cid");
    if (!command || *command != "logon" || !id) deviate("logon", "other", "a logon with cid", show_box(got));
    const auto n = std::to_string(persisted);
    const auto* client = find(got, "client_name");
    const auto ack = framed({{"c", "ack"},
                             {"cid", *id},
                             {"client_name", client ? *client : std::string()},
                             {"s", n},
                             {"bm", "1|" + n + "|"},
                             {"a", "processed"},
                             {"status", "success"},
                             {"version", "5.3.5.0"}});
    send(side, name, octets::from(carried(side, ack)));
    if (!told) return;
    const auto* e = await_end("logon", "the logon to end: answer");
    if (e->how != "answer") deviate("answer", e->how, "the logon to end: answer", in_words(*e));
  }

  void run_amps(end_point&, const std::string&, const vectors::attach_step&) {}  // done before it connected
  void run_amps(end_point& side, const std::string& name, const vectors::log_on_step& s) {
    take_logon(side, name, vectors::evaluate(s.persisted, names_.names));
  }
  void run_amps(end_point& side, const std::string& name, const vectors::acks_step& s) {
    const auto acks = vectors::realize(acks_of(s, names_), names_.names, names_.captured);
    if (acks.size() != 0) return static_cast<void>(send(side, name, carried(side, acks)));
    record_.note(step_, name, "no ack was asked for");
  }
  void run_amps(end_point&, const std::string&, const vectors::expect_message_step& s) {
    const auto until = clock::now() + patience_.for_answer();
    inbox_.expect(s, calls_.at(s.call), where(), [&] { return take_event(until); });
  }
  void run_amps(end_point&, const std::string&, const vectors::expect_unwritten_step& s) {
    const auto until = clock::now() + patience_.for_answer();
    inbox_.expect(s, where(), [&] { return take_event(until); });
  }
  void run_amps(end_point& side, const std::string& name, const vectors::reattach_step&) {
    if (!side.ours_ended && !side.closed)
      throw mishap(mishap::kind::harness, "reattach", "the connection has not ended");
    side = end_point{};
    side.link = world_.client->reattach(patience_.for_answer());
    record_.note(step_, name, "the implementation connected again");
    if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
    if (on_websocket()) accept_upgrade(side, name);
  }

  // --- streams -------------------------------------------------------------------------------------------------------

  void write_stream(const std::string& name, const vectors::write_stream_step& s) {
    stream_order order;
    order.pattern = vectors::realize(s.pattern, names_.names, names_.captured).str();
    order.size = s.size ? vectors::evaluate(*s.size, names_.names) : order.pattern.size();
    if (s.window) order.window = vectors::evaluate(*s.window, names_.names);
    order.end = s.end;
    record_.note(step_, name, "told it to write a stream of " + std::to_string(order.size) + " octets");
    calls_[s.name] = world_.client->write_stream(order, patience_.limit());
  }

  // Takes writes of one stream until so many octets of `data` have come, in whatever chunks, and answers each.
  void take_writes(end_point& side, const std::string& name, const vectors::take_writes_step& s) {
    const auto want = vectors::realize(s.data, names_.names, names_.captured);
    const auto until = s.until ? vectors::evaluate(*s.until, names_.names) : want.size();
    const std::string id = describe(s.id, names_);
    auto& at = taken_[name + " " + id];
    const auto expected = [&] {
      return "a StreamWrite to stream " + id + " with its octets from " + std::to_string(at) + " on";
    };
    constexpr int most_empty = 1000;
    for (int empty = 0; at < until;) {
      const auto got = next_box(side, name, expected(), {}).box;
      const auto* command = find(got, "_command");
      const auto* tag = find(got, "_ask");
      const auto* data = find(got, "data");
      const auto* to = find(got, "streamId");
      if (!command || *command != "StreamWrite" || !tag || !data || !to || got.size() != 4)
        deviate("write", "other", expected(), show_box(got));
      if (!matches(s.id, *to, names_)) deviate("write", "id", expected(), "a write to stream " + show_octets(*to));
      std::string part(std::min<std::uint64_t>(data->size(), want.size() - at), '\0');
      want.read(at, part);
      if (*data != part) {
        const auto differs_at = std::mismatch(part.begin(), part.end(), data->begin()).first - part.begin();
        deviate(
            "write", "octets", expected(),
            "octet " + std::to_string(at + static_cast<std::uint64_t>(differs_at)) +
                (static_cast<std::size_t>(differs_at) == part.size() ? " of it is one too many" : " of it is another"));
      }
      if (data->empty() && ++empty > most_empty)
        deviate("write", "endless", expected(), "writes of no octets without end");
      at += data->size();
      if (at >= until && !s.hold.empty()) {
        names_.captured[s.hold] = *tag;
        return;
      }
      const auto answer = encoded({{"_answer", *tag}});
      record_.ours(step_, name, octets::from(answer));
      side.link->send(answer, patience_.limit());
    }
  }

  void expect(end_point& side, const std::string& name, const vectors::expect_boxes_step& s) {
    if (!s.any_order) {
      for (const auto& want : s.boxes) {
        const std::string expected = "a " + noun_ + " " + describe(want, names_);
        const auto got = next_box(side, name, expected, {&want, 1}, s.within);
        if (const auto d = differs(want, as_asked(want, got), names_, got.large))
          deviate(word_, "other", expected, d->text + "; got " + show_box(got.box));
      }
      return;
    }
    std::vector<plain_box> got;
    std::vector<large_values> large;
    for (std::size_t i = 0; i < s.boxes.size(); ++i) {
      const std::string expected = noun_ + " " + std::to_string(i + 1) + " of " + std::to_string(s.boxes.size());
      auto next = next_box(side, name, expected, s.boxes, s.within);
      got.push_back(std::move(next.box));
      large.push_back(std::move(next.large));
    }
    if (const auto d = differs_in_any_order(s.boxes, got, names_, large)) {
      std::string all;
      for (std::size_t i = 0; i < got.size() && i < 5; ++i) all += (i == 0 ? "" : ", ") + show_box(got[i]);
      deviate(amps_ ? "messages" : "boxes", "other",
              std::to_string(s.boxes.size()) + (amps_ ? " messages" : " boxes") + " in any order",
              d->text + "; got " + all);
    }
  }

  void expect(end_point& side, const std::string& name, const vectors::expect_pong_step& s) {
    const std::string expected = "a pong " + describe(s.payload, names_);
    const auto until = clock::now() + patience_.for_answer();
    while (side.ws->pongs.empty()) {
      if (side.closed) deviate("pong", "close", expected, close_in_words(side.was_reset));
      if (!more(side, name, until)) deviate("pong", "nothing", expected, "nothing in time", true);
    }
    const auto got = std::exchange(side.ws->pongs.front(), {});
    side.ws->pongs.pop_front();
    if (!matches(s.payload, got, names_)) deviate("pong", "other", expected, "a pong " + show_octets(got));
  }

  // The result of a query, from group_begin to group_end (AMPS-SOW-001), however it is divided into batches.
  void expect(end_point& side, const std::string& name, const vectors::expect_group_step& s) {
    const std::string id = describe(s.query_id, names_);
    const auto of_group = [&](const parsed& m) {
      const auto* query = find(m.box, "query_id");
      return matches(s.query_id, query ? std::optional<std::string_view>(*query) : std::nullopt, names_);
    };
    const auto is = [&](const parsed& m, std::string_view command) {
      const auto* c = find(m.box, "c");
      return c && *c == command;
    };
    const auto next = [&](const std::string& expected) { return next_box(side, name, expected, {}); };
    const std::string beginning = "group_begin of query " + id;
    const auto begin = next(beginning);
    if (!is(begin, "group_begin") || !of_group(begin) || begin.box.size() != 3 || !find(begin.box, "body")->empty())
      deviate("group", "other", beginning + ", without further keys or a body", "a message: " + show_box(begin.box));
    const auto most = s.batch ? vectors::evaluate(*s.batch, names_.names) : ~std::uint64_t{0};
    std::vector<plain_box> records;
    const std::string ending = "a batch or the group_end of query " + id;
    for (;;) {
      const auto m = next(ending);
      if (!of_group(m)) deviate("group", "other", ending, "a message: " + show_box(m.box));
      if (is(m, "group_end")) {
        if (m.box.size() != 3 || !find(m.box, "body")->empty())
          deviate("group", "other", "group_end without further keys or a body", "a message: " + show_box(m.box));
        break;
      }
      if (!is(m, "sow")) deviate("group", "other", ending, "a message: " + show_box(m.box));
      auto batch = records_of({m.box, {}, 0});
      if (!batch.wrong.empty()) deviate("batch", "malformed", "records up to the end of their frame", batch.wrong);
      const auto* told = find(m.box, "bs");
      const auto count = batch.records.size();
      if (count == 0 || count > most)
        deviate("batch", "size", "batches of 1 to " + std::to_string(most) + " records",
                "one of " + std::to_string(count));
      if (!told || *told != std::to_string(count))
        deviate("batch", "size", "`bs` to be the number of records, " + std::to_string(count),
                told ? "`bs` " + *told : "no `bs`");
      for (auto& r : batch.records) records.push_back(std::move(r));
      if (records.size() > s.records.size() + 1000)
        deviate("group", "endless", std::to_string(s.records.size()) + " records",
                "more than " + std::to_string(records.size()));
    }
    const std::string expected = std::to_string(s.records.size()) + " records" + (s.any_order ? " in any order" : "");
    const auto all = [&] {
      std::string text = std::to_string(records.size()) + " records";
      for (std::size_t i = 0; i < records.size() && i < 5; ++i) text += (i == 0 ? ": " : ", ") + show_box(records[i]);
      return text;
    };
    if (records.size() != s.records.size()) deviate("records", "count", expected, all());
    if (s.any_order) {
      if (const auto d = differs_in_any_order(s.records, records, names_))
        deviate("records", "other", expected, d->text + "; got " + all());
      return;
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (const auto d = differs(s.records[i], records[i], names_))
        deviate("records", "other", "record " + std::to_string(i + 1) + " " + describe(s.records[i], names_),
                d->text + "; got " + show_box(records[i]));
    }
  }

  void expect(end_point& side, const std::string& name, const vectors::expect_bytes_step& s) {
    const auto want = vectors::realize(s.bytes, names_.names, names_.captured);
    const auto began = clock::now();
    const auto until = began + patience_.for_answer();
    const std::string expected = std::to_string(want.size()) + " octets";
    while (side.in.size() < want.size()) {
      if (side.closed)
        deviate("bytes", "close", expected,
                close_in_words(side.was_reset) + " after " + std::to_string(side.in.size()) + " octets");
      if (!more(side, name, until))
        deviate("bytes", "nothing", expected, "only " + std::to_string(side.in.size()) + " octets in time", true);
    }
    patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
    const std::string got = side.in.substr(0, static_cast<std::size_t>(want.size()));
    std::uint64_t at = 0;
    if (!vectors::equal_octets(want, got, &at)) {
      record_.ours(step_, name, want, "expected octets (not sent)");
      record_.point_at(at, 1, "differs from here");
      deviate("bytes", "other", expected + " as shown", "the first that differs is octet " + std::to_string(at));
    }
    side.in.erase(0, got.size());
  }

  static bool begins_with_silence(const vectors::steps& branch) {
    return std::holds_alternative<vectors::expect_silence_step>(branch.front().what);
  }

  bool silence_seen(const vectors::choice_step& s) const {
    const std::string seen = judge_.branch_seen(s.choice);
    return std::any_of(s.branches.begin(), s.branches.end(),
                       [&](const auto& b) { return b.first == seen && begins_with_silence(b.second); });
  }

  // How long the most patient branch waits for its first message or close.
  millis longest_wait(const vectors::choice_step& s) const {
    millis longest = patience_.for_answer();
    for (const auto& [branch, steps] : s.branches) {
      const auto& first = steps.front().what;
      if (const auto* boxes = std::get_if<vectors::expect_boxes_step>(&first))
        longest = std::max(longest, wait_of(boxes->within));
      if (const auto* close = std::get_if<vectors::expect_close_step>(&first))
        longest = std::max(longest, wait_of(close->within));
    }
    return longest;
  }

  // What is seen selects the branch; then its steps are played.
  void choose(int number, end_point& side, const std::string& name, const vectors::choice_step& s) {
    sight seen = sight::nothing;
    const bool silence_legal =
        std::any_of(s.branches.begin(), s.branches.end(), [](const auto& b) { return begins_with_silence(b.second); });
    // A fence of a client is a call of its own, before which nothing may come: what comes is looked for first. Where
    // an earlier play saw silence the fences do: whatever else is seen now deviates.
    if (silence_legal && world_.client && !silence_seen(s)) seen = look(side, name, patience_.for_quiet());
    if (silence_legal && seen == sight::nothing) {
      try {
        // One answer is no proof: a fence that came in the same read as what closes may still be answered before the
        // close.
        fence(side, name, true);
        if (!side.closed) fence(side, name, true);
        seen = side.closed ? sight::closed : sight::nothing;
      } catch (const deviation& d) {
        if (d.got_word != word_) throw;
        seen = sight::box;
        if (world_.client) throw;  // the fence's own call is still to come
      }
    } else if (!silence_legal) {
      seen = look(side, name, longest_wait(s));
    }
    std::string expected;
    for (const auto& [branch, steps] : s.branches) {
      expected += (expected.empty() ? "" : ", or ") + branch;
      if (!begins_as(steps.front(), seen, side)) continue;
      judge_.chose(where(), s.choice, branch);
      record_.note(step_, name, "choice " + s.choice + ": " + branch);
      for (const auto& each : steps) run(number, each);
      return;
    }
    const std::string got = seen == sight::box      ? came(side)
                            : seen == sight::closed ? close_in_words(side.was_reset)
                                                    : "nothing in time";
    deviate("choice",
            seen == sight::box      ? word_
            : seen == sight::closed ? "close"
                                    : "nothing",
            expected, got, seen == sight::nothing);
  }

  bool begins_as(const vectors::step& first, sight seen, end_point& side) {
    return std::visit(overloaded{
                          [&](const vectors::expect_boxes_step& x) {
                            if (seen != sight::box) return false;
                            const auto p = head_box(side);
                            const auto fits = [&](const auto& m) {
                              bindings trial = names_;
                              return !differs(m, as_asked(m, *p), trial);
                            };
                            return x.any_order ? std::any_of(x.boxes.begin(), x.boxes.end(), fits)
                                               : fits(x.boxes.front());
                          },
                          [&](const vectors::expect_bytes_step&) { return seen == sight::box; },
                          [&](const vectors::expect_group_step&) {
                            if (seen != sight::box) return false;
                            const auto* c = find(head_box(side)->box, "c");
                            return c && *c == "group_begin";
                          },
                          [&](const vectors::expect_close_step&) { return seen == sight::closed; },
                          [&](const vectors::expect_silence_step& x) {
                            return seen == sight::nothing || (x.close_allowed && seen == sight::closed);
                          },
                          [&](const auto&) { return false; },
                      },
                      first.what);
  }

  void finish() {
    step_ = 0;
    if (check_.vector->fence) {
      for (auto& [name, side] : ends_) {
        if (side.ours_ended || (side.closed && side.in.empty())) continue;
        fence(side, name, false);
      }
    }
    if (world_.client) {
      while (take_event(clock::now())) {  // ends that came already: none may be a second one
      }
      inbox_.finish(where());
    }
    reset_all();
  }

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
  http_play http_;
  amps_inbox inbox_;
  bool logon_made_ = false;
  int step_ = 0;
  int fences_ = 0;
};

check_result run_on(const check& c, world w, const settings& s, patience& p) {
  judge j(c, s);
  // AMPS has topics for all connections: the same vector, or one that holds the same topics, would mix in.
  std::vector<std::string> shared;
  if (w.server && c.vector->protocol == "amps") {
    shared = c.vector->holds;
    shared.push_back(c.vector->id);
    // Two that move hundreds of megabytes at once would wait for each other, and be taken for slow.
    if (c.vector->level == vectors::tier::large) shared.emplace_back("tier large");
  }
  const topic_locks locks(std::move(shared));
  std::uint64_t sent = 0;
  std::vector<vectors::field> fields;
  std::vector<std::uint64_t> borders;
  bool shook_hands = false;
  const auto once = [&](recorder& r, const cutting& cut) {
    wire_play play(c, w, s, p, j, r, cut);
    if (const auto* steps = std::get_if<vectors::steps_kind>(&c.vector->kind)) {
      play.steps(steps->play.at(c.role));
    } else if (const auto* decode = std::get_if<vectors::decode_kind>(&c.vector->kind)) {
      play.decode(*decode);
    } else {
      throw mishap(mishap::kind::harness, "role", "this kind of vector can't be played over a connection");
    }
    sent = play.sent;
    shook_hands = play.shook_hands;
    fields = std::move(play.fields);
    borders = std::move(play.borders);
  };
  bool going_on = j.play("whole", [&](recorder& r) { once(r, {}); });
  // What matters of a bulk transfer happens beside the AMP connection.
  if (going_on && c.vector->cut && !s.one_play && c.vector->protocol != "bulk") {
    segmentation_limits limits;
    limits.single_octets_up_to = 1024;  // each octet is a round trip through the kernel
    limits.field_cuts = 32;
    limits.seeded_cuts = 16;
    if (c.vector->protocol == "amps") {  // each play has logons besides, and there are no short length fields
      const auto& cited = c.vector->cites;
      const bool about_cuts = std::any_of(cited.begin(), cited.end(), [](const std::string& id) {
        return id == "AMPS-FRAME-008" || id == "AMPS-WS-015";
      });
      if (!about_cuts) limits.every_cut_up_to = 0;
      limits.single_octets_up_to = 512;
      limits.field_cuts = 6;
      limits.seeded_cuts = 4;
    }
    if (shook_hands) {
      limits.every_cut_up_to = 0;
      limits.field_cuts = 8;
      limits.seeded_cuts = 4;
    }
    for (const auto& cut : segmentations(sent, fields, borders, s.seed, limits)) {
      if (!j.play(name_of(cut), [&](recorder& r) { once(r, cut); })) break;
    }
  }
  return j.finish();
}

// A known-good exchange is a fence on a fresh connection: a vector without steps.
bool answers_a_fence(const check& like, world w, const settings& s, patience& p) {
  vectors::vector v;
  v.protocol = like.vector->protocol;
  v.roles = {like.role};
  v.fixture = like.vector->fixture;
  v.opening = v.fixture != "users";  // who those are is the vectors' business
  v.kind = vectors::steps_kind{{{like.role, {}}}};
  return run_on({&v, like.role, {}, "", like.transport}, w, s, p).what == verdict::pass;
}

}  // namespace

check_result run(const check& c, server_subject& server, const settings& s, patience& p) {
  server.speak(vectors::wire_protocol_of(c.vector->protocol));
  server.serve_as(c.vector->fixture, c.transport);
  return run_on(c, {&server, nullptr}, s, p);
}
check_result run(const check& c, client_subject& client, const settings& s, patience& p) {
  client.speak(vectors::wire_protocol_of(c.vector->protocol));
  return run_on(c, {nullptr, &client}, s, p);
}

bool canary_answers(const check& like, server_subject& server, const settings& s, patience& p) {
  server.speak(vectors::wire_protocol_of(like.vector->protocol));
  server.serve_as(like.vector->fixture, like.transport);
  return answers_a_fence(like, {&server, nullptr}, s, p);
}
bool canary_answers(const check& like, client_subject& client, const settings& s, patience& p) {
  client.speak(vectors::wire_protocol_of(like.vector->protocol));
  return answers_a_fence(like, {nullptr, &client}, s, p);
}

}  // namespace ampspec::conformance
