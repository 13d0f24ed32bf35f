// Starts servers, knows when they are ready, and tells whether one has crashed.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/server.hpp"

#include "runner/subjects/tls.hpp"

#include <algorithm>
#include <regex>
#include <thread>

namespace ampspec::runner {

namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;

constexpr std::string_view port_word = "{port}";
constexpr millis most_absent{2000};  // of a server that somebody else starts

std::vector<std::string> with_port(std::vector<std::string> command, std::uint16_t port) {
  for (auto& word : command) {
    for (auto at = word.find(port_word); at != word.npos; at = word.find(port_word, at)) {
      word.replace(at, port_word.size(), std::to_string(port));
    }
  }
  return command;
}

}  // namespace

server::server(role_setup setup, std::shared_ptr<restart_budget> budget, millis start_deadline)
    : setup_(std::move(setup)), budget_(std::move(budget)), start_deadline_(start_deadline) {}

std::uint64_t server::ensure_up() {
  const std::lock_guard lock(mutex_);
  if (!setup_.uri.empty()) {
    if (generation_ == 0) {
      const auto address = parse_tcp_uri(setup_.uri);
      if (!address) throw mishap(mishap::kind::harness, "uri", setup_.uri + " is not tcp://HOST:PORT");
      // Whoever starts it beside us may be a moment behind.
      const auto until = clock::now() + std::min(start_deadline_, most_absent);
      std::string why;
      while (!try_connect(*address, millis(500), &why)) {
        if (clock::now() >= until)
          throw mishap(mishap::kind::timeout, "accept",
                       "no connection with " + setup_.uri + ": " + why + "; is it up?");
        std::this_thread::sleep_for(millis(20));
      }
      address_ = *address;
      generation_ = 1;
    }
    return generation_;
  }
  if (process_ && !process_->dying()) return generation_;
  const bool first = generation_ == 0 && failed_starts_ == 0;
  if (process_) retire();
  if (!first && (failed_starts_ >= 2 || !budget_->take())) {
    throw mishap(last_failure_->what_kind(), last_failure_->word(),
                 std::string("it is not started again: ") +
                     (failed_starts_ >= 2 ? "it failed to start twice in a row" : "it has ended too often") +
                     "; the last time: " + last_failure_->what());
  }
  start();
  return generation_;
}

/// Takes the process that has ended, or is to be ended, out of use.
void server::retire() {
  if (process_->dying() && process_->wait_end(millis(2000))) {
    const mishap death(mishap::kind::crash, process_->end_word(),
                       with_log("the server ended: " + process_->end_word(), *process_));
    deaths_.emplace(generation_, death);
    last_failure_ = death;
  } else {
    process_->end(millis(500));
    last_failure_ = mishap(mishap::kind::timeout, "answer", with_log("the server answered nobody", *process_));
  }
  cpu_of_past_ += process_->cpu_seconds();
  peak_of_past_ = std::max(peak_of_past_, process_->peak_rss_kib());
  process_.reset();
}

void server::start() {
  const bool by_port = has_placeholder(setup_, port_word);
  for (int attempt = 0;; ++attempt) {
    const std::uint16_t port = by_port ? free_loopback_port() : std::uint16_t{0};
    try {
      auto child =
          std::make_shared<child_process>(child_options{with_port(setup_.command, port), setup_.env, setup_.cwd});
      address_ = {"127.0.0.1", port};
      wait_until_ready(*child, port);
      process_ = std::move(child);
      ++generation_;
      failed_starts_ = 0;
      return;
    } catch (const mishap& failure) {
      // Somebody else may have taken the port between our look and its bind.
      if (by_port && attempt == 0 && failure.word().starts_with("exit-")) continue;
      ++failed_starts_;
      last_failure_ = failure;
      throw;
    }
  }
}

void server::wait_until_ready(child_process& child, std::uint16_t port) {
  const auto began = clock::now();
  const auto until = [&] {  // what a busy machine took from it does not count
    const std::chrono::duration<double> taken(child.starved_seconds());
    return began +
           std::min<clock::duration>(6 * start_deadline_, start_deadline_ + std::chrono::duration_cast<millis>(taken));
  };
  const auto late = [&](const std::string& what) {
    if (child.dying() && child.wait_end(millis(2000))) {
      return mishap(mishap::kind::crash, child.end_word(),
                    with_log("the server ended before it was ready: " + child.end_word(), child));
    }
    return mishap(mishap::kind::timeout, "start",
                  with_log("the server " + what + " within " + std::to_string(start_deadline_.count()) + " ms", child));
  };
  if (setup_.ready.line.empty()) {
    for (millis pause(1);; pause = std::min(pause * 2, millis(20))) {
      std::string why;
      if (try_connect(address_, millis(200), &why)) return;
      if (child.dying() || clock::now() >= until()) throw late("did not listen on port " + std::to_string(port));
      std::this_thread::sleep_for(pause);
    }
  }
  const std::regex pattern(setup_.ready.line);
  static const std::regex announced(R"(listening (?:tcps?|wss?)://127\.0\.0\.1:(\d{1,5})\b)");
  bool ready = false;
  for (std::uint64_t position = 0; !ready || address_.port == 0;) {
    const auto line = child.next_line(&position, until());
    if (!line) {
      if (!child.dying() && clock::now() < until()) continue;
      throw late(
          ready ? "did not print `listening tcp://127.0.0.1:PORT`, and its command has no {port},"
                : "printed no line that matches /" + setup_.ready.line + "/" +
                      (port == 0 ? ", such as `listening tcp://127.0.0.1:PORT`, and its command has no {port}," : ""));
    }
    ready = ready || std::regex_search(*line, pattern);
    std::smatch found;
    if (address_.port == 0 && std::regex_search(*line, found, announced)) {
      address_.port = static_cast<std::uint16_t>(std::min(std::stoi(found[1]), 65535));
    }
  }
}

