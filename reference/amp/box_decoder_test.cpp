// Tests of the decoder: every input whole, at every two-part cut and one octet at a time, with one outcome.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_decoder.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/amp/test_support.hpp"
#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace ampspec::amp {
namespace {

using namespace std::string_literals;

struct outcome {
  std::vector<box> boxes;
  std::optional<wire::failure> end;
  bool operator==(const outcome&) const = default;
};

// Each chunk lies in memory of its own that is gone when the next one comes, so that sanitizers see a view kept too
// long.
outcome decode(std::string_view octets, const std::vector<std::size_t>& cuts, limits l = {}) {
  box_decoder decoder(l);
  outcome o;
  std::size_t from = 0;
  const auto feed = [&](std::size_t to) {
    const auto chunk = std::make_unique<std::string>(octets.substr(from, to - from));
    from = to;
    decoder.feed(*chunk);
    while (const auto b = decoder.next()) o.boxes.emplace_back(*b);
  };
  for (const std::size_t cut : cuts) feed(cut);
  feed(octets.size());
  o.end = decoder.finish();
  EXPECT_EQ(decoder.finish(), o.end);
  return o;
}

std::vector<std::size_t> every_octet(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < size; ++i) cuts.push_back(i);
  return cuts;
}

// One outcome for all segmentations.
void expect_decodes(const std::string& octets, const outcome& expected, limits l = {}) {
  ASSERT_EQ(decode(octets, {}, l), expected);
  ASSERT_EQ(decode(octets, every_octet(octets.size()), l), expected);
  const std::size_t step = octets.size() > 3000 ? octets.size() / 97 : 1;
  for (std::size_t cut = 0; cut <= octets.size(); cut += step) {
    ASSERT_EQ(decode(octets, {cut}, l), expected) << "cut before octet " << cut;
  }
}

std::string hex(std::string_view digits) { return wire::from_hex(digits).value(); }

std::string encoded(box_view b) {
  std::string out;
  EXPECT_EQ(encode(b, out), std::nullopt);
  return out;
}

// A pair with whatever lengths, which `encode` would refuse to write.
std::string raw_pair(std::string_view key, std::string_view value) {
  const auto with_length = [](std::string_view s) {
    return std::string{static_cast<char>(s.size() / 256), static_cast<char>(s.size() % 256)} + std::string(s);
  };
  return with_length(key) + with_length(value);
}
const std::string end_of_box(2, '\0');

wire::failure key_too_long_at(std::uint64_t offset) { return {errc::key_too_long, offset, "AMP1-FRAME-013"}; }

// --- what is right ---------------------------------------------------------------------------------------------------

TEST(BoxDecoder, DecodesARequestAndAnAnswer) {
  expect_decodes(
      hex("00045f61736b00023233 00085f636f6d6d616e64000353756d 00016100023133 0001620002 3831 0000"
          "00075f616e737765720002323300 05746f74616c000239340000"),
      {{box{{"_ask", "23"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}}, box{{"_answer", "23"}, {"total", "94"}}},
       {}});
}

TEST(BoxDecoder, DecodesEmptyValuesAtAnyPlace) {
  expect_decodes(hex("0001610000 0001620001 78 0000"), {{box{{"a", ""}, {"b", "x"}}}, {}});
  expect_decodes(hex("0001620001 78 0001610000 0000"), {{box{{"a", ""}, {"b", "x"}}}, {}});
  expect_decodes(hex("0001610000 0000"), {{box{{"a", ""}}}, {}});
}

TEST(BoxDecoder, DecodesEmptyBoxesAndStaysInStep) {
  expect_decodes(hex("0000 0000 0001 61 0001 31 0000 0000"), {{box(), box(), box{{"a", "1"}}, box()}, {}});
}

TEST(BoxDecoder, DecodesNothingOutOfNothing) { expect_decodes("", {}); }

TEST(BoxDecoder, PreservesAnyOctets) {
  expect_decodes(hex("0002ff000001fe0000"), {{box{{"\xff\0"s, "\xfe"}}}, {}});
  expect_decodes(hex("0003610062000178 0003610063000179 0000"), {{box{{"a\0b"s, "x"}, {"a\0c"s, "y"}}}, {}});
  expect_decodes(hex("000100 000178 0000"), {{box{{"\0"s, "x"}}}, {}});
  expect_decodes(hex("00016100020000 0000"), {{box{{"a", "\0\0"s}}}, {}});
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  expect_decodes(encoded(box{{all.substr(1), all}}), {{box{{all.substr(1), all}}}, {}});
}

TEST(BoxDecoder, DecodesTheLongestKeyAndValue) {
  const box b{{std::string(255, 'k'), std::string(65535, 'x')}, {"k", std::string(32768, 'y')}};
  expect_decodes(encoded(b), {{b}, {}});
}

