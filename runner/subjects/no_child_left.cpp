// Holds every test to leaving no child process behind.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cerrno>
#include <sys/wait.h>

namespace ampspec::runner {
namespace {

class no_child_left : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    siginfo_t found{};
    const bool any = ::waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) == 0;
    EXPECT_FALSE(any) << "a child process is left";
  }
};

const bool listening = (testing::UnitTest::GetInstance()->listeners().Append(new no_child_left), true);

}  // namespace
}  // namespace ampspec::runner
