// Measures the codec and the session, and prints the ratios that matter: nothing is asserted about time.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/bench/plain_decoder.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/session.hpp"
#include "reference/wire/bench/best_times.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace ampspec;

/// About `size` octets of requests and answers as they are usual.
std::string small_boxes(std::size_t size) {
  std::string out;
  for (std::uint64_t n = 1; out.size() < size; ++n) {
    const std::string tag = std::to_string(n % 4096), a = std::to_string(n * 7919 % 100'000);
    (void)amp::encode(amp::box{{"_ask", tag}, {"_command", "Sum"}, {"a", a}, {"b", "81"}}, out);
    (void)amp::encode(amp::box{{"_answer", tag}, {"total", a}}, out);
  }
  return out;
}

std::string box_of_8000_pairs() {
  amp::box b;
  for (int i = 0; i < 8000; ++i) b.add(std::to_string(i) + "-key", std::to_string(i * 31));
  std::string out;
  (void)amp::encode(b, out);
  return out;
}

// Reads what a user of the box would read.
template <class Pairs>
std::size_t touch(const Pairs& pairs) {
  std::size_t sum = 0;
  for (const auto& p : pairs) sum += p.key.size() + p.value.size();
  return sum;
}

std::size_t decode_all(std::string_view octets, std::size_t chunk_size) {
  amp::box_decoder decoder;
  std::size_t sum = 0;
  for (std::size_t at = 0; at < octets.size(); at += chunk_size) {
    decoder.feed(octets.substr(at, chunk_size));
    while (const auto b = decoder.next()) sum += touch(b->pairs());
  }
  if (decoder.finish()) std::abort();
  return sum;
}

void finish(benchmark::State& state, std::size_t octets) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(octets));
}

void decode_small_plain(benchmark::State& state) {
  const std::string octets = small_boxes(1 << 20);
  for ([[maybe_unused]] auto _ : state) {
    bench::plain_decoder decoder(octets);
    std::size_t sum = 0;
    while (decoder.next()) sum += touch(decoder.pairs);
    benchmark::DoNotOptimize(sum);
  }
  finish(state, octets.size());
}

void decode_small(benchmark::State& state) {
  const std::string octets = small_boxes(1 << 20);
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(decode_all(octets, static_cast<std::size_t>(state.range(0))));
  finish(state, octets.size());
}

void decode_8000_pairs(benchmark::State& state) {
  const std::string octets = box_of_8000_pairs();
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(decode_all(octets, static_cast<std::size_t>(state.range(0))));
  finish(state, octets.size());
}

// Boxes of one value of ten full chunks and a short one (AMPv2).
constexpr std::size_t large_value = 10 * 65535 + 100;
std::string large_boxes(int count) {
  std::string out;
  const std::string value(large_value, 'v');
  for (int i = 0; i < count; ++i) {
    (void)amp::encode(amp::box{{"_ask", "1f"}, {"_command", "Echo"}, {"data", value}}, out, amp::version::v2);
  }
  return out;
}

void copy_chunks(benchmark::State& state) {
  const std::string octets = large_boxes(8);
  std::vector<char> to(large_value);
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t at = 0; at + large_value < octets.size(); at += large_value) {
      std::memcpy(to.data(), octets.data() + at, large_value);
      benchmark::DoNotOptimize(to.data());
    }
  }
  finish(state, octets.size());
}

void decode_chunks_joined(benchmark::State& state) {
  const std::string octets = large_boxes(8);
  amp::box_decoder decoder({.version = amp::version::v2});
  for ([[maybe_unused]] auto _ : state) {
    const auto reads = static_cast<std::size_t>(state.range(0));
    for (std::size_t at = 0; at < octets.size(); at += reads) {
      decoder.feed(std::string_view(octets).substr(at, reads));
      while (const auto b = decoder.next()) benchmark::DoNotOptimize(touch(b->pairs()));
    }
  }
  finish(state, octets.size());
}

