// Tests of values in chunks (AMPv2): how they are written, how they are joined however the stream is cut, and limits.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::amp {
namespace {

using namespace std::string_literals;

constexpr limits v2{.version = version::v2};

std::string filled(std::size_t size, char c = 'v') { return std::string(size, c); }

// A chunk as it stands on the wire.
std::string chunk(std::string_view octets) {
  return std::string{static_cast<char>(octets.size() / 256), static_cast<char>(octets.size() % 256)} +
         std::string(octets);
}
std::string full() { return "\xff\xff" + filled(65535); }
const std::string key_k = "\0\1k"s, key_z = "\0\1z"s, end = "\0\0"s;

std::string encoded(box_view b) {
  std::string out;
  EXPECT_EQ(encode(b, out, version::v2), std::nullopt);
  return out;
}

struct outcome {
  std::vector<box> boxes;
  std::optional<wire::failure> end;
  bool operator==(const outcome&) const = default;
};

outcome decode(std::string_view octets, const std::vector<std::size_t>& cuts, limits l = v2) {
  box_decoder decoder(l);
  outcome o;
  std::size_t from = 0;
  const auto feed = [&](std::size_t to) {
    const auto piece = std::make_unique<std::string>(octets.substr(from, to - from));  // gone when the next one comes
    from = to;
    decoder.feed(*piece);
    while (const auto b = decoder.next()) o.boxes.emplace_back(*b);
  };
  for (const std::size_t cut : cuts) feed(cut);
  feed(octets.size());
  o.end = decoder.finish();
  return o;
}

// One outcome whole, one octet at a time, and cut beside every place in `borders`.
void expect_decodes(const std::string& octets, const outcome& expected, const std::vector<std::size_t>& borders,
                    limits l = v2) {
  ASSERT_EQ(decode(octets, {}, l), expected);
  std::vector<std::size_t> each;
  for (std::size_t i = 1; i < octets.size(); ++i) each.push_back(i);
  ASSERT_EQ(decode(octets, each, l), expected);
  for (const auto border : borders) {
    for (std::size_t cut = border < 3 ? 0 : border - 3; cut <= std::min(border + 3, octets.size()); ++cut) {
      ASSERT_EQ(decode(octets, {cut}, l), expected) << "cut before octet " << cut;
    }
  }
}

struct row {
  std::size_t value, octets;
  std::string chunks;
};

// amp.md 8.3: the box {k: n x 48, z: "1"}.
std::vector<row> table() {
  const auto c = [](std::size_t size) { return chunk(filled(size, '\x48')); };
  const auto f = c(65535);
  return {{0, 13, c(0)},
          {1, 14, c(1)},
          {65534, 65547, c(65534)},
          {65535, 65550, f + c(0)},
          {65536, 65551, f + c(1)},
          {131069, 131084, f + c(65534)},
          {131070, 131087, f + f + c(0)},
          {131071, 131088, f + f + c(1)},
          {196605, 196624, f + f + f + c(0)}};
}

TEST(Chunks, AreWrittenAsTheTableSays) {
  for (const auto& r : table()) {
    const auto octets = encoded(box{{"k", filled(r.value, '\x48')}, {"z", "1"}});
    EXPECT_EQ(octets.size(), r.octets) << r.value;
    EXPECT_EQ(octets, key_k + r.chunks + key_z + chunk("1") + end) << r.value;
  }
}

TEST(Chunks, AreJoinedAsTheTableSays) {
  for (const auto& r : table()) {
    const auto octets = key_k + r.chunks + key_z + chunk("1") + end;
    expect_decodes(octets, {{box{{"k", filled(r.value, '\x48')}, {"z", "1"}}}, {}},
                   {3, 5, 65540, 65542, 131077, octets.size() - 8});
  }
}

TEST(Chunks, ShorterOnesEndTheValueAndTheNextLengthIsOfAKey) {
  expect_decodes(key_k + full() + chunk("") + "\1\0"s, {{}, wire::failure{errc::key_too_long, 65542, "AMP1-FRAME-013"}},
                 {65540, 65542, 65543});
}

TEST(Chunks, OfTwoValuesInOneBoxAndOfTwoBoxes) {
  const auto two = key_k + full() + chunk("a") + key_z + full() + full() + chunk("") + end;
  const box first{{"k", filled(65535) + "a"}, {"z", filled(131070)}};
  expect_decodes(two + key_k + chunk("x") + end + two, {{first, box{{"k", "x"}}, first}, {}},
                 {65540, 65543, 65548, 131083, 196623, two.size(), two.size() + 8});
}

TEST(Chunks, TheirOctetsMayLookLikeLengths) {
  std::string value(65533, '\0');
  value += "\xff\xff\xff\xff"s + end + end;
  const auto octets = key_k + chunk(value.substr(0, 65535)) + chunk(value.substr(65535)) + end;
  EXPECT_EQ(encoded(box{{"k", value}}), octets);
  expect_decodes(octets, {{box{{"k", value}}}, {}}, {65540, 65542});
}

TEST(Chunks, AFullOneAtTheEndOfTheStreamLeavesTheBoxIncomplete) {
  const auto cut_behind_full = key_k + full();
  expect_decodes(cut_behind_full, {{}, wire::failure{errc::truncated, 65540, "AMP1-FRAME-029"}}, {65540});
  expect_decodes(cut_behind_full + "\xff"s, {{}, wire::failure{errc::truncated, 65541, "AMP1-FRAME-029"}}, {65541});
  expect_decodes(cut_behind_full + full() + chunk(""), {{}, wire::failure{errc::truncated, 131079, "AMP1-FRAME-029"}},
                 {131077});
}

TEST(Chunks, ARepeatedKeyIsRefusedOrItsLastValueWins) {
  const auto octets = key_k + full() + chunk("a") + key_k + chunk("b") + end;
  expect_decodes(octets, {{}, wire::failure{errc::duplicate_key, 65545, "AMP1-FRAME-026"}}, {65543, 65545});
  expect_decodes(octets, {{box{{"k", "b"}}}, {}}, {65543, 65545}, {.refuse_duplicates = false, .version = version::v2});
}

TEST(Chunks, AValueBeyondItsLimitIsRefusedAtTheLengthThatLeadsThere) {
  limits l = v2;
  l.max_value = 65536;
  expect_decodes(key_k + full() + chunk("a") + end, {{box{{"k", filled(65535) + "a"}}}, {}}, {65540}, l);
  expect_decodes(key_k + full() + "\0\2"s, {{}, wire::failure{errc::value_too_large, 65540, "AMP2-015"}}, {65540}, l);
  l.max_value = 10;
  expect_decodes(key_k + chunk(filled(10)) + end, {{box{{"k", filled(10)}}}, {}}, {3}, l);
  expect_decodes(key_k + "\0\x0b"s, {{}, wire::failure{errc::value_too_large, 3, "AMP2-015"}}, {3}, l);
}

TEST(Chunks, CountForTheLimitOfABox) {
  const auto octets = key_k + full() + chunk("a") + end;
  limits l = v2;
  l.max_box = octets.size();
  expect_decodes(octets, {{box{{"k", filled(65535) + "a"}}}, {}}, {65540}, l);
  l.max_box = octets.size() - 1;
  expect_decodes(octets.substr(0, octets.size() - 3), {{}, wire::failure{errc::box_too_large, 65540, "AMP1-FRAME-034"}},
                 {65540}, l);
}

// Takes the values that it is told to, and remembers where their octets lay.
struct collecting_sink : value_sink {
  bool begin(box_view before, std::string_view key) override {
    began.emplace_back(box(before), std::string(key));
    return key != "held";
  }
  void take(std::string_view octets) override {
    all_inside = all_inside && octets.data() >= fed.data() && octets.data() + octets.size() <= fed.data() + fed.size();
    octets_taken += octets;
    largest = std::max(largest, octets.size());
  }
  void end() override { ended.push_back(std::exchange(octets_taken, {})); }

