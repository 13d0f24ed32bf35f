// Plays the checks of a run: in which threads, against which processes, and what is played again before it is believed.
// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule.hpp"

#include "conformance/play.hpp"
#include "reference/peer/implementation.hpp"
#include "runner/subjects/adapter.hpp"
#include "runner/subjects/in_process.hpp"
#include "runner/subjects/restart_budget.hpp"
#include "runner/subjects/server.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace ampspec::runner {
namespace {

using conformance::check;
using conformance::check_result;
using conformance::verdict;

// In a server's command: the wire protocol that it is to serve, and the scheme of what carries it.
constexpr std::string_view protocol_word = "{protocol}", scheme_word = "{scheme}";

// A verdict that may be somebody else's fault: the connection or an answer did not come as it should.
bool doubtful(const check_result& r) {
  return r.what == verdict::fail || r.what == verdict::timeout || r.what == verdict::warn || r.what == verdict::crash;
}

double own_starved_seconds() { return starved_seconds_of("/proc/thread-self"); }

// Whether the machine kept an implementation, or the thread that waits for it, from running: then a deadline that was
// missed says nothing.
class starvation {
 public:
  explicit starvation(double theirs) : theirs_(theirs) {}
  /// For at least a tenth of the time since then one of them was ready to run and had no processor.
  bool shows(double theirs) const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    return std::max(theirs - theirs_, own_starved_seconds() - ours_) > 0.1 * passed.count();
  }

 private:
  double theirs_, ours_ = own_starved_seconds();
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

constexpr int plays_if_starved = 3;

class board {
 public:
  board(std::size_t checks, const schedule_options& options, const std::function<void(const check_result&)>& finished,
        const std::atomic<bool>& stop)
      : options_(options), finished_(finished), stop_(stop), results_(checks) {}

  void put(std::size_t i, check_result r) {
    const std::lock_guard lock(mutex_);
    if (stop_) return;  // we have ended the implementation: what was in its hands tells nothing
    if (options_.complete) options_.complete(r);
    if (options_.fail_fast && conformance::breaks(r.what)) failed_ = true;
    if (finished_) finished_(r);
    results_[i] = std::move(r);
  }
  void remark(std::string text) {
    const std::lock_guard lock(mutex_);
    if (std::find(remarks_.begin(), remarks_.end(), text) == remarks_.end()) remarks_.push_back(std::move(text));
  }
  /// What can't be reached at all is a mistake in how it is attached, and no finding about it: the run ends.
  void abandon(vectors::role role, const conformance::mishap& m) {
    const std::lock_guard lock(mutex_);
    if (stop_) return;  // it is we who ended it
    if (unattached_.empty()) unattached_ = std::string(vectors::name_of(role)) + ": " + m.what();
    failed_ = true;
  }
  bool over() {
    if (stop_ || failed_) return true;
    if (std::chrono::steady_clock::now() < options_.until) return false;
    out_of_time_ = true;
    return true;
  }
  schedule_outcome take() {
    schedule_outcome out;
    for (auto& r : results_) {
      if (r) out.results.push_back(std::move(*r));
    }
    out.remarks = std::move(remarks_);
    out.unattached = std::move(unattached_);
    out.out_of_time = out_of_time_ && out.results.size() < results_.size();
    out.interrupted = stop_;
    return out;
  }

 private:
  const schedule_options& options_;
  const std::function<void(const check_result&)>& finished_;
  const std::atomic<bool>& stop_;
  std::mutex mutex_;
  std::vector<std::optional<check_result>> results_;
  std::vector<std::string> remarks_;
  std::string unattached_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> out_of_time_ = false;
};

// What a check needs and the role does not declare: its protocol, or the first such feature.
std::optional<std::string> missing(const check& c, const conformance::settings& s) {
  const auto found = s.supports.find(c.role);
  const auto& declared = found == s.supports.end() ? std::set<std::string>() : found->second;
  // Without the role, so that all of a protocol is one reason.
  if (!conformance::protocol_declared(declared, c.vector->protocol)) {
    return "protocol " + c.vector->protocol + " is not declared";
  }
  auto needs = c.vector->needs.at(c.role);
  if (c.transport == "tls" || c.transport == "wss") needs.emplace_back("amps.tls");
  if (c.transport == "ws" || c.transport == "wss") needs.emplace_back("amps.websocket");
  for (const auto& f : needs) {
    if (!conformance::supported(declared, f, s.catalogue)) {
      return "feature " + f + " is not declared for the " + std::string(vectors::name_of(c.role)) + " role";
    }
  }
  return std::nullopt;
}

// Not the implementation's doing: the command can't be run.
bool is_no_program(const conformance::mishap& m) {
  return m.what_kind() == conformance::mishap::kind::crash && m.word() == "start";
}

check_result skipped(const check& c, const conformance::settings& s, std::string reason) {
  auto r = conformance::result_for(c, s);
  r.what = verdict::skip;
  r.reason = std::move(reason);
  return r;
}

// Hands out the positions of one role's checks.
class queue {
 public:
  explicit queue(std::vector<std::size_t> list) : list_(std::move(list)) {}
  std::optional<std::size_t> next() {
    const auto i = at_.fetch_add(1);
    return i < list_.size() ? std::optional(list_[i]) : std::nullopt;
  }
  std::size_t size() const { return list_.size(); }

