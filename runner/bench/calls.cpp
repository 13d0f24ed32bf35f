// `ampspec bench calls`: how many calls a second a server answers, compared with a raw echo in the same run.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/calls.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/amp/session.hpp"
#include "reference/amps/frame_decoder.hpp"
#include "runner/bench/cores.hpp"
#include "runner/bench/interactivity.hpp"
#include "runner/bench/line.hpp"
#include "runner/report/text.hpp"
#include "runner/subjects/server.hpp"
#include "runner/subjects/tcp.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

namespace ampspec::runner::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view small_value = "0123456789abcdef";
constexpr std::string_view publish_body = R"({"id":1,"data":"0123456789abcdef"})";
constexpr int patience_seconds = 10;

/// The same answer over and over, however it is cut: what reading it costs is the same whoever gives it.
class repeated_answer {
 public:
  repeated_answer() = default;
  explicit repeated_answer(std::string answer) : answer_(std::move(answer)) {}

  bool known() const { return !answer_.empty(); }
  /// Takes octets off the front as long as they are the answer's, and returns how many answers they end.
  std::uint64_t take(std::string_view& octets) {
    std::uint64_t ended = 0;
    while (!octets.empty()) {
      const auto some = std::min(octets.size(), answer_.size() - at_);
      if (std::memcmp(octets.data(), answer_.data() + at_, some) != 0) break;
      octets.remove_prefix(some);
      at_ += some;
      if (at_ < answer_.size()) break;
      at_ = 0;
      ++ended;
    }
    return ended;
  }
  /// What was taken of an answer that has not ended.
  std::string_view begun() const { return std::string_view(answer_).substr(0, at_); }

 private:
  std::string answer_;
  std::size_t at_ = 0;
};

/// Requests on their way out.
class request_line {
 public:
  explicit request_line(std::string request) : request_(std::move(request)) {}

  const std::string& request() const { return request_; }
  void say(std::string_view octets) { out_ += octets; }
  void ask(std::uint64_t times) {
    while (times-- > 0) out_ += request_;
  }
  std::string_view output() const { return std::string_view(out_).substr(sent_); }
  void sent(std::size_t count) {
    sent_ += count;
    if (sent_ < out_.size()) return;
    out_.clear();
    sent_ = 0;
  }

 private:
  std::string request_, out_;
  std::size_t sent_ = 0;
};

class echo_talker : public talker {
 public:
  echo_talker(std::size_t window, const std::string& request) : line_(request), answer_(request) { line_.ask(window); }
  std::string_view output() const override { return line_.output(); }
  void sent(std::size_t count) override { line_.sent(count); }
  void receive(std::string_view octets) override {
    const auto ended = answer_.take(octets);
    if (!octets.empty()) throw broken("other octets came back than were sent");
    answered_ += ended;
    line_.ask(ended);
  }
  std::uint64_t answered() const override { return answered_; }

 private:
  request_line line_;
  repeated_answer answer_;
  std::uint64_t answered_ = 0;
};

class call_talker : public talker {
 public:
  explicit call_talker(std::size_t window) {
    while (window-- > 0) call();
  }
  std::string_view output() const override { return session_.output(); }
  void sent(std::size_t count) override { session_.sent(count); }
  void receive(std::string_view octets) override {
    session_.receive(octets);
    std::uint64_t ended = 0;
    while (const auto event = session_.next_event()) {
      const auto* answer = std::get_if<amp::answer_received>(&*event);
      if (answer == nullptr || answer->values.find("data") != small_value) throw broken("Echo was not answered");
      ++ended;
    }
    answered_ += ended;
    while (ended-- > 0) call();
  }
  std::uint64_t answered() const override { return answered_; }

 private:
  void call() {
    const std::array<amp::pair_view, 1> arguments{{{"data", small_value}}};
    if (!session_.call("Echo", {arguments.data(), arguments.size()})) throw broken("a call was refused");
  }

  amp::session session_;
  std::uint64_t answered_ = 0;
};

std::string framed(std::string_view message) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(message.size() >> shift & 0xFF);
  return out.append(message);
}

