// Property: a receiver of streams holds, refuses and answers what a plain model says, and a writer's octets come whole.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/session.hpp"
#include "reference/amp/stream.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

// Keeps what a stream brought.
struct taken_stream {
  std::string octets;
  std::uint64_t chunks = 0;
  std::optional<amp::stream_end> end;
};

class keeping_sink : public amp::stream_sink {
 public:
  keeping_sink(std::shared_ptr<taken_stream> to, std::size_t most) : to_(std::move(to)), most_(most) {}
  bool take(std::string_view chunk) override {
    AMPSPEC_ORACLE("sticky", !to_->end);
    if (to_->octets.size() + chunk.size() > most_) return false;
    to_->octets += chunk;
    ++to_->chunks;
    return true;
  }
  void end(amp::stream_end how) override {
    AMPSPEC_ORACLE("sticky", !to_->end);
    to_->end = how;
  }

 private:
  std::shared_ptr<taken_stream> to_;
  std::size_t most_;
};

// One stream as the specification tells it.
struct model_stream {
  std::vector<std::string> chunks;  // held
  std::size_t held = 0;
  std::uint64_t count = 0, size = 0;
  std::vector<amp::call_id> withheld;
  std::shared_ptr<taken_stream> sink;
  std::size_t sink_most = 0;
  std::string sunk;
  bool consumed = false, closed = false, stalled = false;
};

class play {
 public:
  explicit play(maker from) : from_(from), limits_(some_limits()), receiver_(server_, limits_) {}

  void run() {
    if (from_.flag()) write_whole();
    std::size_t steps = 0;
    for (; !from_.empty() && steps < 200; ++steps) step();
    if (steps % 4 == 1) misuse();
    receiver_.abort_all();
    for (auto& [id, s] : streams_) {
      if (s.sink && !s.closed) AMPSPEC_ORACLE("model", s.sink->end == amp::stream_end::aborted);
    }
  }

 private:
  amp::stream_limits some_limits() {
    constexpr std::array<std::size_t, 8> sizes{1u << 20, 0, 1, 7, 8, 64, 255, 65535};
    amp::stream_limits l;
    if (!from_.flag()) return l;
    l.streams = 1 + from_.below(4);
    l.answered = sizes[from_.below(8)];
    l.held = sizes[from_.below(8)];
    l.all_held = sizes[from_.below(8)];
    l.chunks = 1 + from_.below(8);
    return l;
  }

  // --- a writer that is given octets in pieces, and a sink that must have had them all

  void write_whole() {
    amp::stream_writing with;
    with.window = 1 + from_.below(4);
    with.chunk = 1 + from_.below(256);
    using ending = amp::stream_writing::ending;
    constexpr std::array<ending, 4> endings{ending::leave, ending::close, ending::abort, ending::close};
    with.end = endings[from_.below(4)];
    const std::string all = from_.text();
    std::size_t at = 0;
    const std::size_t piece = 1 + from_.below(256);
    amp::stream_writer writer(
        client_,
        [&](std::size_t most) -> std::optional<std::string_view> {
          if (at == all.size() || all.size() / std::min(piece, most) > 1000) return std::nullopt;
          const auto part = std::string_view(all).substr(at, std::min(piece, most));
          at += part.size();
          return part;
        },
        with);
    // Its stream is the first.
    for (int rounds = 0; rounds < 4000 && !writer.idle() && !client_.output().empty(); ++rounds) pump(&writer);
    const auto content = receiver_.take("0");
    if (!writer.ended() || writer.ended()->what != amp::stream_written::how::done) {
      // Only a limit may be in the way, or answers that are withheld because too much is held.
      AMPSPEC_ORACLE("model", at > limits_.held || at > limits_.all_held || at > limits_.answered ||
                                  at / std::min(piece, with.chunk) >= limits_.chunks);
    } else if (with.end == ending::abort) {
      AMPSPEC_ORACLE("model", !content);
    } else {
      AMPSPEC_ORACLE("model", content.has_value());
      std::string joined;
      for (const auto& chunk : content->chunks) {
        AMPSPEC_ORACLE("model", chunk.size() <= with.chunk);
        joined += chunk;
      }
      AMPSPEC_ORACLE("model", joined == all.substr(0, at) && content->size == at);
      AMPSPEC_ORACLE("model", content->count == content->chunks.size() && writer.ended()->count == content->count);
    }
    pump();
    answers_.clear();
    next_id_ = 1;
  }

  // --- single commands against the model

