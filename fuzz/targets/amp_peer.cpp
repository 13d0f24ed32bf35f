// Property: one session does and says what a plain model of the conversation says, whatever its peer sends it.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/budget.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/session.hpp"
#include "reference/amp/utf8.hpp"
#include "reference/naive/text.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::fuzz {
namespace {

using amp::errc;
using naive::box;

const std::set<std::string, std::less<>> own_keys{"_ask", "_answer", "_command", "_error"};
const std::set<std::string, std::less<>> reserved{"_ask",   "_answer",     "_command",
                                                  "_error", "_error_code", "_error_description"};

// An event as text: what the model says and what the session does are compared as such.
std::string shown(const box& pairs) {
  std::string s;
  for (const auto& [key, value] : pairs) {
    s += std::to_string(key.size()) + ":" + key + "=" + std::to_string(value.size()) + ":" + value + ",";
  }
  return s;
}

struct shown_event {
  std::string operator()(const amp::request_received& e) const {
    return "request " + std::to_string(e.id) + " " + std::string(e.command) + (e.ask ? "?" + std::string(*e.ask) : "") +
           " " + shown(owned(e.arguments));
  }
  std::string operator()(const amp::answer_received& e) const {
    return "answer " + std::to_string(e.call) + " " + shown(owned(e.values));
  }
  std::string operator()(const amp::error_received& e) const {
    AMPSPEC_ORACLE("model", naive::is_utf8(e.description));  // AMP1-CONV-020
    return "error " + std::to_string(e.call) + " " + std::string(e.code) + " " + std::string(e.description);
  }
  std::string operator()(const amp::call_failed& e) const {
    return "failed " + std::to_string(e.call) + " " + std::string(amp::class_word(e.reason.code));
  }
  std::string operator()(const amp::closed& e) const {
    return "closed " + (e.why ? std::string(amp::class_word(e.why->code)) : "");
  }
};

// The conversation without its octets: what is pending, what must come next, and all that must have been written.
class model {
 public:
  explicit model(amp::version v)
      : limits_{.version = v},
        decoder_(limits_),
        format_(v == amp::version::v2 ? naive::format::amp2 : naive::format::amp1) {}

  void receive(std::string_view octets) {
    if (!open_ || finished_) return;
    decoder_.feed(octets);
    while (const auto b = decoder_.next()) {
      if (open_) take(owned(*b));
    }
    if (open_ && decoder_.error()) close(amp::class_word(decoder_.error()->code));
  }
  void finish() {
    if (!open_ || finished_) return;
    finished_ = true;
    open_ = false;
    const auto cut = decoder_.finish();
    cut_ = cut ? amp::class_word(cut->code) : "";
    fail_calls("connection-lost");
    close_if_drained();
  }
  void lose() {
    close("connection-lost");
    gone_ = true;
  }
  void close(std::string_view why) {
    open_ = false;
    requests_.clear();
    if (closed_) return;
    closed_ = true;
    fail_calls(why.empty() ? "connection-lost" : why);
    events.push_back("closed " + std::string(why));
  }

  bool call(const std::string& command, const box& arguments, bool ask) {
    if (!open_) return false;
    box made;
    if (ask) made.emplace_back("_ask", hex(tags_ + 1));
    made.emplace_back("_command", command);
    made.insert(made.end(), arguments.begin(), arguments.end());
    if (has_reserved(arguments) || !write(made)) return false;
    ++calls_;
    if (ask) pending_.emplace(hex(++tags_), calls_);
    return true;
  }
  bool send(const box& pairs) { return open_ && !pairs.empty() && write(pairs); }
  // `behind` are pairs that come last: a value that is made while it is written.
  void answer(amp::request_id id, const box& values, const box& behind = {}) {
    const auto found = requests_.find(id);
    if (found == requests_.end()) return;
    box made{{"_answer", found->second}};
    made.insert(made.end(), values.begin(), values.end());
    made.insert(made.end(), behind.begin(), behind.end());
    if (has_reserved(values) || !write(made)) return fail(id, "UNKNOWN", "Unknown Error", true);
    requests_.erase(found);
    close_if_drained();
  }
  void fail(amp::request_id id, const std::string& code, const std::string& description, bool fatal) {
    const auto found = requests_.find(id);
    if (found == requests_.end()) return;
    const bool v1 = format_ == naive::format::amp1;
    if (v1 && code.size() > naive::max_value) return fail(id, "UNKNOWN", "Unknown Error", true);
    std::string text = amp::valid_utf8(description);
    if (v1) text = naive::cut_text(text, naive::max_value);
    write({{"_error", found->second}, {"_error_code", code}, {"_error_description", text}});
    requests_.erase(found);
    if (fatal) {
      close("");
    } else {
      close_if_drained();
    }
  }