/// Decodes what comes up to the first delivery. As long as the others are the same octets, they are compared alone.
class publish_talker : public talker {
 public:
  explicit publish_talker(std::size_t window) : window_(window), line_(publish_request()) {
    line_.say(framed(R"({"c":"logon","client_name":"bench"})"));
    line_.say(framed(R"({"c":"subscribe","t":"conf/plain/bench","cid":"s","a":"processed"})"));
  }
  std::string_view output() const override { return line_.output(); }
  void sent(std::size_t count) override { line_.sent(count); }
  void receive(std::string_view octets) override {
    if (delivery_.known()) {
      delivered(delivery_.take(octets));
      if (octets.empty()) return;
      decode(delivery_.begun());
      delivery_ = {};
      all_alike_ = false;
    }
    decode(octets);
  }
  std::uint64_t answered() const override { return answered_; }

 private:
  void delivered(std::uint64_t count) {
    answered_ += count;
    line_.ask(count);
  }
  void decode(std::string_view octets) {
    decoder_.feed(octets);
    std::string_view last;
    while (const auto frame = decoder_.next()) {
      if (frame->header.what() == amps::command::publish) {
        if (frame->body != publish_body) throw broken("another body than was published");
        delivered(1);
        const auto end = octets.size() - decoder_.unread().size();
        const auto at = decoder_.frame_offset();
        last = {};
        if (at >= decoded_)
          last = octets.substr(at - decoded_, end - (at - decoded_));  // it lies whole in these octets
      } else if (frame->header[amps::field::command_id] == "s" && frame->header[amps::field::status] == "success") {
        line_.ask(window_);
      } else {
        throw broken("the subscription was refused");
      }
    }
    decoded_ += octets.size();
    if (decoder_.error()) throw broken("what came is no AMPS: " + decoder_.error()->code.message());
    if (all_alike_ && decoder_.held() == 0 && !last.empty()) delivery_ = repeated_answer(std::string(last));
  }

  std::size_t window_;
  request_line line_;
  amps::frame_decoder decoder_;
  std::uint64_t decoded_ = 0;  ///< octets
  repeated_answer delivery_;   ///< once it is known
  bool all_alike_ = true;
  std::uint64_t answered_ = 0;
};

/// A connection that blocks, with what is said on it.
class conversation {
 public:
  conversation(const std::string& uri, std::unique_ptr<talker> says) : says_(std::move(says)), in_(65536) {
    const auto address = parse_tcp_uri(uri);
    std::string why = uri + " is not tcp://HOST:PORT";
    if (address) socket_ = try_connect(*address, std::chrono::seconds(5), &why);
    if (!socket_) throw broken("no connection: " + why);
    ::fcntl(socket_.get(), F_SETFL, 0);  // it blocks from here on
    const int on = 1;
    const timeval patience{patience_seconds, 0};
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  /// Answers a second while it talks for `time`.
  double talk(std::chrono::milliseconds time) {
    const auto began = clock::now();
    const auto before = says_->answered();
    auto now = began;
    for (; now - began < time; now = clock::now()) turn();
    return static_cast<double>(says_->answered() - before) / std::chrono::duration<double>(now - began).count();
  }

 private:
  void turn() {
    while (!says_->output().empty()) {
      const auto out = says_->output();
      const auto put = ::send(socket_.get(), out.data(), out.size(), MSG_NOSIGNAL);
      if (put <= 0) throw broken("the server takes no more requests");
      says_->sent(static_cast<std::size_t>(put));
    }
    const auto got = ::recv(socket_.get(), in_.data(), in_.size(), 0);
    if (got == 0) throw broken("the server closed the connection");
    if (got < 0) throw broken("no answer within " + std::to_string(patience_seconds) + " s");
    says_->receive(std::string_view(in_.data(), static_cast<std::size_t>(got)));
  }

  std::unique_ptr<talker> says_;
  unique_fd socket_;
  std::vector<char> in_;
};

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

/// What is measured, and what is echoed beside it.
struct subject {
  std::unique_ptr<talker> (*make)(std::size_t window);
  std::string request;
};

window_result measure_window(std::size_t window, const std::string& echo_uri, const std::string& target_uri,
                             const subject& what, const calls_options& o) {
  conversation echo(echo_uri, make_echo_talker(window, what.request)), calls(target_uri, what.make(window));
  echo.talk(o.each / 10);  // warm
  calls.talk(o.each / 10);
  std::vector<double> echoes, called, ratios;
  for (int i = 0; i < o.rounds; ++i) {
    echoes.push_back(echo.talk(o.each));
    called.push_back(calls.talk(o.each));
    ratios.push_back(called.back() / std::max(echoes.back(), 1.0));
  }
  return {window, median(echoes), median(called), median(ratios)};
}

role_setup own_peer(const std::string& program, const std::string& protocol) {
  role_setup setup;
  setup.command = {program, "peer", protocol, "--listen", "tcp://127.0.0.1:0"};
  setup.ready.line = "^listening ";
  return setup;
}

calls_result measure(const std::string& name, const role_setup& tested_setup, const subject& what,
                     const calls_options& o) {
  calls_result all;
  all.target = name;
  all.rounds = o.rounds;
  const auto cores = usable_cores();
  std::optional<on_core> held;
  if (!cores.empty() && tested_setup.uri.empty()) {
    held.emplace(cores.back());
    all.one_core = usable_cores().size() == 1;
  }
  try {
    server echo(own_peer(o.program, "echo"), std::make_shared<restart_budget>());
    server tested(tested_setup, std::make_shared<restart_budget>());
    echo.ensure_up();
    tested.ensure_up();
    all.was_up = true;
    for (const auto window : o.windows) {
      all.windows.push_back(measure_window(window, echo.uri(), tested.uri(), what, o));
    }
  } catch (const broken& e) {
    all.failed = e.what();
  } catch (const conformance::mishap& e) {
    all.failed = e.what();
  }
  return all;
}

}  // namespace

