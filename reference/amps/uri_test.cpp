// Tests of connection URIs.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/uri.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

uri of(std::string_view text) {
  const auto u = parse_uri(text);
  EXPECT_TRUE(u.ok()) << text;
  return u.ok() ? *u : uri{};
}

TEST(Uri, SplitsIntoItsParts) {
  const uri u = of("tcp://user:pw@host:9007/amps/json?tcp_nodelay=true&pretty=&bind=a=b");
  EXPECT_EQ(u.transport, "tcp");
  EXPECT_EQ(u.user, "user");
  EXPECT_EQ(u.password, "pw");
  EXPECT_EQ(u.host, "host");
  EXPECT_EQ(u.port, 9007);
  EXPECT_EQ(u.extra, std::vector<std::string>{});
  EXPECT_EQ(u.protocol, "amps");
  EXPECT_EQ(u.message_type, "json");
  EXPECT_EQ(u.options, (std::vector<std::pair<std::string, std::string>>{
                           {"tcp_nodelay", "true"}, {"pretty", ""}, {"bind", "a=b"}}));
}

TEST(Uri, AcceptsWhatMayBeAbsent) {
  const uri u = of("tcps://10.0.0.1:1/amps");
  EXPECT_EQ(u.user, std::nullopt);
  EXPECT_EQ(u.password, std::nullopt);
  EXPECT_EQ(u.message_type, std::nullopt);
  EXPECT_EQ(u.port, 1);
  EXPECT_EQ(of("tcp://user@h:65535/amps/json").password, std::nullopt);
  EXPECT_EQ(of("tcp://user:@h:65535/amps/json").password, "");
  EXPECT_EQ(of("tcp://h:1/fix").protocol, "fix");
}

TEST(Uri, AcceptsBracketsAndExtraSegments) {
  EXPECT_EQ(of("tcp://[::1]:9007/amps/json").host, "::1");
  EXPECT_EQ(of("tcp://u:p@[fe80::1]:9007/amps/json").host, "fe80::1");
  const uri u = of("ws://h:1/a/b/AMPS/json");
  EXPECT_EQ(u.extra, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(u.protocol, "AMPS");
  EXPECT_EQ(u.message_type, "json");
}

TEST(Uri, TakesTheUserPartLiterally) {
  const uri u = of("tcp://a%40b@c:d:e@h:1/amps/json");
  EXPECT_EQ(u.user, "a%40b@c");
  EXPECT_EQ(u.password, "d:e");
}

TEST(Uri, ReadsAPortWithZerosInFront) {  // RFC 3986, 3.2.3
  EXPECT_EQ(of("tcp://h:00000000441/amps/json").port, 441);
  EXPECT_FALSE(parse_uri("tcp://h:00000000000/amps/json").ok());
  EXPECT_FALSE(parse_uri("tcp://h:0000065536/amps/json").ok());
}

TEST(Uri, RefusesWhatIsNone) {
  const auto refuses = [](std::string_view text, std::uint64_t at) {
    const auto u = parse_uri(text);
    ASSERT_FALSE(u.ok()) << text;
    EXPECT_EQ(u.error(), (wire::failure{errc::bad_uri, at, "AMPS-FRAME-020"})) << text;
  };
  refuses("", 0);
  refuses("host:1/amps/json", 0);
  refuses("://h:1/amps", 0);
  refuses("tcp://h/amps/json", 7);
  refuses("tcp://h:/amps/json", 8);
  refuses("tcp://h:x/amps/json", 8);
  refuses("tcp://h:70000/amps/json", 8);
  refuses("tcp://h:0/amps/json", 8);
  refuses("tcp://:1/amps/json", 6);
  refuses("tcp://[::1/amps/json", 6);
  refuses("tcp://[]:1/amps/json", 6);
  refuses("tcp://::1:9007/amps/json", 6);
  refuses("tcp://h:1", 9);
  refuses("tcp://h:1/json", 10);
  refuses("tcp://h:1/amps//json", 15);
  refuses("tcp://h:1/amps/json?flag", 20);
  refuses("tcp://h:1/amps/json?a=1&flag", 24);
  refuses("tcp://h:1/amps/json?=1", 20);
}

}  // namespace
}  // namespace ampspec::amps
