// Property: between two sessions every call ends once, with what was said of it, whatever is cut, held or changed.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/budget.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/session.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::fuzz {
namespace {

using amp::transport_change;

// What was said of a request, so that its caller can be held to it.
struct said {
  enum class how { nothing, answer, error, dropped } what = how::nothing;
  std::string with;
};

// A call by the number that it carries.
struct made_call {
  bool ask = true;
  bool received = false;
  int ends = 0;
  said answer;
};

struct end_of_line {
  explicit end_of_line(amp::version v) : session({.version = v}) {}

  amp::session session;
  std::vector<std::pair<amp::call_id, std::size_t>> calls;        // ours, and the number that each carries
  std::vector<std::pair<amp::request_id, std::size_t>> requests;  // of the peer, not answered
  std::string pipe;                                               // octets on their way to us
  bool finished = false, told = false, closed = false, misused = false;
  std::optional<amp::call_id> change;       // that we asked for, and that has no answer
  std::optional<transport_change> accepts;  // the next request is answered so
};

class play {
 public:
  // The first octet says which version is spoken, and, for one input in sixteen, that texts may be as long as values
  // can be: one such input takes the time of a hundred others.
  explicit play(maker from)
      : from_(from),
        first_(from_.octet()),
        version_(first_ % 2 == 1 ? amp::version::v2 : amp::version::v1),
        ends_{end_of_line(version_), end_of_line(version_)} {
    from_.repeat_at_most(is_long() ? 70'000 : 1000);
    calls_.reserve(32);
  }

  std::uint64_t run() {
    const std::uint64_t before = work();
    std::size_t steps = 1;
    for (; !from_.empty() && steps < 256; ++steps) {
      const std::size_t side = from_.below(2);
      step(ends_[side], ends_[1 - side]);
      for (auto& e : ends_) drain(e);
    }
    settle();
    for (auto& e : ends_) {
      e.session.lost();
      drain(e);
      AMPSPEC_ORACLE("model", e.closed && e.session.pending_calls() == 0 && e.session.output().empty());
      AMPSPEC_ORACLE("model", e.session.waiting() == 0 && e.session.spoken() == version_);
    }
    for (const auto& call : calls_) AMPSPEC_ORACLE("model", call.ends == (call.ask ? 1 : 0));
    AMPSPEC_ORACLE("work", work() - before <= 100'000 + 4000 * (steps + calls_.size()) + 40 * moved_);
    return trace_;
  }

 private:
  static constexpr std::size_t most_calls = 400;  // behind so many there is none that is like no other

  bool is_much() const { return first_ / 2 % 16 == 9 || is_long(); }
  bool is_long() const { return first_ / 2 % 16 == 13; }

  void step(end_of_line& us, end_of_line& them) {
    std::size_t count = 0;
    bool asks = true;
    switch (from_.below(16)) {
      case 0:
      case 1:
      case 2:
        asks = from_.below(8) != 0;  // before the text: compilers differ in the order of arguments
        call(us, asks, from_.text());
        break;
      case 3:
      case 4:
        respond(us, true);
        break;
      case 5:
        respond(us, false);
        break;
      case 6:
      case 7:
        move(us, them, 1 + from_.octet());
        break;
      case 8:
      case 9:
        move(us, them, ~std::size_t{0});
        break;
      case 10:  // octet by octet
        count = from_.octet();
        if (!is_long() || count < 192) {
          count %= 16;
        } else if (!std::exchange(much_waits_, true)) {
          call(us, true, std::string(60'000, 'w'));  // so that much waits behind each octet
        }
        for (; count > 0; --count) move(us, them, 1);
        break;
      case 11:
        if (from_.flag()) {
          note(us.session.start_tls(), us);
        } else {
          ask_to_switch(us);
        }
        break;
      case 12:
        us.accepts = from_.flag() ? transport_change::tls : transport_change::other;
        break;
      case 13:  // calls, rarely more than tags of one octet can tell apart
        count = from_.octet();
        count = count < 224 || !is_much() ? count % 8 : 320;
        for (; count > 0 && calls_.size() < most_calls; --count) call(us, true, from_.text());
        break;
      case 14:
        if (from_.below(4) == 0) us.session.close();
        break;
      default:
        if (from_.below(4) == 0) finish(us, them);
    }
  }

  void call(end_of_line& us, bool ask, const std::string& text) {
    const std::string number = std::to_string(calls_.size());
    const std::array<amp::pair_view, 3> arguments{{{"n", number}, {"text", text}, {"", ""}}};
    const std::size_t with = from_.below(16) == 1 ? 3 : 2;  // the third is refused
    const auto made = us.session.call("command", amp::box_view(arguments.data(), with), ask);
    moved_ += text.size();
    if (!made) return;
    calls_.push_back({ask, false, 0, {}});
    if (ask) us.calls.emplace_back(*made, calls_.size() - 1);
  }

  // A call that asks for a change carries no number: it is known by its end.
  void note(const wire::result<amp::call_id>& made, end_of_line& us) {
    if (!made) return;
    calls_.push_back({true, true, 0, {}});
    us.calls.emplace_back(*made, calls_.size() - 1);
    us.change = *made;
  }
  void ask_to_switch(end_of_line& us) {
    const std::string number = std::to_string(calls_.size());
    note(us.session.call_switch("switch", amp::box{{"n", number}}), us);
  }

  void respond(end_of_line& us, bool well) {
    if (us.requests.empty()) return;
    const auto place = us.requests.begin() +
                       static_cast<std::ptrdiff_t>(from_.below(us.requests.size() > 256 ? 256 : us.requests.size()));
    const auto [id, number] = *place;
    us.requests.erase(place);
    const std::string text = from_.text();
    moved_ += text.size();
    const bool fatal = !well && from_.below(16) == 1;
    if (well && version_ == amp::version::v2 && from_.below(4) == 1) return answer_made(us, id, number, text);
    if (well) {
      us.session.answer(id, amp::box{{"text", text}});
      const bool fits = version_ == amp::version::v2 || text.size() <= amp::max_value;
      say(number, {fits ? said::how::answer : said::how::error, fits ? text : "UNKNOWN"});
    } else {
      us.session.fail(id, "CODE", text, fatal);
      say(number, {said::how::error, "CODE"});
    }
  }
  // AMP2-024: the value is made while it is written. While a change of ours is pending it can't be held.
  void answer_made(end_of_line& us, amp::request_id id, std::size_t number, const std::string& text) {
    const bool fails = us.change || us.session.wants_change();
    us.session.answer(id, {}, {"text", text.size(), [text](std::uint64_t at, std::span<char> out) {
                                 text.copy(out.data(), out.size(), at);
                               }});
    say(number, {fails ? said::how::error : said::how::answer, fails ? "UNKNOWN" : text});
    AMPSPEC_ORACLE("model", us.session.waiting() >= us.session.output().size());
  }
  // The number of StartTLS, which has none: the call that has the next one is still to be made.
  static constexpr std::size_t no_call = ~std::size_t{0};
  void say(std::size_t number, said what) {
    if (number < calls_.size()) calls_[number].answer = std::move(what);
  }

  void move(end_of_line& us, end_of_line& them, std::size_t most) {
    const auto octets = us.session.output().substr(0, most);
    them.pipe += octets;
    moved_ += octets.size();
    us.session.sent(octets.size());
    secure_if_due(us);
    deliver(them);
  }

  void deliver(end_of_line& e) {
    secure_if_due(e);
    if (e.session.wants_change() || e.pipe.empty()) return;  // what comes now belongs to the next layer
    const lent octets(e.pipe);
    e.pipe.clear();
    e.session.receive(octets);
    drain(e);
    if (e.session.wants_change() == transport_change::tls) e.pipe = e.session.unread();
  }

  void secure_if_due(end_of_line& e) {
    if (e.session.wants_change() != transport_change::tls || !e.session.output().empty()) return;
    if (e.session.wants_close()) return;
    e.session.secured();
    AMPSPEC_ORACLE("model", e.session.is_secure() && !e.session.start_tls().ok());  // AMP1-CONV-062
    drain(e);
  }

  void finish(end_of_line& us, end_of_line& them) {
    while (!us.session.output().empty()) move(us, them, ~std::size_t{0});
    us.session.close();
    drain(us);
    them.session.peer_finished();
    them.finished = true;
    drain(them);
  }

  // All that can still happen without anybody doing anything new.
  void settle() {
    const amp::box settled{{"text", "settled"}};
    // A value that is made while it is written leaves in parts, one with each round.
    for (int idle = 0; idle < 2;) {
      const auto before = std::pair(moved_, trace_);
      for (std::size_t side = 0; side < 2; ++side) {
        while (!ends_[side].requests.empty()) {
          const auto [id, number] = ends_[side].requests.back();
          ends_[side].requests.pop_back();
          ends_[side].session.answer(id, settled);
          say(number, {said::how::answer, "settled"});
        }
        move(ends_[side], ends_[1 - side], ~std::size_t{0});
      }
      idle = before == std::pair(moved_, trace_) ? idle + 1 : 0;
    }
    // Where nobody closed and no change is pending everything has been answered.
    const bool quiet = std::none_of(ends_.begin(), ends_.end(), [](const end_of_line& e) {
      return e.closed || e.finished || e.session.wants_close() || e.session.wants_change() || e.session.is_switched();
    });
    // Two changes that cross wait for each other: what answers one is held by the other.
    if (!quiet || (ends_[0].change && ends_[1].change)) return;
    for (const auto& e : ends_) AMPSPEC_ORACLE("model", e.session.pending_calls() == 0 && e.session.held() == 0);
    for (const auto& call : calls_) AMPSPEC_ORACLE("model", call.received);
  }

  void drain(end_of_line& e) {
    while (const auto event = e.session.next_event()) {
      AMPSPEC_ORACLE("sticky", !e.closed);
      std::visit([&](const auto& what) { take(e, what); }, *event);
      const auto* request = std::get_if<amp::request_received>(&*event);
      if (request == nullptr || !e.accepts) continue;
      if (request->ask) e.requests.pop_back();
      // Before anything behind the request is parsed, as it must be.
      e.session.accept(request->id, *std::exchange(e.accepts, std::nullopt));
    }
  }

  void take(end_of_line& e, const amp::request_received& r) {
    std::size_t number = no_call;
    if (const auto text = r.arguments.find("n")) {
      number = static_cast<std::size_t>(std::stoull(std::string(*text)));
      AMPSPEC_ORACLE("model", number < calls_.size());
      AMPSPEC_ORACLE("model", r.command == "switch" || !calls_[number].received);
      calls_[number].received = true;
    } else {
      AMPSPEC_ORACLE("model", r.command == amp::command_start_tls);
    }
    trace("r", number);
    if (r.ask) e.requests.emplace_back(r.id, number);
  }
  std::size_t ended(end_of_line& e, amp::call_id id) {
    const auto found =
        std::lower_bound(e.calls.begin(), e.calls.end(), std::pair(id, std::size_t{0}));  // ids only grow
    AMPSPEC_ORACLE("model", found != e.calls.end() && found->first == id);
    AMPSPEC_ORACLE("model", ++calls_[found->second].ends == 1);
    if (e.change == id) e.change.reset();
    return found->second;
  }
  void take(end_of_line& e, const amp::answer_received& a) {
    const auto number = ended(e, a.call);
    const auto& answer = calls_[number].answer;
    const auto text = a.values.find("text");
    if (text) AMPSPEC_ORACLE("model", answer.what == said::how::nothing || answer.with == *text);
    trace("a", number);
  }
  void take(end_of_line& e, const amp::error_received& x) {
    const auto number = ended(e, x.call);
    const auto& answer = calls_[number].answer;
    AMPSPEC_ORACLE("model", answer.what != said::how::answer);
    AMPSPEC_ORACLE("model", answer.what == said::how::nothing || answer.with == x.code);
    trace("e", number);
  }
  void take(end_of_line& e, const amp::call_failed& f) { trace("f", ended(e, f.call)); }
  void take(end_of_line& e, const amp::closed& c) {
    e.closed = true;
    // Neither side ever sends anything wrong.
    if (c.why) {
      AMPSPEC_ORACLE("model", c.why->code == amp::errc::connection_lost || c.why->code == amp::errc::truncated ||
                                  c.why->code == amp::errc::change_pending);
    }
    trace("c", 0);
  }
  void trace(const char* what, std::size_t number) {
    for (const std::uint64_t n : {static_cast<std::uint64_t>(*what), static_cast<std::uint64_t>(number)}) {
      trace_ = (trace_ ^ n) * 0x100000001b3u;
    }
  }

  maker from_;
  std::uint8_t first_;
  amp::version version_;
  std::array<end_of_line, 2> ends_;
  std::vector<made_call> calls_;
  bool much_waits_ = false;
  std::uint64_t moved_ = 0, trace_ = 0xcbf29ce484222325u;
};

}  // namespace

void amp_session(std::string_view input) {
  const std::uint64_t first = play(maker(input)).run();
  if (input.size() % 16 != 0) return;  // a second time costs as much as the first; one input in sixteen tells as much
  AMPSPEC_ORACLE("replay", play(maker(input)).run() == first);
}

}  // namespace ampspec::fuzz