std::unique_ptr<talker> make_echo_talker(std::size_t window, std::string request) {
  return std::make_unique<echo_talker>(window, std::move(request));
}

std::string call_request() {
  const std::vector<amp::pair_view> request{{"_ask", "1000"}, {"_command", "Echo"}, {"data", small_value}};
  std::string out;
  if (amp::encode(request, out)) throw broken("the request can't be encoded");
  return out;
}

std::string publish_request() {
  return framed(R"({"c":"publish","t":"conf/plain/bench"})" + std::string(publish_body));
}

std::unique_ptr<talker> make_publish_talker(std::size_t window) { return std::make_unique<publish_talker>(window); }
std::unique_ptr<talker> make_call_talker(std::size_t window) { return std::make_unique<call_talker>(window); }

calls_result measure_calls(const target& t, const calls_options& o) {
  const auto role = t.roles.find(vectors::role::server);
  if (role == t.roles.end()) throw std::runtime_error("target " + t.name + " has no server role");
  return measure(t.name, server_for(t, way::idle), {make_call_talker, call_request()}, o);
}

calls_result measure_publishes(const std::string& uri, const calls_options& o) {
  role_setup setup = own_peer(o.program, "amps");
  if (!uri.empty()) {
    setup = {};
    setup.uri = uri;
  }
  return measure(uri.empty() ? "reference" : uri, setup, {make_publish_talker, publish_request()}, o);
}

double calls_goal(std::size_t window) { return window == 1 ? 0.9 : window == 64 ? 0.45 : 0; }
double publishes_goal(std::size_t window) { return window == 64 ? 0.4 : 0; }

std::string table_of(const calls_result& r, const std::string& what, double (*goal_of)(std::size_t)) {
  std::string out =
      escaped(r.target) + ": " + what + " over loopback, " + (r.one_core ? "all on one core" : "on whichever cores") +
      ", as a ratio to a raw echo of the same octets (medians of " + std::to_string(r.rounds) + " rounds)\n\n";
  const auto row = [&](const std::string& window, const std::string& echo, const std::string& calls,
                       const std::string& ratio, const std::string& goal) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%-10s%12s%14s%9s%9s", window.c_str(), echo.c_str(), calls.c_str(),
                  ratio.c_str(), goal.c_str());
    std::string text = line.data();
    out += text.erase(text.find_last_not_of(' ') + 1) + "\n";
  };
  const auto decimals = [](double number, const char* format) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, number);
    return std::string(text.data());
  };
  row("window", "echoes/s", what + "/s", "ratio", goal_of != nullptr ? "goal" : "");
  for (const auto& w : r.windows) {
    const auto goal = goal_of != nullptr ? goal_of(w.window) : 0;
    row(std::to_string(w.window), thousands(static_cast<std::uint64_t>(w.echoes_per_second)),
        thousands(static_cast<std::uint64_t>(w.calls_per_second)), decimals(w.ratio, w.ratio < 0.1 ? "%.3f" : "%.2f"),
        goal == 0 ? "" : ">= " + decimals(goal, "%.2f"));
  }
  if (!r.failed.empty()) out += "failed: " + escaped(r.failed) + "\n";
  return out;
}

}  // namespace ampspec::runner::bench
