// A temporary file gives back what was written, and leaves nothing behind.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/temporary_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace ampspec::peer {
namespace {

TEST(TemporaryFile, GivesBackWhatWasWrittenAndHasNoName) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("ampspec-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  ::setenv("TMPDIR", folder.c_str(), 1);
  const auto file = make_temporary_file();
  ::unsetenv("TMPDIR");
  ASSERT_TRUE(file);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::string all, back;
  for (char c = 'a'; c < 'f'; ++c) {
    const std::string chunk(50'000, c);
    EXPECT_TRUE(file->write(chunk));
    all += chunk;
  }
  for (int again = 0; again < 2; ++again) {
    back.clear();
    EXPECT_TRUE(file->read([&](std::string_view piece) { back += piece; }));
    EXPECT_EQ(back, all);
  }
  std::filesystem::remove_all(folder);
}

TEST(TemporaryFile, IsNoneWhereNoneCanBe) {
  ::setenv("TMPDIR", "/no/such/folder", 1);
  EXPECT_FALSE(make_temporary_file());
  ::unsetenv("TMPDIR");
}

}  // namespace
}  // namespace ampspec::peer
