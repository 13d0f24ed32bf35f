// Children: their ends, their output, their measures, and that none survives.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/process.hpp"

#include "runner/subjects/fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace ampspec::runner {
namespace {

using clock = std::chrono::steady_clock;
using conformance::mishap;

child_options shell(const std::string& script) { return {{"sh", "-c", script}, {}, {}, false}; }

/// Waits until no process of that number runs (one that is dead and waits to be reaped does not).
bool is_gone(int pid) {
  for (int i = 0; i < 200; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(stat, text) || text.find(") Z ") != text.npos) return true;
    std::this_thread::sleep_for(millis(10));
  }
  return false;
}

TEST(ChildProcess, TellsItsExitCode) {
  child_process child(shell("exit 3"));
  ASSERT_TRUE(child.wait_end(millis(8000)));
  EXPECT_EQ(child.end_word(), "exit-3");
  EXPECT_FALSE(child.alive());
  EXPECT_TRUE(child.dying());
}

TEST(ChildProcess, TellsTheSignalThatEndedIt) {
  child_process child(shell("kill -SEGV $$"));
  ASSERT_TRUE(child.wait_end(millis(8000)));
  EXPECT_EQ(child.end_word(), "SIGSEGV");
}

TEST(ChildProcess, SaysWhichCommandCannotBeStarted) {
  const auto failure = mishap_of([] { child_process({{"/no/such/program"}, {}, {}, false}); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::crash);
  EXPECT_EQ(failure.word(), "start");
  EXPECT_STREQ(failure.what(), "cannot start /no/such/program: No such file or directory");
}

TEST(ChildProcess, GetsItsFolderAndEnvironment) {
  child_process child({{"sh", "-c", "echo \"$PWD $AMPSPEC_TEST\""}, {{"AMPSPEC_TEST", "told"}}, "/usr", false});
  ASSERT_TRUE(child.wait_end(millis(8000)));
  EXPECT_EQ(child.log(), "/usr told\n");
}

TEST(ChildProcess, KeepsTheLast64KiBOfItsLog) {
  child_process child(shell(
      "i=0; while [ $i -lt 3000 ]; do echo \"$i ........................................\"; i=$((i+1)); done >&2"));
  ASSERT_TRUE(child.wait_end(millis(5000)));
  const auto log = child.log();
  EXPECT_EQ(log.size(), 64u * 1024);
  EXPECT_NE(log.find("2999 ..."), log.npos);
  EXPECT_LT(with_log("died", child).size(), 4200u);
}

TEST(ChildProcess, GivesItsLogLineByLine) {
  child_process child(shell("echo one; echo two >&2; printf three; sleep 30"));
  std::uint64_t position = 0;
  const auto soon = clock::now() + millis(8000);
  EXPECT_EQ(child.next_line(&position, soon), "one");
  EXPECT_EQ(child.next_line(&position, soon), "two");
  EXPECT_EQ(child.next_line(&position, clock::now() + millis(50)), std::nullopt) << "an unfinished line";
}

TEST(ChildProcess, TalksThroughPipes) {
  child_process child({{"cat"}, {}, {}, true});
  ASSERT_EQ(::write(child.to_child(), "hello", 5), 5);
  pollfd watched{child.from_child(), POLLIN, 0};
  ASSERT_EQ(::poll(&watched, 1, 2000), 1);
  char back[8];
  EXPECT_EQ(::read(child.from_child(), back, sizeof back), 5);
  child.close_input();
  EXPECT_TRUE(child.wait_end(millis(8000)));
  EXPECT_EQ(child.end_word(), "exit-0");
}

TEST(ChildProcess, EndsOneThatIgnoresSigtermAndWhatItStarted) {
  child_process child(shell("trap '' TERM; sleep 30 & echo $!; while true; do sleep 30; done"));
  std::uint64_t position = 0;
  const auto grandchild = child.next_line(&position, clock::now() + millis(8000));
  ASSERT_TRUE(grandchild);
  const auto began = clock::now();
  child.end(millis(50));
  EXPECT_EQ(child.end_word(), "SIGKILL");
  EXPECT_LT(clock::now() - began, millis(5000));
  EXPECT_TRUE(is_gone(std::stoi(*grandchild)));
}

TEST(ChildProcess, EndsWhatItStartedWhenItExits) {
  child_process child(shell("sleep 30 & echo $!"));
  ASSERT_TRUE(child.wait_end(millis(8000)));
  EXPECT_TRUE(is_gone(std::stoi(child.log())));
}

TEST(ChildProcess, OutlivesTheThreadThatStartedIt) {
  std::unique_ptr<child_process> child;
  std::thread([&] { child = std::make_unique<child_process>(shell("sleep 30")); }).join();
  EXPECT_FALSE(child->wait_end(millis(100)));
}

TEST(ChildProcess, MeasuresTimeAndMemoryOfTheProgramAlone) {
  const std::vector<char> ballast(256u << 20, 'x');  // ours, which a fork would seem to share
  child_process child(
      {{"python3", "-c", "x = b'y' * (40 << 20)\nfor i in range(1 << 20): pass\nprint('done', flush=True)\ninput()"},
       {},
       {},
       true});
  pollfd watched{child.from_child(), POLLIN, 0};
  ASSERT_EQ(::poll(&watched, 1, 5000), 1);
  const double living = child.cpu_seconds();
  EXPECT_GT(living, 0.005);
  EXPECT_LT(living, 5);
  EXPECT_GT(child.peak_rss_kib(), 40u << 10);
  child.end(millis(100));
  EXPECT_GE(child.cpu_seconds() + 0.02, living);
  EXPECT_LT(child.peak_rss_kib(), 200u << 10);
  EXPECT_EQ(ballast.back(), 'x');
}

TEST(ChildProcess, TellsWhatABusyMachineTookFromIt) {
  const child_process idle(shell("sleep 30"));
  std::vector<std::unique_ptr<child_process>> busy;
  for (unsigned i = 0; i < 3 * std::max(1u, std::thread::hardware_concurrency()); ++i) {
    busy.push_back(std::make_unique<child_process>(shell("while true; do :; done")));
  }
  const auto until = std::chrono::steady_clock::now() + millis(5000);
  while (busy.front()->starved_seconds() < 0.2 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(millis(20));
  }
  EXPECT_GE(busy.front()->starved_seconds(), 0.2) << "three for each processor, so it gets a third of one";
  EXPECT_LT(idle.starved_seconds(), busy.front()->starved_seconds());
}

TEST(ChildProcessDeathTest, NoneSurvivesOurDeath) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EXIT(
      {
        child_process child(shell("exec sleep 30"));
        const int pid = child.pid();
        [[maybe_unused]] const auto told = ::write(ends[1], &pid, sizeof pid);
        ::raise(SIGKILL);
      },
      testing::KilledBySignal(SIGKILL), "");
  int pid = 0;
  ASSERT_EQ(::read(ends[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  EXPECT_TRUE(is_gone(pid));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ChildProcessDeathTest, EndAllChildrenKillsThemAndStartsNoMore) {
  EXPECT_EXIT(
      {
        bool ended = false;
        {
          child_process one(shell("trap '' TERM; sleep 30"));
          child_process two(shell("sleep 30"));
          end_all_children();
          ended = one.wait_end(millis(5000)) && two.wait_end(millis(5000)) && one.end_word() == "SIGKILL";
        }
        const auto refused = mishap_of([] { child_process(shell("exit 0")); });
        ::_exit(ended && refused.word() == "start" ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ampspec::runner
