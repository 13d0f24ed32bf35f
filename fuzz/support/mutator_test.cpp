// The mutators keep to their bounds, do the same for the same seed, and make what they are there for.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/mutator.hpp"

#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/input.hpp"
#include "reference/amps/frame_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

// Stands for an engine: changes one octet, or adds one.
std::size_t small_change(std::uint8_t* data, std::size_t size, std::size_t max_size) {
  if (size < max_size) {
    data[size] = 'q';
    return size + 1;
  }
  if (size > 0) data[0] = static_cast<std::uint8_t>(data[0] + 1);
  return size;
}

std::string changed(shape inputs, const std::string& input, std::size_t max, unsigned seed) {
  std::vector<std::uint8_t> data(max);
  std::copy(input.begin(), input.end(), data.begin());
  const std::size_t size = mutate(inputs, data.data(), input.size(), max, seed, &small_change);
  EXPECT_LE(size, max);
  return std::string(reinterpret_cast<const char*>(data.data()), std::min(size, max));
}

std::string crossed(shape inputs, const std::string& one, const std::string& other, std::size_t max, unsigned seed) {
  std::vector<std::uint8_t> data(max);
  const std::size_t size = cross(inputs, one, other, data.data(), max, seed);
  EXPECT_LE(size, max);
  return std::string(reinterpret_cast<const char*>(data.data()), std::min(size, max));
}

const std::string two_boxes("\0\1a\0\1x\0\0\0\4_ask\0\0\0\0", 18);
const std::string two_frames("\0\0\0\x13{\"c\":\"p\",\"t\":\"a\"}xx\0\0\0\4{}zz", 31);

class Mutator : public testing::TestWithParam<shape> {
 protected:
  std::string input() const { return GetParam() == shape::frames ? two_frames : two_boxes; }
};

TEST_P(Mutator, KeepsToTheSizeThatItIsGiven) {
  for (const std::size_t max :
       {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{40}, std::size_t{300}}) {
    std::string now = input().substr(0, max), other = input().substr(0, max / 2);
    for (unsigned seed = 0; seed < 3000; ++seed) {
      now = changed(GetParam(), now, max, seed);
      if (seed % 7 == 0) now = crossed(GetParam(), now, other, max, seed);
      if (seed % 50 == 0) other = now, now = input().substr(0, max);
    }
  }
}

TEST_P(Mutator, DoesTheSameForTheSameSeed) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    EXPECT_EQ(changed(GetParam(), input(), 4096, seed), changed(GetParam(), input(), 4096, seed));
    EXPECT_EQ(crossed(GetParam(), input(), input(), 64, seed), crossed(GetParam(), input(), input(), 64, seed));
  }
}

TEST_P(Mutator, HasNoBoundOfNothing) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    EXPECT_LE(changed(GetParam(), "", 1, seed).size(), 1u);
    EXPECT_LE(crossed(GetParam(), "", "", 1, seed).size(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Mutator, testing::Values(shape::octets, shape::script, shape::boxes, shape::frames));

TEST(BoxMutator, MakesRightStreamsAndEveryKindOfWrongOne) {
  std::set<std::string> ends;
  std::size_t clean = 0;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    const auto input = changed(shape::boxes, two_boxes, 2000, seed);
    const auto [with, stream] = read_input(input);
    amp::limits limits = amp_limits(with);
    const auto played = play_boxes(stream, limits, {stream.size()});
    ends.insert(played.end ? std::string(amp::class_word(played.end->code)) : "clean");
    clean += played.end ? 0 : 1;
  }
  const std::set<std::string> wanted{"clean",         "truncated",      "key-too-long",
                                     "duplicate-key", "too-many-pairs", "box-too-large"};
  EXPECT_TRUE(std::includes(ends.begin(), ends.end(), wanted.begin(), wanted.end())) << testing::PrintToString(ends);
  EXPECT_GT(clean, 600u);
}

TEST(ScriptMutator, MakesLongOnesOfNothingAndKeepsWhatItAddsTo) {
  std::size_t longest = 0, kept = 0;
  const std::string script("0123456789abcdef");
  for (unsigned seed = 0; seed < 2000; ++seed) {
    longest = std::max(longest, changed(shape::script, "", 4096, seed).size());
    const auto made = changed(shape::script, script, 4096, seed);
    kept += made.size() > script.size() && made.starts_with("01234") ? 1 : 0;
  }
  EXPECT_GT(longest, 400u);
  EXPECT_GT(kept, 400u);
}

TEST(BoxMutator, BordersAreThoseOfFields) {
  EXPECT_EQ(borders_of_boxes(two_boxes, false), (std::vector<std::size_t>{0, 3, 6, 8, 14, 16, 18}));
  EXPECT_EQ(borders_of_boxes(two_boxes.substr(0, 9), false), (std::vector<std::size_t>{0, 3, 6, 8, 9}));
}

TEST(FrameMutator, MakesRightStreamsAndEveryKindOfWrongOne) {
  std::set<std::string> ends;
  for (unsigned seed = 0; seed < 4000; ++seed) {
    const auto input = changed(shape::frames, two_frames, 2000, seed);
    const auto [with, stream] = read_input(input);
    amps::frame_decoder decoder(amps_limits(with));
    decoder.feed(stream);
    while (decoder.next()) {
    }
    const auto end = decoder.finish();
    ends.insert(end ? end->code.message() : "clean");
  }
  EXPECT_GE(ends.size(), 8u) << testing::PrintToString(ends);
}

TEST(FrameMutator, BordersAreThoseOfFrames) {
  EXPECT_EQ(borders_of_frames(two_frames), (std::vector<std::size_t>{0, 23, 31}));
  EXPECT_EQ(borders_of_frames(two_frames.substr(0, 25)), (std::vector<std::size_t>{0, 23, 25}));
}

TEST(Input, SettingsAreReadAsTheyWereWritten) {
  settings s;
  s.second = s.divert = true;
  s.cut = 5;
  s.seed = 200;
  s.octets_limit = 15;
  s.pairs_limit = 3;
  s.value_limit = 9;
  const auto input = written(s) + "rest";
  const auto read = read_input(input);
  EXPECT_EQ(written(read.with), written(s));
  EXPECT_EQ(read.stream, "rest");
}

TEST(Input, WhatBeginsLikeAStreamIsOne) {
  EXPECT_EQ(read_input(two_boxes).stream, two_boxes);
  EXPECT_EQ(read_input("\x80\x80\x80").stream, "\x80\x80\x80");
}

TEST(Input, CutsAreTheWholeStreamAndBounded) {
  for (std::uint8_t cut = 0; cut < 8; ++cut) {
    for (const int seed : {0, 1, 17, 255}) {
      for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300}, std::size_t{1} << 20}) {
        settings s;
        s.cut = cut;
        s.seed = static_cast<std::uint8_t>(seed);
        std::size_t all = 0;
        const auto parts = cuts(s, size);
        for (const std::size_t part : parts) {
          EXPECT_TRUE(part > 0) << int(cut);
          all += part;
        }
        EXPECT_EQ(all, size);
        EXPECT_LE(parts.size(), 4200u);
      }
    }
  }
}

}  // namespace
}  // namespace ampspec::fuzz
