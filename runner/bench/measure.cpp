// Measures one way against one target: small calls at a steady rate while values move.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/measure.hpp"

#include "runner/bench/mover.hpp"
#include "runner/subjects/process.hpp"
#include "runner/subjects/tcp.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <utility>

namespace ampspec::runner::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr int warm_up_calls = 100;
constexpr std::string_view small_value = "0123456789abcdef";

double seconds_of(nanos time) { return std::chrono::duration<double>(time).count(); }

unique_fd connected(const std::string& uri) {
  const auto address = parse_tcp_uri(uri);
  if (!address) throw broken(uri + " is not tcp://HOST:PORT");
  std::string why;
  auto socket = try_connect(*address, std::chrono::seconds(5), &why);
  if (!socket) throw broken("no connection with " + uri + ": " + why);
  return socket;
}

/// The socket loop, the pace of the small calls, and what they took.
class measurement {
 public:
  explicit measurement(const measure_options& options)
      : options_(options),
        value_(options.way == way::idle ? 0 : options.megabytes * 1'000'000),
        target_(connected(options.uri)),
        mover_(make_mover(options.way, target_, value_)),
        began_(clock::now()),
        last_moved_(began_) {}

  way_result run() {
    warm_up();
    way_result result;
    result.way = options_.way;
    const auto start = clock::now();
    enough_ = start + std::chrono::duration_cast<nanos>(std::chrono::duration<double>(options_.seconds));
    due_ = start;
    if (mover_) transfer();
    while (moving()) turn();
    const auto took = seconds_of(clock::now() - start);
    pacing_ = false;
    while (target_.calls_pending() > 0) turn();  // calls that were made while values moved
    result.calls = spread_of(std::move(latencies_));
    result.transfers = transfers_;
    if (mover_) result.megabytes_per_second = static_cast<double>(transfers_ * options_.megabytes) / took;
    result.ours_kib = peak_rss_kib_of(::getpid());
    return result;
  }

 private:
  bool moving() const { return mover_ ? !moved_all_ : due_ < enough_; }

  void transfer() {
    mover_->begin([this] {
      ++transfers_;
      if (clock::now() >= enough_) {
        moved_all_ = true;
      } else {
        transfer();
      }
    });
  }

  /// One after the other, so that caches, buffers and interpreters are warm before the first call counts.
  void warm_up() {
    pacing_ = false;
    for (int i = 0; i < warm_up_calls; ++i) {
      echo({});
      while (target_.calls_pending() > 0) turn();
    }
    latencies_.clear();
    pacing_ = true;
  }

  void echo(std::optional<clock::time_point> since) {
    const auto from = since.value_or(clock::now());
    target_.call("Echo", std::vector<amp::pair_view>{{"data", small_value}}, [this, from](const reply& end) {
      const auto now = clock::now();
      if (end.value("data") != small_value) throw broken("Echo answered other octets than it was given");
      latencies_.push_back(now - from);
    });
  }

  /// Makes the calls that are due, whether or not earlier ones are answered. A call counts from when it was due if this
  /// process was at work then, since that is what its caller would have waited; from now if it merely slept too long.
  void make_due_calls(clock::time_point slept) {
    const auto gap = nanos(1'000'000'000 / options_.calls_per_second);
    for (const auto now = clock::now(); pacing_ && moving() && due_ <= now; due_ += gap) {
      echo(due_ < slept ? std::optional(due_) : std::nullopt);
    }
  }

  void check_patience(clock::time_point now) {
    const auto moved = target_.octets_moved() + (mover_ ? mover_->octets_moved() : 0);
    if (moved != octets_) last_moved_ = now;
    octets_ = moved;
    if (now - last_moved_ > options_.silence) {
      throw broken("nothing moved for " + std::to_string(options_.silence.count()) + " ms");
    }
    if (now - began_ > options_.most) {
      throw broken("not done within " + std::to_string(options_.most.count()) + " ms");
    }
  }

  void turn() {
    const auto slept = clock::now();
    pollfd watched[2] = {{target_.fd(), POLLIN, 0}, {-1, 0, 0}};
    if (target_.wants_write()) watched[0].events |= POLLOUT;
    if (const auto more = mover_ ? mover_->watched() : std::nullopt) watched[1] = *more;
    nanos rest = std::chrono::milliseconds(100);
    if (pacing_) rest = std::clamp<nanos>(due_ - slept, nanos(0), rest);
    const timespec pause{0, rest.count()};
    if (::ppoll(watched, 2, &pause, nullptr) < 0 && errno != EINTR) throw broken("ppoll failed");
    make_due_calls(slept);
    if (watched[0].revents != 0) target_.read();
    if (watched[1].revents != 0) mover_->ready();
    target_.write();
    check_patience(clock::now());
  }

  const measure_options options_;
  const payload value_;
  line target_;
  const std::unique_ptr<mover> mover_;
  const clock::time_point began_;
  clock::time_point last_moved_, due_, enough_;
  std::uint64_t octets_ = 0, transfers_ = 0;
  std::vector<nanos> latencies_;
  bool pacing_ = false, moved_all_ = false;
};

}  // namespace

way_result measure(const measure_options& options) {
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // else each wait is up to 50 us longer than asked
  std::signal(SIGPIPE, SIG_IGN);                   // OpenSSL writes without MSG_NOSIGNAL
  way_result failed;
  failed.way = options.way;
  try {
    return measurement(options).run();
  } catch (const not_offered& why) {
    failed.not_offered = why.what();
  } catch (const broken& why) {
    failed.failed = why.what();
  }
  return failed;
}

}  // namespace ampspec::runner::bench
