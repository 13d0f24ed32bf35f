// `ampspec bench calls`: how many calls a second a server answers, compared with a raw echo in the same run.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/calls.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/amp/session.hpp"
#include "runner/bench/cores.hpp"
#include "runner/bench/interactivity.hpp"
#include "runner/bench/line.hpp"
#include "runner/report/text.hpp"
#include "runner/subjects/server.hpp"
#include "runner/subjects/tcp.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

namespace ampspec::runner::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::string_view small_value = "0123456789abcdef";
constexpr int patience_seconds = 10;

class echo_talker : public talker {
 public:
  explicit echo_talker(std::size_t window) {
    const std::vector<amp::pair_view> request{{"_ask", "1000"}, {"_command", "Echo"}, {"data", small_value}};
    if (amp::encode(request, request_)) throw broken("the request can't be encoded");
    while (window-- > 0) out_ += request_;
  }
  std::string_view output() const override { return std::string_view(out_).substr(sent_); }
  void sent(std::size_t count) override {
    sent_ += count;
    if (sent_ < out_.size()) return;
    out_.clear();
    sent_ = 0;
  }
  void receive(std::string_view octets) override {
    for (received_ += octets.size(); (answered_ + 1) * request_.size() <= received_; ++answered_) out_ += request_;
  }
  std::uint64_t answered() const override { return answered_; }

 private:
  std::string request_, out_;
  std::size_t sent_ = 0;
  std::uint64_t received_ = 0, answered_ = 0;
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

window_result measure_window(std::size_t window, const std::string& echo_uri, const std::string& target_uri,
                             const calls_options& o) {
  conversation echo(echo_uri, make_echo_talker(window)), calls(target_uri, make_call_talker(window));
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

role_setup echo_server(const std::string& program) {
  role_setup setup;
  setup.command = {program, "peer", "echo", "--listen", "tcp://127.0.0.1:0"};
  setup.ready.line = "^listening ";
  return setup;
}

}  // namespace

std::unique_ptr<talker> make_echo_talker(std::size_t window) { return std::make_unique<echo_talker>(window); }
std::unique_ptr<talker> make_call_talker(std::size_t window) { return std::make_unique<call_talker>(window); }

calls_result measure_calls(const target& t, const calls_options& o) {
  const auto role = t.roles.find(vectors::role::server);
  if (role == t.roles.end()) throw std::runtime_error("target " + t.name + " has no server role");
  calls_result all;
  all.target = t.name;
  const auto cores = usable_cores();
  std::optional<on_core> held;
  if (!cores.empty() && role->second.uri.empty()) {
    held.emplace(cores.back());
    all.one_core = usable_cores().size() == 1;
  }
  try {
    server echo(echo_server(o.program), std::make_shared<restart_budget>());
    server tested(server_for(t, way::idle), std::make_shared<restart_budget>());
    echo.ensure_up();
    tested.ensure_up();
    for (const auto window : o.windows) all.windows.push_back(measure_window(window, echo.uri(), tested.uri(), o));
  } catch (const broken& e) {
    all.failed = e.what();
  } catch (const conformance::mishap& e) {
    all.failed = e.what();
  }
  return all;
}

double calls_goal(std::size_t window) { return window == 1 ? 0.9 : window == 64 ? 0.45 : 0; }

std::string table_of(const calls_result& r, bool with_goals) {
  std::string out = escaped(r.target) + ": calls over loopback, " +
                    (r.one_core ? "all on one core" : "on whichever cores") +
                    ", as a ratio to a raw echo of the same octets\n\n";
  const auto row = [&](const std::string& window, const std::string& echo, const std::string& calls,
                       const std::string& ratio, const std::string& goal) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%-10s%12s%12s%9s%9s", window.c_str(), echo.c_str(), calls.c_str(),
                  ratio.c_str(), goal.c_str());
    std::string text = line.data();
    out += text.erase(text.find_last_not_of(' ') + 1) + "\n";
  };
  const auto decimals = [](double number, const char* format) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, number);
    return std::string(text.data());
  };
  row("window", "echoes/s", "calls/s", "ratio", with_goals ? "goal" : "");
  for (const auto& w : r.windows) {
    const auto goal = with_goals ? calls_goal(w.window) : 0;
    row(std::to_string(w.window), thousands(static_cast<std::uint64_t>(w.echoes_per_second)),
        thousands(static_cast<std::uint64_t>(w.calls_per_second)), decimals(w.ratio, w.ratio < 0.1 ? "%.3f" : "%.2f"),
        goal == 0 ? "" : ">= " + decimals(goal, "%.2f"));
  }
  if (!r.failed.empty()) out += "failed: " + escaped(r.failed) + "\n";
  return out;
}

}  // namespace ampspec::runner::bench