 private:
  std::vector<std::size_t> list_;
  std::atomic<std::size_t> at_{0};
};

void run_in_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
}

// Holds the 200 MB of the large tier, also where an adapter writes octets as hex text.
constexpr std::uint64_t max_frame_of_large_values = 512u << 20;

// Codec and client: each thread has an adapter of its own, so that the check in hand is the one to blame.
class adapter_role {
 public:
  adapter_role(const role_setup& setup, const target& t, const schedule_options& options)
      : setup_(setup),
        budget_(std::make_shared<restart_budget>()),
        patient_(options.deadline * (options.large ? 15 : 5) / 2) {  // an op may be the whole of a check
    settings_.classes = t.classes;
    if (options.large) settings_.max_frame = max_frame_of_large_values;
  }
  std::shared_ptr<adapter> fresh() const {
    auto settings = settings_;
    settings.deadline = deadline();
    return std::make_shared<adapter>(setup_, settings, budget_);
  }
  // Another process in place of that of `a`; false if it has been started too often.
  bool replace(std::shared_ptr<adapter>& a) const {
    if (!budget_->take()) return false;
    a = fresh();
    return true;
  }
  void check_done(bool hung) {
    budget_->check_done();
    auto seen = impatience_.load();
    while (!impatience_.compare_exchange_weak(seen, hung ? seen + 20 : std::max(seen - 1, 0))) {
    }
  }
  bool patience_is_over() const { return deadline() < patient_; }

 private:
  // Half as long for each check that hung beyond the first, so that a run in which all hang ends; twenty that did not
  // hang make up for one that did.
  std::chrono::milliseconds deadline() const {
    const int halvings = std::clamp(impatience_ / 20 - 1, 0, 8);
    return std::min(patient_, std::max(patient_ / (1 << halvings), std::chrono::milliseconds(300)));
  }

  role_setup setup_;
  adapter_settings settings_;
  std::shared_ptr<restart_budget> budget_;
  const std::chrono::milliseconds patient_;
  std::atomic<int> impatience_{0};
};

// What the target says that a role supports, or what else is known of it.
std::set<std::string> supports_of(const target& t, vectors::role role, const std::vector<std::string>& otherwise) {
  const auto told = t.supports.find(role);
  const auto& names = told == t.supports.end() ? otherwise : told->second;
  return {names.begin(), names.end()};
}

class player {
 public:
  player(const std::vector<check>& checks, const target& t, conformance::settings s, const schedule_options& o,
         board& b)
      : checks_(checks), target_(t), settings_(std::move(s)), options_(o), board_(b) {}

  std::string name, version;  // as it says itself
  std::atomic<std::uint64_t> peak_rss_kib{0};

  void play(vectors::role role) {
    std::vector<std::size_t> mine;
    for (std::size_t i = 0; i < checks_.size(); ++i) {
      if (checks_[i].role == role) mine.push_back(i);
    }
    if (mine.empty()) return;
    const auto& setup = target_.roles.at(role);
    switch (role) {
      case vectors::role::codec:
        play_codec(setup, mine);
        break;
      case vectors::role::server:
        play_server(setup, mine);
        break;
      case vectors::role::client:
        play_client(setup, mine);
        break;
    }
  }

 private:
  // Puts the checks aside that need what is not declared; the rest is to be played.
  std::vector<std::size_t> without_skips(const std::vector<std::size_t>& mine, const conformance::settings& s) {
    std::vector<std::size_t> rest;
    for (const auto i : mine) {
      if (const auto reason = missing(checks_[i], s)) {
        board_.put(i, skipped(checks_[i], s, *reason));
      } else {
        rest.push_back(i);
      }
    }
    return rest;
  }

