// Tests of streams: what a receiver answers, holds and hands on, and what a writer sends and when.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/stream.hpp"

#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/test_support.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::amp {
namespace {

using boxes = std::vector<box>;

/// A session with a receiver and perhaps a writer around it; its other end is the test.
struct line {
  session here;
  std::unique_ptr<stream_receiver> receiver = std::make_unique<stream_receiver>(here, limits);
  std::unique_ptr<stream_writer> writer;
  inline static stream_limits limits = {.streams = 3, .answered = 10, .held = 20, .all_held = 30, .chunks = 5};

  boxes say(const box& b) {
    std::string octets;
    EXPECT_EQ(encode(b, octets), std::nullopt);
    here.receive(octets);
    while (const auto e = here.next_event()) {
      if (const auto* request = std::get_if<request_received>(&*e)) {
        EXPECT_TRUE(receiver->serve(*request));
      } else if (writer) {
        writer->handle(*e);
      }
    }
    return heard();
  }
  boxes heard() {
    box_decoder decoder;
    const std::string out(here.output());
    here.sent(out.size());
    decoder.feed(out);
    boxes all;
    while (const auto b = decoder.next()) all.emplace_back(*b);
    return all;
  }
  boxes open(std::string tag) { return say({{"_ask", tag}, {"_command", "StreamOpen"}}); }
  boxes write(std::string tag, std::string id, std::string data) {
    return say({{"_ask", tag}, {"_command", "StreamWrite"}, {"streamId", id}, {"data", data}});
  }
  boxes ask(std::string tag, std::string command, std::string id) {
    return say({{"_ask", tag}, {"_command", command}, {"streamId", id}});
  }
  void begin_writing(std::string text, stream_writing with) {
    auto left = std::make_shared<std::string>(std::move(text));
    auto given = std::make_shared<std::string>();
    writer = std::make_unique<stream_writer>(
        here,
        [left, given](std::size_t most) -> std::optional<std::string_view> {
          if (left->empty()) return std::nullopt;
          *given = left->substr(0, most);
          left->erase(0, given->size());
          return *given;
        },
        with);
  }
};

boxes answered(std::string tag) { return {box{{"_answer", tag}}}; }

std::string code_of(const boxes& all) {
  if (all.size() != 1) return std::to_string(all.size()) + " boxes";
  const box_view one(all.front());
  return std::string(one.find("_error_code").value_or("no error"));
}

struct seen {
  std::vector<std::string> chunks;
  std::string end;
};
class watched final : public stream_sink {
 public:
  explicit watched(seen& s, std::size_t room = 100) : seen_(s), room_(room) {}
  bool take(std::string_view chunk) override {
    if (chunk.size() > room_) return false;
    seen_.chunks.emplace_back(chunk);
    return true;
  }
  void end(stream_end how) override { seen_.end += how == stream_end::complete ? "complete" : "aborted"; }

 private:
  seen& seen_;
  std::size_t room_;
};

TEST(StreamReceiver, KeepsChunksAndOrderOfTwoStreams) {
  line l;
  EXPECT_EQ(l.open("1"), (boxes{{{"_answer", "1"}, {"streamId", "0"}}}));
  EXPECT_EQ(l.open("2"), (boxes{{{"_answer", "2"}, {"streamId", "1"}}}));
  EXPECT_EQ(l.write("3", "0", "ab"), answered("3"));
  EXPECT_EQ(l.write("4", "1", "x"), answered("4"));
  EXPECT_EQ(l.write("5", "0", ""), answered("5"));
  EXPECT_EQ(l.write("6", "0", "c"), answered("6"));
  const auto first = l.receiver->take("0");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->chunks, (std::vector<std::string>{"ab", "", "c"}));
  EXPECT_EQ(first->count, 3u);
  EXPECT_EQ(first->size, 3u);
  EXPECT_FALSE(l.receiver->take("0"));
  EXPECT_EQ(l.receiver->take("1")->chunks, (std::vector<std::string>{"x"}));
}

TEST(StreamReceiver, RefusesIdsThatNameNothing) {
  line l;
  l.open("1");
  EXPECT_EQ(code_of(l.write("2", "1", "x")), "STREAM_UNKNOWN");
  EXPECT_EQ(code_of(l.write("3", "-1", "x")), "STREAM_UNKNOWN");
  EXPECT_EQ(code_of(l.write("4", "1000000000000000000000000", "x")), "STREAM_UNKNOWN");
  EXPECT_EQ(l.ask("5", "StreamClose", "0"), answered("5"));
  EXPECT_EQ(code_of(l.ask("6", "StreamClose", "0")), "STREAM_UNKNOWN");
  EXPECT_EQ(code_of(l.write("7", "0", "x")), "STREAM_UNKNOWN");
  EXPECT_FALSE(l.here.wants_close());
  EXPECT_EQ(l.receiver->take("0")->count, 0u);
  EXPECT_EQ(code_of(l.write("8", "abc", "x")), "UNKNOWN");
  EXPECT_TRUE(l.here.wants_close());
}

