// The reference as an adapter: frames over pipes, and its client against the loopback peer.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/adapter_serve.hpp"

#include "reference/peer/adapter_frame.hpp"
#include "reference/peer/tcp_link.hpp"
#include "reference/peer/tcp_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <future>
#include <poll.h>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>

namespace ampspec::peer {
namespace {

class first_line : public std::stringbuf {
 public:
  int sync() override {
    printed.set_value(str());
    return 0;
  }
  std::promise<std::string> printed;
};

/// The loopback peer on a thread; gives its address.
class served {
 public:
  served() {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      std::ostream announce(&line_);
      run_peer({}, announce, stop);
    });
    const auto line = line_.printed.get_future().get();
    uri = line.substr(10, line.size() - 11);
  }
  std::string uri;

 private:
  first_line line_;
  std::jthread thread_;
};

/// An adapter on a thread, and the runner's ends of its pipes.
class adapter_run {
 public:
  explicit adapter_run(const adapter_options& options = {}) {
    std::array<int, 2> in{}, out{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) throw std::runtime_error("no pipes");
    write_ = in[1];
    read_ = out[0];
    thread_ = std::jthread(
        [this, options, from = in[0], to = out[1]] { exit_.set_value(run_adapter_serve(options, from, to)); });
  }
  ~adapter_run() {
    end_input();
    thread_.join();
    ::close(read_);
  }
  void end_input() {
    if (write_ >= 0) ::close(write_);
    write_ = -1;
  }
  int exit_code() { return exit_.get_future().get(); }

