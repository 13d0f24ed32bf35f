// Batches, bisection and minimising; what a case may do is the arena's business.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/hunt.hpp"

#include "runner/fuzzing/growth.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace ampspec::runner::fuzzing {
namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;

constexpr std::size_t largest_batch = 32;
constexpr std::size_t most_tries = 600;
constexpr int most_isolations = 4;  // of one signature: then it is counted alone

double seconds_since(clock::time_point then) { return std::chrono::duration<double>(clock::now() - then).count(); }

class hunter {
 public:
  hunter(arena& where, const case_source& cases, const hunt_options& o, const std::atomic<bool>& stop,
         const std::function<void(const hunt_result&)>& progress, const std::function<void(const found&)>& tell)
      : where_(where), cases_(cases), options_(o), stop_(stop), progress_(progress), tell_(tell) {}

  hunt_result run() {
    result_.next = options_.from;
    try {
      while (goes_on()) step();
    } catch (const mishap& m) {
      if (!stop_) {
        result_.gave_up = true;
        result_.why = m.what();
      }
    }
    note();
    result_.interrupted = stop_;
    return std::move(result_);
  }

 private:
  bool goes_on() const {
    if (stop_ || result_.findings.size() >= options_.findings) return false;
    if (options_.cases != 0 && result_.cases >= options_.cases) return false;
    return options_.seconds <= 0 || seconds_since(began_) < options_.seconds;
  }

  void step() {
    std::uint64_t most = largest_batch;
    if (options_.cases != 0) most = std::min(most, options_.cases - result_.cases);
    while (ahead_.size() < most) ahead_.push_back(cases_.at(result_.next + ahead_.size()));
    const auto before = clock::now();
    const played p = where_.play(ahead_, patience());
    // What once took long, on a machine that has other things to do, is forgotten again.
    if (!p.wrong) slowest_ = std::max(std::chrono::duration<double>(clock::now() - before).count(), slowest_ * 0.98);
    if (p.wrong && !stop_) {
      const auto last = ahead_.begin() + static_cast<std::ptrdiff_t>(p.cases);
      look_at(p.before.empty() ? std::vector<std::string>(ahead_.begin(), last) : p.before, *p.wrong,
              result_.next - std::min<std::uint64_t>(result_.next, p.before.size()));
    }
    ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(p.cases));
    result_.cases += p.cases;
    result_.next += p.cases;
    if (seconds_since(noted_) < 0.2) return;
    noted_ = clock::now();
    note();
    const std::uint64_t kept = std::min(where_.kept_kib(), result_.peak_rss_kib);
    if (growth_.grows(result_.cases, result_.peak_rss_kib - kept)) tell_growth();
    progress_(result_);
  }

  void note() {
    result_.connections = where_.connections;
    result_.seconds = seconds_since(began_);
    result_.peak_rss_kib = std::max(result_.peak_rss_kib, where_.peak_rss_kib());
  }

  // Twenty times what an answer has taken at most, since waiting is all that a silent peer costs.
  millis patience() const {
    const millis enough(static_cast<std::int64_t>(slowest_ * 20'000));
    return std::clamp(enough, std::min(millis(100), options_.deadline), options_.deadline);
  }

  void look_at(const std::vector<std::string>& batch, const difference& seen, std::uint64_t first) {
    if (const auto known = counted_.find(seen.signature); known != counted_.end()) {
      for (found& f : result_.findings) {
        if (f.what.signature == seen.signature) {
          ++f.times;
          break;
        }
      }
      if (known->second >= most_isolations) return;
    }
    found f{seen, {}, first, first, {}, 0, true, 1};
    std::size_t octets = 0;
    for (const auto& one : batch) octets += one.size();
    f.before = octets;
    const auto wrong = where_.play(batch, options_.deadline).wrong;  // with all the time that an answer may take
    if (!wrong) {
      if (!seen.ended) {
        ++result_.passing;
        return;
      }
      for (const auto& one : batch) f.octets += one;
      f.again = false;
      f.number = first + batch.size() - 1;
    } else {
      f.what = *wrong;
      isolate(batch, f);
    }
    const int isolated = ++counted_[f.what.signature];
    counted_[seen.signature] = std::max(counted_[seen.signature], isolated);
    f.shape = where_.shape(f.octets);
    if (!kinds_.insert(f.what.signature + " " + f.shape).second) return;
    result_.findings.push_back(f);
    tell_(f);
  }

  void isolate(const std::vector<std::string>& batch, found& f) {
    const std::string signature = f.what.signature;
    const auto until = clock::now() + std::chrono::seconds(5);
    const auto shows = [&](std::span<const std::string> list) {
      if (stop_ || clock::now() >= until) return false;
      const auto wrong = where_.play(list, patience()).wrong;
      return wrong && wrong->signature == signature;
    };
    const auto list = needed(batch, shows);
    for (const auto& one : list) f.octets += one;
    const auto last = std::find(batch.begin(), batch.end(), list.back());
    f.number = f.batch + static_cast<std::uint64_t>(last - batch.begin());
    const auto alone = [&](const std::string& stream) { return shows(std::span(&stream, 1)); };
    if (!alone(f.octets)) return;
    f.octets = minimised(
        std::move(f.octets), [&](const std::string& s) { return where_.smaller(s); }, alone, most_tries);
    if (const auto wrong = where_.play(std::span(&f.octets, 1), options_.deadline).wrong;
        wrong && wrong->signature == signature) {
      f.what = *wrong;
    }
  }

  void tell_growth() {
    found f;
    f.number = f.batch = result_.next;
    f.what = {"memory/grows", "memory that stays",
              "it grows: from " + std::to_string(growth_.base_kib()) + " to " + std::to_string(growth_.peak_kib()) +
                  " KiB, " + std::to_string(static_cast<std::uint64_t>(growth_.octets_per_case())) +
                  " octets for each case",
              "AMP1-FRAME-040"};
    result_.findings.push_back(f);
    tell_(f);
  }

  arena& where_;
  const case_source& cases_;
  const hunt_options& options_;
  const std::atomic<bool>& stop_;
  const std::function<void(const hunt_result&)>& progress_;
  const std::function<void(const found&)>& tell_;
  const clock::time_point began_ = clock::now();
  clock::time_point noted_ = began_;
  std::vector<std::string> ahead_;
  double slowest_ = 0.005;  // seconds that a play has taken
  std::map<std::string, int> counted_;
  std::set<std::string> kinds_;
  growth_watch growth_;
  hunt_result result_;
};

}  // namespace