TEST(BoxDecoder, DecodesManyPairs) {
  box b;
  for (int i = 0; i < 1200; ++i) b.add(numbered("key-", i), std::to_string(i * i));
  expect_decodes(encoded(b), {{b}, {}});
}

TEST(BoxDecoder, TellsKeysApartThatLookAlike) {
  const box b{{"axb", "1"}, {"ayb", "2"}, {"azb", "3"}, {"Axb", "4"}};
  expect_decodes(encoded(b), {{b}, {}});
}

TEST(BoxDecoder, AcceptsABoxAboveOneMebibyteAnd100000Pairs) {
  box b;
  for (int i = 0; i < 100'000; ++i) b.add(numbered("k", i), "0123456789");
  const std::string octets = encoded(b);
  ASSERT_GT(octets.size(), 1u << 20);
  EXPECT_EQ(decode(octets, {}), (outcome{{b}, {}}));
  EXPECT_EQ(decode(octets, {1, 17, 65536, octets.size() - 1}), (outcome{{b}, {}}));
}

TEST(BoxDecoder, LendsViewsIntoTheChunk) {
  const std::string chunk = encoded(box{{"key", "value"}});
  box_decoder decoder;
  decoder.feed(chunk);
  const auto b = decoder.next();
  ASSERT_TRUE(b);
  const char* key = b->pairs()[0].key.data();
  EXPECT_EQ(key, chunk.data() + 2);
}

TEST(BoxDecoder, TellsWhereTheBoxBeganAndWhatIsUnread) {
  const std::string chunk = encoded(box{{"a", "1"}}) + encoded(box{{"b", "2"}}) + "rest";
  box_decoder decoder;
  decoder.feed(chunk);
  ASSERT_TRUE(decoder.next());
  EXPECT_EQ(decoder.box_offset(), 0u);
  ASSERT_TRUE(decoder.next());
  EXPECT_EQ(decoder.box_offset(), 8u);
  EXPECT_EQ(decoder.position(), 16u);
  EXPECT_EQ(decoder.unread(), "rest");
}

TEST(BoxDecoder, DecodesWhatIsEncoded) {
  std::mt19937 random(7);
  const auto octets = [&](std::size_t size) {
    std::string s(size, '\0');
    for (char& c : s) c = static_cast<char>(random());
    return s;
  };
  std::string stream;
  outcome expected;
  std::vector<std::size_t> cuts;
  for (int n = 0; n < 10'000; ++n) {
    box b;
    for (std::size_t pairs = random() % 6; b.size() < pairs;) {
      const std::string key = octets(1 + random() % (random() % 8 == 0 ? 255 : 4));
      if (!b.find(key)) b.add(key, octets(random() % (random() % 64 == 0 ? 4000 : 12)));
    }
    stream += encoded(b);
    expected.boxes.push_back(std::move(b));
  }
  for (std::size_t at = 0; (at += 1 + random() % 3000) < stream.size();) cuts.push_back(at);
  EXPECT_TRUE(decode(stream, {}) == expected);
  EXPECT_TRUE(decode(stream, cuts) == expected);
}

// --- what is wrong ---------------------------------------------------------------------------------------------------

TEST(BoxDecoder, RejectsAnyKeyLengthAbove255AtItsFirstOctet) {
  for (const std::string_view bad : {"0100", "0101", "7fff", "8000", "ffff", "01", "47455420 2f"}) {
    expect_decodes(hex(bad), {{}, key_too_long_at(0)});
  }
}

TEST(BoxDecoder, RejectsALongKeyAtEveryPlaceOfAKey) {
  const std::string pair = raw_pair("a", std::string(300, 'v')), whole = encoded(box{{"b", "1"}});
  expect_decodes(pair + hex("0100"), {{}, key_too_long_at(pair.size())});
  expect_decodes(whole + hex("01"), {{box{{"b", "1"}}}, key_too_long_at(whole.size())});
  expect_decodes(whole + whole + pair + hex("80"),
                 {{box{{"b", "1"}}, box{{"b", "1"}}}, key_too_long_at(2 * whole.size() + pair.size())});
}

TEST(BoxDecoder, ParsesNothingBehindTheWrongOctet) {
  const std::string whole = encoded(box{{"b", "1"}});
  expect_decodes(whole + hex("0100") + whole + whole, {{box{{"b", "1"}}}, key_too_long_at(whole.size())});
}

TEST(BoxDecoder, StaysFailed) {
  box_decoder decoder;
  decoder.feed("\x01");
  EXPECT_FALSE(decoder.next());
  const std::string whole = encoded(box{{"b", "1"}});
  for (int i = 0; i < 3; ++i) {
    decoder.feed(whole);
    EXPECT_FALSE(decoder.next());
    EXPECT_EQ(decoder.error(), key_too_long_at(0));
    EXPECT_EQ(decoder.finish(), key_too_long_at(0));
  }
}

TEST(BoxDecoder, RefusesARepeatedKey) {
  expect_decodes(hex("000161000131 000161000132 0000"), {{}, wire::failure{errc::duplicate_key, 8, "AMP1-FRAME-026"}});
}

TEST(BoxDecoder, RefusesARepeatedKeyBeforeItsValueAndWhateverFollows) {
  const wire::failure expected{errc::duplicate_key, 8, "AMP1-FRAME-026"};
  expect_decodes(hex("000161000131 000161"), {{}, expected});
  expect_decodes(hex("000161000131 000161000132 0100"), {{}, expected});
}

TEST(BoxDecoder, RefusesARepeatedKeyAmongMany) {
  std::string octets;
  for (int i = 0; i < 500; ++i) octets += raw_pair(numbered("k", i), "");
  const std::uint64_t at = octets.size() + 2;
  octets += raw_pair("k77", "") + end_of_box;
  expect_decodes(octets, {{}, wire::failure{errc::duplicate_key, at, "AMP1-FRAME-026"}});
}

TEST(BoxDecoder, LetsTheLastValueWinIfToldSo) {
  const limits last_wins{.refuse_duplicates = false};
  expect_decodes(hex("000161000131 000162000132 000161000133 0000 000161000134 0000"),
                 {{box{{"a", "3"}, {"b", "2"}}, box{{"a", "4"}}}, {}}, last_wins);
  std::string octets;
  box expected;
  for (int i = 0; i < 300; ++i) octets += raw_pair(numbered("k", i), "first");
  for (int i = 0; i < 300; ++i) octets += raw_pair(numbered("k", i), std::to_string(i));
  for (int i = 0; i < 300; ++i) expected.add(numbered("k", i), std::to_string(i));
  expect_decodes(octets + end_of_box, {{expected}, {}}, last_wins);
}

TEST(BoxDecoder, AcceptsTheSameKeyInTheNextBox) {
  const box b{{"a", "1"}};
  expect_decodes(encoded(b) + encoded(b) + encoded(b), {{b, b, b}, {}});
}

TEST(BoxDecoder, RefusesAPairBeyondTheLimit) {
  const limits three{.max_pairs = 3};
  const std::string pairs = raw_pair("a", "1") + raw_pair("b", "2") + raw_pair("c", "3");
  const box b{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  expect_decodes(pairs + end_of_box + pairs + end_of_box, {{b, b}, {}}, three);
  expect_decodes(pairs + raw_pair("d", "4") + end_of_box,
                 {{}, wire::failure{errc::too_many_pairs, pairs.size(), "AMP1-FRAME-034"}}, three);
}

TEST(BoxDecoder, RefusesABoxBeyondTheLimitAtTheLengthThatLeadsThere) {
  const std::string octets = raw_pair("a", "1") + raw_pair("bcd", "234") + end_of_box;  // 6 + 10 + 2
  const box b{{"a", "1"}, {"bcd", "234"}};
  expect_decodes(octets + octets, {{b, b}, {}}, {.max_box = octets.size()});
  const wire::failure value{errc::box_too_large, 11, "AMP1-FRAME-034"}, key{errc::box_too_large, 6, "AMP1-FRAME-034"};
  expect_decodes(octets, {{}, value}, {.max_box = octets.size() - 1});
  expect_decodes(octets, {{}, value}, {.max_box = octets.size() - 3});
  expect_decodes(octets, {{}, key}, {.max_box = octets.size() - 4});
  expect_decodes(octets.substr(0, 8), {{}, key}, {.max_box = octets.size() - 4});
}

TEST(BoxDecoder, ReportsAStreamThatEndsInsideABox) {
  const box first{{"k", "v"}}, second{{"key", "value"}, {"e", ""}};
  const std::string octets = encoded(first) + encoded(second);
  for (std::size_t size = 0; size < octets.size(); ++size) {
    outcome expected;
    if (size >= 8) expected.boxes.push_back(first);
    if (size != 0 && size != 8) expected.end = wire::failure{errc::truncated, size, "AMP1-FRAME-029"};
    expect_decodes(octets.substr(0, size), expected);
  }
}

TEST(BoxDecoder, AnyOctetsGiveOneOutcomeHoweverTheyAreCut) {
  std::mt19937 random(11);
  for (int n = 0; n < 300; ++n) {
    // Octets that often mean something: lengths, few letters, ends of boxes.
    std::string octets;
    while (octets.size() < 60) {
      switch (random() % 6) {
        case 0:
          octets += end_of_box;
          break;
        case 1:
          octets += static_cast<char>(random());
          break;
        default:
          octets += raw_pair(std::string(1 + random() % 2, static_cast<char>('a' + random() % 6)),
                             std::string(random() % 4, 'v'));
      }
    }
    const limits l{.max_pairs = 5, .max_box = 40, .refuse_duplicates = n % 2 == 0};
    expect_decodes(octets, decode(octets, {}, l), l);
  }
}

}  // namespace
}  // namespace ampspec::amp