  void saw_rss(std::uint64_t kib) {
    auto seen = peak_rss_kib.load();
    while (kib > seen && !peak_rss_kib.compare_exchange_weak(seen, kib)) {
    }
  }

  // Every check of a role that could not be started carries the reason.
  void all_fail(const std::vector<std::size_t>& mine, const conformance::mishap& m) {
    for (const auto i : mine) {
      if (board_.over()) return;
      conformance::judge j(checks_[i], settings_);
      j.play("whole", [&](conformance::recorder&) { throw conformance::mishap(m); });
      board_.put(i, j.finish());
    }
  }

  void calibrate(adapter& a, vectors::role role) {
    for (auto& problem : a.calibrate(role)) {
      board_.remark(std::string(vectors::name_of(role)) + " adapter: " + problem +
                    " (ampspec adapter check tells more)");
    }
  }

  void play_codec(const role_setup& setup, const std::vector<std::size_t>& mine) {
    if (setup.in_process) {
      auto s = settings_;
      s.supports[vectors::role::codec] = supports_of(target_, vectors::role::codec, {"amp1"});
      queue q(without_skips(mine, s));
      run_in_threads(std::min<std::size_t>(options_.jobs, q.size()), [&](std::size_t) {
        std::string why;
        const auto subject = in_process_codec(peer::make_implementation(false, "", why));
        conformance::patience p(options_.deadline);
        while (const auto i = board_.over() ? std::nullopt : q.next())
          board_.put(*i, conformance::run(checks_[*i], *subject, s, p));
      });
      return;
    }
    adapter_role role(setup, target_, options_);
    auto first = role.fresh();
    auto s = settings_;
    try {
      s.supports[vectors::role::codec] = supports_of(target_, vectors::role::codec, first->facts().supports);
      name = first->facts().name;
      version = first->facts().version;
      calibrate(*first, vectors::role::codec);
    } catch (const conformance::mishap& m) {
      if (is_no_program(m)) return board_.abandon(vectors::role::codec, m);
      return all_fail(mine, m);
    }
    queue q(without_skips(mine, s));
    run_in_threads(std::min<std::size_t>(options_.jobs, q.size()), [&](std::size_t n) {
      auto a = n == 0 ? first : role.fresh();
      auto subject = codec_of(a);
      conformance::patience p(options_.deadline);
      while (const auto i = board_.over() ? std::nullopt : q.next()) {
        auto r = conformance::run(checks_[*i], *subject, s, p);
        const bool hung = r.what == verdict::timeout;
        board_.put(*i, std::move(r));
        role.check_done(hung);
        if (!hung || !role.patience_is_over()) continue;
        board_.remark("the codec hangs again and again; deadlines were cut short");
        saw_rss(a->peak_rss_kib());
        if (role.replace(a)) subject = codec_of(a);
      }
      saw_rss(a->peak_rss_kib());
    });
  }

  void play_client(const role_setup& setup, const std::vector<std::size_t>& mine) {
    adapter_role role(setup, target_, options_);
    auto first = role.fresh();
    auto s = settings_;
    try {
      s.supports[vectors::role::client] = supports_of(target_, vectors::role::client, first->facts().supports);
      name = first->facts().name;
      version = first->facts().version;
      calibrate(*first, vectors::role::client);
    } catch (const conformance::mishap& m) {
      if (is_no_program(m)) return board_.abandon(vectors::role::client, m);
      return all_fail(mine, m);
    }
    std::vector<std::size_t> spoken;
    for (const auto i : without_skips(mine, s)) {
      const auto& transport = checks_[i].transport;
      const auto& speaks = setup.speaks;
      const bool amps = vectors::wire_protocol_of(checks_[i].vector->protocol) == "amps";
      if (!amps || speaks.empty() || std::find(speaks.begin(), speaks.end(), transport) != speaks.end()) {
        spoken.push_back(i);
      } else {
        board_.put(i, skipped(checks_[i], s, "the target does not speak the transport " + transport));
      }
    }
    queue q(std::move(spoken));
    conformance::patience p(options_.deadline);
    std::atomic<int> silent{0};  // in a row: canaries that were not answered even by a fresh process
    run_in_threads(std::min<std::size_t>(options_.jobs, q.size()), [&](std::size_t n) {
      auto a = n == 0 ? first : role.fresh();
      auto subject = client_of(a);
      while (const auto i = board_.over() ? std::nullopt : q.next()) {
        auto r = run_unstarved(*i, *subject, s, p, [&] { return a->starved_seconds(); });
        const bool late = r.by_deadline && doubtful(r) && silent < 3;
        if (late && conformance::canary_answers(checks_[*i], *subject, s, p)) {
          p.waited_in_vain();
        } else if (late) {
          // It answers nothing any more: a fresh process gets one more chance, with nothing else in its hands.
          saw_rss(a->peak_rss_kib());
          if (role.replace(a)) subject = client_of(a);
          if (conformance::canary_answers(checks_[*i], *subject, s, p)) {
            silent = 0;
            auto again = conformance::run(checks_[*i], *subject, s, p);
            again.plays += r.plays;
            r = std::move(again);
          } else if (++silent == 3) {
            p.give_up();
            board_.remark("the client does not make a known-good call; deadlines were cut short");
          }
        }
        const bool hung = r.what == verdict::timeout;
        board_.put(*i, std::move(r));
        role.check_done(hung);
      }
      saw_rss(a->peak_rss_kib());
    });
  }

