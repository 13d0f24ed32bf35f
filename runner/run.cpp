// `ampspec run`: from the options to the verdict, the reports and the exit code.
// SPDX-License-Identifier: Apache-2.0
#include "runner/run.hpp"

#include "conformance/baseline.hpp"
#include "conformance/vectors/words.hpp"
#include "runner/bench/commands.hpp"
#include "runner/files.hpp"
#include "runner/interruption.hpp"
#include "runner/places.hpp"
#include "runner/report/console.hpp"
#include "runner/report/embargo.hpp"
#include "runner/report/html.hpp"
#include "runner/report/json.hpp"
#include "runner/report/junit.hpp"
#include "runner/report/secrets.hpp"
#include "runner/report/text.hpp"
#include "runner/schedule.hpp"
#include "runner/subjects/process.hpp"
#include "runner/subjects/tcp.hpp"
#include "runner/target.hpp"
#include "runner/version.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace ampspec::runner {
namespace fs = std::filesystem;
namespace {

using conformance::check;
using conformance::check_result;
using conformance::verdict;
using std::chrono::steady_clock;

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const auto& w : words) text += (text.empty() ? "" : between) + w;
  return text;
}

// What carries an AMPS server's octets, by its URI: the features that have to be declared for it.
std::vector<std::string> carried_by(const std::string& uri) {
  std::vector<std::string> features;
  if (uri.starts_with("tcps:") || uri.starts_with("wss:")) features.emplace_back("amps.tls");
  if (uri.starts_with("ws:") || uri.starts_with("wss:")) features.emplace_back("amps.websocket");
  return features;
}

// Who asks for a protocol and names no features has a server that speaks it; only AMPS is carried by more than TCP.
std::vector<std::string> spoken_by_flags(const run_options& o) {
  std::vector<std::string> spoken;
  for (const char* protocol : {"amp1", "amp2", "amps"}) {
    if (o.what.protocols.contains(protocol)) spoken.push_back(protocol);
  }
  const auto carried = carried_by(*o.server);
  if (spoken.empty()) spoken.emplace_back(carried.empty() ? "amp1" : "amps");
  if (std::find(spoken.begin(), spoken.end(), "amps") != spoken.end())
    spoken.insert(spoken.end(), carried.begin(), carried.end());
  return spoken;
}

void must_declare_what_carries_it(const run_options& o, const std::vector<std::string>& declared) {
  const std::set<std::string> names(declared.begin(), declared.end());
  const auto carried = carried_by(*o.server);
  if (!carried.empty() && !conformance::protocol_declared(names, "amps")) {
    throw usage_error("--server " + *o.server +
                      ": only AMPS is played over TLS and WebSocket from the start; write --protocol amps" +
                      (o.supports.empty() ? "" : ", and --supports amps," + joined(carried, ",")));
  }
  for (const auto& feature : carried) {
    if (!names.contains(feature))
      throw usage_error("--server " + *o.server + " needs " + feature + "; add --supports " + feature);
  }
}

}  // namespace

