// Measures frame and header beside a mere length walk and a JSON tree; nothing is asserted about time.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_decoder.hpp"
#include "reference/amps/frame_encoder.hpp"
#include "reference/amps/octet_words.hpp"
#include "reference/wire/bench/best_times.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace ampspec;

/// A delivery as it is usual: 283 octets with its length.
std::string frame_of_283() {
  const std::string header = R"({"c":"p","t":"orders/us/equities","sids":"sub-17,sub-204",)"
                             R"("bm":"7094790850998930143|1795302174108000001|","k":"9835947975505047547",)"
                             R"("x":"QUJDREVGRw==","ts":"20260101T000000.000000Z","l":90})";
  const std::string content = header + std::string(283 - amps::prefix_size - header.size(), 'x');
  return std::string{0, 0, static_cast<char>(content.size() >> 8), static_cast<char>(content.size() & 0xff)} + content;
}

constexpr std::size_t frames = 64;  // of one chunk

std::string chunk() {
  std::string octets;
  for (std::size_t i = 0; i < frames; ++i) octets += frame_of_283();
  return octets;
}

/// Nothing but where each payload begins: the length, then from quote to quote to the brace that closes the header.
std::size_t walk(std::string_view octets) {
  using namespace amps::octet_words;
  std::size_t sum = 0;
  for (const char* p = octets.data(); p != octets.data() + octets.size();) {
    const auto octet = [&](int i) { return static_cast<std::size_t>(static_cast<unsigned char>(p[i])); };
    const char* const end = p + 4 + (octet(0) << 24 | octet(1) << 16 | octet(2) << 8 | octet(3));
    bool in_string = false;
    for (p += 4; in_string || *p != '}'; ++p) {
      if (in_string) {
        while (end - p >= 8) {
          const std::uint64_t marks = equal(load(p), every('"')) | equal(load(p), every('\\'));
          if (marks != 0) {
            p += first(marks);
            break;
          }
          p += 8;
        }
        if (*p == '\\') {
          ++p;
          continue;
        }
      }
      in_string = in_string != (*p == '"');
    }
    sum += static_cast<std::size_t>(end - p);
    p = end;
  }
  return sum;
}

void finish(benchmark::State& state, std::size_t octets) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(octets));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(frames));
}

void length_walk(benchmark::State& state) {
  const std::string octets = chunk();
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(walk(octets));
  finish(state, octets.size());
}

std::size_t read_all(amps::frame_decoder& decoder, std::string_view octets) {
  std::size_t sum = 0;
  decoder.feed(octets);
  while (const auto f = decoder.next()) sum += f->body.size() + f->header[amps::field::topic].size();
  return sum;
}

void decode(benchmark::State& state) {
  const std::string octets = chunk();
  amps::frame_decoder decoder;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(read_all(decoder, octets));
  if (decoder.error()) std::abort();
  finish(state, octets.size());
}

void decode_in_reads_of_100(benchmark::State& state) {
  const std::string octets = chunk();
  amps::frame_decoder decoder;
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t at = 0; at < octets.size(); at += 100) {
      benchmark::DoNotOptimize(read_all(decoder, std::string_view(octets).substr(at, 100)));
    }
  }
  finish(state, octets.size());
}

/// The header alone as a tree: where it ends is given away.
void json_tree(benchmark::State& state) {
  const std::string frame = frame_of_283();
  const std::string header = frame.substr(4, frame.find('}') - 3);
  for ([[maybe_unused]] auto _ : state) {
    for (std::size_t i = 0; i < frames; ++i) benchmark::DoNotOptimize(nlohmann::json::parse(header));
  }
  finish(state, frames * frame.size());
}

void encode(benchmark::State& state) {
  const std::string frame = frame_of_283();
  amps::frame_decoder decoder;
  decoder.feed(frame);
  const auto view = decoder.next();
  if (!view) std::abort();
  const amps::header header(view->header);
  const std::string body(view->body);
  std::string out;
  for ([[maybe_unused]] auto _ : state) {
    out.clear();
    for (std::size_t i = 0; i < frames; ++i) benchmark::DoNotOptimize(amps::encode(header, body, out));
  }
  finish(state, out.size());
}

BENCHMARK(length_walk);
BENCHMARK(decode);
BENCHMARK(decode_in_reads_of_100);
BENCHMARK(json_tree);
BENCHMARK(encode);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  ampspec::best_times reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  const auto of_one_frame = [&](const char* name) {
    return reporter.of(name) / static_cast<double>(frames) * 1e9;
  };  // in ns
  const double walked = of_one_frame("length_walk"), decoded = of_one_frame("decode"), tree = of_one_frame("json_tree");
  std::printf("\n%-70s %8.1f ns\n", "frame and header of 283 octets (goal: <= 60)", decoded);
  if (walked > 0) std::printf("%-70s %8.2f\n", "time relative to the length walk (goal: <= 1.8)", decoded / walked);
  if (decoded > 0) std::printf("%-70s %8.2f\n", "speed relative to a JSON tree (goal: >= 10)", tree / decoded);
  return 0;
}
