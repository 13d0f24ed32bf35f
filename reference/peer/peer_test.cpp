// The loopback peer over real sockets, spoken to in octets written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/tcp_link.hpp"
#include "reference/peer/tcp_peer.hpp"
#include "reference/peer/tls_engine.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <future>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ampspec::peer {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using pairs = std::vector<std::pair<std::string, std::string>>;

std::string octets_of(const pairs& box) {
  std::string out;
  for (const auto& [key, value] : box) {
    out += '\0';
    out += static_cast<char>(key.size());
    out += key;
    out += static_cast<char>(value.size() >> 8);
    out += static_cast<char>(value.size() & 255);
    out += value;
  }
  return out + std::string(2, '\0');
}

std::string sum(int a, int b, const std::string& tag = "1") {
  return octets_of({{"_ask", tag}, {"_command", "Sum"}, {"a", std::to_string(a)}, {"b", std::to_string(b)}});
}

std::string total(int sum, const std::string& tag = "1") {
  return octets_of({{"_answer", tag}, {"total", std::to_string(sum)}});
}

/// Gives what was printed when it is flushed.
class first_line : public std::stringbuf {
 public:
  int sync() override {
    printed.set_value(str());
    return 0;
  }
  std::promise<std::string> printed;
};

class served {
 public:
  explicit served(peer_options options = {}) {
    thread_ = std::jthread([this, options](const std::stop_token& stop) {
      std::ostream announce(&line_);
      exit_.set_value(run_peer(options, announce, stop));
    });
    announced_ = line_.printed.get_future().get();
    std::string why;
    const auto uri = announced_.substr(10, announced_.size() - 11);
    endpoint_ = endpoint_of("tcp" + uri.substr(uri.find(':')), why).value();
  }
  int stop() {
    thread_.request_stop();
    return exit_code();
  }
  int exit_code() { return exit_.get_future().get(); }
  const tcp::endpoint& endpoint() const { return endpoint_; }
  const std::string& announced() const { return announced_; }

 private:
  first_line line_;
  std::promise<int> exit_;
  std::string announced_;
  tcp::endpoint endpoint_;
  std::jthread thread_;
};

class raw_client {
 public:
  explicit raw_client(const served& server) : socket_(io_) { socket_.connect(server.endpoint()); }

  void send(const std::string& octets) { asio::write(socket_, asio::buffer(octets)); }
  void half_close() { socket_.shutdown(tcp::socket::shutdown_send); }
  /// What comes until there are `count` octets or the stream ends; fails the test after five seconds without either.
  std::string receive(std::size_t count) {
    std::string got;
    while (got.size() < count) {
      const auto part = receive_some();
      if (part.empty()) break;
      got += part;
    }
    return got;
  }
  /// True if the stream ends without another octet.
  bool ends() { return receive_some().empty() && !timed_out_; }

 private:
  std::string receive_some() {
    std::string part(65536, '\0');
    bool done = false;
    std::size_t size = 0;
    socket_.async_read_some(asio::buffer(part), [&](const boost::system::error_code&, std::size_t count) {
      done = true;
      size = count;
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(5));
    if (!done) {
      ADD_FAILURE() << "nothing came for five seconds";
      timed_out_ = true;
      socket_.close();
      io_.run();
    }
    part.resize(size);
    return part;
  }

  asio::io_context io_;
  tcp::socket socket_;
  bool timed_out_ = false;
};

/// What comes of octets that go inside TLS from the start: `count` of them, fewer if the connection ends.
std::string heard_inside_tls(const served& server, const std::string& said, std::size_t count) {
  raw_client client(server);
  tls_engine tls(tls_side::client);
  tls.receive("");
  tls.send(said);
  std::string heard;
  for (int round = 0; round < 20 && heard.size() < count && !tls.failed(); ++round) {
    if (!tls.output().empty()) {
      client.send(std::string(tls.output()));
      tls.sent(tls.output().size());
    }
    tls.receive(client.receive(1));
    while (const auto plain = tls.next_plain()) heard += *plain;
  }
  return heard;
}

TEST(Peer, AnnouncesItsAddressInOneLineAndStopsWhenTold) {
  served server;
  EXPECT_TRUE(server.announced().starts_with("listening tcp://127.0.0.1:")) << server.announced();
  EXPECT_TRUE(server.announced().ends_with("\n"));
  EXPECT_EQ(server.stop(), 0);
}

TEST(Peer, StopsCleanlyAtASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    served server;
    raw_client client(server);
    ::kill(::getpid(), signal);
    EXPECT_EQ(server.exit_code(), 0);
    EXPECT_TRUE(client.ends());
  }
}