hunt_result hunt(arena& where, const case_source& cases, const hunt_options& o, const std::atomic<bool>& stop,
                 const std::function<void(const hunt_result&)>& progress,
                 const std::function<void(const found&)>& tell) {
  return hunter(where, cases, o, stop, progress, tell).run();
}

std::string minimised(std::string stream, const std::function<std::vector<std::string>(const std::string&)>& smaller,
                      const std::function<bool(const std::string&)>& shows, std::size_t tries) {
  std::set<std::string> tried;
  for (bool found_one = true; found_one;) {
    found_one = false;
    for (const std::string& candidate : smaller(stream)) {
      if (!tried.insert(candidate).second) continue;
      if (tries-- == 0) return stream;
      if (!shows(candidate)) continue;
      stream = candidate;
      found_one = true;
      break;
    }
  }
  return stream;
}

std::vector<std::string> needed(std::vector<std::string> cases,
                                const std::function<bool(std::span<const std::string>)>& shows) {
  std::size_t low = 1, high = cases.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (shows(std::span(cases).first(middle))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  cases.resize(high);
  if (cases.size() == 1) return cases;
  if (shows(std::span(cases).last(1))) return {cases.back()};
  for (std::size_t i = 0; i + 1 < cases.size();) {
    auto fewer = cases;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (shows(fewer)) {
      cases = std::move(fewer);
    } else {
      ++i;
    }
  }
  return cases;
}

}  // namespace ampspec::runner::fuzzing