  amp::request_id request(std::size_t i) const {
    return requests_.empty() ? 0
                             : std::next(requests_.begin(), static_cast<std::ptrdiff_t>(i % requests_.size()))->first;
  }
  std::string pending_tag(std::size_t i) const {
    return pending_.empty() ? "" : std::next(pending_.begin(), static_cast<std::ptrdiff_t>(i % pending_.size()))->first;
  }
  std::size_t pending_calls() const { return pending_.size(); }
  std::size_t pending_requests() const { return requests_.size(); }
  bool closed() const { return closed_; }
  bool gone() const { return gone_; }

  std::deque<std::string> events;  // that must come next
  std::string output;              // all that was to be written

 private:
  static bool has_reserved(const box& pairs) {
    return std::any_of(pairs.begin(), pairs.end(), [](const auto& p) { return reserved.contains(p.first); });
  }
  static std::string hex(std::uint64_t n) {
    std::string digits;
    for (; n > 0; n /= 16) digits.insert(digits.begin(), "0123456789abcdef"[n % 16]);
    return digits;
  }
  bool write(const box& made) {
    const auto written = naive::encode(made, {}, format_);
    output += written.bytes;
    return written.refused.empty();
  }
  void fail_calls(std::string_view why) {
    std::vector<amp::call_id> failed;
    for (const auto& [tag, call] : pending_) failed.push_back(call);
    std::sort(failed.begin(), failed.end());
    for (const auto call : failed) events.push_back("failed " + std::to_string(call) + " " + std::string(why));
    pending_.clear();
  }
  void close_if_drained() {
    if (finished_ && !closed_ && requests_.empty()) close(cut_);
  }
  void take(const box& got) {
    const auto value = [&](std::string_view key) { return naive::find(got, key); };
    const auto command = value("_command"), answered = value("_answer"), error = value("_error"), ask = value("_ask");
    box rest;
    std::copy_if(got.begin(), got.end(), std::back_inserter(rest),
                 [](const auto& p) { return !own_keys.contains(p.first); });
    const int kinds = command.has_value() + answered.has_value() + error.has_value();
    if (got.empty()) return close("empty-box");
    if (kinds == 0) return close("no-kind");
    if (kinds > 1) return close("mixed-kind");
    if (command) {
      const amp::request_id id = ++received_;
      if (ask) requests_.emplace(id, *ask);
      events.push_back("request " + std::to_string(id) + " " + *command + (ask ? "?" + *ask : "") + " " + shown(rest));
      return;
    }
    const auto found = pending_.find(answered ? *answered : *error);
    if (found == pending_.end()) return close("unknown-tag");
    const std::string call = std::to_string(found->second);
    pending_.erase(found);
    if (answered) {
      events.push_back("answer " + call + " " + shown(rest));
      return;
    }
    const auto code = value("_error_code"), description = value("_error_description");
    if (code && description) {
      events.push_back("error " + call + " " + *code + " " + amp::valid_utf8(*description));
      return;
    }
    events.push_back("failed " + call + " missing-error-field");
    fail_calls("connection-lost");
    close("missing-error-field");
  }