TEST(Peer, RefusesWhatItCannotServe) {
  std::ostringstream announce;
  for (const auto& options :
       {peer_options{.listen = "tcp://0.0.0.0:0"}, peer_options{.listen = "tcp://192.0.2.1:80"},
        peer_options{.listen = "127.0.0.1:0"}, peer_options{.listen = "tcp://127.0.0.1:"},
        peer_options{.listen = "tcp://127.0.0.1:65536"}, peer_options{.listen = "tcp://somewhere:1"},
        peer_options{.listen = "wss://127.0.0.1:0"}, peer_options{.listen = "tcps://192.0.2.1:80"},
        peer_options{.protocol = "amp3"}, peer_options{.fault = "no-such-fault"}}) {
    EXPECT_EQ(run_peer(options, announce), 2) << options.listen << options.protocol << options.fault;
  }
  EXPECT_EQ(announce.str(), "");
}

TEST(Peer, SaysWhenTheAddressIsTaken) {
  served server;
  std::ostringstream announce;
  EXPECT_EQ(run_peer({.listen = uri_of(server.endpoint())}, announce), 3);
}

TEST(Peer, AnswersACall) {
  served server;
  raw_client client(server);
  client.send(sum(13, 81));
  EXPECT_EQ(client.receive(total(94).size()), total(94));
}

TEST(Peer, AnswersPipelinedCallsInOrderOfTheirTags) {
  served server;
  raw_client client(server);
  std::string asked, expected;
  for (int i = 0; i < 2000; ++i) {
    asked += sum(i, 1, std::to_string(i));
    expected += total(i + 1, std::to_string(i));
  }
  client.send(asked);
  EXPECT_EQ(client.receive(expected.size()), expected);
}

TEST(Peer, AnswersACallThatComesOctetByOctet) {
  served server;
  raw_client client(server);
  for (const char c : sum(1, 2)) client.send(std::string(1, c));
  EXPECT_EQ(client.receive(total(3).size()), total(3));
}

TEST(Peer, AnswersWhatCameBeforeAHalfCloseThenCloses) {
  served server;
  raw_client client(server);
  client.send(sum(1, 2) + sum(3, 4, "2") + "\0\4_as");
  client.half_close();
  const auto expected = total(3) + total(7, "2");
  EXPECT_EQ(client.receive(expected.size()), expected);
  EXPECT_TRUE(client.ends());
}

TEST(Peer, GivesASlowReaderEverythingAndOthersTheirTurn) {
  served server;
  raw_client slow(server), other(server);
  std::string asked, expected;
  for (int i = 0; i < 600; ++i) {  // about 39 MB of answers, more than all buffers between us hold
    const auto tag = std::to_string(i);
    asked += octets_of({{"_ask", tag}, {"_command", "Big"}, {"size", "65535"}});
    expected += octets_of({{"_answer", tag}, {"data", std::string(65535, 'x')}});
  }
  slow.send(asked + sum(1, 2, "last"));
  expected += total(3, "last");
  for (int i = 0; i < 100; ++i) {
    other.send(sum(i, i));
    ASSERT_EQ(other.receive(1), total(2 * i));
  }
  EXPECT_TRUE(slow.receive(expected.size()) == expected);
}

TEST(Peer, AnswersUnknownCommandsUnhandledAndStays) {
  served server;
  raw_client client(server);
  client.send(octets_of({{"_ask", "1"}, {"_command", "NoSuchThing"}}));
  const auto got = client.receive(1);
  EXPECT_NE(got.find("UNHANDLED"), got.npos);
  client.send(sum(1, 2));
  EXPECT_EQ(client.receive(total(3).size()), total(3));
}

TEST(Peer, ClosesAfterAnOverlongKeyAndLosesNoAnswer) {
  served server;
  raw_client client(server);
  client.send(sum(1, 2) + "\1" + std::string(100'000, 'k'));
  EXPECT_EQ(client.receive(total(3).size()), total(3));
  EXPECT_TRUE(client.ends());
}

TEST(Peer, ClosesAfterAFatalErrorHavingSentIt) {
  served server;
  raw_client client(server);
  client.send(octets_of({{"_ask", "1"}, {"_command", "Fatal"}}));
  const auto got = client.receive(1);
  EXPECT_NE(got.find("FATAL"), got.npos);
  EXPECT_TRUE(client.ends());
}

TEST(Peer, ReleasesCallsDeferredOnAConnectionThatHasEnded) {
  served server;
  {
    raw_client gone(server);
    gone.send(octets_of({{"_ask", "1"}, {"_command", "Defer"}, {"name", "n"}}) + sum(1, 2, "2"));
    gone.receive(1);
  }
  raw_client client(server);
  client.send(octets_of({{"_ask", "1"}, {"_command", "Release"}, {"name", "n"}}));
  EXPECT_EQ(client.receive(1), octets_of({{"_answer", "1"}}));
}

TEST(Peer, ServesManyConnectionsAtOnce) {
  served server;
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<raw_client>(server));
  for (int i = 0; i < 100; ++i) clients[static_cast<std::size_t>(i)]->send(sum(i, i));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->receive(1), total(2 * i));
  }
}