struct counting_sink : amp::value_sink {
  bool begin(amp::box_view, std::string_view) override { return true; }
  void take(std::string_view octets) override { taken += octets.size(); }
  void end() override {}
  std::size_t taken = 0;
};

void decode_chunks_diverted(benchmark::State& state) {
  const std::string octets = large_boxes(8);
  amp::box_decoder decoder({.version = amp::version::v2});
  counting_sink sink;
  decoder.divert(&sink);
  for ([[maybe_unused]] auto _ : state) {
    decoder.feed(octets);
    while (const auto b = decoder.next()) benchmark::DoNotOptimize(touch(b->pairs()));
  }
  benchmark::DoNotOptimize(sink.taken);
  finish(state, octets.size());
}

void encode(benchmark::State& state, const amp::box& box) {
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(amp::encode(box, out));
    benchmark::DoNotOptimize(out.data());
  }
  finish(state, out.size());
}

void encode_small(benchmark::State& state) {
  encode(state, {{"_ask", "1f"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}});
}

void encode_64k_value(benchmark::State& state) {
  encode(state, {{"_ask", "1f"}, {"_command", "Echo"}, {"data", std::string(65535, 'x')}});
}

// Both sides of a call, `window` of them at a time, with nothing between the sessions.
void session_calls(benchmark::State& state) {
  amp::session asker, server;
  const amp::box arguments{{"a", "13"}, {"b", "81"}}, values{{"total", "94"}};
  const auto window = state.range(0);
  std::uint64_t ended = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (std::int64_t i = 0; i < window; ++i) (void)asker.call("Sum", arguments);
    server.receive(asker.output());
    while (const auto e = server.next_event()) server.answer(std::get<amp::request_received>(*e).id, values);
    asker.sent(asker.output().size());
    asker.receive(server.output());
    while (const auto e = asker.next_event()) ended += std::get<amp::answer_received>(*e).call;
    server.sent(server.output().size());
  }
  benchmark::DoNotOptimize(ended);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * window);
}

constexpr std::int64_t whole = 1 << 30;

BENCHMARK(decode_small_plain);
BENCHMARK(decode_small)->Arg(whole)->Arg(65536)->Arg(1460)->Arg(1);
BENCHMARK(decode_8000_pairs)->Arg(whole)->Arg(65536)->Arg(1);
BENCHMARK(copy_chunks);
BENCHMARK(decode_chunks_joined)->Arg(whole)->Arg(65536);
BENCHMARK(decode_chunks_diverted);
BENCHMARK(encode_small);
BENCHMARK(encode_64k_value);
BENCHMARK(session_calls)->Arg(1)->Arg(64);

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--sample") {
    const std::string octets = small_boxes(1 << 20);
    return std::fwrite(octets.data(), 1, octets.size(), stdout) == octets.size() ? 0 : 1;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ampspec::best_times reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);

  const std::string all = std::string("/").append(std::to_string(whole));
  std::printf("\n");
  reporter.print_ratio("small boxes: speed relative to the bare loop (goal: >= 0.75)", "decode_small_plain",
                       "decode_small" + all);
  reporter.print_ratio("small boxes in reads of 1460: time relative to whole", "decode_small/1460",
                       "decode_small" + all);
  reporter.print_ratio("8,000 pairs one octet at a time: time relative to whole (goal: <= 20)", "decode_8000_pairs/1",
                       "decode_8000_pairs" + all);
  reporter.print_ratio("chunks joined: speed relative to memcpy of the same octets (goal: >= 0.6)", "copy_chunks",
                       "decode_chunks_joined" + all);
  reporter.print_ratio("chunks joined in reads of 65536: speed relative to memcpy", "copy_chunks",
                       "decode_chunks_joined/65536");
  reporter.print_ratio("chunks as they come, not copied: speed relative to memcpy", "copy_chunks",
                       "decode_chunks_diverted");
  return 0;
}