  amp::limits limits_;
  amp::box_decoder decoder_;
  naive::format format_;
  bool open_ = true, finished_ = false, closed_ = false, gone_ = false;
  std::string cut_;
  std::uint64_t tags_ = 0, calls_ = 0, received_ = 0;
  std::map<std::string, amp::call_id> pending_;
  std::map<amp::request_id, std::string> requests_;
};

class play {
 public:
  explicit play(maker from)
      : from_(from),
        first_(from_.octet()),
        version_((first_ & 1) != 0 ? amp::version::v2 : amp::version::v1),
        session_({.version = version_}),
        model_(version_) {
    from_.repeat_at_most(is_long() ? 140'000 : 1000);
  }

  void run() {
    const std::uint64_t before = work();
    std::uint64_t octets = 0;
    std::size_t steps = 1;
    for (; !from_.empty() && steps < 256; ++steps) {
      octets += step();
      check();
    }
    while (!session_.output().empty()) write(session_.output().size());
    check();
    if (!model_.gone()) AMPSPEC_ORACLE("model", written_ == model_.output);
    session_.lost();
    model_.lose();
    check();
    AMPSPEC_ORACLE("work", work() - before <= 100'000 + 4000 * steps + 40 * (octets + made_ + written_.size()));
  }

 private:
  // One action; how many octets it moved.
  std::size_t step() {
    switch (from_.below(16)) {
      case 0:
      case 1:
      case 2:
        return receive(a_box());
      case 3:
        return receive(is_civil() ? a_box() : std::string(from_.take(1 + from_.below(32))));
      case 4:
      case 5: {
        const std::string command = text();
        const box arguments = some_pairs();
        const bool ask = !from_.flag();
        const auto made = session_.call(command, boxed(arguments), ask);
        AMPSPEC_ORACLE("model", made.ok() == model_.call(command, arguments, ask));
        return command.size();
      }
      case 6:
      case 7: {
        const auto id = model_.request(from_.octet());
        const box values = some_pairs();
        session_.answer(id, boxed(values));
        model_.answer(id, values);
        return 0;
      }
      case 8: {
        const auto id = model_.request(from_.octet());
        const std::string code = text();
        std::string description = text();
        const std::size_t how = from_.octet();
        if (how >= 0xc0 && !std::exchange(described_, true)) description = long_description(how);
        const bool fatal = how % 8 == 0;
        session_.fail(id, code, description, fatal);
        model_.fail(id, code, description, fatal);
        return 3 * description.size();
      }
      case 9: {
        const auto id = model_.request(from_.octet());
        session_.fail_unhandled(id);
        model_.fail(id, "UNHANDLED", "no such command", false);
        return 0;
      }
      case 10: {
        const std::size_t size = 1 + from_.octet();
        for (std::size_t times = 1 + from_.octet(); times > 0; --times) write(size);
        return 0;
      }
      case 11: {  // many calls: tags must not come round
        std::size_t times = from_.octet();
        times = times < 224 || !is_long() || std::exchange(many_, true) ? times % 8 : 320;
        for (std::size_t i = 0; i < times; ++i) {
          AMPSPEC_ORACLE("model", session_.call("c", {}).ok() == model_.call("c", {}, true));
        }
        return 64 * times;
      }
      case 12:
        if (is_civil() && from_.below(8) != 0) return 0;
        session_.peer_finished();
        drain([&] { model_.finish(); });
        return 0;
      case 13:
        if (const std::size_t how = from_.below(4); how != 0) return how == 1 ? send_box() : 0;
        session_.lost();
        drain([&] { model_.lose(); });
        return 0;
      case 14:
        if (const std::size_t how = from_.below(4); how != 0) return how == 1 ? answer_made() : 0;
        session_.close();
        drain([&] { model_.close(""); });
        return 0;
      default: {  // an answer to an own call that is surely right
        const std::string tag = model_.pending_tag(from_.octet());
        return receive(naive::encode({{"_answer", tag}, {"v", std::string(from_.take(from_.below(4)))}}).bytes);
      }
    }
  }

  // A box as it is given, also one that is no answer to anything.
  std::size_t send_box() {
    const box pairs = some_pairs();
    AMPSPEC_ORACLE("model", !session_.send(boxed(pairs)) == model_.send(pairs));
    return 0;
  }

  std::size_t answer_made() {
    if (version_ == amp::version::v1) return 0;
    const auto id = model_.request(from_.octet());
    const box values = some_pairs();
    const std::string large = text();
    session_.answer(id, boxed(values), {"large", large.size(), [large](std::uint64_t at, std::span<char> out) {
                                          large.copy(out.data(), out.size(), at);
                                        }});
    model_.answer(id, values, {{"large", large}});
    makes_ = true;
    return large.size();
  }

  std::size_t receive(const std::string& octets) {
    const lent now(octets);
    session_.receive(now);
    drain([&] { model_.receive(octets); });
    return octets.size();
  }

  template <class Told>
  void drain(Told&& tell) {
    tell();
    while (const auto e = session_.next_event()) {
      const std::string got = std::visit(shown_event(), *e);
      AMPSPEC_ORACLE("model", !model_.events.empty() && model_.events.front() == got);
      model_.events.pop_front();
    }
  }

  void write(std::size_t size) {
    const auto octets = session_.output().substr(0, size);
    written_ += octets;
    session_.sent(octets.size());
  }

  void check() {
    drain([] {});
    AMPSPEC_ORACLE("model", model_.events.empty());
    AMPSPEC_ORACLE("model", session_.pending_calls() == model_.pending_calls());
    AMPSPEC_ORACLE("model", session_.pending_requests() == model_.pending_requests());
    if (model_.gone()) {
      AMPSPEC_ORACLE("model", session_.output().empty() && !session_.wants_close());
      return;
    }
    AMPSPEC_ORACLE("model", session_.wants_close() == model_.closed());
    // What is made while it is written is not there before.
    const std::size_t there = written_.size() + session_.output().size();
    AMPSPEC_ORACLE("model", makes_ ? there <= model_.output.size() : there == model_.output.size());
    AMPSPEC_ORACLE("model", session_.waiting() >= session_.output().size());
  }

  bool is_civil() const { return (first_ & 2) != 0; }
  // One input in sixteen has long texts, or very many calls: it takes the time of a hundred others.
  bool is_long() const { return first_ / 4 % 16 == 6; }
  std::string text() {
    std::string made = from_.text();
    made_ += made.size();
    return made;
  }
  // Some octets more than fit into a value, of characters of one to four octets: where it is cut may be inside one.
  static std::string long_description(std::size_t how) {
    constexpr std::array<std::string_view, 4> characters{"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    std::string made(how % 4, 'a');
    while (made.size() <= naive::max_value) made += characters[how / 4 % 4];
    return made;
  }
  box some_pairs() {
    box pairs;
    for (std::size_t i = from_.below(4); i > 0; --i) {
      std::string key = a_key();
      pairs.emplace_back(std::move(key), text());
    }
    return pairs;
  }
  std::string a_key() {
    constexpr std::array<std::string_view, 10> keys{
        "a", "b", "c", "_x", "_ask", "_answer", "_command", "_error", "_error_code", "_error_description"};
    const std::size_t i = is_civil() ? from_.below(4) : from_.below(12);
    return i < keys.size() ? std::string(keys[i]) : text();
  }
  // A box as a peer might send it: mostly of one kind, its tag mostly one that is pending.
  std::string a_box() {
    box made;
    const auto tag = [&] { return !is_civil() && from_.below(4) == 0 ? text() : model_.pending_tag(from_.octet()); };
    std::size_t kind = from_.below(5);
    if (is_civil() && (kind == 4 || (kind > 0 && model_.pending_calls() == 0))) kind = 3;
    switch (kind) {
      case 0:
        made.emplace_back("_command", text());
        if (!from_.flag()) made.emplace_back("_ask", text());
        break;
      case 1:
        made.emplace_back("_answer", tag());
        break;
      case 2:
        made.emplace_back("_error", tag());
        if (from_.below(8) != 0) made.emplace_back("_error_code", text());
        if (from_.below(8) != 0) made.emplace_back("_error_description", text());
        break;
      case 3:
        made.emplace_back("_command", "c");
        made.emplace_back("_ask", std::string(1, static_cast<char>(from_.octet())));
        break;
      default:
        break;
    }
    for (auto& pair : some_pairs()) made.push_back(std::move(pair));
    const auto format = version_ == amp::version::v2 ? naive::format::amp2 : naive::format::amp1;
    auto encoded = naive::encode(made, {}, format);
    return encoded.refused.empty() ? encoded.bytes : naive::encode({{"_command", "x"}}, {}, format).bytes;
  }
  static amp::box boxed(const box& pairs) {
    amp::box made;
    for (const auto& [key, value] : pairs) made.add(key, value);
    return made;
  }

  maker from_;
  std::uint8_t first_;  // of the script; the second bit: a peer that says little that ends the connection, so that a
                        // long conversation comes about
  amp::version version_;
  amp::session session_;
  model model_;
  std::string written_;
  std::uint64_t made_ = 0;  // octets of texts
  bool many_ = false;       // very many calls were made
  bool described_ = false;  // at length
  bool makes_ = false;      // some value was made while it was written
};

}  // namespace

void amp_peer(std::string_view input) { play(maker(input)).run(); }

}  // namespace ampspec::fuzz
