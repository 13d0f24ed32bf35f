// Property: a broker answers as it was asked and in order, and delivers what was published, whatever its clients send.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/broker_stream.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

constexpr std::array<std::string_view, 5> ack_order{"received", "processed", "persisted", "completed", "stats"};

std::string text(const header_texts& fields, const char* name) {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

// A command that carried a `cid`, and what came for it.
struct asked {
  std::set<std::string, std::less<>> acks;
  bool is_query = false, began = false, ended = false;
  std::vector<std::string> got;
};

struct client {
  explicit client(const std::shared_ptr<amps::broker>& b) : stream(std::make_unique<amps::broker_stream>(b)) {}

  std::unique_ptr<amps::broker_stream> stream;
  std::deque<std::string> lent;  // octets that the stream may still read
  std::string in;                // what was written to us and is no whole frame yet
  std::map<std::string, asked> commands;
  std::uint64_t highest_sequence = 0, persisted = 0;
  std::map<std::string, std::uint64_t> last_number;  // of a message to a subscription on a plain topic
  bool slow = false;
};

class play {
 public:
  explicit play(maker from) : from_(from) {
    auto config = amps::conformance_fixture({.logged = from_.below(4) != 1, .authentication = false});
    if (from_.below(4) == 1) {
      config.max_waiting = 4000;
      config.max_congestion = 8000;
      config.small_backlog = 1000;
      config.max_stored = 20'000;
      config.max_subscribed = 20'000;
    }
    broker_ = std::make_shared<amps::broker>(config);
    says_anything_ = from_.below(4) == 1;
    for (int i = 0; i < 3; ++i) {
      clients_.emplace_back(broker_);
      if (from_.below(8) != 1) log_on(clients_.back(), static_cast<char>('a' + i));
    }
  }

  std::uint64_t run() {
    for (std::size_t steps = 0; !from_.empty() && steps < 200; ++steps) {
      step(clients_[from_.below(clients_.size())]);
      while (amps::broker_session* touched = broker_->next_touched()) {
        for (auto& c : clients_) {
          if (&c.stream->session() == touched) c.stream->resume();
        }
      }
      for (auto& c : clients_) {
        if (!c.slow) hear(c, ~std::size_t{0});
      }
    }
    // What is said later, and acks of several publishes among it, comes within these.
    broker_->advance(broker_->now() + std::chrono::seconds(2));
    for (auto& c : clients_) hear(c, ~std::size_t{0});
    return trace_;
  }

 private:
  void step(client& c) {
    switch (from_.below(16)) {
      case 0:
        log_on(c, static_cast<char>('a' + from_.below(2)));
        break;
      case 1:
      case 2:
      case 3:
        publish(c, from_.below(4) == 1 ? "delta_publish" : "publish");
        break;
      case 4:
        say(c, "sow_delete",
            topic() + some({R"(,"filter":"/id = 1")", R"(,"sow_keys":"1,2")", R"(,"filter":"1=1")", ""}),
            from_.flag() ? body() : "");
        break;
      case 5:
        subscribe(c, from_.below(4) == 1 ? "delta_subscribe" : "subscribe", false);
        break;
      case 6:
        subscribe(c, from_.flag() ? "sow" : "sow_and_subscribe", true);
        break;
      case 7:
        subscribe(c, "sow_and_delta_subscribe", true);
        break;
      case 8:
        say(c, "unsubscribe", some({R"(,"sub_id":"all")", R"(,"sub_id":"s1")", R"(,"sub_id":"s2,s3")", ""}));
        break;
      case 9:
        say(c, from_.flag() ? "flush" : "heartbeat",
            some({"", R"(,"opts":"start,1")", R"(,"opts":"beat")", R"(,"opts":"stop")"}));
        break;
      case 10: {
        constexpr std::array<int, 8> milliseconds{1, 10, 100, 999, 1000, 2000, 5000, 20'000};
        broker_->advance(broker_->now() + std::chrono::milliseconds(milliseconds[from_.below(8)]));
        break;
      }
      case 11:
        if (!says_anything_) break;
        write(c, std::string(from_.take(1 + from_.below(40))));
        break;
      case 12: {  // a header as the input has it
        if (!says_anything_) break;
        const std::string frame(from_.take(1 + from_.below(120)));
        write(c, framed(frame));
        c.commands.clear();  // whatever it was, it may be answered too
        hostile_ = true;
        break;
      }
      case 13:
        if (from_.below(4) != 0) break;
        c.stream->lost();
        c = client(broker_);
        break;
      case 14:
        c.slow = !c.slow;
        break;
      default:
        hear(c, 1 + from_.octet());
    }
  }

  void log_on(client& c, char name) { say(c, "logon", R"(,"client_name":")" + std::string(1, name) + "\""); }

  std::string some(std::initializer_list<std::string_view> of) {
    return std::string(*(of.begin() + static_cast<std::ptrdiff_t>(from_.below(of.size()))));
  }
  std::string topic() {
    return R"(,"t":")" + some({"plain", "plain2", "conf/sow", "conf/logsow", "conf/log", "conf/queue", "conf/sowkey"}) +
           "\"";
  }
  std::string body() {
    return R"({"id":)" + std::to_string(from_.below(4)) + R"(,"n":)" + std::to_string(++numbers_) + "}";
  }

  void publish(client& c, const std::string& what) {
    std::string more = topic();
    const bool is_logged = more.find("conf/log") != std::string::npos || more.find("queue") != std::string::npos;
    if (from_.flag()) {
      const std::uint64_t s = c.highest_sequence + from_.below(3);
      more += R"(,"s":)" + std::to_string(s);
      if (is_logged) c.highest_sequence = std::max(c.highest_sequence, s);
    }
    if (more.find("sowkey") != std::string::npos) more += R"(,"k":"key)" + std::to_string(from_.below(3)) + "\"";
    if (from_.below(4) == 1) more += R"(,"e":1)";
    say(c, what, more, from_.below(8) == 1 ? std::string(from_.take(from_.below(20))) : body());
  }

  void subscribe(client& c, const std::string& what, bool query) {
    std::string more = some({topic(), R"(,"t":"^plain.*$")", R"(,"t":"conf/.*")"});
    more +=
        some({"", R"(,"filter":"/id > 1")", R"(,"filter":"/n > 2 AND NOT /id = 3")", R"(,"filter":"/id LIKE '1'")"});
    more += some({R"(,"sub_id":"s1")", R"(,"sub_id":"s2")", R"(,"sub_id":"s3")", ""});
    more += some({"", R"(,"bm":"0")", R"(,"opts":"oof")", R"(,"opts":"conflation=100ms,conflation_key=[/id]")",
                  R"(,"opts":"replace")", R"(,"opts":"max_backlog=3")", R"(,"opts":"pause")",
                  R"(,"opts":"select=[-/,+/id]")"});
    if (query) more += some({"", R"(,"bs":1)", R"(,"bs":2)", R"(,"top_n":1)", R"(,"orderby":"/id DESC")"});
    say(c, what, more, {}, query);
  }

  // Sends a command with a `cid` of its own, under which it is known, and `a`.
  void say(client& c, const std::string& what, const std::string& more, const std::string& with = {},
           bool query = false) {
    const std::string id = std::to_string(++ids_);
    asked a;
    a.is_query = query;
    const std::size_t bits = from_.below(32);
    std::string list;
    for (std::size_t i = 0; i < ack_order.size(); ++i) {
      if ((bits >> i & 1) == 0) continue;
      a.acks.emplace(ack_order[i]);
      list.append(list.empty() ? "" : ",").append(ack_order[i]);
    }
    c.commands[id] = a;
    std::string header = R"({"c":")" + what + R"(","cid":")" + id + "\"" + more;
    if (query) header += R"(,"query_id":")" + id + "\"";
    if (!list.empty()) header += R"(,"a":")" + list + "\"";
    write(c, framed(header + "}" + with));
  }

  static std::string framed(const std::string& octets) {
    std::string made;
    for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>(octets.size() >> shift);
    return made + octets;
  }

  void write(client& c, std::string octets) {
    if (!c.stream->wants_input()) return;
    c.lent.push_back(std::move(octets));
    c.stream->receive(c.lent.back());
    while (c.lent.size() > 1 && c.stream->wants_input()) c.lent.pop_front();
  }

  // Takes at most so many octets of what is written to a client, and looks at the frames that are whole.
  void hear(client& c, std::size_t most) {
    std::vector<std::string_view> room(64);
    while (most > 0) {
      const std::size_t count = c.stream->pieces(room);
      std::size_t took = 0;
      for (std::size_t i = 0; i < count && took < most; ++i) {
        const auto piece = room[i].substr(0, most - took);
        c.in += piece;
        took += piece.size();
      }
      if (took == 0) break;
      c.stream->sent(took);
      most -= most == ~std::size_t{0} ? 0 : took;
    }
    std::size_t at = 0;
    while (c.in.size() - at >= 4) {
      std::size_t size = 0;
      for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(c.in[at + i]);
      if (c.in.size() - at - 4 < size) break;
      take(c, std::string_view(c.in).substr(at + 4, size));
      at += 4 + size;
    }
    c.in.erase(0, at);
  }

  void take(client& c, std::string_view frame) {
    for (const char octet : frame) trace_ = (trace_ ^ static_cast<unsigned char>(octet)) * 0x100000001b3u;
    const auto object = naive::read_object(frame, {});
    AMPSPEC_ORACLE("differential", object.wrong.empty());
    const auto& fields = object.fields;
    const std::string what = text(fields, "c");
    if (what == "ack") return take_ack(c, fields);
    const auto query = c.commands.find(text(fields, "query_id"));
    if (query != c.commands.end() && query->second.is_query) {
      asked& a = query->second;
      const auto has = [&](const char* ack) { return std::find(a.got.begin(), a.got.end(), ack) != a.got.end(); };
      if ((what == "group_begin" || what == "sow" || what == "group_end") && !hostile_) {  // AMPS-ACK-007
        AMPSPEC_ORACLE("model", has("processed") == a.acks.contains("processed"));
        AMPSPEC_ORACLE("model", !has("completed") && !has("stats"));
      }
      if (what == "group_begin") {
        AMPSPEC_ORACLE("model", !a.began);
        a.began = true;
      } else if (what == "sow") {
        AMPSPEC_ORACLE("model", a.began && !a.ended);
      } else if (what == "group_end") {
        AMPSPEC_ORACLE("model", a.began && !a.ended);
        a.ended = true;
      }
    }
    const std::string topic = text(fields, "t");
    if ((what == "p" || what == "publish") && topic.starts_with("plain") && !hostile_) {
      const auto body = frame.substr(object.size);
      const auto n = body.find(R"("n":)");
      if (n == std::string_view::npos) return;
      const std::uint64_t number = std::strtoull(std::string(body.substr(n + 4)).c_str(), nullptr, 10);
      AMPSPEC_ORACLE("model", number <= numbers_);
    }
  }

  void take_ack(client& c, const header_texts& fields) {
    const auto found = c.commands.find(text(fields, "cid"));
    const std::string type = text(fields, "a");
    if (type == "persisted" && !fields.contains("cid") && !fields.contains("sub_id")) {  // of several publishes
      const std::uint64_t s = std::strtoull(text(fields, "s").c_str(), nullptr, 10);
      AMPSPEC_ORACLE("model", hostile_ || s <= c.highest_sequence);
      AMPSPEC_ORACLE("model", hostile_ || s >= c.persisted);
      c.persisted = s;
    }
    if (found == c.commands.end()) return;
    asked& a = found->second;
    AMPSPEC_ORACLE("model", a.acks.contains(type));
    AMPSPEC_ORACLE("model", std::find(a.got.begin(), a.got.end(), type) == a.got.end());
    if (type == "completed" && a.is_query && text(fields, "status") == "success") {
      AMPSPEC_ORACLE("model", a.began == a.ended);  // not among its records
    }
    const auto place = [](const std::string& t) {
      return std::find(ack_order.begin(), ack_order.end(), t) - ack_order.begin();
    };
    AMPSPEC_ORACLE("model", a.got.empty() || type == "persisted" || a.got.back() == "persisted" ||
                                place(a.got.back()) < place(type));
    a.got.push_back(type);
  }

  maker from_;
  std::shared_ptr<amps::broker> broker_;
  std::vector<client> clients_;
  std::uint64_t ids_ = 0, numbers_ = 0, trace_ = 0xcbf29ce484222325u;
  bool says_anything_ = false;  // octets of the input may be sent as they are: most clients do not, since little can be
                                // said of what comes then
  bool hostile_ = false;        // commands were sent that nobody has counted
};

}  // namespace

void amps_session(std::string_view input) {
  const std::uint64_t first = play(maker(input)).run();
  if (input.size() % 4 != 0) return;  // a second time costs as much as the first, and one input in four tells as much
  AMPSPEC_ORACLE("replay", play(maker(input)).run() == first);
}

}  // namespace ampspec::fuzz
