// Ctrl-C and SIGTERM: noticed between two checks, so that what is known by then is still told.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/subjects/process.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <thread>
#include <unistd.h>

namespace ampspec::runner {

/// A thread takes the signals, so that ending children is ordinary code. The second one ends us at once.
class interruption {
 public:
  interruption() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    watcher_ = std::jthread([this](const std::stop_token& done) {
      const timespec nap{0, 50'000'000};
      while (!done.stop_requested()) {
        if (sigtimedwait(&signals_, nullptr, &nap) < 0) continue;
        if (came) _exit(130);
        came = true;
        end_all_children();
      }
    });
  }
  ~interruption() {
    watcher_.request_stop();
    watcher_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  std::atomic<bool> came = false;

 private:
  sigset_t signals_{}, before_{};
  std::jthread watcher_;
};

}  // namespace ampspec::runner
