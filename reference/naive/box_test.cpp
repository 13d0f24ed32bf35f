// The codec against the grammar and the vectors F-1 to F-13 of the specification.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/box.hpp"

#include "reference/naive/testing.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ampspec::naive {
namespace {

using testing::fed;
using testing::hex;
using testing::raw;
using testing::shown;

const std::string f1 = hex(
    "00 04 5f 61 73 6b 00 02 32 33 00 08 5f 63 6f 6d 6d 61 6e 64 00 03 53 75 6d 00 01 61 00 02 31 33 00 01 62 00 02 38 "
    "31 00 00");
const std::string f2 = hex("00 07 5f 61 6e 73 77 65 72 00 02 32 33 00 05 74 6f 74 61 6c 00 02 39 34 00 00");
const std::string f3 = hex("00 01 61 00 00 00 01 62 00 01 78 00 00");

struct format_case {
  const char* name;
  std::string octets;
  box pairs;
};

const std::vector<format_case> both_ways = {
    {"F-1", f1, {{"_ask", "23"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}}},
    {"F-2", f2, {{"_answer", "23"}, {"total", "94"}}},
    {"F-3", f3, {{"a", ""}, {"b", "x"}}},
    {"F-4", hex("00 00"), {}},
    {"F-5", hex("00 ff") + std::string(255, 'k') + hex("00 01 78 00 00"), {{std::string(255, 'k'), "x"}}},
    {"F-6", hex("00 01 6b ff ff") + std::string(65535, 'x') + hex("00 00"), {{"k", std::string(65535, 'x')}}},
    {"F-7", hex("00 01 6b 80 00") + std::string(32768, 'x') + hex("00 00"), {{"k", std::string(32768, 'x')}}},
    {"F-10", hex("00 02 ff 00 00 01 fe 00 00"), {{hex("ff 00"), "\xfe"}}},
    {"F-11", hex("00 03 61 00 62 00 01 78 00 00"), {{hex("61 00 62"), "x"}}},
    {"F-13", hex("00 01 61 00 02 00 00 00 00"), {{"a", hex("00 00")}}},
};

TEST(NaiveBox, DecodesTheVectorsOfTheSpecification) {
  for (const auto& c : both_ways) {
    const decoded d = decode(c.octets);
    EXPECT_EQ(d.boxes, std::vector<box>{c.pairs}) << c.name;
    EXPECT_EQ(d.end, ending::clean) << c.name;
  }
}

TEST(NaiveBox, EncodesTheVectorsOfTheSpecification) {
  for (const auto& c : both_ways) EXPECT_EQ(encode(c.pairs).bytes, c.octets) << c.name;
}

TEST(NaiveBox, EveryCutInTwoGivesTheSame) {
  const std::string stream = f1 + f2 + f3 + hex("00 00");
  const std::string whole = shown(decode(stream));
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    EXPECT_EQ(shown(fed({stream.substr(0, at), stream.substr(at)})), whole) << at;
  }
}

TEST(NaiveBox, OneOctetPerReadGivesTheSame) {
  for (const auto& c : both_ways) {
    std::vector<std::string> octets;
    for (char o : c.octets) octets.emplace_back(1, o);
    EXPECT_EQ(shown(fed(octets)), shown(decode(c.octets))) << c.name;
  }
}

TEST(NaiveBox, RejectsAKeyOf256OctetsOnItsFirstOctet) {  // F-8
  EXPECT_EQ(shown(decode(hex("01"))), "rejected key-too-long@0");
  EXPECT_EQ(shown(decode(hex("01 00"))), "rejected key-too-long@0");
}

TEST(NaiveBox, RejectsATextClient) {
  EXPECT_EQ(shown(decode("GET / HTTP/1.0\r\n")), "rejected key-too-long@0");
}  // F-9

TEST(NaiveBox, RejectsAnOverLongKeyInEveryPlaceAndDeliversWhatStoodBefore) {
  EXPECT_EQ(shown(decode(f3 + hex("01"))), "{a= b=x} rejected key-too-long@13");
  EXPECT_EQ(shown(decode(f3 + hex("00 01 61 00 00 7f ff"))), "{a= b=x} rejected key-too-long@18");
}

TEST(NaiveBox, StaysRejectedWhateverFollows) {
  EXPECT_EQ(shown(fed({f3 + hex("01"), hex("00"), f3, f3})), "{a= b=x} rejected key-too-long@13");
}

TEST(NaiveBox, LetsTheLastOfTwoValuesWinInThePlaceOfTheFirst) {  // F-12
  EXPECT_EQ(shown(decode(raw({{"a", "1"}, {"b", ""}, {"a", "2"}}))), "{a=2 b=} clean");
}

TEST(NaiveBox, RefusesARepeatedKeyWhereToldTo) {
  EXPECT_EQ(shown(decode(raw({{"a", "1"}, {"a", "2"}}), {{}, true})), "rejected duplicate-key@6");
}

TEST(NaiveBox, IsIncompleteAtEveryEndInsideABox) {
  for (std::size_t size = 1; size < f1.size(); ++size)
    EXPECT_EQ(shown(decode(f1.substr(0, size))), "incomplete") << size;
  EXPECT_EQ(shown(decode("")), "clean");
}

TEST(NaiveBox, DecodesABoxOfAThousandPairsAndMoreThanAMebibyte) {
  box big;
  for (int i = 0; i < 1000; ++i) big.emplace_back("key" + std::to_string(i), std::string(1100, 'v'));
  const decoded d = decode(raw(big));
  EXPECT_EQ(d.boxes, std::vector<box>{big});
  EXPECT_EQ(d.end, ending::clean);
}

TEST(NaiveBox, RefusesToEncodeWhatTheFormatCannotHold) {
  EXPECT_EQ(shown(encode({{"", "x"}})), "refused empty-key");
  EXPECT_EQ(shown(encode({{std::string(256, 'k'), "x"}})), "refused key-too-long");
  EXPECT_EQ(shown(encode({{"k", std::string(65536, 'x')}})), "refused value-too-long");
  EXPECT_EQ(shown(encode({{"k", "1"}, {"k", "2"}})), "refused duplicate-key");
}

TEST(NaiveBox, DecodesWhatItEncodes) {
  std::mt19937 random(7);
  const auto text = [&](std::size_t most) {
    std::string octets(random() % (most + 1), '\0');
    for (char& c : octets) c = static_cast<char>(random() % 4 == 0 ? 0 : random() % 256);
    return octets;
  };
  for (int i = 0; i < 2000; ++i) {
    box pairs;
    for (auto n = random() % 6; n > 0; --n)
      pairs.emplace_back(std::to_string(n) + text(i % 50 == 0 ? 250 : 6), text(i % 100 == 0 ? 65535 : 9));
    EXPECT_EQ(decode(encode(pairs).bytes).boxes, std::vector<box>{pairs});
  }
}

}  // namespace
}  // namespace ampspec::naive
