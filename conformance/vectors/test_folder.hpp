// A folder of vectors on disk for tests: a small catalogue, and files written by the test; gone with the test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace ampspec::vectors {

class test_folder {
 public:
  test_folder()
      : root_(std::filesystem::canonical(testing::TempDir()) /
              ("vectors." + std::to_string(::getpid()) + "." + name())) {
    write("requirements/a.yaml",
          "area: A\nrequirements:\n"
          "- {id: A-1, level: MUST, text: t, source: protocol, evidence: X, by: [codec, both]}\n"
          "- {id: A-2, level: SHOULD, text: t, source: project, evidence: X, by: [server]}\n"
          "- {id: A-3, level: MUST, text: t, source: protocol, evidence: X, by: [client], excluded: needs a year}\n");
    write("features.yaml", "features:\n- {name: service.core, text: t, frees: [A-1]}\n");
    write("choices.yaml",
          "choices:\n- {name: half, question: q, row: \"1\", branches: [answers, closes]}\nprofiles:\n  strict: {half: "
          "closes}\n");
    write("faults.yaml",
          "faults:\n- {name: breaks, clause: A-1, text: t, home: naive}\n- {name: later, clause: A-2, text: t, home: "
          "naive, planned: true}\n");
  }
  ~test_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  test_folder(const test_folder&) = delete;
  test_folder& operator=(const test_folder&) = delete;

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
    return root_ / path;
  }
  std::string read(const std::string& path) const {
    std::ifstream stream(root_ / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }
  std::filesystem::path root_;
};

}  // namespace ampspec::vectors