TEST(Peer, EchoesForComparison) {
  served server({.protocol = "echo"});
  raw_client client(server);
  client.send("anything");
  client.half_close();
  EXPECT_EQ(client.receive(8), "anything");
  EXPECT_TRUE(client.ends());
}

TEST(Peer, PlaysTheNaiveImplementationAndItsFaults) {
  served naive({.naive = true}), faulty({.fault = "answers-twice"});
  raw_client one(naive), two(faulty);
  one.send(sum(1, 2));
  one.half_close();
  two.send(sum(1, 2));
  two.half_close();
  EXPECT_EQ(one.receive(1000), total(3));
  EXPECT_EQ(two.receive(1000), total(3) + total(3));
}

TEST(Peer, LetsAFaultOfOneConnectionShowOnAnother) {
  served server({.fault = "tags-shared-between-connections"});
  raw_client one(server), two(server);
  one.send(octets_of({{"_ask", "t"}, {"_command", "Defer"}, {"name", "n"}}) + sum(1, 2, "x"));
  one.receive(total(3, "x").size());
  two.send(sum(3, 4, "t"));
  two.receive(total(7, "t").size());
  one.send(octets_of({{"_ask", "r"}, {"_command", "Release"}, {"name", "n"}}));
  EXPECT_EQ(two.receive(1), octets_of({{"_answer", "t"}}));
}

TEST(Peer, TracesBoxesOnStandardError) {
  testing::internal::CaptureStderr();
  {
    served server({.trace = true});
    raw_client client(server);
    client.send(octets_of({{"_ask", "\xff"}, {"_command", "Echo"}, {"data", std::string(100, 'd')}}) + "GET /");
    client.receive(1);
    client.ends();
    server.stop();
  }
  const auto trace = testing::internal::GetCapturedStderr();
  EXPECT_NE(trace.find("#1 - connected\n#1 < {_ask: \\xff, _command: Echo, data: " + std::string(64, 'd') +
                       "... (100 octets)}\n"),
            trace.npos)
      << trace;
  EXPECT_NE(trace.find("#1 > {_answer: \\xff, data: "), trace.npos) << trace;
  EXPECT_NE(trace.find("#1 < not a box: "), trace.npos) << trace;
  EXPECT_NE(trace.find("#1 - closed\n"), trace.npos) << trace;
}

TEST(Peer, SpeaksInsideTlsFromTheFirstOctetAndRefusesToBeginItThere) {
  const auto refused = octets_of({{"_error", "t"}, {"_error_code", "TLS_ERROR"}, {"_error_description", ""}}).size() +
                       std::string_view("inside TLS already").size();
  for (const bool naive : {false, true}) {
    served server({.listen = "tcps://127.0.0.1:0", .naive = naive});
    EXPECT_TRUE(server.announced().starts_with("listening tcps://127.0.0.1:")) << server.announced();
    const auto heard = heard_inside_tls(server, octets_of({{"_ask", "t"}, {"_command", "StartTLS"}}) + sum(13, 81, "s"),
                                        refused + total(94, "s").size());
    EXPECT_NE(heard.find("TLS_ERROR"), heard.npos) << heard;
    EXPECT_NE(heard.find(total(94, "s")), heard.npos) << "it stays usable: " << heard;
  }
}

// --- amps ------------------------------------------------------------------------------------------------------------

std::string frame(std::string_view header, std::string_view body = {}) {
  const auto size = header.size() + body.size();
  std::string out{static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                  static_cast<char>(size)};
  return out.append(header).append(body);
}

/// Sends, and gives what comes back if it is those octets.
void expect_answer(raw_client& client, const std::string& said, const std::string& expected) {
  client.send(said);
  EXPECT_EQ(client.receive(expected.size()), expected);
}

TEST(AmpsPeer, DeliversFromOneConnectionToOthers) {
  served server({.protocol = "amps"});
  raw_client publisher(server), subscriber(server);
  publisher.send(frame(R"({"c":"logon","client_name":"p"})"));
  subscriber.send(frame(R"({"c":"logon","client_name":"s"})"));
  expect_answer(subscriber, frame(R"({"c":"subscribe","cid":"1","t":"conf/plain/x","a":"processed"})"),
                frame(R"({"c":"ack","cid":"1","sub_id":"1","a":"processed","status":"success"})"));
  const std::string large(3 << 20, 'x');
  publisher.send(frame(R"({"c":"publish","t":"conf/plain/x"})", "small") +
                 frame(R"({"c":"publish","t":"conf/plain/x"})", large));
  const auto small_one = frame(R"({"c":"p","t":"conf/plain/x","sids":"1","l":5})", "small");
  const auto large_one = frame(R"({"c":"p","t":"conf/plain/x","sids":"1","l":3145728})", large);
  const auto both = small_one + large_one;
  EXPECT_TRUE(subscriber.receive(both.size()) == both);
  publisher.send(frame(R"({"c":"fetch"})"));
  EXPECT_TRUE(publisher.ends());
}

