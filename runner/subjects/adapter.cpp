// Speaks the adapter protocol, and turns what is not the protocol into mishaps.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/adapter.hpp"

#include "reference/peer/adapter_frame.hpp"
#include "reference/peer/value_json.hpp"
#include "reference/wire/hex.hpp"
#include "runner/subjects/https_side.hpp"
#include "runner/subjects/process.hpp"
#include "runner/subjects/tcp.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <random>
#include <regex>
#include <stdexcept>
#include <sys/socket.h>

namespace ampspec::runner {

namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;
using conformance::plain_box;
using nlohmann::json;
using kind = mishap::kind;

constexpr std::size_t inline_octets = 1024;  ///< more than that travels in the blob

/// A frame of the adapter that is whole, but not what the protocol says: becomes mishap{bad_frame}.
struct wrong_frame {
  std::string word, text;
};

/// A request under construction: its JSON and the octets that it refers to.
struct request {
  json body;
  std::string blob;

  json octets(std::string_view bytes) {
    if (bytes.size() <= inline_octets) return wire::to_hex(bytes);
    const auto at = blob.size();
    blob += bytes;
    return {{"at", at}, {"len", bytes.size()}};
  }
  json box(const plain_box& pairs) {
    auto list = json::array();
    for (const auto& [key, value] : pairs) list.push_back(json::array({octets(key), octets(value)}));
    return list;
  }
};

/// A frame that came, and how to read octets out of it.
struct message {
  json body;
  std::string blob;

  std::string octets(const json& value) const {
    if (value.is_string()) {
      auto bytes = wire::from_hex(value.get_ref<const std::string&>());
      if (!bytes) throw wrong_frame{"octets", "octets must be hex text, here stands " + value.dump()};
      return *std::move(bytes);
    }
    const auto at = value.at("at").get<std::uint64_t>(), size = value.at("len").get<std::uint64_t>();
    if (at > blob.size() || size > blob.size() - at) {
      throw wrong_frame{"octets",
                        value.dump() + " lies outside of the blob of " + std::to_string(blob.size()) + " octets"};
    }
    return blob.substr(at, size);
  }
  plain_box box(const json& pairs) const {
    plain_box out;
    for (const auto& pair : pairs) {
      if (pair.size() != 2) throw wrong_frame{"box", "a box is [[key, value], ...], here stands " + pair.dump()};
      out.emplace_back(octets(pair.at(0)), octets(pair.at(1)));
    }
    return out;
  }
  std::string text(const char* key) const { return body.value(key, std::string()); }
};

std::string random_name() {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  std::random_device source;
  std::string name;
  for (int i = 0; i < 12; ++i) name += letters[source() % letters.size()];
  return name;
}

std::string shown(const json& value) {
  const auto text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() > 200 ? text.substr(0, 200) + "..." : text;
}

}  // namespace

class adapter::link {
 public:
  link(role_setup setup, adapter_settings settings, std::shared_ptr<restart_budget> budget)
      : setup_(std::move(setup)), settings_(std::move(settings)), budget_(std::move(budget)) {
    for (const auto& [pattern, name] : settings_.classes) classes_.emplace_back(std::regex(pattern), name);
  }
  ~link() { stop(true); }

  void ensure_up();
  /// Sends the request and waits for its answer; `until` counts after the start. Throws mishap, or unsupported.
  message ask(const char* op, request, millis deadline, std::uint64_t* number = nullptr);
  /// Waits for frames, or for another descriptor to become readable; false if nothing came in time.
  bool pump(clock::time_point until, int other_fd = -1);
  std::optional<conformance::client_event> next_event(clock::time_point until);
  void forget_events() { events_.clear(); }
  conformance::refusal refusal_of(const message&) const;
  /// Reads an answer; whatever is missing or of a wrong type ends the adapter.
  template <class Read>
  auto reading(Read read) {
    try {
      return read();
    } catch (const wrong_frame& wrong) {
      fail(kind::bad_frame, wrong.word, wrong.text);
    } catch (const json::exception& wrong) {
      fail(kind::bad_frame, "answer", std::string("an answer that can't be read: ") + wrong.what());
    }
  }
  /// Ends the adapter and throws the mishap, with the end of its log.
  [[noreturn]] void fail(kind, const std::string& word, const std::string& text);
  const adapter_settings& settings() const { return settings_; }
  const adapter_facts& facts() const { return facts_; }
  std::string log() const { return process_ ? process_->log() : last_log_; }
  double cpu_seconds() const { return cpu_of_past_ + (process_ ? process_->cpu_seconds() : 0); }
  double starved_seconds() const { return process_ ? process_->starved_seconds() : 0; }
  std::uint64_t peak_rss_kib() const { return std::max(peak_of_past_, process_ ? process_->peak_rss_kib() : 0); }