  void raw(const std::string& bytes) {
    ASSERT_EQ(::write(write_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void send(const std::string& json, const std::string& blob = {}) {
    std::string out;
    append_frame(out, json, blob);
    raw(out);
  }
  /// The next frame, its blob behind it; empty if none comes for five seconds.
  std::string next() {
    while (true) {
      if (const auto frame = frames_.next()) return frame->json + frame->blob;
      pollfd ready{read_, POLLIN, 0};
      std::array<char, 4096> part{};
      if (::poll(&ready, 1, 5000) != 1) return {};
      const auto count = ::read(read_, part.data(), part.size());
      if (count <= 0) return {};
      frames_.feed({part.data(), static_cast<std::size_t>(count)});
    }
  }
  std::string ask(const std::string& json, const std::string& blob = {}) {
    send(json, blob);
    return next();
  }

 private:
  int write_ = -1, read_ = -1;
  adapter_frame_reader frames_;
  std::promise<int> exit_;
  std::jthread thread_;
};

const std::string f1_answer =
    "00075f616e7377657200023233"
    "0005746f74616c00023934"
    "0000";

TEST(Adapter, SaysHello) {
  adapter_run adapter;
  const auto answer = adapter.ask(R"({"n":0,"op":"hello","protocol":[1],"max_frame":16777216})");
  EXPECT_TRUE(answer.starts_with(
      R"({"api":1,"n":0,"name":"ampspec-reference","ok":"ready",)"
      R"("ops":["hello","decode","feed","encode","parse_value","print_value","parse_arguments","print_arguments",)"
      R"("connect","call","send_box","start_tls","switch","stream_write","transfer","disconnect","reset","bye"],)"
      R"("supports":["amp1",)"))
      << answer;
  for (const char* feature : {"amp2", "amp1.starttls", "amp1.switch", "amp1.bigstring", "stream", "bulk.client"}) {
    EXPECT_NE(answer.find('"' + std::string(feature) + '"'), std::string::npos) << feature;
  }
  EXPECT_TRUE(answer.ends_with(R"(],"version":")" AMPSPEC_VERSION R"("})")) << answer;
}

TEST(Adapter, AnswersUnknownOpsUnsupported) {
  adapter_run adapter;
  EXPECT_EQ(adapter.ask(R"({"n":7,"op":"qwxyz"})"), R"({"n":7,"unsupported":"qwxyz"})");
  EXPECT_EQ(adapter.ask(R"({"n":8,"op":"decode","protocol":"amp9","bytes":""})"), R"({"n":8,"unsupported":"amp9"})");
}

TEST(Adapter, DecodesWhole) {
  adapter_run adapter;
  EXPECT_EQ(adapter.ask(R"({"n":1,"op":"decode","protocol":"amp1","bytes":")" + f1_answer + R"("})"),
            R"({"boxes":[[["5f616e73776572","3233"],["746f74616c","3934"]]],"end":"clean","n":1,"ok":true})");
  EXPECT_EQ(adapter.ask(R"({"n":2,"op":"decode","protocol":"amp1","bytes":"0000000161"})"),
            R"({"boxes":[[]],"end":"incomplete","n":2,"ok":true})");
  const auto rejected = adapter.ask(R"({"n":3,"op":"decode","protocol":"amp1","bytes":"00000100"})");
  EXPECT_TRUE(rejected.starts_with(R"({"boxes":[[]],"n":3,"reject":{"class":"key-too-long","offset":2,"text":)"))
      << rejected;
  EXPECT_EQ(adapter.ask(R"({"n":4,"op":"decode","protocol":"amp1","bytes":""})"),
            R"({"boxes":[],"end":"clean","n":4,"ok":true})");
}

TEST(Adapter, DecodesFedInPieces) {
  adapter_run adapter;
  const std::string boxes =
      R"("boxes":[[["5f616e73776572","3233"],["746f74616c","3934"]]],"end":"clean","n":1,"ok":true})";
  for (const char* cut : {R"("every":1)", R"("every":7)", R"("every":1000)", R"("chunks":[])", R"("chunks":[0,3,0,11])",
                          R"("chunks":[26])"}) {
    EXPECT_EQ(adapter.ask(R"({"n":1,"op":"feed","protocol":"amp1","bytes":")" + f1_answer + R"(",)" + cut + "}"),
              "{" + boxes)
        << cut;
  }
  EXPECT_EQ(adapter.ask(R"({"n":2,"op":"feed","protocol":"amp1","bytes":"0000","chunks":[3]})"),
            R"({"fault":"the chunks are longer than the octets","n":2})");
}

TEST(Adapter, EncodesOrRejects) {
  adapter_run adapter;
  EXPECT_EQ(adapter.ask(R"({"n":1,"op":"encode","protocol":"amp1","box":[["61",""],["ff00","fe"]]})"),
            R"({"bytes":"00016100000002ff000001fe0000","n":1,"ok":true})");
  const auto rejected = adapter.ask(R"({"n":2,"op":"encode","protocol":"amp1","box":[["","78"]]})");
  EXPECT_TRUE(rejected.starts_with(R"({"n":2,"reject":{"class":"empty-key",)")) << rejected;
}

TEST(Adapter, ParsesAndPrintsTypedValues) {
  for (const bool naive : {false, true}) {
    adapter_options with;
    with.naive = naive;
    adapter_run adapter(with);
    EXPECT_EQ(
        adapter.ask(R"({"n":1,"op":"parse_value","protocol":"amp1","type":{"list":"integer"},"bytes":"00022d37"})"),
        R"({"n":1,"ok":true,"value":["-7"]})");
    EXPECT_EQ(adapter.ask(R"({"n":2,"op":"print_value","protocol":"amp1","type":"boolean","value":true})"),
              R"({"bytes":"54727565","n":2,"ok":true})");
    EXPECT_EQ(adapter.ask(R"({"n":3,"op":"parse_arguments","protocol":"amp1",)"
                          R"("schema":[["61","text",true],["62","decimal",false]],"box":[["62","312e30"],["63",""]]})"),
              R"({"n":3,"ok":true,"value":[["62","10e-1"]]})");
    EXPECT_EQ(adapter.ask(R"({"n":4,"op":"print_arguments","protocol":"amp1",)"
                          R"("schema":[["61","text",true]],"value":[["61",[233]]]})"),
              R"({"box":[["61","c3a9"]],"n":4,"ok":true})");
    EXPECT_NE(
        adapter.ask(R"({"n":5,"op":"parse_value","protocol":"amp1","type":"integer","bytes":"78"})").find("reject"),
        std::string::npos);
    for (const char* wrong : {R"({"n":6,"op":"parse_value","protocol":"amp1","type":"number","bytes":""})",
                              R"({"n":6,"op":"print_value","protocol":"amp1","type":"text","value":"x"})",
                              R"({"n":6,"op":"print_value","protocol":"amp1","type":"datetime","value":{}})",
                              R"({"n":6,"op":"parse_arguments","protocol":"amp1","schema":[]})"}) {
      EXPECT_NE(adapter.ask(wrong).find(R"("fault")"), std::string::npos) << wrong;
    }
  }
}

TEST(Adapter, TakesAndGivesLargeOctetsInTheBlob) {
  adapter_run adapter;
  const std::string value(2000, 'v');
  EXPECT_EQ(
      adapter.ask(R"({"n":1,"op":"encode","protocol":"amp1","box":[["6b",{"at":1,"len":2000}]]})", "-" + value + "-"),
      R"({"bytes":{"at":0,"len":2007},"n":1,"ok":true})" + std::string("\0\1k\x07\xd0", 5) + value +
          std::string(2, '\0'));
  for (const char* part : {R"({"at":0,"len":2})", R"({"at":2,"len":0})", R"({"at":18446744073709551615,"len":2})",
                           R"({"at":0})", "7", R"("6")"}) {
    const auto answer =
        adapter.ask(R"({"n":1,"op":"decode","protocol":"amp1","bytes":)" + std::string(part) + "}", "x");
    EXPECT_TRUE(answer.starts_with(R"({"fault":")")) << part << answer;
  }
}

TEST(Adapter, FaultsOnWrongRequestsAndGoesOn) {
  adapter_run adapter;
  for (const char* request :
       {R"({"n":1,"op":"decode","bytes":""})", R"({"n":1,"op":"encode","protocol":"amp1","box":[["61"]]})",
        R"({"n":1,"op":"call","command":"53756d","box":[],"ask":true})",
        R"({"n":1,"op":"connect","protocol":"amp1","uri":"http://x"})"}) {
    EXPECT_TRUE(adapter.ask(request).starts_with(R"({"fault":")")) << request;
  }
  EXPECT_EQ(adapter.ask(R"({"n":2,"op":"reset"})"), R"({"n":2,"ok":true})");
}

TEST(Adapter, EndsWithItsInputWithByeAndWithBrokenFrames) {
  adapter_run ended, bye, broken, no_json, cut;
  ended.end_input();
  EXPECT_EQ(ended.exit_code(), 0);
  EXPECT_EQ(bye.ask(R"({"n":1,"op":"bye"})"), R"({"n":1,"ok":true})");
  EXPECT_EQ(bye.exit_code(), 0);
  broken.raw("hello\n");
  EXPECT_EQ(broken.exit_code(), 3);
  no_json.send("{");
  EXPECT_EQ(no_json.exit_code(), 3);
  cut.raw("AS1 10 0\n{");
  cut.end_input();
  EXPECT_EQ(cut.exit_code(), 3);
}

TEST(Adapter, ConnectsAndCalls) {
  served peer;
  adapter_run adapter;
  std::string both;
  append_frame(both, R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})");
  append_frame(both, R"({"n":2,"op":"call","command":"53756d","box":[["61","3133"],["62","3831"]],"ask":true})");
  adapter.raw(both);
  EXPECT_EQ(adapter.next(), R"({"n":1,"ok":true})");
  EXPECT_EQ(adapter.next(), R"({"n":2,"ok":true})");  // a call before `connected` waits for it
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  EXPECT_EQ(adapter.next(), R"({"box":[["746f74616c","3934"]],"call":2,"event":"ended","how":"answer"})");

  EXPECT_EQ(
      adapter.ask(
          R"({"n":3,"op":"call","command":"446976696465","box":[["6e756d657261746f72","31"],["64656e6f6d696e61746f72","30"]],"ask":true})"),
      R"({"n":3,"ok":true})");
  const auto error = adapter.next();
  EXPECT_TRUE(error.starts_with(R"({"call":3,"code":"5a45524f5f4449564953494f4e","description":")")) << error;
  EXPECT_TRUE(error.ends_with(R"(","event":"ended","how":"error","kind":"declared"})")) << error;

  adapter.ask(R"({"n":4,"op":"call","command":"4e6f7465","box":[["74657874","78"]],"ask":false})");
  EXPECT_EQ(adapter.next(), R"({"call":4,"event":"ended","how":"sent"})");
  adapter.ask(R"({"n":5,"op":"call","command":"53756d","box":[],"ask":true})");
  EXPECT_EQ(adapter.next(), R"({"call":5,"event":"ended","how":"refused","text":"argument a is missing"})");
  adapter.ask(R"({"n":6,"op":"call","command":"41736b4261636b","box":[["6465707468","34"]],"ask":true})");
  EXPECT_EQ(adapter.next(), R"({"box":[["6465707468","34"]],"call":6,"event":"ended","how":"answer"})");
}

TEST(Adapter, WritesAStreamThatEndsLikeACall) {
  served peer;
  adapter_run adapter;
  adapter.ask(R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})");
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  EXPECT_EQ(adapter.ask(R"({"n":2,"op":"stream_write","pattern":"6162","size":70000,"window":1,"end":"close"})"),
            R"({"n":2,"ok":true})");
  EXPECT_EQ(adapter.next(),
            R"({"box":[["73747265616d4964","30"],["636f756e74","32"]],"call":2,"event":"ended","how":"answer"})");
  for (const char* wrong : {R"("pattern":"","size":1,"end":"close")", R"("pattern":"61","size":1,"end":"shut")",
                            R"("pattern":"61","size":-1,"end":"leave")", R"("pattern":"61","size":1)"}) {
    const auto answer = adapter.ask(R"({"n":3,"op":"stream_write",)" + std::string(wrong) + "}");
    EXPECT_TRUE(answer.starts_with(R"({"fault":")")) << wrong << answer;
  }
}

TEST(Adapter, EndsPendingCallsOnceWhenTheConnectionEnds) {
  served peer;
  adapter_run adapter;
  adapter.ask(R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})");
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  adapter.ask(R"({"n":2,"op":"call","command":"4465666572","box":[["6e616d65","6e"]],"ask":true})");
  adapter.send(R"({"n":3,"op":"call","command":"466174616c","box":[],"ask":true})");
  EXPECT_EQ(adapter.next(), R"({"n":3,"ok":true})");
  EXPECT_NE(adapter.next().find(R"("how":"error","kind":"declared"})"), std::string::npos);
  EXPECT_TRUE(adapter.next().starts_with(R"({"call":2,"event":"ended","how":"lost")"));
  EXPECT_EQ(adapter.next(), R"({"event":"closed"})");
  adapter.ask(R"({"n":4,"op":"call","command":"53756d","box":[["61","3133"],["62","3831"]],"ask":true})");
  EXPECT_TRUE(adapter.next().starts_with(R"({"call":4,"event":"ended","how":"lost")"));
  EXPECT_EQ(adapter.ask(R"({"n":5,"op":"disconnect"})"), R"({"n":5,"ok":true})");
}

TEST(Adapter, TellsOfAConnectionThatCannotBeHad) {
  adapter_run adapter;
  std::string uri;
  { uri = served().uri; }
  adapter.ask(R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + uri + R"("})");
  EXPECT_EQ(adapter.next(), R"({"event":"closed"})");
}

TEST(Adapter, EndsWhatWaitsWhenDisconnectedBeforeItIsConnected) {
  served peer;
  adapter_run adapter;
  std::string all;
  append_frame(all, R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})");
  append_frame(all, R"({"n":2,"op":"call","command":"53756d","box":[["61","3133"],["62","3831"]],"ask":true})");
  append_frame(all, R"({"n":3,"op":"disconnect"})");
  adapter.raw(all);
  EXPECT_EQ(adapter.next(), R"({"n":1,"ok":true})");
  EXPECT_EQ(adapter.next(), R"({"n":2,"ok":true})");
  EXPECT_TRUE(adapter.next().starts_with(R"({"call":2,"event":"ended","how":"lost")"));
  EXPECT_EQ(adapter.next(), R"({"event":"closed"})");
  EXPECT_EQ(adapter.next(), R"({"n":3,"ok":true})");
  EXPECT_EQ(adapter.ask(R"({"n":4,"op":"reset"})"), R"({"n":4,"ok":true})");
}

TEST(Adapter, ServesOverTcpWhereTheEnvironmentSaysSo) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  ::setenv("AMPSPEC_ADAPTER", uri_of(acceptor.local_endpoint()).c_str(), 1);
  auto exit_code = std::async(std::launch::async, [] { return run_adapter_serve(); });
  auto socket = acceptor.accept();
  ::unsetenv("AMPSPEC_ADAPTER");
  std::string request, expected;
  append_frame(request, R"({"n":1,"op":"bye"})");
  append_frame(expected, R"({"n":1,"ok":true})");
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string got(expected.size(), '\0');
  boost::asio::read(socket, boost::asio::buffer(got));
  EXPECT_EQ(got, expected);
  EXPECT_EQ(exit_code.get(), 0);
}

TEST(Adapter, ForgetsEverythingOnReset) {
  served peer;
  adapter_run adapter;
  adapter.ask(R"({"n":1,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})");
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  adapter.ask(R"({"n":2,"op":"call","command":"4465666572","box":[["6e616d65","6e"]],"ask":true})");
  EXPECT_EQ(adapter.ask(R"({"n":3,"op":"reset"})"), R"({"n":3,"ok":true})");
  EXPECT_EQ(adapter.ask(R"({"n":4,"op":"connect","protocol":"amp1","uri":")" + peer.uri + R"("})"),
            R"({"n":4,"ok":true})");
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  EXPECT_EQ(adapter.ask(R"({"n":5,"op":"disconnect"})"), R"({"event":"closed"})");
  EXPECT_EQ(adapter.next(), R"({"n":5,"ok":true})");
}

TEST(Adapter, ServesTheNaiveImplementationAndItsFaults) {
  adapter_run naive({.naive = true}), faulty({.fault = "key-limit-off-by-one"}), unknown({.fault = "no-such-fault"});
  const std::string request = R"({"n":1,"op":"decode","protocol":"amp1","bytes":"0100"})";
  EXPECT_EQ(naive.ask(request), R"({"boxes":[],"n":1,"reject":{"class":"key-too-long","offset":0}})");
  EXPECT_EQ(faulty.ask(request), R"({"boxes":[],"end":"incomplete","n":1,"ok":true})");
  EXPECT_EQ(unknown.exit_code(), 2);
}

/// Our end of a client's connection to an AMPS server.
class amps_listener {
 public:
  amps_listener() : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {}
  std::string place() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }
  void accept() { socket_ = acceptor_.accept(); }
  void close() { socket_.close(); }
  std::string message() {
    std::array<unsigned char, 4> length{};
    boost::asio::read(socket_, boost::asio::buffer(length));
    std::string content((length[0] << 24) | (length[1] << 16) | (length[2] << 8) | length[3], '\0');
    boost::asio::read(socket_, boost::asio::buffer(content));
    return content;
  }
  void send(const std::string& content) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(content.size() >> shift & 0xff);
    boost::asio::write(socket_, boost::asio::buffer(out + content));
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket socket_{io_};
};

TEST(Adapter, IsAClientOfAmpsThatConnectsAgain) {
  amps_listener server;
  adapter_run adapter;
  EXPECT_EQ(adapter.ask(R"({"n":1,"op":"connect","protocol":"amps","uri":"tcp://alice:pw@)" + server.place() +
                        R"(/amps/json","client_name":"demo","store":true,"reconnect":true})"),
            R"({"n":1,"ok":true})");
  server.accept();
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  // command logon
  EXPECT_EQ(adapter.ask(R"({"n":2,"op":"call","command":"6c6f676f6e","box":[],"ask":true})"), R"({"n":2,"ok":true})");
  EXPECT_EQ(server.message(), R"({"c":"logon","cid":"1","client_name":"demo","user_id":"alice","pw":"pw","mt":"json",)"
                              R"("a":"processed","version":"5.3.5.0.ampspec:c++"})");
  server.send(R"({"c":"ack","cid":"1","s":4,"a":"processed","status":"success"})");
  EXPECT_EQ(adapter.next(), R"({"box":[["63","61636b"],["636964","31"],["73","34"],["61","70726f636573736564"],)"
                            R"(["737461747573","73756363657373"],["626f6479",""]],"call":2,"event":"ended",)"
                            R"("how":"answer"})");
  // publish t=x, body=y
  EXPECT_EQ(adapter.ask(R"({"n":3,"op":"call","command":"7075626c697368","box":[["74","78"],["626f6479","79"]],)"
                        R"("ask":true})"),
            R"({"n":3,"ok":true})");
  EXPECT_EQ(server.message(), R"({"c":"p","t":"x","s":5,"a":"persisted"}y)");
  EXPECT_EQ(adapter.next(), R"({"call":3,"event":"ended","how":"sent"})");
  server.close();
  server.accept();
  EXPECT_EQ(adapter.next(), R"({"event":"connected"})");
  server.message();
  server.send(R"({"c":"ack","cid":"2","s":4,"a":"processed","status":"success"})");
  EXPECT_EQ(server.message(), R"({"c":"p","t":"x","s":5,"a":"persisted"}y)");
  server.send(R"({"c":"ack","s":5,"a":"persisted","status":"failure","reason":"no"})");
  EXPECT_TRUE(adapter.next().starts_with(R"({"box":[)"));
}

TEST(Adapter, RefusesUrisThatItCantConnectTo) {
  adapter_run adapter;
  for (const char* uri : {"ws://example:1/amps/json", "tcp://127.0.0.1/amps/json", "tcp://example:1/amps/json"}) {
    EXPECT_NE(
        adapter.ask(R"({"n":1,"op":"connect","protocol":"amps","client_name":"x","uri":")" + std::string(uri) + R"("})")
            .find("fault"),
        std::string::npos)
        << uri;
  }
}

TEST(Adapter, HasOnlyTheTransportsOfAmps) {
  adapter_run adapter;
  const std::string connect =
      R"({"n":1,"op":"connect","protocol":"amps","client_name":"x","uri":"unix://127.0.0.1:1/amps/json"})";
  EXPECT_EQ(adapter.ask(connect), R"({"n":1,"unsupported":"unix"})");
}

}  // namespace
}  // namespace ampspec::peer
