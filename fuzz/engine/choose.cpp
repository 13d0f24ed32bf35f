// Chooses inputs for a corpus: few that together reach most of what all of them reach. Needs the preset fuzz-coverage.
// SPDX-License-Identifier: Apache-2.0

// fuzz_choose TARGET MOST-FILES MOST-OCTETS LONGEST FILE|FOLDER...: prints the chosen files, one a line.
#include "fuzz/targets/targets.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// The counters of all regions of the program, as the compiler's runtime keeps them.
extern "C" {
std::uint64_t* __llvm_profile_begin_counters();
std::uint64_t* __llvm_profile_end_counters();
void __llvm_profile_reset_counters();
}

namespace {

using namespace ampspec;

struct candidate {
  std::string file;
  std::size_t size = 0;
  std::vector<std::uint32_t> reached;  ///< regions, and about how often: once, twice, more often, much more often
};

candidate played(const fuzz::target& target, const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string input(std::istreambuf_iterator<char>(in), {});
  candidate made{file.string(), input.size(), {}};
  __llvm_profile_reset_counters();
  target.play(input);
  const auto *const begin = __llvm_profile_begin_counters(), *const end = __llvm_profile_end_counters();
  for (const auto* at = begin; at != end; ++at) {
    if (*at == 0) continue;
    const auto often = static_cast<std::uint32_t>(std::min<int>(static_cast<int>(std::bit_width(*at)) - 1, 3));
    const auto region = static_cast<std::uint32_t>(at - begin);
    for (std::uint32_t i = 0; i <= often; ++i) made.reached.push_back(4 * region + i);
  }
  return made;
}

// Again and again the one that adds most for each octet.
void choose(std::vector<candidate> all, std::size_t most_files, std::size_t most_octets) {
  std::vector<bool> known;
  const auto gain = [&](const candidate& c) {
    return std::count_if(c.reached.begin(), c.reached.end(), [&](auto r) { return r >= known.size() || !known[r]; });
  };
  std::size_t octets = 0;
  for (std::size_t files = 0; files < most_files; ++files) {
    double best_worth = 0;
    candidate* best = nullptr;
    for (auto& c : all) {
      if (octets + c.size > most_octets || c.reached.empty()) continue;
      const auto more = gain(c);
      if (more == 0) c.reached.clear();
      const double worth = static_cast<double>(more) / static_cast<double>(c.size + 64);
      if (worth <= best_worth) continue;
      best_worth = worth;
      best = &c;
    }
    if (best == nullptr) return;
    octets += best->size;
    for (const auto r : best->reached) {
      if (r >= known.size()) known.resize(r + 1);
      known[r] = true;
    }
    best->reached.clear();
    std::puts(best->file.c_str());
  }
}

int run(int argc, char** argv) {
  const fuzz::target* const target = argc < 6 ? nullptr : fuzz::target_named(argv[1]);
  if (target == nullptr) {
    std::fputs("usage: fuzz_choose TARGET MOST-FILES MOST-OCTETS LONGEST FILE|FOLDER...\n", stderr);
    return 2;
  }
  const auto longest = std::min<std::uintmax_t>(std::strtoull(argv[4], nullptr, 10), target->max_input);
  std::vector<std::filesystem::path> files;
  for (int i = 5; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file() && entry.file_size() <= longest) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<candidate> all;
  for (const auto& file : files) all.push_back(played(*target, file));
  choose(std::move(all), std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fuzz_choose: %s\n", e.what());
    return 2;
  }
}