  std::vector<std::pair<box, std::string>> began;
  std::vector<std::string> ended;
  std::string octets_taken;
  std::string_view fed;
  std::size_t largest = 0;
  bool all_inside = true;
};

TEST(Chunks, AreGivenToASinkAsTheyComeAndNotCopied) {
  const auto octets = chunk("a") + chunk("1") + key_k + full() + full() + chunk("w") + key_z + chunk("2") + end + end +
                      chunk("held") + full() + chunk("x") + key_k + full() + chunk("") + end;
  for (const std::size_t every : {octets.size(), std::size_t{1}, std::size_t{7}, std::size_t{65536}}) {
    box_decoder decoder(v2);
    collecting_sink sink;
    decoder.divert(&sink);
    std::vector<box> boxes;
    for (std::size_t at = 0; at < octets.size(); at += every) {
      const auto piece = std::make_unique<std::string>(octets.substr(at, every));
      sink.fed = *piece;
      decoder.feed(*piece);
      while (const auto b = decoder.next()) boxes.emplace_back(*b);
    }
    EXPECT_EQ(decoder.finish(), std::nullopt);
    EXPECT_EQ(decoder.position(), octets.size());
    EXPECT_EQ(boxes, (std::vector<box>{box{{"a", "1"}, {"k", ""}, {"z", "2"}}, box(),
                                       box{{"held", filled(65535) + "x"}, {"k", ""}}}));
    EXPECT_EQ(sink.ended, (std::vector<std::string>{filled(131070) + "w", filled(65535)})) << every;
    ASSERT_EQ(sink.began.size(), 3u);
    EXPECT_EQ(sink.began[0].first, (box{{"a", "1"}}));
    EXPECT_EQ(sink.began[1].second, "held");
    EXPECT_TRUE(sink.all_inside) << "a view does not lie in what was fed";
    // As many as came at once: a piece of 65536 octets has other octets in front of or behind those of a chunk.
    EXPECT_EQ(sink.largest, every == 65536 ? every - key_k.size() - 8 : std::min<std::size_t>(every, 65535));
  }
}

TEST(Chunks, OfASinkCountForNoLimit) {
  limits l = v2;
  l.max_value = 65535;
  l.max_box = 70000;
  box_decoder decoder(l);
  collecting_sink sink;
  decoder.divert(&sink);
  const auto octets = key_k + full() + full() + chunk("w") + end;
  sink.fed = octets;
  decoder.feed(octets);
  EXPECT_TRUE(decoder.next());
  EXPECT_EQ(sink.ended.front().size(), 131071u);
}

TEST(Chunks, OfASinkThatNeverEndLeaveTheStreamTruncated) {
  box_decoder decoder(v2);
  collecting_sink sink;
  decoder.divert(&sink);
  const auto octets = key_k + full() + "\xff"s;
  sink.fed = octets;
  decoder.feed(octets);
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.finish(), (wire::failure{errc::truncated, 65541, "AMP1-FRAME-029"}));
  EXPECT_TRUE(sink.ended.empty());
}

