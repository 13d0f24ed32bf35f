// Results of `ampspec bench interactivity` as JSON: written, handed between our processes, and read again.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/result_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ampspec::runner::bench {

namespace {

using json = nlohmann::ordered_json;

std::string dumped(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

json written(const way_result& w) {
  json out{{"way", name_of(w.way)}};
  if (!w.not_offered.empty()) {
    out["not_offered"] = w.not_offered;
    return out;
  }
  if (!w.failed.empty()) {
    out["failed"] = w.failed;
    return out;
  }
  out["calls"] = w.calls.count;
  out["p50_ns"] = w.calls.p50.count();
  out["p99_ns"] = w.calls.p99.count();
  out["worst_ns"] = w.calls.worst.count();
  if (w.transfers != 0) {
    out["transfers"] = w.transfers;
    out["megabytes_per_second"] = w.megabytes_per_second;
  }
  if (w.ours_kib != 0) out["ours_peak_rss_kib"] = w.ours_kib;
  if (w.theirs_kib != 0) out["theirs_peak_rss_kib"] = w.theirs_kib;
  return out;
}

way_result read_way(const json& in) {
  way_result w;
  const auto name = in.at("way").get<std::string>();
  const auto* found = std::find_if(std::begin(all_ways), std::end(all_ways), [&](way x) { return name_of(x) == name; });
  if (found == std::end(all_ways)) throw result_error("there is no way " + name);
  w.way = *found;
  w.not_offered = in.value("not_offered", "");
  w.failed = in.value("failed", "");
  if (!w.measured()) return w;
  w.calls.count = in.at("calls").get<std::size_t>();
  w.calls.p50 = nanos(in.at("p50_ns").get<std::int64_t>());
  w.calls.p99 = nanos(in.at("p99_ns").get<std::int64_t>());
  w.calls.worst = nanos(in.at("worst_ns").get<std::int64_t>());
  w.transfers = in.value("transfers", std::uint64_t{0});
  w.megabytes_per_second = in.value("megabytes_per_second", 0.0);
  w.ours_kib = in.value("ours_peak_rss_kib", std::uint64_t{0});
  w.theirs_kib = in.value("theirs_peak_rss_kib", std::uint64_t{0});
  return w;
}

/// `read` of the text, with what the JSON library throws told as ours.
template <class Read>
auto reading(std::string_view text, Read read) {
  try {
    return read(json::parse(text));
  } catch (const json::exception& e) {
    throw result_error(std::string("no result of ampspec bench interactivity: ") + e.what());
  }
}

}  // namespace

std::string json_line(const way_result& w) { return dumped(written(w), -1); }

way_result way_result_of(std::string_view text) {
  return reading(text, [](const json& in) { return read_way(in); });
}

std::string json_text(const interactivity& b) {
  json out{{"bench", "interactivity"}, {"target", b.target},   {"suite_version", b.suite_version},
           {"megabytes", b.megabytes}, {"seconds", b.seconds}, {"calls_per_second", b.calls_per_second},
           {"cores", b.cores},         {"ways", json::array()}};
  for (const auto& w : b.ways) {
    auto entry = written(w);
    if (const auto ratio = b.ratio_to_idle(w); ratio != 0) entry["p99_to_idle"] = ratio;
    out["ways"].push_back(std::move(entry));
  }
  return dumped(out, 2) + "\n";
}

interactivity interactivity_of(std::string_view text) {
  return reading(text, [](const json& in) {
    if (in.at("bench") != "interactivity") throw result_error("`bench` is not `interactivity`");
    interactivity b;
    b.target = in.at("target").get<std::string>();
    b.suite_version = in.value("suite_version", "");
    b.megabytes = in.at("megabytes").get<std::uint64_t>();
    b.seconds = in.at("seconds").get<double>();
    b.calls_per_second = in.at("calls_per_second").get<std::uint64_t>();
    b.cores = in.value("cores", "");
    for (const auto& w : in.at("ways")) b.ways.push_back(read_way(w));
    return b;
  });
}

}  // namespace ampspec::runner::bench
