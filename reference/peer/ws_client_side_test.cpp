// A client's WebSocket connection in memory, against the peer's own server side: whatever the octets are cut into.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/ws_client_side.hpp"

#include "reference/amps/broker_config.hpp"
#include "reference/behaviour/amps_faults.hpp"
#include "reference/peer/ws_conversation.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::peer {
namespace {

class line {
 public:
  explicit line(const std::string& path, std::size_t every = 1u << 20) : every_(every) {
    ws_conversation::surroundings around;
    around.knows = [](std::string_view type) { return type == "json"; };
    around.connect = [this](std::string_view type) {
      return std::make_shared<behaviour::amps_endpoint>(broker_, type, behaviour::make_amps_fault(""));
    };
    around.wake = [] {};
    server_ = std::make_unique<ws_conversation>(io_, std::move(around));
    client_ = std::make_unique<ws_client_side>(io_, ws_opening{"127.0.0.1:1", path, "", amps::default_limit,
                                                               [this](amps::ws_kind kind, std::string_view octets) {
                                                                 came.push_back({kind, std::string(octets)});
                                                               },
                                                               [] {}});
    move();
  }
  ws_client_side& client() { return *client_; }

  void move() {
    for (bool any = true; any;) {
      io_.restart();
      any = io_.poll() > 0;
      server_->resume();
      any = pass(*client_, *server_) || any;
      any = pass(*server_, *client_) || any;
    }
  }

  std::vector<amps::ws_message> came;

 private:
  template <class From, class To>
  bool pass(From& from, To& to) {
    const std::string octets(from.output().substr(0, every_));
    if (octets.empty()) return false;
    from.sent(octets.size());
    to.receive(octets);
    return true;
  }

  std::size_t every_;
  boost::asio::io_context io_{1};
  std::shared_ptr<amps::broker> broker_ = std::make_shared<amps::broker>(amps::conformance_fixture());
  std::unique_ptr<ws_conversation> server_;
  std::unique_ptr<ws_client_side> client_;
};

amps::ws_message text(std::string octets) { return {amps::ws_kind::text, std::move(octets)}; }
amps::ws_message count(char n) { return {amps::ws_kind::binary, {n, 0, 0, 0}}; }

TEST(WsClientSide, CarriesMessagesBothWaysWhateverTheyAreCutInto) {
  for (const std::size_t every : {1u << 20, 7u, 1u}) {
    line l("/a/amps/json", every);
    const std::string long_body(70'000, 'x');
    for (const auto& m : {text("text"), count(1), text(R"({"c":"logon","cid":"1","client_name":"n","a":"processed"})"),
                          count(1), text(R"({"c":"subscribe","t":"conf/plain/x","cid":"2","a":"processed"})"), count(2),
                          text(R"({"c":"publish","t":"conf/plain/x"})"), text(long_body)}) {
      l.client().send(m);
    }
    l.move();
    ASSERT_EQ(l.came.size(), 4u) << every;
    EXPECT_NE(l.came[0].octets.find(R"("status":"success")"), std::string::npos);
    EXPECT_NE(l.came[2].octets.find(R"("sids":"2")"), std::string::npos);
    EXPECT_EQ(l.came[3].octets, long_body);
    EXPECT_FALSE(l.client().over());
    l.client().close(1000);
    l.move();
    EXPECT_TRUE(l.client().over());
  }
}

TEST(WsClientSide, IsOverWhenTheUpgradeIsRefused) {
  line l("/amps/no-such-type");
  EXPECT_TRUE(l.client().over());
  EXPECT_TRUE(l.came.empty());
}

}  // namespace
}  // namespace ampspec::peer
