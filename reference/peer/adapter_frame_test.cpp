// The frame reader against every cut, and against what broken adapters print.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/adapter_frame.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ampspec::peer {
namespace {

using state = adapter_frame_reader::state;

std::vector<adapter_frame> drain(adapter_frame_reader& reader) {
  std::vector<adapter_frame> frames;
  while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  return frames;
}

TEST(AdapterFrame, IsWrittenAsDocumented) {
  std::string out = "before";
  append_frame(out, R"({"n":1})", "blob");
  EXPECT_EQ(out, "beforeAS1 7 4\n{\"n\":1}blob");
}

TEST(AdapterFrame, ComesBackWholeAtEveryCutIntoThreeParts) {
  const std::vector<adapter_frame> frames{{"{}", ""}, {R"({"n":1})", std::string("AS1 \n\0x", 7)}, {"{ }", "b"}};
  std::string wire;
  for (const auto& frame : frames) append_frame(wire, frame.json, frame.blob);
  for (std::size_t first = 0; first <= wire.size(); ++first) {
    for (std::size_t second = first; second <= wire.size(); ++second) {
      adapter_frame_reader reader;
      std::vector<adapter_frame> got;
      for (const auto& part : {wire.substr(0, first), wire.substr(first, second - first), wire.substr(second)}) {
        reader.feed(part);
        for (auto& frame : drain(reader)) got.push_back(std::move(frame));
      }
      ASSERT_EQ(got, frames) << "cut at " << first << " and " << second << ": " << reader.error();
      ASSERT_FALSE(reader.pending());
    }
  }
}

TEST(AdapterFrame, TellsACutFrameFromACleanEnd) {
  adapter_frame_reader reader;
  EXPECT_FALSE(reader.pending());
  reader.feed("AS1 2 0\n");
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.pending()) << "of its body nothing has come";
  reader.feed("{");
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.pending());
  reader.feed("}");
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.pending());
}

TEST(AdapterFrame, RefusesWhatIsNoFrameAndShowsIt) {
  for (const char* garbage : {"Traceback (most", "AS2 1 1\n", "AS1 1\n", "AS1  1 1\n", "AS1 -1 0\n", "AS1 1 1 \n",
                              "AS1 +1 0\n", "AS1 0x1 0\n", "AS1 a b\n", "AS1 1 99999999999999999999\n",
                              "AS1 00000000000000000000000000000000000000000000", "\n"}) {
    adapter_frame_reader reader;
    reader.feed(garbage);
    EXPECT_FALSE(reader.next()) << garbage;
    EXPECT_EQ(reader.status(), state::malformed) << garbage;
    EXPECT_FALSE(reader.error().empty()) << garbage;
  }
  adapter_frame_reader reader;
  reader.feed("hello\x01\n");
  EXPECT_NE(reader.error().find(R"("hello\x01\x0a")"), std::string::npos) << reader.error();
}

TEST(AdapterFrame, RefusesGarbageBehindAFrameAndGivesTheFrameBeforeIt) {
  adapter_frame_reader reader;
  reader.feed("AS1 2 0\n{}print");
  EXPECT_EQ(drain(reader).size(), 1u);
  EXPECT_EQ(reader.status(), state::malformed);
}

TEST(AdapterFrame, StaysFailed) {
  adapter_frame_reader reader;
  reader.feed("X");
  reader.feed("AS1 2 0\n{}");
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.status(), state::malformed);
}

TEST(AdapterFrame, LimitCountsJsonAndBlobTogetherAndCannotOverflow) {
  adapter_frame_reader exact(10);
  exact.feed("AS1 4 6\n{  }123456");
  EXPECT_TRUE(exact.next());
  for (const char* header :
       {"AS1 4 7\n", "AS1 11 0\n", "AS1 0 11\n", "AS1 9223372036854775807 9223372036854775807\n"}) {
    adapter_frame_reader reader(10);
    reader.feed(header);
    EXPECT_FALSE(reader.next()) << header;
    EXPECT_EQ(reader.status(), state::oversize) << header;
  }
}

}  // namespace
}  // namespace ampspec::peer