 private:
  void drop_unsent() {
    unsent_.clear();
    sent_ = 0;
  }
  void start();
  void stop(bool politely);
  [[noreturn]] void fail_ended();
  void write_some();
  void read_some();
  void take(peer::adapter_frame);
  void take_event(const message&);

  const role_setup setup_;
  const adapter_settings settings_;
  const std::shared_ptr<restart_budget> budget_;
  std::vector<std::pair<std::regex, std::string>> classes_;

  std::unique_ptr<child_process> process_;
  unique_fd socket_;        ///< tcp: takes the place of both pipes
  int in_ = -1, out_ = -1;  ///< where we read and write
  bool deaf_ = false;       ///< it takes no more input
  peer::adapter_frame_reader reader_;
  std::string unsent_;
  std::size_t sent_ = 0;      ///< octets of `unsent_` that were written already
  std::uint64_t number_ = 0;  ///< of the request in flight, or the last
  std::string op_;            ///< in flight, or the last
  bool in_flight_ = false;
  std::optional<message> answer_;
  std::deque<conformance::client_event> events_;
  adapter_facts facts_;

  int failed_starts_ = 0;  ///< in a row, before the hello was answered
  bool ever_started_ = false;
  std::optional<mishap> last_mishap_;
  std::string last_log_;
  double cpu_of_past_ = 0;
  std::uint64_t peak_of_past_ = 0;
};

void adapter::link::ensure_up() {
  if (process_) return;
  if (ever_started_ && (failed_starts_ >= 2 || !budget_->take())) {
    throw mishap(last_mishap_->what_kind(), last_mishap_->word(),
                 std::string("it is not started again: ") +
                     (failed_starts_ >= 2 ? "it failed twice in a row before its hello" : "it has failed too often") +
                     "; the last time: " + last_mishap_->what());
  }
  ever_started_ = true;
  ++failed_starts_;
  start();
  failed_starts_ = 0;
}

void adapter::link::start() {
  reader_ = peer::adapter_frame_reader(settings_.max_frame);
  drop_unsent();
  events_.clear();
  answer_.reset();
  in_flight_ = deaf_ = false;
  op_ = "start";
  const auto until = clock::now() + settings_.start_deadline;
  const bool by_tcp = setup_.transport == adapter_transport::tcp;
  const auto listener = by_tcp ? std::optional<loopback_listener>(std::in_place) : std::nullopt;
  child_options options{setup_.command, setup_.env, setup_.cwd, !by_tcp};
  if (by_tcp) options.env["AMPSPEC_ADAPTER"] = listener->uri();
  try {
    process_ = std::make_unique<child_process>(options);
  } catch (const mishap& failure) {
    last_mishap_ = failure;
    throw;
  }
  in_ = process_->from_child();
  out_ = process_->to_child();
  if (by_tcp) {
    while (!(socket_ = listener->accept(millis(20)))) {
      if (process_->dying()) fail_ended();
      if (clock::now() >= until) fail(kind::timeout, "hello", "it has not connected to the address in AMPSPEC_ADAPTER");
    }
    in_ = out_ = socket_.get();
  }
  const auto left = std::chrono::duration_cast<millis>(until - clock::now());
  request hello;
  hello.body = {{"protocol", json::array({1})}, {"max_frame", settings_.max_frame}};
  const auto told = ask("hello", std::move(hello), left);
  facts_ = reading([&] {
    adapter_facts facts{told.text("name"),
                        told.text("version"),
                        told.body.at("ops"),
                        told.body.value("supports", std::vector<std::string>()),
                        told.body.contains("supports"),
                        told.body.value("api", 0)};
    return facts;
  });
}

