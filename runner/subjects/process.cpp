// Starts and watches children, each by a thread that lives as long as the child does.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/process.hpp"

#include "conformance/subject.hpp"
#include "runner/subjects/fd.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/close_range.h>
#include <mutex>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>

namespace ampspec::runner {

namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;

constexpr std::size_t log_kept = 65536;

std::array<std::atomic<pid_t>, 1024> live_children{};
std::atomic<bool> no_more_children{false};

void kill_group(pid_t pid) noexcept {
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);  // it may not have its group yet
}

std::atomic<pid_t>* remember(pid_t pid) {
  for (auto& slot : live_children) {
    pid_t free = 0;
    if (slot.compare_exchange_strong(free, pid)) return &slot;
  }
  return nullptr;
}

/// Both ends above 2, so that none of them is overwritten when the child gets its standard descriptors.
void make_pipe(unique_fd& reading, unique_fd& writing) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const auto above_two = [](int fd) {
    if (fd > 2) return fd;
    const unique_fd low(fd);
    return ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  };
  reading = unique_fd(above_two(ends[0]));
  writing = unique_fd(above_two(ends[1]));
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

/// Everything that the child needs between fork and exec, where nothing may be allocated.
struct launch {
  std::vector<std::string> words, environment;
  std::string cwd;
  unique_fd in, out, log, failure;  ///< its ends
  pid_t parent = 0;
};

[[noreturn]] void become(launch& plan, char* const* argv, char* const* envp) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(plan.in.get(), 0);
  ::dup2(plan.out ? plan.out.get() : plan.log.get(), 1);
  ::dup2(plan.log.get(), 2);
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  if (plan.cwd.empty() || ::chdir(plan.cwd.c_str()) == 0) ::execvpe(argv[0], argv, envp);
  const int error = errno;
  [[maybe_unused]] const auto told = ::write(plan.failure.get(), &error, sizeof error);
  ::_exit(127);
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

}  // namespace