TEST(StreamReceiver, NeverGivesAnIdAgainAndLimitsHowManyAreHere) {
  line l;
  for (const char* tag : {"1", "2", "3"}) EXPECT_EQ(l.open(tag).size(), 1u);
  EXPECT_EQ(code_of(l.open("4")), "STREAM_LIMIT");
  EXPECT_TRUE(l.receiver->take("2"));
  EXPECT_EQ(l.open("5"), (boxes{{{"_answer", "5"}, {"streamId", "3"}}}));
}

TEST(StreamReceiver, WithholdsAnswersBeyondItsRoomAndGivesThemWhenTaken) {
  line l;
  l.open("1");
  EXPECT_EQ(l.write("2", "0", "0123456789"), answered("2"));
  EXPECT_EQ(l.write("3", "0", "a"), boxes());
  EXPECT_EQ(l.open("4").size(), 1u);
  EXPECT_EQ(l.write("5", "1", "other"), answered("5"));
  EXPECT_EQ(l.receiver->take("0")->size, 11u);
  EXPECT_EQ(l.heard(), answered("3"));
}

TEST(StreamReceiver, AbortsAStreamThatOverflows) {
  line l;
  l.open("1");
  EXPECT_EQ(l.write("2", "0", "0123456789"), answered("2"));
  EXPECT_EQ(l.write("3", "0", "0123456789"), boxes());
  const auto last = l.write("4", "0", "x");
  ASSERT_EQ(last.size(), 2u);
  EXPECT_EQ(last.front(), answered("3").front());
  EXPECT_EQ(code_of({last.back()}), "STREAM_LIMIT");
  EXPECT_FALSE(l.receiver->take("0"));
  EXPECT_FALSE(l.here.wants_close());
}

TEST(StreamReceiver, BoundsChunksWithoutOctetsToo) {
  line l;
  l.open("1");
  for (const char* tag : {"2", "3", "4", "5", "6"}) EXPECT_EQ(l.write(tag, "0", ""), answered(tag));
  EXPECT_EQ(code_of(l.write("7", "0", "")), "STREAM_LIMIT");
}

TEST(StreamReceiver, AStalledStreamStopsAloneAndGoesOnInOrder) {
  line l;
  l.open("1");
  l.open("2");
  EXPECT_TRUE(l.receiver->stall("0"));
  EXPECT_EQ(l.write("3", "0", "a"), boxes());
  EXPECT_EQ(l.write("4", "0", "b"), boxes());
  EXPECT_EQ(l.write("5", "1", "c"), answered("5"));
  EXPECT_TRUE(l.receiver->resume("0"));
  EXPECT_EQ(l.heard(), (boxes{{{"_answer", "3"}}, {{"_answer", "4"}}}));
  EXPECT_EQ(l.receiver->take("0")->chunks, (std::vector<std::string>{"a", "b"}));
}

TEST(StreamReceiver, AWriteWithoutAskIsTakenAndNotAnswered) {
  line l;
  l.open("1");
  EXPECT_EQ(l.say({{"_command", "StreamWrite"}, {"streamId", "0"}, {"data", "a"}}), boxes());
  EXPECT_EQ(l.receiver->take("0")->chunks, (std::vector<std::string>{"a"}));
}

TEST(StreamReceiver, ASinkTakesWhatIsHeldAndWhatComes) {
  line l;
  seen s;
  l.open("1");
  l.write("2", "0", "0123456789");
  EXPECT_EQ(l.write("3", "0", "a"), boxes());
  EXPECT_TRUE(l.receiver->consume("0", std::make_unique<watched>(s)));
  EXPECT_FALSE(l.receiver->consume("0", std::make_unique<watched>(s)));
  EXPECT_EQ(l.heard(), answered("3"));
  EXPECT_EQ(l.write("4", "0", "0123456789abcdef"), answered("4"));
  EXPECT_EQ(l.write("5", "0", "0123456789abcdef"), answered("5"));
  EXPECT_EQ(s.end, "");
  EXPECT_EQ(l.ask("6", "StreamClose", "0"), answered("6"));
  EXPECT_EQ(s.end, "complete");
  EXPECT_EQ(s.chunks.size(), 4u);
  const auto content = l.receiver->take("0");
  EXPECT_EQ(content->size, 43u);
  EXPECT_TRUE(content->chunks.empty());
  EXPECT_EQ(s.end, "complete");
}

