// Tests of a measurement against servers that misbehave; against real ones it is tested end to end.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/measure.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/wire/hex.hpp"
#include "runner/bench/mover.hpp"
#include "runner/subjects/tcp.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace ampspec::runner::bench {
namespace {

using namespace std::chrono_literals;

/// Accepts one connection and hands it to `serve`, on a thread of its own.
class one_server {
 public:
  explicit one_server(std::function<void(int)> serve)
      : thread_([this, serve = std::move(serve)] {
          const auto socket = listener_.accept(10s);
          ::fcntl(socket.get(), F_SETFL, 0);  // blocking
          if (socket) serve(socket.get());
        }) {}
  std::string uri() const { return listener_.uri(); }

 private:
  loopback_listener listener_;
  std::jthread thread_;
};

/// Serves until the peer is gone: what `answer` makes of each box is sent, an empty box ends the connection.
void serve_boxes(int socket, const std::function<amp::box(amp::box_view)>& answer) {
  amp::box_decoder decoder;
  std::vector<char> in(65536);
  while (true) {
    const auto got = ::recv(socket, in.data(), in.size(), 0);
    if (got <= 0) return;
    decoder.feed(std::string_view(in.data(), static_cast<std::size_t>(got)));
    std::string out;
    while (const auto box = decoder.next()) {
      const auto made = answer(*box);
      if (made.empty() || amp::encode(made, out)) return;
    }
    if (::send(socket, out.data(), out.size(), MSG_NOSIGNAL) < 0) return;
  }
}

amp::box echoed(amp::box_view request) {
  return {{"_answer", *request.find("_ask")}, {"data", request.find("data").value_or("")}};
}
amp::box unhandled(amp::box_view request) {
  return {{"_error", *request.find("_ask")}, {"_error_code", "UNHANDLED"}, {"_error_description", "no"}};
}

measure_options briefly(way w, const std::string& uri) {
  measure_options o;
  o.way = w;
  o.uri = uri;
  o.megabytes = 1;
  o.seconds = 0.1;
  o.silence = 300ms;
  o.most = 5s;
  return o;
}

TEST(Measure, MakesAsManySmallCallsAsTheRateAsks) {
  one_server server([](int socket) { serve_boxes(socket, echoed); });
  auto o = briefly(way::idle, server.uri());
  o.seconds = 0.2;
  const auto result = measure(o);
  ASSERT_TRUE(result.measured()) << result.failed << result.not_offered;
  EXPECT_EQ(result.calls.count, 100u);
  EXPECT_GT(result.calls.p50.count(), 0);
  EXPECT_LE(result.calls.p50, result.calls.p99);
  EXPECT_LE(result.calls.p99, result.calls.worst);
  EXPECT_EQ(result.transfers, 0u);
  EXPECT_GT(result.ours_kib, 0u);
}

TEST(Measure, CallsThatFallDueWhileTheServerIsBusyAllCountTheirWait) {
  int calls = 0;
  one_server server([&](int socket) {
    serve_boxes(socket, [&](amp::box_view request) {
      if (++calls == 150) std::this_thread::sleep_for(100ms);
      return echoed(request);
    });
  });
  auto o = briefly(way::idle, server.uri());
  o.seconds = 0.4;
  const auto result = measure(o);
  ASSERT_TRUE(result.measured()) << result.failed;
  // Of 200 calls about 50 fell due in the pause, so that p99 lies well inside it; a caller that waits for each answer
  // would have made one slow call and told nothing of the rest.
  EXPECT_GT(result.calls.p99, 50ms);
  EXPECT_GE(result.calls.worst, 95ms);
}

TEST(Measure, AServerWithoutTheCommandDoesNotOfferTheWay) {
  for (const auto w : {way::stream, way::big_string}) {
    one_server server([](int socket) {
      serve_boxes(socket, [](amp::box_view r) { return r.find("_command") == "Echo" ? echoed(r) : unhandled(r); });
    });
    const auto result = measure(briefly(w, server.uri()));
    EXPECT_NE(result.not_offered.find("it has no command"), std::string::npos) << result.failed;
    EXPECT_EQ(result.failed, "");
    EXPECT_EQ(result.calls.count, 0u);
  }
}

TEST(Measure, AStreamIsSentInChunksThatWaitForEachOther) {
  std::uint64_t octets = 0;
  std::vector<std::size_t> chunks;
  one_server server([&](int socket) {
    serve_boxes(socket, [&](amp::box_view r) -> amp::box {
      const auto command = r.find("_command");
      if (command == "Echo") return echoed(r);
      if (command == "StreamConsume" || command == "StreamTake") return unhandled(r);
      if (command == "StreamOpen") return {{"_answer", *r.find("_ask")}, {"streamId", "7"}};
      if (command != "StreamWrite" || r.find("streamId") != "7") return {};
      octets += r.find("data")->size();
      chunks.push_back(r.find("data")->size());
      return {{"_answer", *r.find("_ask")}};
    });
  });
  auto o = briefly(way::stream, server.uri());
  o.seconds = 0.01;
  const auto result = measure(o);
  ASSERT_TRUE(result.measured()) << result.failed << result.not_offered;
  EXPECT_GE(result.transfers, 1u);
  EXPECT_EQ(octets, result.transfers * 1'000'000);
  EXPECT_EQ(chunks.at(0), 65535u);
  EXPECT_EQ(chunks.at(15), 1'000'000u - 15 * 65535u);
  EXPECT_GT(result.megabytes_per_second, 0);
}

TEST(Measure, AStreamIsCheckedByTheHashThatTheTargetTells) {
  const auto hash = wire::to_hex(payload(1'000'000).sha256());
  for (const bool consumes : {false, true}) {
    for (const bool right : {false, true}) {
      one_server server([&](int socket) {
        serve_boxes(socket, [&](amp::box_view r) -> amp::box {
          const auto command = r.find("_command");
          const auto tag = *r.find("_ask");
          if (command == "Echo") return echoed(r);
          if (command == "StreamOpen") return {{"_answer", tag}, {"streamId", "7"}};
          if (command == "StreamConsume" && !consumes) return unhandled(r);
          if (command == (consumes ? "StreamOutcome" : "StreamTake")) {
            return {{"_answer", tag}, {"size", right ? "1000000" : "999999"}, {"sha256", hash}};
          }
          return {{"_answer", tag}};
        });
      });
      const auto result = measure(briefly(way::stream, server.uri()));
      EXPECT_EQ(result.measured(), right) << consumes << result.failed;
      if (!right) {
        EXPECT_EQ(result.failed, "the target has got 999999 octets of 1000000");
      }
    }
  }
}

TEST(Measure, ABigStringThatArrivesOtherwiseThanItWasSentIsAFailure) {
  one_server server([](int socket) {
    serve_boxes(socket, [](amp::box_view r) -> amp::box {
      if (r.find("_command") == "Echo") return echoed(r);
      return {{"_answer", *r.find("_ask")}, {"size", "1000000"}, {"sha256", std::string(32, 'x')}};
    });
  });
  const auto result = measure(briefly(way::big_string, server.uri()));
  EXPECT_NE(result.failed.find("other octets than were sent"), std::string::npos) << result.failed;
}

/// The parts of one AMPv2 request with one value, and how long that is.
std::vector<std::string> pieces_of_amp2(std::string_view octets, std::size_t& value_size) {
  std::vector<std::string> pieces;
  const auto take = [&] {
    const auto size = static_cast<unsigned char>(octets.at(0)) * 256u + static_cast<unsigned char>(octets.at(1));
    pieces.emplace_back(octets.substr(2, size));
    octets.remove_prefix(2 + size);
    return size;
  };
  for (int i = 0; i < 5; ++i) take();  // _ask, tag, _command, Digest, data
  value_size = 0;
  for (std::size_t size = 65535; size == 65535; value_size += size) size = take();
  EXPECT_EQ(octets, std::string_view("\0\0", 2));
  return pieces;
}

TEST(Measure, AValueOfAmp2IsSentInChunksOfWhichTheLastIsSmaller) {
  for (const std::size_t size : {1u, 65534u, 65535u, 65536u, 131070u, 131071u}) {
    const loopback_listener listener;
    std::string why;
    line target(try_connect({"127.0.0.1", listener.port()}, 5s, &why));
    const auto peer = listener.accept(5s);
    ::fcntl(peer.get(), F_SETFL, 0);
    const payload value(size);
    const auto mover = make_mover(way::amp2, target, value);
    mover->begin([] {});
    std::string octets;
    std::vector<char> in(65536);
    while (target.wants_write()) {
      target.write();
      while (true) {
        const auto got = ::recv(peer.get(), in.data(), in.size(), MSG_DONTWAIT);
        if (got <= 0) break;
        octets.append(in.data(), static_cast<std::size_t>(got));
      }
    }
    const auto names = 5 * 2 + std::string_view("_ask1_commandDigestdata").size();
    while (octets.size() < names + size + 2 * (size / 65535 + 1) + 2) {
      const auto got = ::recv(peer.get(), in.data(), in.size(), 0);
      ASSERT_GT(got, 0);
      octets.append(in.data(), static_cast<std::size_t>(got));
    }
    std::size_t value_size = 0;
    const auto pieces = pieces_of_amp2(octets, value_size);
    EXPECT_EQ(pieces.at(3), "Digest");
    EXPECT_EQ(value_size, size);
    EXPECT_EQ(pieces.size(), 5 + size / 65535 + 1);
    std::string whole;
    for (std::size_t i = 5; i < pieces.size(); ++i) whole += pieces[i];
    std::string sent;
    for (std::string_view run; !(run = value.at(sent.size(), 65535)).empty();) sent += run;
    EXPECT_EQ(whole, sent);
  }
}

TEST(Measure, WhatAServerDoesWrongIsToldAndNeverHangs) {
  struct {
    const char* told;
    std::function<void(int)> serve;
  } const cases[] = {
      {"the target closed the connection",
       [](int socket) { serve_boxes(socket, [](amp::box_view) { return amp::box(); }); }},
      {"nothing moved for 300 ms",
       [](int socket) {
         char c;
         while (::recv(socket, &c, 1, 0) > 0) {
         }
       }},
      {"no boxes",
       [](int socket) {
         ::send(socket, "\x01\x00", 2, MSG_NOSIGNAL);
         char c;
         while (::recv(socket, &c, 1, 0) > 0) {
         }
       }},
      {"answers no call",
       [](int socket) { serve_boxes(socket, [](amp::box_view) -> amp::box {
                          return {{"_answer", "other"}};
                        }); }},
      {"other octets",
       [](int socket) {
         serve_boxes(socket, [](amp::box_view r) -> amp::box { return {{"_answer", *r.find("_ask")}, {"data", "y"}}; });
       }},
      {"a call failed with UNHANDLED", [](int socket) { serve_boxes(socket, unhandled); }},
  };
  for (const auto& c : cases) {
    one_server server(c.serve);
    const auto result = measure(briefly(way::idle, server.uri()));
    EXPECT_NE(result.failed.find(c.told), std::string::npos) << c.told << ": " << result.failed;
    EXPECT_FALSE(result.measured());
  }
}

TEST(Measure, AServerThatIsNotThereIsAFailure) {
  EXPECT_NE(measure(briefly(way::idle, "tcp://127.0.0.1:1")).failed.find("no connection"), std::string::npos);
}

TEST(Payload, IsTheSameWhereverItIsCut) {
  const payload value(200'000);
  std::string whole, pieces;
  for (std::string_view run; !(run = value.at(whole.size(), 65535)).empty();) whole += run;
  for (std::string_view run; !(run = value.at(pieces.size(), 977)).empty();) pieces += run;
  EXPECT_EQ(whole.size(), 200'000u);
  EXPECT_EQ(whole, pieces);
}

TEST(Payload, OfNoOctetsHasTheHashOfNone) {
  EXPECT_EQ(wire::to_hex(payload(0).sha256()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace ampspec::runner::bench
