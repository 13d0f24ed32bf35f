// `ampspec bench interactivity`: each way against a fresh process of the target, driven by a fresh process of ours.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/interactivity.hpp"

#include "runner/bench/cores.hpp"
#include "runner/bench/line.hpp"
#include "runner/bench/result_json.hpp"
#include "runner/subjects/server.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace ampspec::runner::bench {

namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;

/// What the child wrote until it closed its output, at most 1 MiB of it.
std::string output_of(const child_process& child, clock::time_point until) {
  std::string text;
  char piece[4096];
  while (text.size() < (1u << 20)) {
    const auto left = std::chrono::ceil<millis>(until - clock::now()).count();
    pollfd watched{child.from_child(), POLLIN, 0};
    if (left <= 0) break;
    if (::poll(&watched, 1, static_cast<int>(left)) <= 0) continue;
    const auto got = ::read(child.from_child(), piece, sizeof piece);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) break;
    text.append(piece, static_cast<std::size_t>(got));
  }
  return text;
}

std::vector<std::string> mover_command(const interactivity_options& o, way w, const std::string& uri) {
  return {o.program,
          "bench",
          "way",
          std::string(name_of(w)),
          uri,
          "--megabytes",
          std::to_string(o.each.megabytes),
          "--seconds",
          std::to_string(o.each.seconds),
          "--rate",
          std::to_string(o.each.calls_per_second)};
}

/// Starts a process held to a core; the thread that calls is free again afterwards.
template <class Start>
auto started_on(std::optional<int> core, Start start) {
  std::optional<on_core> held;
  if (core) held.emplace(*core);
  return start();
}

}  // namespace

role_setup server_for(const target& t, way w) {
  auto setup = t.roles.at(vectors::role::server);
  if (w == way::amp2) {
    // A server of AMPv1 that is sent a chunked value goes out of step, so nothing is tried that was not declared.
    const auto declared = t.supports.find(vectors::role::server);
    if (declared == t.supports.end() ||
        std::find(declared->second.begin(), declared->second.end(), "amp2") == declared->second.end()) {
      throw not_offered("the target does not declare amp2");
    }
  }
  const auto fill = [&](std::string_view place, std::string_view with) {
    for (auto& word : setup.command) {
      if (const auto at = word.find(place); at != word.npos) word.replace(at, place.size(), with);
    }
  };
  fill("{protocol}", w == way::amp2 ? "amp2" : "amp1");
  fill("{scheme}", "tcp");
  return setup;
}

interactivity measure_ways(const target& t, const interactivity_options& o, const std::function<void(way)>& begun) {
  const auto role = t.roles.find(vectors::role::server);
  if (role == t.roles.end()) throw std::runtime_error("target " + t.name + " has no server role");
  const auto cores = usable_cores();
  std::optional<int> ours, theirs;
  if (cores.size() > 1) ours = cores.front(), theirs = cores.back();

  interactivity all;
  all.target = t.name;
  all.megabytes = o.each.megabytes;
  all.seconds = o.each.seconds;
  all.calls_per_second = o.each.calls_per_second;
  all.cores = !role->second.uri.empty() ? "our side on one core, the target wherever it runs"
              : ours                    ? "each side on a core of its own"
                                        : "both sides on one core";
  for (const way w : o.ways) {
    begun(w);
    way_result result;
    result.way = w;
    try {
      server tested(server_for(t, w), std::make_shared<restart_budget>());
      const auto generation = started_on(theirs, [&] { return tested.ensure_up(); });
      const auto mover = started_on(ours, [&] {
        return std::make_unique<child_process>(child_options{mover_command(o, w, tested.uri()), {}, {}, true});
      });
      const auto text = output_of(*mover, clock::now() + o.each.most + std::chrono::seconds(10));
      if (const auto death = tested.death_of(generation)) throw mishap(*death);
      if (text.empty()) throw mishap(mishap::kind::harness, "bench", with_log("our side told nothing", *mover));
      result = way_result_of(text);
      if (result.measured()) result.theirs_kib = tested.peak_rss_kib();
    } catch (const not_offered& why) {
      result.not_offered = why.what();
    } catch (const mishap& m) {
      result.failed = m.what();
    } catch (const result_error& e) {
      result.failed = e.what();
    }
    all.ways.push_back(std::move(result));
  }
  return all;
}

}  // namespace ampspec::runner::bench
