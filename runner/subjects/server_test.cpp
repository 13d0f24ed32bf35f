// Servers under test: started, shared, crashed and started again.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/server.hpp"

#include "runner/subjects/fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace ampspec::runner {
namespace {

using clock = std::chrono::steady_clock;
using conformance::arrival;
using conformance::mishap;

constexpr millis soon{8000};

role_setup by_port(const std::string& mode) { return python("server.py", {mode, "{port}"}); }
role_setup by_line(const std::string& mode) {
  auto setup = python("server.py", {mode, "0"});
  setup.ready.line = "^listening";
  return setup;
}
std::shared_ptr<restart_budget> restarts(std::int64_t n) { return std::make_shared<restart_budget>(n); }

std::string echoed(conformance::server_subject& subject, const std::string& bytes) {
  const auto link = subject.connect(soon);
  link->send(bytes, soon);
  return link->receive(soon).bytes;
}

TEST(Server, IsFoundByThePortThatItWasGiven) {
  server s(by_port("echoes"), restarts(1));
  server_view view(s);
  EXPECT_EQ(echoed(view, "abc"), "abc");
  EXPECT_FALSE(view.death());
  EXPECT_GT(s.cpu_seconds(), 0);
  EXPECT_GT(s.peak_rss_kib(), 1000u);
}

TEST(Server, IsFoundByThePortThatItPrints) {
  server s(by_line("echoes"), restarts(1));
  server_view view(s);
  EXPECT_EQ(echoed(view, "abc"), "abc");
}

TEST(Server, IsConnectedToWhereSomebodyElseStartedIt) {
  server started(by_line("echoes"), restarts(1));
  started.ensure_up();
  role_setup elsewhere;
  elsewhere.uri = started.uri();
  server s(elsewhere, restarts(1));
  server_view view(s);
  EXPECT_EQ(echoed(view, "abc"), "abc");
}

TEST(Server, ThatNobodyStartedIsToldBeforeAnythingIsAsked) {
  role_setup nowhere;
  nowhere.uri = "tcp://127.0.0.1:" + std::to_string(free_loopback_port());
  server s(nowhere, restarts(1), millis(50));
  const auto failure = mishap_of([&] { s.ensure_up(); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_EQ(failure.word(), "accept");
  EXPECT_NE(std::string(failure.what()).find("is it up?"), std::string::npos) << failure.what();
}

TEST(Server, ServesManyThreadsFromOneProcess) {
  server s(by_port("echoes"), restarts(0));
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        server_view view(s);
        const auto text = std::to_string(i) + "/" + std::to_string(round);
        right += echoed(view, text) == text && view.generation() == 1;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(Server, ThatCrashesIsToldToTheCheckAndStartedAnewForTheNext) {
  server s(by_port("crashes"), restarts(1));
  server_view first(s);
  EXPECT_EQ(echoed(first, "abc"), "");
  const auto death = first.death();
  ASSERT_TRUE(death);
  EXPECT_EQ(death->what_kind(), mishap::kind::crash);
  EXPECT_EQ(death->word(), "SIGSEGV");
  EXPECT_NE(std::string(death->what()).find("a bad request"), std::string::npos) << death->what();
  EXPECT_EQ(mishap_of([&] { first.connect(soon); }).word(), "SIGSEGV");

  server_view second(s);
  second.connect(soon);
  EXPECT_EQ(second.generation(), 2u);
  EXPECT_EQ(mishap_of([&] { first.connect(soon); }).word(), "SIGSEGV") << "though another process is up";

  echoed(second, "abc");
  server_view third(s);
  const auto refused = mishap_of([&] { third.connect(soon); });
  EXPECT_EQ(refused.what_kind(), mishap::kind::crash);
  EXPECT_NE(std::string(refused.what()).find("not started again"), std::string::npos) << refused.what();
}

TEST(Server, ThatAnswersNobodyIsReplacedOnce) {
  server s(by_port("mute"), restarts(5));
  server_view first(s);
  const auto link = first.connect(soon);
  link->send("abc", soon);
  EXPECT_EQ(link->receive(millis(50)).what, arrival::kind::nothing);
  s.replace(first.generation());
  s.replace(first.generation());
  EXPECT_EQ(link->receive(soon).what, arrival::kind::closed);
  EXPECT_FALSE(first.death()) << "it did not die of its own accord";
  EXPECT_EQ(mishap_of([&] { first.connect(soon); }).what_kind(), mishap::kind::timeout);
  server_view second(s);
  second.connect(soon);
  EXPECT_EQ(second.generation(), 2u);
}

TEST(Server, ThatDiesAtItsStartSaysWhy) {
  server s(by_port("dies-at-start"), restarts(100));
  for (int i = 0; i < 4; ++i) {
    const auto failure = mishap_of([&] { s.ensure_up(); });
    EXPECT_EQ(failure.what_kind(), mishap::kind::crash);
    EXPECT_EQ(failure.word(), "exit-4");
    EXPECT_NE(std::string(failure.what()).find("no configuration"), std::string::npos) << failure.what();
  }
}

TEST(Server, ThatNeverListensTimesOut) {
  server s(by_port("never-listens"), restarts(1), millis(300));
  const auto failure = mishap_of([&] { s.ensure_up(); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_EQ(failure.word(), "start");
}

TEST(Server, ThatClosesAtOnceIsAliveAllTheSame) {
  server s(by_port("closes"), restarts(1));
  server_view view(s);
  EXPECT_EQ(view.connect(soon)->receive(soon).what, arrival::kind::closed);
  EXPECT_FALSE(view.death());
}

TEST(Server, ThatResetsIsSeenToReset) {
  server s(by_port("resets"), restarts(1));
  server_view view(s);
  const auto link = view.connect(soon);
  link->send("abc", soon);
  EXPECT_TRUE(link->receive(soon).was_reset);
}

TEST(Server, ThatDripsCostsNoMoreThanTheDeadline) {
  server s(by_port("drips"), restarts(1));
  server_view view(s);
  const auto link = view.connect(soon);
  link->send("abc", soon);
  const auto began = clock::now();
  EXPECT_EQ(link->receive(millis(100)).what, arrival::kind::nothing);
  EXPECT_LT(clock::now() - began, millis(900));
}

TEST(Server, ThatNeverReadsCostsNoMoreThanTheDeadline) {
  server s(by_port("never-reads"), restarts(1));
  server_view view(s);
  const auto link = view.connect(soon);
  EXPECT_EQ(mishap_of([&] { link->send(std::string(32u << 20, 'x'), millis(100)); }).what_kind(),
            mishap::kind::timeout);
}

/// The sizes of the reads that the server made of these parts, each sent when the last had settled.
std::string reads_of(conformance::server_subject& subject, int parts) {
  const auto link = subject.connect(soon);
  for (int i = 0; i < parts; ++i) {
    link->send("x", soon);
    link->settle();
  }
  link->half_close();
  std::string all;
  for (auto got = link->receive(soon); got.what == arrival::kind::octets; got = link->receive(soon)) all += got.bytes;
  return all;
}

// A machine that is busy may not run the server within the patience of a cut, which then falls together with the next.
std::string reads_of_five(server_view& view) {
  std::string seen;
  for (int attempt = 0; attempt < 5 && seen != "1\n1\n1\n1\n1\nend"; ++attempt) seen = reads_of(view, 5);
  return seen;
}

TEST(Server, SeesEveryCutAsARead) {
  server s(by_port("counts"), restarts(1));
  server_view view(s);
  std::string want;
  for (int i = 0; i < 200; ++i) want += "1\n";
  // A machine that is busy may not run the server within the patience of a cut, which then falls together with the
  // next.
  std::string seen;
  for (int attempt = 0; attempt < 5 && seen != want + "end"; ++attempt) {
    const auto began = clock::now();
    seen = reads_of(view, 200);
    EXPECT_LT(clock::now() - began, millis(10'000))
        << "settling that never sees the read would take 200 times 200 ms, or less and merge cuts";
  }
  EXPECT_EQ(seen, want + "end");
}

TEST(Server, SeesEveryCutThoughItListensOnIpv6) {
  server s(by_port("dual"), restarts(1));
  server_view view(s);
  EXPECT_EQ(reads_of_five(view), "1\n1\n1\n1\n1\nend");
}

TEST(Server, SeesEveryCutThoughItReadsSlowly) {
  server s(by_port("slow-reader"), restarts(1));
  server_view view(s);
  EXPECT_EQ(reads_of_five(view), "1\n1\n1\n1\n1\nend");
}

}  // namespace
}  // namespace ampspec::runner