void adapter::link::stop(bool politely) {
  if (!process_) return;
  if (politely) {  // the end of its input means: exit
    process_->close_input();
    socket_.reset();
    process_->wait_end(millis(300));
  }
  process_->end(politely ? millis(300) : millis(0));
  cpu_of_past_ += process_->cpu_seconds();
  peak_of_past_ = std::max(peak_of_past_, process_->peak_rss_kib());
  last_log_ = process_->log();
  socket_.reset();
  process_.reset();
}

void adapter::link::fail(kind what, const std::string& word, const std::string& text) {
  const auto where = (in_flight_ ? "in " : "after ") + op_ + ": ";
  const mishap failure(what, word, with_log(where + text, *process_));
  last_mishap_ = failure;
  stop(false);
  throw failure;
}

void adapter::link::fail_ended() {
  // The pipes close a moment before the end can be waited for; one that merely closed them gives no sign of ending.
  for (int i = 0; i < 30 && !process_->dying(); ++i) process_->wait_end(millis(10));
  if (process_->dying() && process_->wait_end(millis(2000))) {
    fail(kind::crash, process_->end_word(), "the adapter ended: " + process_->end_word());
  }
  fail(kind::crash, "closed", "the adapter closed its input or output and lives on");
}

message adapter::link::ask(const char* op, request what, millis deadline, std::uint64_t* number) {
  if (!process_) ensure_up();
  auto until = clock::now() + deadline;
  // An event or an end that came meanwhile belongs to what was before this request.
  while (clock::now() < until && pump(clock::now())) {
  }
  op_ = op;
  what.body["op"] = op;
  what.body["n"] = ++number_;
  if (number != nullptr) *number = number_;
  const auto text = what.body.dump();
  if (text.size() + what.blob.size() > settings_.max_frame) {
    throw mishap(kind::harness, "max-frame",
                 std::string(op) + " would need a frame of " + std::to_string(text.size() + what.blob.size()) +
                     " octets; the limit is " + std::to_string(settings_.max_frame));
  }
  in_flight_ = true;
  peer::append_frame(unsent_, text, what.blob);
  // What a busy machine takes from it does not count: it has no chance to answer then. One that is stuck is never ready
  // to run, and one that turns in a circle has used its deadline some day. Who answers soon is not looked at.
  const auto at_most = clock::now() + 6 * deadline;
  auto look = clock::now() + deadline / 8;
  std::optional<double> starved;
  while (!answer_) {
    if ((pump(look) && clock::now() < look) || answer_) continue;
    const double now_starved = process_->starved_seconds();
    const std::chrono::duration<double> taken(now_starved - starved.value_or(now_starved));
    until = std::min(at_most, until + std::chrono::duration_cast<clock::duration>(taken));
    starved = now_starved;
    if (clock::now() >= until) {
      fail(kind::timeout, "answer",
           "no answer within " + std::to_string(deadline.count()) + " ms" +
               (op_ == "hello" ? "; does it flush after every frame?" : ""));
    }
    look = until;
  }
  in_flight_ = false;
  auto answer = *std::move(answer_);
  answer_.reset();
  return reading([&] {
    int outcomes = 0;
    for (const char* one : {"ok", "reject", "unsupported", "fault"}) outcomes += answer.body.contains(one);
    if (outcomes != 1) {
      throw wrong_frame{"answer",
                        "an answer has one of ok, reject, unsupported and fault, here stands " + shown(answer.body)};
    }
    if (answer.body.contains("unsupported")) throw conformance::unsupported(answer.body.at("unsupported"));
    if (answer.body.contains("fault")) {
      throw mishap(kind::fault, op, "the adapter says that it failed: " + answer.text("fault"));
    }
    return std::move(answer);
  });
}

