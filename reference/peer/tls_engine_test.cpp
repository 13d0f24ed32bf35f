// Two engines with nothing between them but strings.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/tls_engine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::peer {
namespace {

/// Moves what one has for the other, `piece` octets at a time; true if there was any.
bool carry(tls_engine& from, tls_engine& to, std::size_t piece = std::string::npos) {
  const bool any = !from.output().empty();
  while (!from.output().empty()) {
    const std::string octets(from.output().substr(0, piece));
    from.sent(octets.size());
    to.receive(octets);
  }
  return any;
}

void settle(tls_engine& a, tls_engine& b, std::size_t piece = std::string::npos) {
  for (bool again = true; again;) {
    again = carry(a, b, piece);
    again = carry(b, a, piece) || again;
  }
}

std::string all_plain(tls_engine& engine) {
  std::string all;
  while (const auto piece = engine.next_plain()) all += *piece;
  return all;
}

TEST(TlsEngine, ShakesHandsAndCarriesOctetsHoweverTheyAreCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::string::npos}) {
    tls_engine client(tls_side::client), server(tls_side::server);
    client.send("held until the handshake is done");
    settle(client, server, piece);
    ASSERT_TRUE(client.established());
    ASSERT_TRUE(server.established());
    EXPECT_EQ(all_plain(server), "held until the handshake is done");
    const std::string large(100'000, 'x');
    server.send(large);
    settle(client, server, piece);
    EXPECT_EQ(all_plain(client), large);
    EXPECT_NE(client.shown().find("TLSv1."), std::string::npos);
  }
}

TEST(TlsEngine, TellsAFarewellFromATruncatedStream) {
  for (const bool polite : {true, false}) {
    tls_engine client(tls_side::client), server(tls_side::server);
    settle(client, server);
    client.send("the end");
    if (polite) client.close();
    settle(client, server);
    EXPECT_EQ(all_plain(server), "the end");
    server.finish();
    EXPECT_EQ(server.peer_closed(), polite);
    EXPECT_EQ(server.failed(), !polite) << server.error();
  }
}

TEST(TlsEngine, FailsAtOctetsThatAreNoRecord) {
  for (const auto side : {tls_side::client, tls_side::server}) {
    tls_engine engine(side);
    engine.receive(std::string(40, '\0') + "and so on, in clear");
    EXPECT_TRUE(engine.failed());
    EXPECT_FALSE(engine.established());
    EXPECT_EQ(engine.next_plain(), std::nullopt);
  }
}

TEST(TlsEngine, ClearOctetsInFrontOfTheHandshakeSpoilIt) {
  tls_engine client(tls_side::client), server(tls_side::server);
  server.receive(std::string("\x00\x00", 2));
  settle(client, server);
  EXPECT_TRUE(server.failed());
  EXPECT_FALSE(client.established());
}

TEST(TlsEngine, AClientThatVerifiesRefusesACertificateThatNobodyVouchesFor) {
  tls_engine client(tls_side::client, true), server(tls_side::server);
  settle(client, server);
  EXPECT_TRUE(client.failed());
  EXPECT_NE(client.error().find("certificate"), std::string::npos) << client.error();
  EXPECT_FALSE(client.established());
}

TEST(TlsEngine, SaysFarewellOnlyWhenTheHandshakeIsDone) {
  tls_engine client(tls_side::client), server(tls_side::server);
  server.send("last words");
  server.close();
  EXPECT_FALSE(server.said_farewell());
  settle(client, server);
  EXPECT_TRUE(server.said_farewell());
  EXPECT_EQ(all_plain(client), "last words");
  EXPECT_TRUE(client.peer_closed());
}

TEST(TlsEngine, TrustsTheCertificatesThatItIsGivenAndNoOthers) {
  const auto known = std::make_shared<const tls_identity>(), stranger = std::make_shared<const tls_identity>();
  EXPECT_EQ(known->pem().substr(0, 27), "-----BEGIN CERTIFICATE-----");
  for (const auto& shown : {known, stranger}) {
    tls_engine client(tls_side::client, false, nullptr, known->pem()), server(tls_side::server, false, shown);
    client.send("a token");
    settle(client, server);
    EXPECT_EQ(client.established(), shown == known);
    EXPECT_EQ(client.failed(), shown != known);
    EXPECT_EQ(all_plain(server), shown == known ? "a token" : "");
  }
}

}  // namespace
}  // namespace ampspec::peer