  void step() {
    const std::size_t op = from_.below(10);
    const std::string id = an_id();
    switch (op) {
      case 0:
        open();
        break;
      case 1:
      case 2:
      case 3:
        write(id, from_.below(8) != 7);
        break;
      case 4:
        close(id);
        break;
      case 5:
        give_up(id);
        break;
      case 6:
        take(id);
        break;
      case 7:
        consume(id);
        break;
      case 8:
        AMPSPEC_ORACLE("model", receiver_.stall(id) == (find(id) != nullptr));
        if (auto* s = find(id)) s->stalled = true;
        break;
      default:
        resume(id);
    }
    settle();
    AMPSPEC_ORACLE("model", receiver_.is_consumed(id) == (find(id) != nullptr && find(id)->consumed));
  }

  // A command without a stream's id, which ends the connection (STREAM-026), and a writer that loses it (STREAM-024).
  void misuse() {
    constexpr std::array<std::string_view, 6> wrong{"x", "", "1.5", " ", "--1", "0x1"};
    amp::box arguments;
    if (const std::size_t which = from_.below(7); which < wrong.size()) arguments.add("streamId", wrong[which]);
    arguments.add("data", "d");
    constexpr std::array<std::string_view, 3> commands{"StreamWrite", "StreamClose", "StreamAbort"};
    const auto bad = call(commands[from_.below(3)], arguments);
    amp::stream_writer writer(client_, [](std::size_t) { return std::optional<std::string_view>("octets"); });
    const std::string asked(client_.output());
    client_.sent(asked.size());
    server_.receive(std::string_view(asked));
    while (const auto e = server_.next_event()) {
      if (const auto* request = std::get_if<amp::request_received>(&*e)) receiver_.serve(*request);
    }
    AMPSPEC_ORACLE("model", server_.wants_close());
    const std::string answered(server_.output());
    client_.receive(std::string_view(answered));
    bool was_told = false;
    while (const auto e = client_.next_event()) {
      const auto* error = std::get_if<amp::error_received>(&*e);
      was_told = was_told || (error != nullptr && error->call == bad && error->code == amp::code_unknown);
      AMPSPEC_ORACLE("model", !writer.handle(*e));
    }
    AMPSPEC_ORACLE("model", was_told && !writer.ended());
    client_.lost();
    std::size_t lost = 0;
    while (const auto e = client_.next_event()) lost += writer.handle(*e);
    AMPSPEC_ORACLE("model", lost == 1 && writer.idle() && writer.ended()->what == amp::stream_written::how::lost);
    amp::stream_writer late(client_, [](std::size_t) { return std::optional<std::string_view>("octets"); });
    AMPSPEC_ORACLE("model", late.idle() && late.ended()->what == amp::stream_written::how::lost);
  }

  // Mostly that of a stream which is there.
  std::string an_id() {
    const std::size_t n = from_.octet();
    if (n < 32 || streams_.empty()) return std::to_string(n % 6);
    return std::next(streams_.begin(), static_cast<std::ptrdiff_t>(n % streams_.size()))->first;
  }
  model_stream* find(const std::string& id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : &found->second;
  }
  model_stream* writable(const std::string& id) {
    auto* s = find(id);
    return s == nullptr || s->closed ? nullptr : s;
  }
  std::optional<amp::call_id> call(std::string_view command, amp::box_view arguments, bool ask = true) {
    const auto made = client_.call(command, arguments, ask);
    AMPSPEC_ORACLE("model", made.ok());
    return ask ? std::optional(*made) : std::nullopt;
  }
  void expect(std::optional<amp::call_id> call, std::string answer) {
    if (call) expected_[*call] = std::move(answer);
  }
  void release(model_stream& s) {
    for (const auto call : s.withheld) expected_[call] = "answer";
    s.withheld.clear();
  }
  std::size_t all_held() const {
    std::size_t n = 0;
    for (const auto& [id, s] : streams_) n += s.held;
    return n;
  }

  void open() {
    const auto made = call("StreamOpen", {});
    if (streams_.size() >= limits_.streams) return expect(made, "STREAM_LIMIT");
    const auto id = std::to_string(next_id_++);
    streams_.emplace(id, model_stream());
    expect(made, "answer " + id);
  }

  void write(const std::string& id, bool ask) {
    const std::string data = from_.below(16) == 0 ? std::string(256, 'x') : std::string(from_.take(from_.below(12)));
    const amp::box arguments{{"streamId", id}, {"data", data}};
    const auto made = call("StreamWrite", arguments, ask);
    auto* s = writable(id);
    if (s == nullptr) return expect(made, "STREAM_UNKNOWN");
    const bool full =
        s->withheld.size() >= limits_.chunks ||
        (!s->consumed && (s->held + data.size() > limits_.held || all_held() + data.size() > limits_.all_held ||
                          s->chunks.size() >= limits_.chunks)) ||
        (s->consumed && s->sunk.size() + data.size() > s->sink_most);
    if (full) {
      release(*s);
      abort(id);
      return expect(made, "STREAM_LIMIT");
    }
    ++s->count;
    s->size += data.size();
    if (s->consumed) {
      s->sunk += data;
    } else {
      s->chunks.push_back(data);
      s->held += data.size();
    }
    if (!s->stalled && s->held <= limits_.answered) return expect(made, "answer");
    if (made) s->withheld.push_back(*made);
  }