target target_of_flags(const run_options& o) {
  const int roles = int{o.codec} + int{o.client} + int{o.server.has_value()};
  if (roles > 1)
    throw usage_error(
        "only one of --codec, --server and --client; to attach several roles, write a target file (docs/attach.md)");
  target t;
  t.name = o.command.empty() ? *o.server : fs::path(o.command.front()).filename().string();
  role_setup setup;
  setup.command = o.command;
  for (const auto& word : o.command) {
    const auto wrong = wrong_placeholder(word, o.server ? vectors::role::server : vectors::role::codec);
    if (!wrong.empty()) throw usage_error("in the command behind --: " + wrong);
  }
  for (const auto& name : o.supports) t.mentions.push_back({mention::kind::feature, name, {}, "--supports " + name});
  if (!o.server) {
    if (o.command.empty())
      throw usage_error("--codec and --client need a command: ampspec run --codec -- ./my-adapter");
    t.roles[o.codec ? vectors::role::codec : vectors::role::client] = setup;
    if (!o.supports.empty()) t.supports[o.codec ? vectors::role::codec : vectors::role::client] = o.supports;
    return t;
  }
  if (o.server->empty() && o.command.empty())
    throw usage_error("--server needs a URI, such as tcp://127.0.0.1:4000, or a command behind --");
  if (!o.server->empty() && !o.command.empty())
    throw usage_error(
        "--server with a URI and a command: give one of them ({port} in the command stands for a free port)");
  if (!o.server->empty() && !parse_tcp_uri(*o.server)) {
    const bool is_a_name = o.server->find("://") == std::string::npos;
    const bool lacks_scheme = is_a_name && parse_tcp_uri("tcp://" + *o.server).has_value();
    const std::string meant = o.server->starts_with("tls://") ? "tcps" + o.server->substr(3)
                              : lacks_scheme                  ? "tcp://" + *o.server
                                                              : "tcp://127.0.0.1:4000";
    throw usage_error("--server " + *o.server + ": write its URI, such as " + meant +
                      (is_a_name && !lacks_scheme ? "; a TARGET stands in front of the flags" : ""));
  }
  setup.uri = *o.server;
  if (!o.command.empty() && !has_placeholder(setup, "{port}")) setup.ready.line = "listening";
  t.roles[vectors::role::server] = setup;
  t.supports[vectors::role::server] = o.supports.empty() ? spoken_by_flags(o) : o.supports;
  return t;
}

namespace {

std::vector<check> shard_of(std::vector<check> all, const std::string& shard) {
  if (shard.empty()) return all;
  unsigned i = 0, n = 0;
  char slash = 0;
  std::istringstream in(shard);
  if (!(in >> i >> slash >> n) || slash != '/' || n == 0 || i == 0 || i > n || in.peek() != EOF) {
    throw usage_error("--shard " + shard + ": write I/N with 1 <= I <= N, such as 2/4");
  }
  std::vector<check> mine;
  for (std::size_t k = i - 1; k < all.size(); k += n) mine.push_back(std::move(all[k]));
  return mine;
}

template <class T>
std::vector<std::string> names_of(const std::map<std::string, T, std::less<>>& known) {
  std::vector<std::string> names;
  for (const auto& entry : known) names.push_back(entry.first);
  return names;
}

void check_mention(const mention& m, const vectors::catalogue& known) {
  switch (m.what) {
    case mention::kind::part:
    case mention::kind::feature: {
      if (m.what == mention::kind::part && known.requirements.contains(m.name)) return;
      // A name covers what lies below it, so it may be the beginning of known ones.
      const auto names = names_of(known.features);
      const bool covers =
          std::any_of(names.begin(), names.end(), [&](const auto& k) { return conformance::supported({m.name}, k); });
      if (!covers)
        throw usage_error(m.where + ": there is no feature " + (m.what == mention::kind::part ? "or clause `" : "`") +
                          m.name + "`" + did_you_mean(m.name, names, "see vectors/features.yaml"));
      return;
    }
    case mention::kind::choice:
      if (!known.choices.contains(m.name))
        throw usage_error(m.where + ": there is no choice `" + m.name + "`" +
                          did_you_mean(m.name, names_of(known.choices), "see vectors/choices.yaml"));
      return;
    case mention::kind::branch: {
      const auto& branches = known.choices.at(m.of).branches;
      if (std::find(branches.begin(), branches.end(), m.name) == branches.end())
        throw usage_error(m.where + ": choice `" + m.of + "` has no branch `" + m.name + "`" +
                          did_you_mean(m.name, branches, "write one of " + joined(branches, ", ")));
      return;
    }
    case mention::kind::profile:
      if (!known.profiles.contains(m.name))
        throw usage_error(m.where + ": there is no profile `" + m.name + "`; there are " +
                          joined(names_of(known.profiles), ", "));
      return;
  }
}

void check_options(const run_options& o, const library& lib) {
  if (!o.profile.empty()) {
    check_mention({mention::kind::profile, o.profile, {}, "--profile " + o.profile}, lib.catalogue);
  }
  check_selection(o.what, lib);
}

std::map<std::string, std::string> pins_of(const target& t, const run_options& o, const library& lib) {
  const std::string& profile = o.profile.empty() ? t.profile : o.profile;
  std::map<std::string, std::string> pins;
  if (!profile.empty()) pins = lib.catalogue.profiles.at(profile);
  for (const auto& [choice, branch] : t.choices) pins[choice] = branch;
  return pins;
}

// The day in UTC, as an embargo writes it.
std::string today() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm fields{};
  gmtime_r(&now, &fields);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &fields)};
}

