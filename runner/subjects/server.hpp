// The server under test: one process that many threads connect to, started again when it has crashed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/subjects/process.hpp"
#include "runner/subjects/restart_budget.hpp"
#include "runner/subjects/tcp.hpp"
#include "runner/target.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace ampspec::runner {

/// Every function may be called from any thread.
class server {
 public:
  server(role_setup, std::shared_ptr<restart_budget>, millis start_deadline = millis(15'000));
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The number of the process that is up, from 1; it is started if there is none. Throws mishap{crash} or
  /// mishap{timeout} if it can't be started, or not any more.
  std::uint64_t ensure_up();
  /// Ends that process, unless it has been replaced already; the next use starts another. For one that answers nobody
  /// any more.
  void replace(std::uint64_t generation);
  /// How that process ended of its own accord, with the end of its log; nothing if it lives, or we ended it, or there
  /// is no process of ours. Waits for the end where the kernel has begun it.
  std::optional<conformance::mishap> death_of(std::uint64_t generation);

  /// A connection with the process of that number. Throws mishap{crash} if it is gone, mishap{timeout} if it does not
  /// accept.
  std::unique_ptr<conformance::connection> connect(std::uint64_t generation, millis deadline);

  /// The same to another port of it, for HTTP. Throws mishap{fault} if the place is on another host.
  std::unique_ptr<conformance::connection> connect_http(std::uint64_t generation, const conformance::http_place&,
                                                        millis deadline);

  /// Empty before the first start.
  std::string uri() const;
  std::string log() const;
  double cpu_seconds() const;          ///< of all its processes so far
  std::uint64_t peak_rss_kib() const;  ///< of the largest
  double starved_seconds() const;      ///< of the process in use: child_process::starved_seconds

 private:
  std::unique_ptr<conformance::connection> reach(std::uint64_t generation, std::uint16_t port, millis deadline);
  void start();
  void wait_until_ready(child_process&, std::uint16_t port);
  std::shared_ptr<child_process> process_of(std::uint64_t generation) const;
  void retire();

  const role_setup setup_;
  const std::shared_ptr<restart_budget> budget_;
  const millis start_deadline_;
  mutable std::mutex mutex_;
  std::shared_ptr<child_process> process_;
  tcp_address address_;
  std::uint64_t generation_ = 0;
  int failed_starts_ = 0;  ///< in a row
  std::map<std::uint64_t, conformance::mishap> deaths_;
  std::optional<conformance::mishap> last_failure_;
  double cpu_of_past_ = 0;
  std::uint64_t peak_of_past_ = 0;
};

/// A server as one check sees it: made for each check, used by one thread. Its first connection decides which process
/// it is about; once that is gone, connecting is mishap{crash}. After the check `death` says whether the process died
/// meanwhile, which a play may have taken for a mere close. Where other checks used the same process, each of them is
/// to be played again alone.
class server_view : public conformance::server_subject {
 public:
  explicit server_view(server& s) : server_(s) {}
  std::unique_ptr<conformance::connection> connect(millis deadline) override {
    if (generation_ == 0) generation_ = server_.ensure_up();
    return server_.connect(generation_, deadline);
  }
  std::unique_ptr<conformance::connection> connect_http(const conformance::http_place& place,
                                                        millis deadline) override {
    if (generation_ == 0) generation_ = server_.ensure_up();
    return server_.connect_http(generation_, place, deadline);
  }
  std::optional<conformance::mishap> death() { return generation_ == 0 ? std::nullopt : server_.death_of(generation_); }
  std::uint64_t generation() const { return generation_; }

 private:
  server& server_;
  std::uint64_t generation_ = 0;
};

}  // namespace ampspec::runner