  void close(const std::string& id) {
    const auto made = call("StreamClose", amp::box{{"streamId", id}});
    auto* s = writable(id);
    if (s == nullptr) return expect(made, "STREAM_UNKNOWN");
    s->closed = true;
    release(*s);
    expect(made, "answer");
    due_.push_back({s->sink, s->sunk, amp::stream_end::complete});
  }

  void give_up(const std::string& id) {
    const auto made = call("StreamAbort", amp::box{{"streamId", id}, {"reason", "r"}});
    auto* s = writable(id);
    if (s == nullptr) return expect(made, "STREAM_UNKNOWN");
    release(*s);
    abort(id);
    expect(made, "answer");
  }
  void abort(const std::string& id) {
    auto* s = find(id);
    if (!s->closed) due_.push_back({s->sink, s->sunk, amp::stream_end::aborted});
    streams_.erase(id);
  }

  void take(const std::string& id) {
    const auto content = receiver_.take(id);
    auto* s = find(id);
    AMPSPEC_ORACLE("model", content.has_value() == (s != nullptr));
    if (s == nullptr) return;
    AMPSPEC_ORACLE("model", content->chunks == s->chunks && content->count == s->count && content->size == s->size);
    release(*s);
    if (!s->closed) due_.push_back({s->sink, s->sunk, amp::stream_end::complete});
    streams_.erase(id);
  }

  void consume(const std::string& id) {
    auto sink = std::make_shared<taken_stream>();
    const std::size_t most = from_.below(4) == 0 ? 10 : ~std::size_t{0};
    auto* s = find(id);
    const bool may = s != nullptr && !s->consumed;
    AMPSPEC_ORACLE("model", receiver_.consume(id, std::make_unique<keeping_sink>(sink, most)) == may);
    if (!may) return;
    s->consumed = true;
    s->sink = sink;
    s->sink_most = most;
    s->held = 0;
    for (const auto& chunk : s->chunks) {
      if (s->sunk.size() + chunk.size() > most) {
        release(*s);
        due_.push_back({s->sink, s->sunk, amp::stream_end::aborted});
        streams_.erase(id);
        return;
      }
      s->sunk += chunk;
    }
    s->chunks.clear();
    if (!s->stalled) release(*s);
    if (s->closed) due_.push_back({s->sink, s->sunk, amp::stream_end::complete});
  }

  void resume(const std::string& id) {
    auto* s = find(id);
    AMPSPEC_ORACLE("model", receiver_.resume(id) == (s != nullptr));
    if (s == nullptr) return;
    s->stalled = false;
    if (s->held <= limits_.answered) release(*s);
  }

  // --- moving octets

  void pump(amp::stream_writer* writer = nullptr) {
    const std::string asked(client_.output());
    client_.sent(asked.size());
    server_.receive(std::string_view(asked));
    while (const auto e = server_.next_event()) {
      const auto* request = std::get_if<amp::request_received>(&*e);
      AMPSPEC_ORACLE("model", request != nullptr && receiver_.serve(*request));
    }
    const std::string answered(server_.output());
    server_.sent(answered.size());
    client_.receive(std::string_view(answered));
    while (const auto e = client_.next_event()) {
      if (writer != nullptr && writer->handle(*e)) continue;
      const auto* answer = std::get_if<amp::answer_received>(&*e);
      const auto* error = std::get_if<amp::error_received>(&*e);
      AMPSPEC_ORACLE("model", answer != nullptr || error != nullptr);  // neither side ends the connection
      if (answer != nullptr) {
        const auto id = answer->values.find("streamId");
        answers_[answer->call] = id ? "answer " + std::string(*id) : "answer";
      } else {
        answers_[error->call] = error->code;
      }
    }
  }

  void settle() {
    pump();
    AMPSPEC_ORACLE("model", answers_ == expected_);
    answers_.clear();
    expected_.clear();
    for (const auto& d : due_) {
      if (d.sink) AMPSPEC_ORACLE("model", d.sink->octets == d.octets && d.sink->end == d.end);
    }
    due_.clear();
  }

  struct sink_due {
    std::shared_ptr<taken_stream> sink;
    std::string octets;
    amp::stream_end end;
  };

  maker from_;
  amp::session client_, server_;
  amp::stream_limits limits_;
  amp::stream_receiver receiver_;
  std::map<std::string, model_stream> streams_;
  std::uint64_t next_id_ = 0;
  std::map<amp::call_id, std::string> answers_, expected_;
  std::vector<sink_due> due_;
};

}  // namespace

void amp_stream(std::string_view input) { play(maker(input)).run(); }

}  // namespace ampspec::fuzz