std::uint64_t own_peak_rss_kib() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<std::uint64_t>(u.ru_maxrss);
}

// The command that runs this again, for the lines that tell how to repeat one vector.
std::string command_of(const run_options& o) {
  std::string text = "ampspec run";
  if (o.codec) text += " --codec";
  if (o.client) text += " --client";
  if (o.server) text += " --server" + (o.server->empty() ? "" : " " + shell_word(*o.server));
  if (!o.codec && !o.client && !o.server && o.target != "reference") text += " " + shell_word(o.target);
  for (const auto& f : o.supports) text += " --supports " + shell_word(f);
  for (const auto& p : o.what.protocols) text += " --protocol " + p;
  for (const auto role : o.what.roles) text += " --role " + std::string(vectors::name_of(role));
  if (o.what.tiers.contains(vectors::tier::large)) text += " --tier large";
  if (o.what.tiers.contains(vectors::tier::soak)) text += " --tier soak";
  if (o.what.tiers.size() > 1 && o.what.tiers.contains(vectors::tier::normal)) text += " --tier default";
  if (!o.profile.empty()) text += " --profile " + shell_word(o.profile);
  if (o.deadline_ms != run_options().deadline_ms) text += " --deadline " + std::to_string(o.deadline_ms);
  if (o.strict) text += " --strict";
  if (o.seed != 1) text += " --seed " + std::to_string(o.seed);
  return text;
}

}  // namespace

void check_names(const target& t, const vectors::catalogue& known) {
  for (const auto& m : t.mentions) check_mention(m, known);
}

usage_error not_attached(std::string_view told) {
  constexpr std::size_t most = 200;  // columns
  std::vector<std::string_view> lines;
  while (!told.empty()) {
    const auto end = std::min(told.find('\n'), told.size());
    const auto line = told.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    told.remove_prefix(std::min(end + 1, told.size()));
  }
  if (lines.empty()) return usage_error("it can't be started");
  return usage_error(escaped(lines.front()) + (lines.size() > 1 ? " " + cut_to(escaped(lines.back()), most) : ""));
}

std::vector<std::string> built_in_targets() {
  std::vector<std::string> names{"reference"};
  if (fs::is_directory(targets_root())) {
    for (const auto& e : fs::directory_iterator(targets_root())) {
      if (e.path().extension() == ".yaml") names.push_back(e.path().stem().string());
    }
  }
  std::sort(names.begin() + 1, names.end());
  return names;
}

target find_target(const std::string& name) {
  if (name == "reference") return reference_target(own_executable().string());
  if (name.find('/') == std::string::npos && !name.ends_with(".yaml")) {
    const auto file = targets_root() / (name + ".yaml");
    if (fs::exists(file)) return load_target(file);
    throw usage_error("no target is called " + name +
                      did_you_mean(name, built_in_targets(), "see them with: ampspec targets") +
                      " (a target file is given by its path)");
  }
  if (!fs::exists(name)) throw usage_error("no target file " + name);
  if (const auto extension = fs::path(name).extension(); extension != ".yaml" && extension != ".yml") {
    throw usage_error(name + " is no target file (.yaml); a program is attached by its role: ampspec run --codec -- " +
                      shell_word(name) + " (or --client, --server)");
  }
  return load_target(name);
}

