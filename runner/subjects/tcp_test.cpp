// Connections: what arrives, how it ends, and that a cut is seen as a cut.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/tcp.hpp"

#include "runner/subjects/fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fcntl.h>
#include <future>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace ampspec::runner {
namespace {

using clock = std::chrono::steady_clock;
using conformance::arrival;
using conformance::mishap;

constexpr millis soon{8000};

/// Two ends of one connection: ours, and the bare socket of the other side.
struct connected_pair {
  loopback_listener listener;
  unique_fd theirs;
  std::unique_ptr<conformance::connection> ours;

  connected_pair() {
    std::string why;
    theirs = try_connect({"127.0.0.1", listener.port()}, soon, &why);
    ::fcntl(theirs.get(), F_SETFL, 0);  // it may wait
    ours = adopt_socket(listener.accept(soon));
  }
};

TEST(TcpConnection, GivesWhatArrivesAndSaysClosedForEver) {
  connected_pair pair;
  ASSERT_EQ(::send(pair.theirs.get(), "abc", 3, 0), 3);
  pair.theirs.reset();
  EXPECT_EQ(pair.ours->receive(soon).bytes, "abc");
  EXPECT_EQ(pair.ours->receive(soon).what, arrival::kind::closed);
  const auto again = pair.ours->receive(soon);
  EXPECT_EQ(again.what, arrival::kind::closed);
  EXPECT_FALSE(again.was_reset);
}

TEST(TcpConnection, ReceivesNothingWithinItsDeadline) {
  connected_pair pair;
  const auto began = clock::now();
  EXPECT_EQ(pair.ours->receive(millis(60)).what, arrival::kind::nothing);
  EXPECT_GE(clock::now() - began, millis(55));
  EXPECT_LT(clock::now() - began, millis(5000));
}

TEST(TcpConnection, TellsAReset) {
  connected_pair pair;
  adopt_socket(std::move(pair.theirs))->reset();
  EXPECT_TRUE(pair.ours->receive(soon).was_reset);
}

TEST(TcpConnection, TellsAResetThatItsOwnWriteMetFirst) {
  connected_pair pair;
  adopt_socket(std::move(pair.theirs))->reset();
  std::this_thread::sleep_for(millis(20));
  pair.ours->send("abc", soon);
  const auto end = pair.ours->receive(soon);
  EXPECT_EQ(end.what, arrival::kind::closed);
  EXPECT_TRUE(end.was_reset);
}

TEST(TcpConnection, WritesToAClosedPeerWithoutAnError) {
  connected_pair pair;
  pair.theirs.reset();
  for (int i = 0; i < 3; ++i) {
    pair.ours->send("abc", soon);
    std::this_thread::sleep_for(millis(5));
  }
  EXPECT_EQ(pair.ours->receive(soon).what, arrival::kind::closed);
}

TEST(TcpConnection, HalfClosesAndStillReceives) {
  connected_pair pair;
  pair.ours->half_close();
  const auto theirs = adopt_socket(std::move(pair.theirs));
  EXPECT_EQ(theirs->receive(soon).what, arrival::kind::closed);
  theirs->send("late", soon);
  EXPECT_EQ(pair.ours->receive(soon).bytes, "late");
}

TEST(TcpConnection, ClosesWithoutAResetThoughOctetsWait) {
  connected_pair pair;
  const auto theirs = adopt_socket(std::move(pair.theirs));
  theirs->send("unread", soon);
  pair.ours->close();
  const auto end = theirs->receive(soon);
  EXPECT_EQ(end.what, arrival::kind::closed);
  EXPECT_FALSE(end.was_reset);
  EXPECT_EQ(pair.ours->receive(soon).bytes, "unread");
  EXPECT_EQ(pair.ours->receive(soon).what, arrival::kind::closed);
}

TEST(TcpConnection, TimesOutWritingToAPeerThatDoesNotRead) {
  connected_pair pair;
  const auto began = clock::now();
  const auto failure = mishap_of([&] { pair.ours->send(std::string(64u << 20, 'x'), millis(100)); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_EQ(failure.word(), "read");
  EXPECT_LT(clock::now() - began, millis(5000));
}

TEST(TcpConnection, ReadsWhileItsWriteWaits) {
  connected_pair pair;
  const std::string large(8u << 20, 'x');
  auto echo = std::async(std::launch::async, [&] {  // reads nothing while its own writes wait
    const unique_fd theirs = std::move(pair.theirs);
    std::vector<char> piece(64 * 1024);
    for (std::size_t total = 0; total < large.size(); total += piece.size()) {
      ::recv(theirs.get(), piece.data(), piece.size(), MSG_WAITALL);
      ::send(theirs.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    }
  });
  pair.ours->send(large, soon);
  std::size_t back = 0;
  for (auto got = pair.ours->receive(soon); got.what == arrival::kind::octets; got = pair.ours->receive(soon)) {
    back += got.bytes.size();
  }
  echo.get();
  EXPECT_EQ(back, large.size());
}

TEST(TcpConnection, SettlesWhenThePeerHasRead) {
  connected_pair pair;
  pair.ours->send("abc", soon);
  const auto began = clock::now();  // before the reader's wait, which may begin while this thread is kept waiting
  auto reader = std::async(std::launch::async, [&] {
    std::this_thread::sleep_for(millis(60));
    char bytes[8];
    return ::recv(pair.theirs.get(), bytes, sizeof bytes, 0);
  });
  pair.ours->settle();
  EXPECT_GE(clock::now() - began, millis(50));
  EXPECT_EQ(reader.get(), 3);
}

TEST(TcpConnection, SettlesForLessAndLessWhereThePeerDoesNotRead) {
  connected_pair pair;
  pair.ours->send("abc", soon);
  const auto began = clock::now();
  pair.ours->settle();
  EXPECT_GE(clock::now() - began, millis(190));
  for (int i = 0; i < 5; ++i) pair.ours->settle();
  EXPECT_LT(clock::now() - began, millis(1000)) << "six times 200 ms";
}

TEST(TcpConnection, SettlesAtOnceWhenThePeerIsGone) {
  connected_pair pair;
  pair.ours->send("abc", soon);
  pair.theirs.reset();
  const auto began = clock::now();
  pair.ours->settle();
  EXPECT_LT(clock::now() - began, millis(190));
}

TEST(TryConnect, SaysWhyThereIsNoConnection) {
  const auto port = free_loopback_port();
  std::string why;
  EXPECT_FALSE(try_connect({"127.0.0.1", port}, soon, &why));
  EXPECT_EQ(why, "Connection refused");
}

TEST(LoopbackListener, GivesNobodyWhereNobodyConnects) { EXPECT_FALSE(loopback_listener().accept(millis(10))); }

TEST(ParseTcpUri, TakesHostAndPort) {
  const auto plain = parse_tcp_uri("tcp://127.0.0.1:4041"), v6 = parse_tcp_uri("tcp://[::1]:7");
  ASSERT_TRUE(plain && v6);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, 4041);
  EXPECT_EQ(v6->host, "::1");
  for (const char* wrong :
       {"127.0.0.1:1", "tcp://:1", "tcp://host", "tcp://host:", "tcp://host:70000", "tcp://host:1x"}) {
    EXPECT_FALSE(parse_tcp_uri(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ampspec::runner