  bool is_known(const check_result& r) const { return options_.known && options_.known(r); }

  // Plays a check again, a few times, while it ran into a deadline for want of a processor.
  template <class Subject>
  check_result run_unstarved(std::size_t i, Subject& subject, const conformance::settings& s, conformance::patience& p,
                             const std::function<double()>& starved_seconds) {
    std::uint64_t plays = 0;
    for (int attempt = 1;; ++attempt) {
      const starvation watch(starved_seconds());
      auto r = conformance::run(checks_[i], subject, s, p);
      r.plays += plays;
      const bool late = r.by_deadline && doubtful(r) && !is_known(r);
      if (!late || attempt == plays_if_starved || !watch.shows(starved_seconds())) return r;
      plays = r.plays;
    }
  }

  void play_server(const role_setup& setup, const std::vector<std::size_t>& mine) {
    auto s = settings_;
    s.supports[vectors::role::server] = supports_of(target_, vectors::role::server, {"amp1"});
    const bool by_protocol = has_placeholder(setup, protocol_word);
    struct kind {  // of a server: one process serves what needs the same
      std::string protocol, fixture, transport;
      auto operator<=>(const kind&) const = default;
    };
    std::map<kind, std::vector<std::size_t>> groups;
    for (const auto i : without_skips(mine, s)) {
      const auto& c = checks_[i];
      if (const auto lacks = not_offered(setup, c)) {
        board_.put(i, skipped(c, s, *lacks));
        continue;
      }
      kind k{by_protocol ? std::string(vectors::wire_protocol_of(c.vector->protocol)) : "", c.vector->fixture,
             c.transport};
      groups[std::move(k)].push_back(i);
    }
    for (const auto& [k, list] : groups) {
      auto filled = setup;
      fill_placeholder(filled, protocol_word, k.protocol);
      fill_placeholder(filled, scheme_word, scheme_of(k.transport));
      if (!k.fixture.empty()) {
        const auto& words = setup.fixtures.at(k.fixture);
        if (setup.uri.empty()) {
          filled.command.insert(filled.command.end(), words.begin(), words.end());
        } else {
          filled.uri = words.front();
        }
      }
      play_server(filled, list, s);
    }
  }

  // Why this server can't be set up for the check; nothing: it can.
  static std::optional<std::string> not_offered(const role_setup& setup, const check& c) {
    const auto& fixture = c.vector->fixture;
    if (!fixture.empty() && !setup.fixtures.contains(fixture))
      return "the target does not say how the server is set up for the fixture " + fixture;
    const bool there = setup.uri.empty() ? c.transport == "tcp" || has_placeholder(setup, scheme_word)
                                         : setup.uri.starts_with(scheme_of(c.transport) + ":");
    if (!there) {
      return "the target does not offer the transport " + c.transport +
             (setup.uri.empty() ? "; {scheme} in its command says what is wanted" : "");
    }
    return std::nullopt;
  }