int run_command(const run_options& o) {
  const auto began = steady_clock::now();
  const bool by_flags = o.codec || o.client || o.server;
  if (!by_flags && !o.command.empty())
    throw usage_error("a command behind -- needs --codec, --server or --client: in which role is it attached?");
  if (by_flags && o.target_named) {
    throw usage_error("TARGET " + o.target +
                      " and --codec, --server or --client: what is to be judged is named by one of them" +
                      (o.command.empty() ? "; a command stands behind --: -- " + shell_word(o.target) : ""));
  }
  if (!by_flags && !o.supports.empty())
    throw usage_error("--supports goes with --codec, --server and --client; a target says for itself what it supports");
  if (o.update_baseline && o.baseline.empty()) throw usage_error("--update-baseline needs --baseline FILE");
  const bool all_selected = o.what.only.empty() && o.what.protocols.empty() && o.what.roles.empty() &&
                            o.shard.empty() && o.what.as_of.empty() && !o.fail_fast;
  if (o.update_baseline && !all_selected) {
    throw usage_error(
        "--update-baseline rewrites the whole file: run it without --only, --role, --protocol, --shard, --as-of and "
        "--fail-fast");
  }
  check_writable("--json", o.json);
  check_writable("--junit", o.junit);
  check_writable("--html", o.html);
  if (o.update_baseline) check_writable("--baseline", o.baseline);
  if (!o.bench.empty() && o.html.empty()) throw usage_error("--bench is shown in the page: give --html FILE too");
  const auto bench = bench_section(o.bench);
  const auto lib = load_library(o.what);
  target t = by_flags ? target_of_flags(o) : find_target(o.target);
  if (by_flags && o.server) must_declare_what_carries_it(o, t.supports.at(vectors::role::server));
  check_names(t, lib.catalogue);
  check_options(o, lib);
  for (const auto& [variable, what_for] : t.needs_env) {
    if (const char* told = std::getenv(variable.c_str()); told == nullptr || *told == '\0')
      throw usage_error("target " + t.name + " is not judged: " + variable + " is not set; it is to hold " + what_for);
  }
  for (const auto role : o.what.roles) {
    if (!t.roles.contains(role))
      throw usage_error("target " + t.name + " has no " + std::string(vectors::name_of(role)) + " role");
  }

  selection what = o.what;
  if (what.roles.empty()) {
    for (const auto& [role, setup] : t.roles) what.roles.insert(role);
  }
  const auto checks = shard_of(select(lib, what), o.shard);
  if (checks.empty()) {
    std::string text = "no vector matches";
    if (!o.what.only.empty()) text += " --only " + joined(o.what.only, " --only ");
    throw usage_error(text + " in the roles, tiers and protocols chosen; see what there is with: ampspec list");
  }

  conformance::settings s;
  s.catalogue = &lib.catalogue;
  s.seed = o.seed;
  s.foreign = t.name != "reference";
  s.pins = pins_of(t, o, lib);
  s.trace = o.trace;
  s.show_secrets = o.show_secrets;

  std::vector<conformance::baseline_problem> problems;
  conformance::baseline known;
  if (!o.baseline.empty() && (fs::exists(o.baseline) || !o.update_baseline)) {
    known = conformance::parse_baseline(read_file(o.baseline), o.baseline, problems);
  }
  for (const auto& p : problems) {
    if (o.update_baseline && p.unread) {
      throw usage_error(o.baseline + ":" + std::to_string(p.line) + ": " + p.text +
                        "; put the line right or remove it, else --update-baseline would drop it");
    }
  }

  schedule_options how;
  how.jobs = o.jobs ? o.jobs : std::max(2u, std::thread::hardware_concurrency());
  how.deadline = std::chrono::milliseconds(o.deadline_ms);
  how.large = o.what.tiers.contains(vectors::tier::large);
  how.fail_fast = o.fail_fast;
  if (o.budget_seconds > 0)
    how.until =
        began + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(o.budget_seconds));

  const secret_mask secrets = o.show_secrets ? secret_mask() : secret_mask(t.secrets);
  how.complete = [&](check_result& r) {
    secrets.hide_in(r);
    r.provided_by = conformance::provider_of(r.cites, t.provided_by, lib.catalogue);
  };

  how.known = [&](const check_result& r) { return conformance::lists(known, r); };

  console out(std::cout, screen_of(STDOUT_FILENO));
  std::map<std::string, std::uint64_t> by_suite;
  for (const auto& c : checks) ++by_suite[c.vector->suite];
  for (const auto& [suite, n] : by_suite) out.expect(suite, n);

  interruption stop;
  auto done = play_all(
      checks, t, s, how, [&](const check_result& r) { out.finished(r); }, stop.came);

  if (!done.unattached.empty()) {
    out.leave();
    secrets.hide_in(done.unattached);
    const bool beside_us = by_flags && !o.command.empty() && o.command.front().find('/') == std::string::npos &&
                           fs::exists(o.command.front()) && done.unattached.find("No such file") != std::string::npos;
    throw not_attached(done.unattached + (beside_us ? "; the one in this folder is ./" + o.command.front() : ""));
  }
  // As the reader of a report knows the files, wherever this checkout lies.
  for (auto& r : done.results) r.file = fs::path(r.file).lexically_relative(vectors_root().parent_path()).string();
  if (o.update_baseline && !done.interrupted && !done.out_of_time) {
    write_file(o.baseline, conformance::render_baseline(known, done.results));
    problems.clear();
    known = conformance::parse_baseline(read_file(o.baseline), o.baseline, problems);
  }
  run_facts facts;
  if (!o.baseline.empty()) {
    for (auto& p :
         conformance::apply_baseline(known, done.results, all_selected && !done.interrupted && !done.out_of_time))
      problems.push_back(std::move(p));
    for (const auto& p : problems)
      facts.stale_baseline.push_back(o.baseline + ":" + std::to_string(p.line) + ": " + p.text);
    if (!o.show_secrets) withhold(done.results, today());
  }
  if (o.strict) {
    for (auto& r : done.results) {
      if (r.what == verdict::warn) r.what = verdict::fail;
    }
  }
  facts.target = by_flags && !done.name.empty() ? done.name : t.name;
  facts.suite_version = suite_version;
  facts.command = command_of(o);
  if (!o.command.empty()) {
    facts.command_tail = "--";
    for (const auto& word : o.command) facts.command_tail += " " + shell_word(word);
  }
  facts.seed = o.seed;
  facts.remarks = done.remarks;
  for (auto& text : facts.remarks) secrets.hide_in(text);
  facts.target_version = done.version;
  secrets.hide_in(facts.target_version);
  facts.provided_by = t.provided_by;
  facts.out_of_time = done.out_of_time;
  facts.peak_rss_kib = own_peak_rss_kib();
  facts.peer_peak_rss_kib = done.peer_peak_rss_kib;
  facts.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  if (done.interrupted)
    facts.remarks.push_back("interrupted: " + std::to_string(checks.size() - done.results.size()) +
                            " checks were not run");
  if (done.out_of_time)
    facts.remarks.push_back("out of time: " + std::to_string(checks.size() - done.results.size()) +
                            " checks were not run");
  const auto summary = summarize(facts, done.results, lib.catalogue);
  if (o.trace) {
    for (const auto& r : done.results) out.show(r, summary);
  }
  out.close(summary, done.results);
  std::string unwritten;  // one report that can't be written costs the others nothing
  const auto write = [&](const std::string& file, const auto& report) {
    try {
      if (!file.empty()) write_file(file, report());
    } catch (const std::runtime_error& failed) {
      unwritten += (unwritten.empty() ? "" : "; ") + std::string(failed.what());
    }
  };
  write(o.json, [&] { return json_report(summary, done.results); });
  write(o.junit, [&] { return junit_report(summary, done.results); });
  write(o.html, [&] { return html_report(summary, done.results, lib.catalogue, bench); });
  if (!unwritten.empty()) throw std::runtime_error(unwritten);
  if (done.interrupted) return 130;
  return exit_code(summary.outcome());
}

}  // namespace ampspec::runner