TEST(Chunks, WrongOctetsBehindASinkAreToldByTheirPlaceInTheStream) {
  box_decoder decoder(v2);
  collecting_sink sink;
  decoder.divert(&sink);
  const auto octets = key_k + full() + chunk("w") + "\1\0"s;
  sink.fed = octets;
  decoder.feed(octets);
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.error(), (wire::failure{errc::key_too_long, 65543, "AMP1-FRAME-013"}));
}

TEST(Chunks, AreNothingToVersion1) {
  // amp.md 8.4: the closing chunk is the end of the box, and what follows is another one.
  expect_decodes(key_k + full() + chunk("") + key_z + chunk("1") + end,
                 {{box{{"k", filled(65535)}}, box{{"z", "1"}}}, {}}, {65540, 65542}, {});
  std::string out;
  EXPECT_EQ(encode(box{{"k", filled(65536)}}, out), (wire::failure{errc::value_too_long, 5, "AMP1-FRAME-007"}));
}

TEST(Chunks, AreTakenFromVersion1AsTheTableOfMixedVersionsSays) {
  // 65,535 octets of version 1: the next key is swallowed, and no box is delivered.
  const auto v1 = key_k + full() + key_z + chunk("1") + end;
  expect_decodes(v1, {{}, wire::failure{errc::truncated, v1.size(), "AMP1-FRAME-029"}}, {65540, 65543});
}

}  // namespace
}  // namespace ampspec::amp