TEST(StreamReceiver, LossAndAbortAreNeverComplete) {
  line l;
  seen lost, aborted, full;
  for (const char* tag : {"1", "2", "3"}) l.open(tag);
  l.receiver->consume("0", std::make_unique<watched>(lost));
  l.receiver->consume("1", std::make_unique<watched>(aborted));
  l.receiver->consume("2", std::make_unique<watched>(full, 1));
  l.write("4", "0", "ab");
  EXPECT_EQ(l.say({{"_ask", "5"}, {"_command", "StreamAbort"}, {"streamId", "1"}, {"reason", "no more"}}),
            answered("5"));
  EXPECT_EQ(code_of(l.write("6", "2", "ab")), "STREAM_LIMIT");
  EXPECT_EQ(aborted.end, "aborted");
  EXPECT_EQ(full.end, "aborted");
  EXPECT_FALSE(l.receiver->take("1"));
  l.receiver->abort_all();
  EXPECT_EQ(lost.end, "aborted");
}

TEST(StreamWriter, WaitsForEachAnswerAndCuts) {
  line l;
  l.begin_writing("abcde", {.chunk = 2});
  EXPECT_EQ(l.heard(), (boxes{{{"_ask", "1"}, {"_command", "StreamOpen"}}}));
  const auto sent = [](const char* tag, const char* data) {
    return boxes{{{"_ask", tag}, {"_command", "StreamWrite"}, {"streamId", "1000000000000"}, {"data", data}}};
  };
  EXPECT_EQ(l.say({{"_answer", "1"}, {"streamId", "1000000000000"}}), sent("2", "ab"));
  EXPECT_EQ(l.say({{"_answer", "2"}}), sent("3", "cd"));
  EXPECT_EQ(l.say({{"_answer", "3"}}), sent("4", "e"));
  EXPECT_FALSE(l.writer->ended());
  EXPECT_EQ(l.say({{"_answer", "4"}}), boxes());
  ASSERT_TRUE(l.writer->ended());
  EXPECT_EQ(l.writer->ended()->what, stream_written::how::done);
  EXPECT_EQ(l.writer->ended()->count, 3u);
  EXPECT_TRUE(l.writer->idle());
}

TEST(StreamWriter, HasAsManyWritesOutAsItsWindowAllows) {
  line l;
  l.begin_writing("abcde", {.window = 3, .chunk = 1});
  l.heard();
  EXPECT_EQ(l.say({{"_answer", "1"}, {"streamId", "7"}}).size(), 3u);
  EXPECT_EQ(l.say({{"_answer", "3"}}).size(), 1u);
}

TEST(StreamWriter, CarriesOnWithoutTheOptionalCommands) {
  for (const auto end : {stream_writing::ending::close, stream_writing::ending::abort}) {
    line l;
    l.begin_writing("", {.end = end});
    l.heard();
    EXPECT_EQ(l.say({{"_answer", "1"}, {"streamId", "0"}}).size(), 1u);
    l.say({{"_error", "2"}, {"_error_code", "UNHANDLED"}, {"_error_description", ""}});
    ASSERT_TRUE(l.writer->ended());
    EXPECT_EQ(l.writer->ended()->what, stream_written::how::done);
  }
}

TEST(StreamWriter, ARefusedWriteOrALossIsNoSuccess) {
  line refused;
  refused.begin_writing("ab", {.window = 2, .chunk = 1});
  refused.heard();
  refused.say({{"_answer", "1"}, {"streamId", "0"}});
  refused.say({{"_error", "2"}, {"_error_code", "STREAM_LIMIT"}, {"_error_description", "full"}});
  ASSERT_TRUE(refused.writer->ended());
  EXPECT_EQ(refused.writer->ended()->what, stream_written::how::failed);
  EXPECT_EQ(refused.writer->ended()->code, "STREAM_LIMIT");
  EXPECT_FALSE(refused.writer->idle());
  EXPECT_EQ(refused.say({{"_answer", "3"}}), boxes());
  EXPECT_TRUE(refused.writer->idle());

  line lost;
  lost.begin_writing("ab", {});
  lost.heard();
  lost.here.lost();
  while (const auto e = lost.here.next_event()) lost.writer->handle(*e);
  ASSERT_TRUE(lost.writer->ended());
  EXPECT_EQ(lost.writer->ended()->what, stream_written::how::lost);

  line wrong;
  wrong.begin_writing("ab", {});
  wrong.heard();
  EXPECT_EQ(wrong.say({{"_answer", "1"}, {"streamId", "-1"}}), boxes());
  EXPECT_EQ(wrong.writer->ended()->what, stream_written::how::undecodable);
}

}  // namespace
}  // namespace ampspec::amp