  void play_server(const role_setup& setup, const std::vector<std::size_t>& mine, const conformance::settings& s) {
    const auto budget = std::make_shared<restart_budget>();
    server host(setup, budget);
    try {
      host.ensure_up();
    } catch (const conformance::mishap& m) {
      if (!server_was_up_) return board_.abandon(vectors::role::server, m);
      return all_fail(mine, m);
    }
    server_was_up_ = true;
    conformance::patience p(options_.deadline);
    const auto answers = [&] {
      server_view view(host);
      return conformance::canary_answers(checks_[mine.front()], view, s, p);
    };
    bool known_good = answers();
    if (!known_good) {
      host.replace(1);
      known_good = answers();
    }
    if (!known_good) {
      p.give_up();
      board_.remark("the server does not answer a known-good request; deadlines were cut short");
    }
    queue q(mine);
    std::mutex mutex;
    std::vector<std::pair<std::size_t, check_result>> again;  // to be played alone, and what was seen before
    run_in_threads(std::min<std::size_t>(std::size_t{options_.jobs} * 4, q.size()), [&](std::size_t) {
      while (const auto i = board_.over() ? std::nullopt : q.next()) {
        server_view view(host);
        const starvation watch(host.starved_seconds());
        auto r = conformance::run(checks_[*i], view, s, p);
        budget->check_done();
        bool alone = false;
        if (known_good) {
          if (view.death()) {  // whatever the verdict: a crash may have passed for the close that was expected
            alone = true;
          } else if (doubtful(r) && r.by_deadline) {
            if (!answers()) {
              host.replace(view.generation());
              alone = true;
            } else if (!is_known(r) && watch.shows(host.starved_seconds())) {
              alone = true;
            } else {
              p.waited_in_vain();
            }
          }
        }
        if (alone) {
          const std::lock_guard lock(mutex);
          again.emplace_back(*i, std::move(r));
        } else {
          board_.put(*i, std::move(r));
        }
      }
    });
    std::sort(again.begin(), again.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    int silent = 0;  // in a row: the process hung again though the check was alone with it
    for (auto& [i, before] : again) {
      if (board_.over()) return;
      if (silent >= 3) {
        board_.put(i, std::move(before));
        continue;
      }
      board_.put(i, play_alone(i, before, host, s, p, answers, silent));
    }
    saw_rss(host.peak_rss_kib());
  }

  check_result play_alone(std::size_t i, const check_result& before, server& host, const conformance::settings& s,
                          conformance::patience& p, const std::function<bool()>& answers, int& silent) {
    server_view view(host);
    auto r = run_unstarved(i, view, s, p, [&] { return host.starved_seconds(); });
    r.plays += before.plays;
    if (const auto death = view.death()) {
      r.what = verdict::crash;
      r.signature = "crash:" + death->word();
      r.got = death->what();
      r.by_deadline = false;
    } else if (r.by_deadline && !answers()) {
      host.replace(view.generation());
      ++silent;
    } else {
      silent = 0;
    }
    return r;
  }

  const std::vector<check>& checks_;
  const target& target_;
  conformance::settings settings_;
  const schedule_options& options_;
  board& board_;
  bool server_was_up_ = false;  // in one of its setups
};

// The protocol allows either branch, but one implementation takes one of them.
void settle_choices(std::vector<check_result>& results) {
  std::map<std::pair<std::string, vectors::role>, std::map<std::string, std::size_t>> seen;
  for (const auto& r : results) {
    for (const auto& [choice, branch] : r.choices) ++seen[{choice, r.role}][branch];
  }
  for (auto& r : results) {
    if (r.what != verdict::observed) continue;
    for (const auto& [choice, branch] : r.choices) {
      const auto& branches = seen[{choice, r.role}];
      if (branches.size() < 2) continue;
      const auto usual = std::max_element(branches.begin(), branches.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
      if (usual->first == branch) continue;
      r.what = verdict::fail;
      r.signature = "fail@choice:one-choice/two";
      r.expected = "choice " + choice + ": " + usual->first + ", as in " + std::to_string(usual->second) +
                   " other checks of this run";
      r.got = branch;
    }
  }
}

}  // namespace

schedule_outcome play_all(const std::vector<check>& checks, const target& t, const conformance::settings& s,
                          const schedule_options& options, const std::function<void(const check_result&)>& finished,
                          const std::atomic<bool>& stop) {
  board b(checks.size(), options, finished, stop);
  std::vector<std::unique_ptr<player>> players;
  {
    std::vector<std::jthread> roles;
    for (const auto& [role, setup] : t.roles) {
      players.push_back(std::make_unique<player>(checks, t, s, options, b));
      roles.emplace_back([p = players.back().get(), role = role] { p->play(role); });
    }
  }
  auto out = b.take();
  for (const auto& p : players) {
    if (!p->name.empty()) out.name = p->name;
    if (!p->version.empty()) out.version = p->version;
    out.peer_peak_rss_kib = std::max(out.peer_peak_rss_kib, p->peak_rss_kib.load());
  }
  settle_choices(out.results);
  return out;
}

}  // namespace ampspec::runner
