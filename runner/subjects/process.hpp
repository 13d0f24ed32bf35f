// Child processes: started in a group of their own, watched, measured, and ended so that none outlives us.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ampspec::runner {

using millis = std::chrono::milliseconds;

struct child_options {
  std::vector<std::string> command;        ///< at least one word; found in PATH if it has no slash
  std::map<std::string, std::string> env;  ///< added to ours
  std::string cwd;                         ///< empty: ours
  /// True: standard input and output are pipes to us. False: input is empty, output goes to the log like standard
  /// error.
  bool pipes = false;
};

/// A running child and what is known of it after its end. Everything may be called from any thread. When it ends,
/// whatever it started in its process group is killed. If we are killed the kernel kills it too, but not what it
/// started: a shell that merely wraps a server should `exec` it.
/// Seconds that a thread was ready to run and had no processor, by its folder below /proc; 0 where the kernel does not
/// tell.
double starved_seconds_of(const std::string& thread);

class child_process {
 public:
  /// Throws mishap{crash, "start"} if the command can't be started.
  explicit child_process(const child_options&);
  /// Ends it: see `end`.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Our ends of the pipes, not blocking; -1 without pipes.
  int to_child() const;
  int from_child() const;
  void close_input();

  int pid() const;
  bool alive() const;
  /// True as soon as the kernel has begun to end it, which is before its sockets and pipes close.
  bool dying() const;
  /// Waits for its end; false if it still lives after `most`.
  bool wait_end(millis most) const;
  /// `SIGSEGV`, `exit-3`; empty while it lives.
  std::string end_word() const;
  /// Standard error (and output, without pipes): the last 64 KiB.
  std::string log() const;
  /// The next whole line of the log at or after `*position`, which moves behind it; nothing if none comes in time or
  /// the child ends.
  std::optional<std::string> next_line(std::uint64_t* position, std::chrono::steady_clock::time_point until) const;

  /// User and system time. Of the child alone while it lives, with what it waited for afterwards.
  double cpu_seconds() const;
  /// Seconds, summed over its threads, that it was ready to run and had no processor: what a busy machine took from it.
  /// 0 where the kernel does not tell.
  double starved_seconds() const;
  std::uint64_t peak_rss_kib() const;

  /// SIGTERM to the group, after `grace` SIGKILL; with no grace SIGKILL at once. Returns when it is gone.
  void end(millis grace);

 private:
  struct shared;
  std::shared_ptr<shared> shared_;
  std::thread keeper_;
};

/// The most memory that the program of that process has held so far, in KiB; 0 if it can't be had.
std::uint64_t peak_rss_kib_of(int pid);

/// `text`, and behind it the end of the child's log, at most 4 KiB of it.
std::string with_log(std::string text, const child_process&);

/// Kills every child and its group, and lets no further one start. For the thread that handles signals: takes no lock,
/// does not wait.
void end_all_children() noexcept;

}  // namespace ampspec::runner