std::uint64_t peak_rss_kib_of(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  std::uint64_t kib = 0;
  while (status >> word) {
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

struct child_process::shared {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  pid_t pid = -1;
  bool started = false, reaped = false;
  int start_error = 0;
  int status = 0;
  double cpu = 0;
  std::uint64_t peak_kib = 0;
  std::uint64_t log_begin = 0;  ///< position of the first octet of `log_text`
  std::string log_text;
  unique_fd to_child, from_child, log, failure;

  void keep(launch);
  bool drain();
  void signal(int number) const {
    const std::lock_guard lock(mutex);
    if (!reaped) ::kill(-pid, number);
  }
  /// The high-water mark of the memory that the program itself has used; what wait4 tells begins with ours at the fork.
  void sample_peak() {
    if (!reaped) peak_kib = std::max(peak_kib, peak_rss_kib_of(pid));
  }
};

/// Reads what is there; false at the end.
bool child_process::shared::drain() {
  char piece[16 * 1024];
  const auto got = ::read(log.get(), piece, sizeof piece);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  const std::lock_guard lock(mutex);
  log_text.append(piece, static_cast<std::size_t>(got));
  if (log_text.size() > 2 * log_kept) {
    const auto surplus = log_text.size() - log_kept;
    log_text.erase(0, surplus);
    log_begin += surplus;
  }
  changed.notify_all();
  return got > 0;
}

/// The keeper's life: forks, since the death signal is tied to the thread that forked; reads the log; reaps.
void child_process::shared::keep(launch plan) {
  const auto argv = pointers_to(plan.words);
  const auto envp = pointers_to(plan.environment);
  plan.parent = ::getpid();
  const pid_t child = no_more_children ? (errno = ECANCELED, -1) : ::fork();
  if (child == 0) become(plan, argv.data(), envp.data());
  int error = child < 0 ? errno : 0;
  std::atomic<pid_t>* slot = child < 0 ? nullptr : remember(child);
  plan = {};
  if (child > 0 && ::read(failure.get(), &error, sizeof error) != sizeof error) error = 0;
  if (no_more_children && child > 0) kill_group(child);
  const unique_fd exit_seen(child < 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  {
    const std::lock_guard lock(mutex);
    pid = child;
    started = true;
    start_error = error;
    reaped = child < 0;
    changed.notify_all();
  }
  if (child < 0) return;

  pollfd watched[2] = {{exit_seen.get(), POLLIN, 0}, {log.get(), POLLIN, 0}};
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) {
    const int shown = ::poll(watched, 2, exit_seen ? -1 : 20);
    if (shown > 0 && watched[1].revents != 0 && !drain()) watched[1].fd = -1;
  }
  ::kill(-child, SIGKILL);  // what it started; the number is still its own, since it has not been reaped
  for (int pieces = 0; pieces < 64 && watched[1].fd >= 0 && ::poll(&watched[1], 1, 0) > 0 && drain(); ++pieces) {
  }
  if (slot != nullptr) *slot = 0;
  const std::lock_guard lock(mutex);
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  reaped = true;
  cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (peak_kib == 0) peak_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
  changed.notify_all();
}

child_process::child_process(const child_options& options) : shared_(std::make_shared<shared>()) {
  static const auto once = std::signal(SIGPIPE, SIG_IGN);  // a child that stops reading must not end us
  (void)once;
  launch plan;
  plan.words = options.command;
  plan.environment = environment_with(options.env);
  plan.cwd = options.cwd;
  make_pipe(shared_->log, plan.log);
  make_pipe(shared_->failure, plan.failure);
  if (options.pipes) {
    make_pipe(plan.in, shared_->to_child);
    make_pipe(shared_->from_child, plan.out);
  } else {
    plan.in = unique_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  for (const auto* fd : {&shared_->log, &shared_->to_child, &shared_->from_child}) {
    if (*fd) ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  }
  keeper_ = std::thread([shared = shared_, plan = std::move(plan)]() mutable { shared->keep(std::move(plan)); });
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait(lock, [&] { return shared_->started; });
  if (shared_->start_error != 0) {
    const int error = shared_->start_error;
    lock.unlock();
    keeper_.join();
    throw mishap(mishap::kind::crash, "start",
                 "cannot start " + options.command.front() +
                     (options.cwd.empty() ? std::string() : " in " + options.cwd) + ": " +
                     std::generic_category().message(error));
  }
}

child_process::~child_process() {
  end(millis(500));
  if (!keeper_.joinable()) return;
  if (alive()) {
    keeper_.detach();  // not even SIGKILL ended it: it hangs in the kernel, and we must not
  } else {
    keeper_.join();
  }
}

int child_process::to_child() const { return shared_->to_child.get(); }
int child_process::from_child() const { return shared_->from_child.get(); }
void child_process::close_input() { shared_->to_child.reset(); }
int child_process::pid() const { return shared_->pid; }

bool child_process::alive() const {
  const std::lock_guard lock(shared_->mutex);
  return !shared_->reaped;
}

bool child_process::dying() const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->reaped) return true;
  std::ifstream file("/proc/" + std::to_string(shared_->pid) + "/stat");
  std::string text;
  std::getline(file, text);
  // After the name in parentheses: state, parent, group, session, terminal, its group, flags.
  const auto after_name = text.rfind(')');
  if (after_name == text.npos) return true;
  char state = 0;
  unsigned flags = 0;
  if (std::sscanf(text.c_str() + after_name + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2) return true;
  constexpr unsigned exiting = 0x4;
  return state == 'Z' || state == 'X' || (flags & exiting) != 0;
}

bool child_process::wait_end(millis most) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_for(lock, most, [&] { return shared_->reaped; });
}

std::string child_process::end_word() const {
  const std::lock_guard lock(shared_->mutex);
  if (!shared_->reaped) return {};
  const int status = shared_->status;
  if (WIFEXITED(status)) return "exit-" + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* name = ::sigabbrev_np(number);
  return "SIG" + (name != nullptr ? std::string(name) : std::to_string(number));
}

std::string child_process::log() const {
  const std::lock_guard lock(shared_->mutex);
  const auto& text = shared_->log_text;
  return text.substr(text.size() - std::min(text.size(), log_kept));
}

std::optional<std::string> child_process::next_line(std::uint64_t* position, clock::time_point until) const {
  std::unique_lock lock(shared_->mutex);
  while (true) {
    const auto& text = shared_->log_text;
    *position = std::max(*position, shared_->log_begin);
    const auto from = static_cast<std::size_t>(*position - shared_->log_begin);
    if (const auto end = text.find('\n', from); end != text.npos) {
      *position = shared_->log_begin + end + 1;
      return text.substr(from, end - from);
    }
    if (shared_->reaped || shared_->changed.wait_until(lock, until) == std::cv_status::timeout) return std::nullopt;
  }
}

double child_process::cpu_seconds() const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->reaped) return shared_->cpu;
  clockid_t its_clock{};
  timespec used{};
  if (::clock_getcpuclockid(shared_->pid, &its_clock) != 0 || ::clock_gettime(its_clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double starved_seconds_of(const std::string& thread) {
  std::ifstream file(thread + "/schedstat");  // nanoseconds on a processor, and ready without one
  std::uint64_t ran = 0, waited = 0;
  return file >> ran >> waited ? static_cast<double>(waited) * 1e-9 : 0;
}

double child_process::starved_seconds() const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->reaped) return 0;
  double total = 0;
  std::error_code gone;
  const std::filesystem::path threads = "/proc/" + std::to_string(shared_->pid) + "/task";
  for (std::filesystem::directory_iterator at(threads, gone), end; !gone && at != end; at.increment(gone)) {
    total += starved_seconds_of(at->path());
  }
  return total;
}

std::uint64_t child_process::peak_rss_kib() const {
  const std::lock_guard lock(shared_->mutex);
  shared_->sample_peak();
  return shared_->peak_kib;
}

void child_process::end(millis grace) {
  peak_rss_kib();
  if (grace.count() > 0) {
    shared_->signal(SIGTERM);
    if (wait_end(grace)) return;
  }
  shared_->signal(SIGKILL);
  wait_end(millis(2000));
}

std::string with_log(std::string text, const child_process& child) {
  constexpr std::size_t most = 4096;
  const auto log = child.log();
  if (log.empty()) return text;
  text += "; the end of its output:\n";
  if (log.size() > most) text += "...";
  return text + log.substr(log.size() - std::min(log.size(), most));
}

void end_all_children() noexcept {
  no_more_children = true;
  for (auto& slot : live_children) {
    if (const pid_t pid = slot; pid > 0) kill_group(pid);
  }
}

}  // namespace ampspec::runner