bool adapter::link::pump(clock::time_point until, int other_fd) {
  if (!process_) return false;
  while (true) {
    const short writable = unsent_.empty() ? 0 : POLLOUT;  // with 0, poll still tells when nobody reads any more
    pollfd watched[3] = {{in_, POLLIN, 0}, {deaf_ ? -1 : out_, writable, 0}, {other_fd, POLLIN, 0}};
    const auto left = std::chrono::ceil<millis>(until - clock::now()).count();
    const int shown = ::poll(watched, 3, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
    if (shown < 0 && errno == EINTR) continue;
    if (shown <= 0) {
      if (deaf_) fail_ended();
      return false;
    }
    if ((watched[1].revents & POLLERR) != 0) {
      drop_unsent();
      deaf_ = true;
    } else if ((watched[1].revents & POLLOUT) != 0) {
      write_some();
    }
    if (watched[0].revents != 0) {
      read_some();
      return true;
    }
    if (watched[2].revents != 0) return true;
    if (deaf_) until = std::min(until, clock::now() + millis(300));  // an answer may be on its way all the same
  }
}

void adapter::link::write_some() {
  const auto put = socket_ ? ::send(out_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL)
                           : ::write(out_, unsent_.data() + sent_, unsent_.size() - sent_);
  if (put >= 0) {
    sent_ += static_cast<std::size_t>(put);
    if (sent_ == unsent_.size()) drop_unsent();
  } else if (errno != EAGAIN && errno != EINTR) {
    drop_unsent();
    deaf_ = true;
  }
}

void adapter::link::read_some() {
  char piece[64 * 1024];
  const auto got = ::read(in_, piece, sizeof piece);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) fail_ended();
  reader_.feed({piece, static_cast<std::size_t>(got)});
  while (auto frame = reader_.next()) take(*std::move(frame));
  if (reader_.status() == peer::adapter_frame_reader::state::oversize) fail(kind::oversize, "frame", reader_.error());
  if (reader_.status() == peer::adapter_frame_reader::state::malformed) fail(kind::bad_frame, "frame", reader_.error());
}

void adapter::link::take(peer::adapter_frame frame) {
  reading([&] {
    message told{json::parse(frame.json), std::move(frame.blob)};
    if (!told.body.is_object()) throw wrong_frame{"frame", "a frame holds one object, here stands " + shown(told.body)};
    if (told.body.contains("event")) return take_event(told);
    const auto number = told.body.at("n").get<std::uint64_t>();
    if (!in_flight_ || answer_ || number != number_) {
      throw wrong_frame{"answer", "an answer to request " + std::to_string(number) + ", " +
                                      (in_flight_ ? "while " + std::to_string(number_) + " waits for its one"
                                                  : std::string("while none waits for one")) +
                                      ": " + shown(told.body)};
    }
    answer_ = std::move(told);
  });
}

void adapter::link::take_event(const message& told) {
  using event_kind = conformance::client_event::kind;
  conformance::client_event event;
  const auto name = told.text("event");
  if (name == "connected" || name == "closed") {
    event.what = name == "closed" ? event_kind::closed : event_kind::connected;
  } else if (name == "ended") {
    event.call = told.body.at("call");
    event.how = told.body.at("how");
    static const std::vector<std::string> hows{"answer", "error", "lost", "refused", "sent"};
    if (std::find(hows.begin(), hows.end(), event.how) == hows.end()) {
      throw wrong_frame{"event", "a call ends by answer, error, lost, refused or sent, not by " + event.how};
    }
    if (event.how == "answer") event.box = told.box(told.body.at("box"));
    event.error_kind = told.text("kind");
    event.text = told.text("text");
    if (told.body.contains("code")) event.code = told.octets(told.body.at("code"));
    if (told.body.contains("description")) event.description = told.octets(told.body.at("description"));
  } else if (name == "message") {
    event.what = event_kind::message;
    event.call = told.body.at("call");
    event.box = told.box(told.body.at("box"));
  } else if (name == "unwritten") {
    event.what = event_kind::unwritten;
    event.call = told.body.at("sequence");
    event.code = told.octets(told.body.at("reason"));
    event.box = told.box(told.body.at("box"));
  } else {
    throw wrong_frame{"event", "there is no event " + name + "; write connected, closed, ended, message or unwritten"};
  }
  constexpr std::size_t most_events = 100'000;
  if (events_.size() == most_events) throw wrong_frame{"event", "events without end"};
  events_.push_back(std::move(event));
}