void server::replace(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (process_ && generation == generation_) retire();
}

std::shared_ptr<child_process> server::process_of(std::uint64_t generation) const {
  const std::lock_guard lock(mutex_);
  return generation == generation_ ? process_ : nullptr;
}

std::optional<conformance::mishap> server::death_of(std::uint64_t generation) {
  if (const auto process = process_of(generation)) {
    if (!process->dying() || !process->wait_end(millis(2000))) return std::nullopt;
    return mishap(mishap::kind::crash, process->end_word(),
                  with_log("the server ended: " + process->end_word(), *process));
  }
  const std::lock_guard lock(mutex_);
  const auto found = deaths_.find(generation);
  return found == deaths_.end() ? std::nullopt : std::optional(found->second);
}

std::unique_ptr<conformance::connection> server::connect(std::uint64_t generation, millis deadline) {
  return reach(generation, 0, deadline);
}

std::unique_ptr<conformance::connection> server::connect_http(std::uint64_t generation,
                                                              const conformance::http_place& place, millis deadline) {
  const auto is_loopback = [](const std::string& host) {
    return host == "127.0.0.1" || host == "localhost" || host == "::1";
  };
  std::string ours;
  {
    const std::lock_guard lock(mutex_);
    ours = address_.host;
  }
  // A server under test does not send us to other people's.
  if (place.host != ours && !(is_loopback(place.host) && is_loopback(ours))) {
    throw mishap(mishap::kind::fault, "url", "its URL leads to " + place.host + ", which is not where the server is");
  }
  const auto until = clock::now() + deadline;
  auto link = reach(generation, place.port, deadline);
  if (!place.secure) return link;
  begin_tls(*link, "its HTTPS side", std::max(std::chrono::duration_cast<millis>(until - clock::now()), millis(1)));
  return link;
}

// A connection to that port, or (0) to its own.
std::unique_ptr<conformance::connection> server::reach(std::uint64_t generation, std::uint16_t port, millis deadline) {
  const auto until = clock::now() + deadline;
  while (true) {
    tcp_address address;
    {
      const std::lock_guard lock(mutex_);
      if (generation != generation_ || (setup_.uri.empty() && !process_)) {
        const auto found = deaths_.find(generation);
        if (found != deaths_.end()) throw found->second;
        throw mishap(mishap::kind::timeout, "answer", "the server was replaced, since it answered nobody");
      }
      address = address_;
      if (port != 0) address.port = port;
    }
    const auto left = std::chrono::duration_cast<millis>(until - clock::now());
    std::string why;
    if (auto socket = try_connect(address, std::max(left, millis(1)), &why)) return adopt_socket(std::move(socket));
    if (const auto death = death_of(generation)) throw *death;
    if (clock::now() >= until) {
      throw mishap(mishap::kind::timeout, "accept",
                   "no connection with " + address.host + ":" + std::to_string(address.port) + " within " +
                       std::to_string(deadline.count()) + " ms: " + why);
    }
    std::this_thread::sleep_for(millis(5));
  }
}

std::string server::uri() const {
  const std::lock_guard lock(mutex_);
  return generation_ == 0 ? std::string() : "tcp://" + address_.host + ":" + std::to_string(address_.port);
}

std::string server::log() const {
  const std::lock_guard lock(mutex_);
  return process_ ? process_->log() : std::string();
}

double server::cpu_seconds() const {
  const std::lock_guard lock(mutex_);
  return cpu_of_past_ + (process_ ? process_->cpu_seconds() : 0);
}

double server::starved_seconds() const {
  const std::lock_guard lock(mutex_);
  return process_ ? process_->starved_seconds() : 0;
}

std::uint64_t server::peak_rss_kib() const {
  const std::lock_guard lock(mutex_);
  return std::max(peak_of_past_, process_ ? process_->peak_rss_kib() : 0);
}

}  // namespace ampspec::runner
