// Measures what a publish costs in the broker, by subscribers and by filters: nothing is asserted about time.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_test_support.hpp"
#include "reference/wire/bench/best_times.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace ampspec::amps;

struct crowd {
  std::shared_ptr<broker> shared = std::make_shared<broker>(conformance_fixture());
  test_client publisher{shared};
  std::vector<std::unique_ptr<test_client>> subscribers;

  crowd() { publisher.log_on("publisher"); }
  test_client& add() {
    subscribers.push_back(std::make_unique<test_client>(shared));
    return subscribers.back()->log_on("s" + std::to_string(subscribers.size()));
  }
  /// Takes what waits as a writer would, and returns the octets.
  std::size_t drain() {
    std::size_t all = 0;
    std::array<std::string_view, 64> room;
    while (auto* session = shared->next_touched()) static_cast<void>(session);
    for (auto& s : subscribers) {
      while (const auto count = s->stream().pieces(room)) {
        std::size_t octets = 0;
        for (std::size_t i = 0; i < count; ++i) octets += room[i].size();
        s->stream().sent(octets);
        all += octets;
      }
    }
    return all;
  }
};

std::string publish_of(std::string_view body) {
  return framed(R"({"c":"publish","t":"conf/plain/bench"})" + std::string(body));
}

// One publish of 1 KiB to N connections.
void fan_out(benchmark::State& state) {
  crowd c;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    c.add().say(R"({"c":"subscribe","cid":"1","t":"conf/plain/bench"})");
  }
  const auto frame = publish_of(std::string(1024, 'x'));
  std::size_t octets = 0;
  for ([[maybe_unused]] auto _ : state) {
    c.publisher.stream().receive(frame);
    octets += c.drain();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(octets));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

std::string order(int id) {
  return R"({"id":)" + std::to_string(id) + R"(,"region":"EU","price":12.5,"tags":["a","b"],"note":"as usual"})";
}

// 10,000 subscriptions on one topic, `/id = n` each: `matching` of them have the id that is published.
void equality_filters(benchmark::State& state) {
  crowd c;
  const auto total = state.range(0), matching = state.range(1);
  auto& s = c.add();
  for (std::int64_t i = 0; i < total; ++i) {
    const auto id = i < matching ? 0 : i + 1;
    s.say(R"({"c":"subscribe","cid":"c)" + std::to_string(i) + R"(","t":"conf/plain/bench","filter":"/id = )" +
          std::to_string(id) + "\"}");
  }
  const auto frame = publish_of(order(0));
  for ([[maybe_unused]] auto _ : state) {
    c.publisher.stream().receive(frame);
    benchmark::DoNotOptimize(c.drain());
  }
}

// The same with filters that no index helps: every one is evaluated.
void range_filters(benchmark::State& state) {
  crowd c;
  const auto total = state.range(0), matching = state.range(1);
  auto& s = c.add();
  for (std::int64_t i = 0; i < total; ++i) {
    s.say(R"({"c":"subscribe","cid":"c)" + std::to_string(i) + R"(","t":"conf/plain/bench","filter":"/id < )" +
          std::to_string(i < matching ? i + 1 : -i) + R"( AND /region = 'EU'"})");
  }
  const auto frame = publish_of(order(0));
  for ([[maybe_unused]] auto _ : state) {
    c.publisher.stream().receive(frame);
    benchmark::DoNotOptimize(c.drain());
  }
}

void filter_alone(benchmark::State& state) {
  syntax_error wrong;
  const auto test = filter::parse("/region = 'EU' AND /price BETWEEN 10 AND 20 AND /tags = 'b'", wrong);
  const auto body = order(7);
  for ([[maybe_unused]] auto _ : state) {
    const record_view record(body);
    benchmark::DoNotOptimize(test->matches(record));
  }
}

void sow_query(benchmark::State& state) {
  crowd c;
  for (int i = 0; i < state.range(0); ++i) c.publisher.say(R"({"c":"publish","t":"conf/sow"})", order(i));
  const auto frame = framed(R"({"c":"sow","t":"conf/sow","bs":100,"filter":"/id >= 0"})");
  std::array<std::string_view, 256> room;
  for ([[maybe_unused]] auto _ : state) {
    c.publisher.stream().receive(frame);
    while (const auto count = c.publisher.stream().pieces(room)) {
      std::size_t octets = 0;
      for (std::size_t i = 0; i < count; ++i) octets += room[i].size();
      c.publisher.stream().sent(octets);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(fan_out)->Arg(1)->Arg(100)->Arg(1000);
BENCHMARK(equality_filters)
    ->Args({10'000, 1})
    ->Args({10'000, 10})
    ->Args({10'000, 100})
    ->Args({10'000, 1000})
    ->Args({100, 1});
BENCHMARK(range_filters)->Args({10'000, 1})->Args({10'000, 1000})->Args({1000, 1})->Args({100, 1});
BENCHMARK(filter_alone);
BENCHMARK(sow_query)->Arg(1000)->Arg(10'000);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ampspec::best_times reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\n");
  reporter.print_ratio("fan-out: 1,000 subscribers over 100 (linear: 10)", "fan_out/1000", "fan_out/100");
  reporter.print_ratio("10,000 equality filters: 1,000 matching over 100 (linear: 10)", "equality_filters/10000/1000",
                       "equality_filters/10000/100");
  reporter.print_ratio("one matching: 10,000 equality filters over 100 (indexed: about 1)", "equality_filters/10000/1",
                       "equality_filters/100/1");
  reporter.print_ratio("one matching: 10,000 range filters over 1,000 (linear: 10)", "range_filters/10000/1",
                       "range_filters/1000/1");
  return 0;
}
