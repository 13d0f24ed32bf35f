// The commands below `ampspec bench`.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/commands.hpp"

#include "runner/bench/calls.hpp"
#include "runner/bench/interactivity.hpp"
#include "runner/bench/picture.hpp"
#include "runner/bench/result_json.hpp"
#include "runner/bench/table.hpp"
#include "runner/files.hpp"
#include "runner/places.hpp"
#include "runner/report/console.hpp"
#include "runner/run.hpp"
#include "runner/subjects/tcp.hpp"
#include "runner/version.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <iterator>
#include <span>
#include <unistd.h>

namespace ampspec::runner {

namespace {

bench::way way_named(const std::string& name) {
  for (const auto w : bench::all_ways) {
    if (name_of(w) == name) return w;
  }
  throw usage_error("there is no way " + name + "; write idle, stream, bigstring, amp2 or bulk");
}

void must_have_server(const target& t) {
  if (!t.roles.contains(vectors::role::server)) {
    throw usage_error("target " + t.name + " has no server role, and it is a server that is measured");
  }
}

}  // namespace

int bench_interactivity_command(const bench_options& o) {
  check_writable("--json", o.json);
  check_writable("--html", o.html);
  const auto t = find_target(o.target);
  must_have_server(t);
  bench::interactivity_options how;
  how.each = o.each;
  how.program = own_executable().string();
  if (o.ways.empty()) {
    how.ways.assign(std::begin(bench::all_ways), std::end(bench::all_ways));
  } else {
    how.ways.push_back(bench::way::idle);  // what the others are compared with
    for (const auto& name : o.ways) {
      if (std::find(how.ways.begin(), how.ways.end(), way_named(name)) == how.ways.end()) {
        how.ways.push_back(way_named(name));
      }
    }
  }

  const bool rewrites = screen_of(STDOUT_FILENO).rewrites;
  auto result = measure_ways(t, how, [&](bench::way w) {
    if (rewrites)
      std::cout << "\r\x1b[K"
                << "measuring: " << title_of(w) << std::flush;
  });
  if (rewrites) std::cout << "\r\x1b[K";
  result.suite_version = suite_version;
  std::cout << table_of(result) << std::flush;
  if (!o.json.empty()) write_file(o.json, json_text(result));
  if (!o.html.empty()) write_file(o.html, page_of(std::span(&result, 1)));
  const bool broke =
      std::any_of(result.ways.begin(), result.ways.end(), [](const auto& w) { return !w.failed.empty(); });
  return broke ? 1 : 0;
}

namespace {

bench::calls_options calls_within(double seconds) {
  bench::calls_options o;
  o.program = own_executable().string();
  const auto parts = 2 * static_cast<double>(o.windows.size()) * o.rounds;
  o.each = std::chrono::milliseconds(std::max(1L, std::lround(seconds * 1000 / parts)));
  return o;
}

}  // namespace

namespace {

int told(const bench::calls_result& result, const std::string& what, double (*goal_of)(std::size_t)) {
  if (!result.was_up) throw not_attached(result.failed);
  std::cout << table_of(result, what, goal_of);
  return result.failed.empty() ? 0 : 1;
}

}  // namespace

int bench_calls_command(const std::string& name, double seconds) {
  const auto t = find_target(name);
  must_have_server(t);
  return told(measure_calls(t, calls_within(seconds)), "calls", t.name == "reference" ? bench::calls_goal : nullptr);
}

int bench_publishes_command(const std::string& uri, double seconds) {
  if (!uri.empty() && (!uri.starts_with("tcp://") || !parse_tcp_uri(uri)))
    throw usage_error("--server " + uri + ": write tcp://HOST:PORT, such as tcp://127.0.0.1:9007");
  return told(bench::measure_publishes(uri, calls_within(seconds)), "publishes",
              uri.empty() ? bench::publishes_goal : nullptr);
}

std::string bench_section(const std::vector<std::string>& files) {
  if (files.empty()) return {};
  std::vector<bench::interactivity> all;
  for (const auto& file : files) {
    try {
      all.push_back(bench::interactivity_of(read_file(file)));
    } catch (const bench::result_error& e) {
      throw usage_error("--bench " + file + ": " + e.what());
    }
  }
  return section_of(all);
}

int bench_way_command(const std::string& way, const bench::measure_options& each) {
  auto options = each;
  options.way = way_named(way);
  std::cout << json_line(measure(options)) << std::endl;
  return 0;
}

}  // namespace ampspec::runner