TEST(AmpsPeer, ServesHalfAFrameWhenTheOtherHalfHasCome) {
  served server({.protocol = "amps"});
  raw_client client(server);
  const auto all = frame(R"({"c":"logon","client_name":"c"})") + frame(R"({"c":"flush","cid":"f","a":"processed"})");
  client.send(all.substr(0, 40));
  expect_answer(client, all.substr(40), frame(R"({"c":"ack","cid":"f","a":"processed","status":"success"})"));
}

TEST(AmpsPeer, ItsClockRuns) {
  served server({.protocol = "amps"});
  raw_client client(server);
  client.send(frame(R"({"c":"logon","client_name":"c"})") + frame(R"({"c":"heartbeat","o":"start,1"})"));
  const auto beat = frame(R"({"c":"heartbeat"})");
  EXPECT_EQ(client.receive(beat.size()), beat);
}

TEST(AmpsPeer, MisbehavesByName) {
  served server({.protocol = "amps", .fault = "broker-ack-without-cid"});
  raw_client client(server);
  client.send(frame(R"({"c":"logon","client_name":"c"})"));
  expect_answer(client, frame(R"({"c":"flush","cid":"f","a":"processed"})"),
                frame(R"({"c":"ack","a":"processed","status":"success"})"));
}

TEST(AmpsPeer, SpeaksInsideTlsFromTheFirstOctet) {
  served server({.protocol = "amps", .listen = "tcps://127.0.0.1:0"});
  EXPECT_EQ(server.announced().substr(0, 27), "listening tcps://127.0.0.1:");
  const auto expected = frame(R"({"c":"ack","cid":"f","a":"processed","status":"success"})");
  EXPECT_EQ(
      heard_inside_tls(
          server, frame(R"({"c":"logon","client_name":"c"})") + frame(R"({"c":"flush","cid":"f","a":"processed"})"),
          expected.size()),
      expected);
}

TEST(AmpsPeer, RefusesWhatItCannotServe) {
  std::ostringstream announce;
  EXPECT_EQ(run_peer({.protocol = "amps", .fault = "answers-twice"}, announce), 2);
  EXPECT_EQ(run_peer({.protocol = "amps", .naive = true}, announce), 2);
  EXPECT_EQ(run_peer({.protocol = "amps", .listen = "tcp://192.0.2.1:80"}, announce), 2);
  EXPECT_EQ(announce.str(), "");
}

TEST(AmpsPeer, TakesUsersAndNoLogWhereAskedTo) {
  served server({.protocol = "amps", .users = true, .unlogged = true});
  raw_client client(server);
  expect_answer(client, frame(R"({"c":"logon","a":"processed","client_name":"c","user_id":"bob","pw":"no"})"),
                frame(R"({"c":"ack","client_name":"c","a":"processed","status":"failure","reason":"auth failure"})"));
  EXPECT_TRUE(client.ends());
  raw_client other(server);
  other.send(frame(R"({"c":"logon","client_name":"c","user_id":"bob","pw":"hunter2"})"));
  expect_answer(
      other, frame(R"({"c":"publish","t":"conf/log","cid":"1","s":1,"a":"persisted"})", "b"),
      frame(R"({"c":"ack","cid":"1","s":1,"bm":"12638189399578898418|1|","a":"persisted","status":"success"})"));
}

TEST(AmpsPeer, TracesMessagesAndNoPasswords) {
  testing::internal::CaptureStderr();
  {
    served server({.protocol = "amps", .trace = true});
    raw_client client(server);
    client.send(frame(R"({"c":"logon","client_name":"c","pw":"secret"})"));
    expect_answer(client, frame(R"({"c":"flush","cid":"f","a":"processed"})"),
                  frame(R"({"c":"ack","cid":"f","a":"processed","status":"success"})"));
    server.stop();
  }
  const auto told = testing::internal::GetCapturedStderr();
  EXPECT_NE(told.find("#1 < c=logon client_name=c pw=******"), std::string::npos) << told;
  EXPECT_NE(told.find("#1 > c=ack cid=f a=processed status=success"), std::string::npos) << told;
  EXPECT_EQ(told.find("secret"), std::string::npos) << told;
}

}  // namespace
}  // namespace ampspec::peer