std::optional<conformance::client_event> adapter::link::next_event(clock::time_point until) {
  while (events_.empty()) {
    if (!pump(until)) return std::nullopt;
  }
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

conformance::refusal adapter::link::refusal_of(const message& answer) const {
  const auto& told = answer.body.at("reject");
  conformance::refusal refused{told.value("class", std::string()), std::nullopt, told.value("text", std::string())};
  if (told.contains("offset") && !told.at("offset").is_null()) refused.offset = told.at("offset").get<std::uint64_t>();
  for (const auto& [pattern, name] : classes_) {
    if (refused.reject_class.empty() && std::regex_search(refused.text, pattern)) refused.reject_class = name;
  }
  return refused;
}

adapter::adapter(role_setup setup, adapter_settings settings, std::shared_ptr<restart_budget> budget)
    : link_(std::make_unique<link>(std::move(setup), std::move(settings), std::move(budget))) {}
adapter::~adapter() = default;
std::string adapter::log() const { return link_->log(); }
double adapter::cpu_seconds() const { return link_->cpu_seconds(); }
double adapter::starved_seconds() const { return link_->starved_seconds(); }
std::uint64_t adapter::peak_rss_kib() const { return link_->peak_rss_kib(); }

const adapter_facts& adapter::facts() {
  link_->ensure_up();
  return link_->facts();
}

namespace {

/// How many octets of a vector are made to be handed over; what is too large for a frame is told by its size.
std::uint64_t most_held(const adapter::link& link) {
  return std::max<std::uint64_t>(64 << 20, link.settings().max_frame);
}

/// The lengths of the chunks between the cuts.
json chunks_of(const conformance::cutting& cuts) {
  auto lengths = json::array();
  std::uint64_t last = 0;
  for (const auto cut : cuts.before) {
    if (cut > last) lengths.push_back(cut - last);
    last = std::max(last, cut);
  }
  return lengths;
}

class adapter_codec : public conformance::codec_subject {
 public:
  explicit adapter_codec(std::shared_ptr<adapter> a) : adapter_(std::move(a)) {}

  conformance::decode_outcome decode(const vectors::octets& bytes, const conformance::cutting& cuts) override {
    auto& link = adapter_->to();
    request what;
    what.body = {{"protocol", protocol()}, {"bytes", what.octets(bytes.str(most_held(link)))}};
    if (cuts.every != 0) what.body["every"] = cuts.every;
    if (!cuts.before.empty()) what.body["chunks"] = chunks_of(cuts);
    const auto answer = link.ask(cuts.whole() ? "decode" : "feed", std::move(what), link.settings().deadline);
    return link.reading([&] {
      conformance::decode_outcome outcome;
      for (const auto& box : answer.body.at("boxes")) outcome.boxes.push_back(answer.box(box));
      if (answer.body.contains("reject")) {
        outcome.refused = link.refusal_of(answer);
        return outcome;
      }
      const auto end = answer.text("end");
      if (end != "clean" && end != "incomplete") {
        throw wrong_frame{"answer", "`end` is clean or incomplete, here stands " + shown(answer.body)};
      }
      outcome.incomplete = end == "incomplete";
      return outcome;
    });
  }

  conformance::encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>& box) override {
    auto& link = adapter_->to();
    request what;
    plain_box pairs;
    for (const auto& [key, value] : box) pairs.emplace_back(key.str(), value.str(most_held(link)));
    what.body = {{"protocol", protocol()}, {"box", what.box(pairs)}};
    const auto answer = link.ask("encode", std::move(what), link.settings().deadline);
    return link.reading([&] {
      if (answer.body.contains("reject")) return conformance::encode_outcome{{}, link.refusal_of(answer)};
      return conformance::encode_outcome{answer.octets(answer.body.at("bytes")), {}};
    });
  }

  conformance::typed_outcome<wire::value> parse(const wire::value_type& type, const vectors::octets& bytes) override {
    request what;
    what.body = {{"type", peer::to_json(type)}, {"bytes", what.octets(bytes.str())}};
    return typed<wire::value>("parse_value", std::move(what), "value", [&](const message& answer, const json& told) {
      return peer::value_from_json(type, told, [&](const json& octets) { return answer.octets(octets); });
    });
  }

  conformance::typed_outcome<std::string> print(const wire::value_type& type, const wire::value& given) override {
    request what;
    const auto put = [&](std::string_view octets) { return what.octets(octets); };
    what.body = {{"type", peer::to_json(type)}, {"value", peer::to_json(type, given, put)}};
    return typed<std::string>("print_value", std::move(what), "bytes",
                              [](const message& answer, const json& told) { return answer.octets(told); });
  }

  conformance::typed_outcome<wire::record_value> parse(const wire::value_schema& schema,
                                                       const plain_box& box) override {
    request what;
    what.body = {{"schema", peer::to_json(schema)}, {"box", what.box(box)}};
    const auto read = [&](const message& answer, const json& told) {
      return peer::record_from_json(schema, told, [&](const json& octets) { return answer.octets(octets); });
    };
    return typed<wire::record_value>("parse_arguments", std::move(what), "value", read);
  }

  conformance::typed_outcome<plain_box> print(const wire::value_schema& schema,
                                              const wire::record_value& given) override {
    request what;
    const auto put = [&](std::string_view octets) { return what.octets(octets); };
    what.body = {{"schema", peer::to_json(schema)}, {"value", peer::to_json(schema, given, put)}};
    return typed<plain_box>("print_arguments", std::move(what), "box",
                            [](const message& answer, const json& told) { return answer.box(told); });
  }

  double cpu_seconds() override { return adapter_->cpu_seconds(); }

 private:
  template <class T, class Read>
  conformance::typed_outcome<T> typed(const char* op, request what, const char* name, Read read) {
    auto& link = adapter_->to();
    what.body["protocol"] = protocol();
    const auto answer = link.ask(op, std::move(what), link.settings().deadline);
    return link.reading([&]() -> conformance::typed_outcome<T> {
      if (answer.body.contains("reject")) return {{}, link.refusal_of(answer)};
      try {
        return {read(answer, answer.body.at(name)), {}};
      } catch (const std::invalid_argument& wrong) {
        throw wrong_frame{"value", wrong.what()};
      }
    });
  }

  std::shared_ptr<adapter> adapter_;
};

class adapter_client : public conformance::client_subject {
 public:
  explicit adapter_client(std::shared_ptr<adapter> a) : adapter_(std::move(a)) {}

  std::unique_ptr<conformance::connection> attach(millis deadline) override {
    auto& link = adapter_->to();
    link.ensure_up();  // its own deadline
    listener_.emplace();
    request what;
    what.body = {{"uri", listener_->uri()}, {"protocol", protocol()}};
    if (protocol() == "amps") {
      std::string who = setup_.user;
      if (!setup_.password.empty()) who += ":" + setup_.password;
      what.body["uri"] = scheme() + who + (who.empty() ? "" : "@") +
                         listener_->uri().substr(std::string_view("tcp://").size()) + setup_.path;
      what.body["client_name"] = setup_.name;
      what.body["store"] = setup_.store;
      what.body["reconnect"] = setup_.reconnects;
    }
    link.ask("connect", std::move(what), deadline);
    return accepted(deadline);
  }
  void prepare(const conformance::client_setup& setup) override { setup_ = setup; }
  std::unique_ptr<conformance::connection> reattach(millis deadline) override { return accepted(deadline); }

  std::uint64_t call(std::string_view command, const plain_box& arguments, bool with_answer, millis deadline) override {
    request what;
    what.body = {{"command", what.octets(command)}, {"box", what.box(arguments)}, {"ask", with_answer}};
    std::uint64_t number = 0;
    adapter_->to().ask("call", std::move(what), deadline, &number);
    return number;
  }

  std::uint64_t send_box(const plain_box& box, millis deadline) override {
    request what;
    what.body = {{"box", what.box(box)}};
    std::uint64_t number = 0;
    adapter_->to().ask("send_box", std::move(what), deadline, &number);
    return number;
  }

  std::uint64_t start_tls(millis deadline) override {
    std::uint64_t number = 0;
    adapter_->to().ask("start_tls", {}, deadline, &number);
    return number;
  }

  std::uint64_t call_switch(std::string_view command, const plain_box& arguments, millis deadline) override {
    request what;
    what.body = {{"command", what.octets(command)}, {"box", what.box(arguments)}};
    std::uint64_t number = 0;
    adapter_->to().ask("switch", std::move(what), deadline, &number);
    return number;
  }

  std::uint64_t write_stream(const conformance::stream_order& order, millis deadline) override {
    request what;
    what.body = {
        {"pattern", what.octets(order.pattern)}, {"size", order.size}, {"window", order.window}, {"end", order.end}};
    std::uint64_t number = 0;
    adapter_->to().ask("stream_write", std::move(what), deadline, &number);
    return number;
  }
  std::uint64_t transfer(bool upload, const std::string& resource, const vectors::octets& body,
                         millis deadline) override {
    request what;
    what.body = {{"direction", upload ? "upload" : "download"},
                 {"resource", what.octets(resource)},
                 {"body", what.octets(body.str())},
                 {"trust", https().trusted()}};
    std::uint64_t number = 0;
    adapter_->to().ask("transfer", std::move(what), deadline, &number);
    return number;
  }
  std::vector<std::pair<std::string, std::string>> http_origins() override { return https().origins(); }
  accepted_http accept_http(millis deadline) override { return https().accept(deadline); }

  std::optional<conformance::client_event> next_event(millis deadline) override {
    return adapter_->to().next_event(clock::now() + deadline);
  }

  void reset(millis deadline) override {
    auto& link = adapter_->to();
    link.ensure_up();
    link.ask("reset", {}, deadline);
    link.forget_events();
    listener_.reset();
    https_.reset();  // what still connects belongs to the play before
  }

 private:
  std::unique_ptr<conformance::connection> accepted(millis deadline) {
    auto& link = adapter_->to();
    const auto until = clock::now() + deadline;
    while (true) {
      if (auto socket = listener_->accept(millis(0))) return adopt_socket(std::move(socket));
      if (clock::now() >= until) {
        link.fail(kind::timeout, "connect",
                  "the client has not connected within " + std::to_string(deadline.count()) + " ms");
      }
      link.pump(until, listener_->fd());
    }
  }

  std::string scheme() const {
    if (setup_.websocket) return setup_.secure ? "wss://" : "ws://";
    return setup_.secure ? "tcps://" : "tcp://";
  }

  https_side& https() {
    if (!https_) https_ = std::make_unique<https_side>();
    return *https_;
  }

  std::optional<loopback_listener> listener_;  ///< of the connection in hand
  conformance::client_setup setup_;
  std::unique_ptr<https_side> https_;
  std::shared_ptr<adapter> adapter_;
};

}  // namespace

