// Plays files through a target without an engine: corpora in the project's tests, and an input that somebody reports.
// SPDX-License-Identifier: Apache-2.0

// fuzz_replay TARGET FILE|FOLDER...: exit 1 if there was no file; a property that fails aborts, behind the file's name.
// fuzz_replay --list: the targets.
#include "fuzz/targets/targets.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace ampspec;

// A folder that is not there has no files: not every target has seeds.
std::vector<std::filesystem::path> files_in(const std::filesystem::path& where) {
  if (std::filesystem::is_regular_file(where)) return {where};
  if (!std::filesystem::is_directory(where)) return {};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(where)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int run(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    for (const fuzz::target& t : fuzz::all_targets()) std::puts(std::string(t.name).c_str());
    return 0;
  }
  const fuzz::target* const target = argc < 3 ? nullptr : fuzz::target_named(argv[1]);
  if (target == nullptr) {
    std::fputs("usage: fuzz_replay TARGET FILE|FOLDER...   or --list\n", stderr);
    return 2;
  }
  std::size_t played = 0, skipped = 0;
  for (int i = 2; i < argc; ++i) {
    for (const auto& file : files_in(argv[i])) {
      std::ifstream in(file, std::ios::binary);
      if (!in) {
        std::fprintf(stderr, "%s: can't be read\n", file.c_str());
        return 2;
      }
      const std::string input(std::istreambuf_iterator<char>(in), {});
      if (input.size() > target->max_input) {
        ++skipped;
        continue;
      }
      std::fprintf(stderr, "%s\n", file.c_str());  // first, so that it is the last line where the input aborts
      target->play(input);
      ++played;
    }
  }
  std::printf("%s: %zu inputs played, %zu too long\n", argv[1], played, skipped);
  return played == 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fuzz_replay: %s\n", e.what());
    return 2;
  }
}