std::vector<std::string> adapter::calibrate(vectors::role role) {
  link_->ensure_up();
  std::vector<std::string> wrong;
  const auto op = random_name();
  try {
    link_->ask(op.c_str(), {}, link_->settings().deadline);
    wrong.push_back("the unknown op " + op + " was not answered `unsupported`");
  } catch (const conformance::unsupported&) {
  } catch (const mishap& failure) {
    if (failure.what_kind() != kind::fault) throw;
    wrong.push_back("the unknown op " + op + " was answered `fault`, not `unsupported`");
  }
  if (role != vectors::role::codec) return wrong;

  std::random_device random;
  const plain_box pairs{{random_name(), random_name()}, {random_name(), std::string(random() % 300, 'x')}};
  std::string good;
  const auto put_length = [&good](std::size_t length) {
    good += static_cast<char>(length >> 8);
    good += static_cast<char>(length & 0xff);
  };
  for (const auto& [key, value] : pairs) {
    for (const auto& part : {key, value}) {
      put_length(part.size());
      good += part;
    }
  }
  put_length(0);
  const auto bad = good + static_cast<char>(1 + random() % 255) + random_name();  // the length of a key above 255
  adapter_codec codec(std::shared_ptr<adapter>(std::shared_ptr<adapter>(), this));
  try {
    const auto outcome = codec.decode(vectors::octets::from(good), {});
    if (outcome.refused || outcome.incomplete || outcome.boxes.size() != 1) {
      wrong.push_back("a good box was not decoded: " + wire::to_hex(good));
    } else if (outcome.boxes.front() != pairs) {
      wrong.push_back("a good box came back otherwise, or with its pairs in another order: " + wire::to_hex(good));
    }
    if (!codec.decode(vectors::octets::from(bad), {}).refused) {
      wrong.push_back("a key of more than 255 octets was not refused: " + wire::to_hex(bad));
    }
  } catch (const conformance::unsupported&) {
    wrong.push_back("a codec must have the op decode");
  }
  return wrong;
}

std::unique_ptr<conformance::codec_subject> codec_of(std::shared_ptr<adapter> a) {
  return std::make_unique<adapter_codec>(std::move(a));
}
std::unique_ptr<conformance::client_subject> client_of(std::shared_ptr<adapter> a) {
  return std::make_unique<adapter_client>(std::move(a));
}

}  // namespace ampspec::runner
