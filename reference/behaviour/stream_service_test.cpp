// The commands about streams, spoken to in octets written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/behaviour/amp_conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::behaviour {
namespace {

using namespace std::string_literals;

constexpr const char* sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* sha256_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One connection, whose other end is the test. Boxes are texts: `key=value` in order of keys, blanks between.
struct line {
  explicit line(std::shared_ptr<service_state> s = std::make_shared<service_state>())
      : state(std::move(s)), here(std::make_shared<amp_conversation>(state)) {}

  std::string say(plain_box pairs) {
    amp::box box;
    for (const auto& [key, value] : pairs) box.add(key, value);
    std::string octets;
    EXPECT_FALSE(amp::encode(box, octets));
    here->receive(octets);
    return heard();
  }
  std::string ask(const char* command, plain_box arguments) {
    arguments.insert(arguments.begin(), {{"_ask", "t"}, {"_command", command}});
    return say(std::move(arguments));
  }
  std::string heard() {
    amp::box_decoder decoder;
    const std::string out(here->output());
    here->sent(out.size());
    decoder.feed(out);
    std::string all;
    while (const auto box = decoder.next()) {
      plain_box pairs;
      for (const auto& [key, value] : *box) pairs.emplace_back(key, value);
      std::sort(pairs.begin(), pairs.end());
      if (!all.empty()) all += " | ";
      for (const auto& [key, value] : pairs) all += (&key == &pairs.front().first ? "" : " ") + key + "=" + value;
    }
    return all;
  }

  std::shared_ptr<service_state> state;
  std::shared_ptr<amp_conversation> here;
};

/// A file of the test's own, with so much room.
class small_file final : public temporary_file {
 public:
  explicit small_file(std::size_t room) : room_(room) {}
  bool write(std::string_view octets) override {
    if (octets_.size() + octets.size() > room_) return false;
    octets_ += octets;
    return true;
  }
  bool read(const std::function<void(std::string_view)>& piece) override {
    piece(octets_);
    return true;
  }

 private:
  std::size_t room_;
  std::string octets_;
};

TEST(StreamService, TellsWhatAStreamHeldInFourWays) {
  const std::vector<std::pair<const char*, std::string>> ways = {
      {"chunks", "_answer=t chunks="s + "\0\2ab\0\0\0\1c"s + " count=3 size=3"},
      {"whole", "_answer=t count=3 data=abc size=3"},
      {"digest", "_answer=t count=3 sha256="s + sha256_of_abc + " size=3"},
      {"file", "_answer=t count=3 sha256="s + sha256_of_abc + " size=3"}};
  for (const auto& [as, told] : ways) {
    line l;
    l.state->streams()->make_file = [] { return std::make_unique<small_file>(100); };
    EXPECT_EQ(l.ask("StreamOpen", {}), "_answer=t streamId=0");
    for (const char* chunk : {"ab", "", "c"}) {
      EXPECT_EQ(l.ask("StreamWrite", {{"streamId", "0"}, {"data", chunk}}), "_answer=t");
    }
    EXPECT_EQ(l.ask("StreamTake", {{"streamId", "0"}, {"as", as}}), told);
    EXPECT_EQ(l.ask("StreamTake", {{"streamId", "0"}, {"as", as}}).substr(0, 38),
              "_error=t _error_code=STREAM_UNKNOWN _e");
  }
}

TEST(StreamService, TellsTheOutcomeOfAConsumedStreamToAnyConnection) {
  line l, other(l.state);
  l.ask("StreamOpen", {});
  EXPECT_EQ(l.ask("StreamConsume", {{"streamId", "0"}, {"as", "digest"}, {"name", "n"}}), "_answer=t");
  l.ask("StreamWrite", {{"streamId", "0"}, {"data", "abc"}});
  EXPECT_EQ(other.ask("StreamOutcome", {{"name", "n"}}), "_answer=t count=1 how=running size=3");
  EXPECT_EQ(l.ask("StreamClose", {{"streamId", "0"}}), "_answer=t");
  EXPECT_EQ(other.ask("StreamOutcome", {{"name", "n"}}),
            "_answer=t count=1 how=complete sha256="s + sha256_of_abc + " size=3");
  EXPECT_EQ(l.ask("StreamTake", {{"streamId", "0"}, {"as", "digest"}}), "_answer=t count=1 size=3");
}

TEST(StreamService, NeverTellsALostStreamAsComplete) {
  line l, other(l.state);
  l.ask("StreamOpen", {});
  l.ask("StreamConsume", {{"streamId", "0"}, {"as", "digest"}, {"name", "n"}});
  l.ask("StreamWrite", {{"streamId", "0"}, {"data", "abc"}});
  l.here->peer_finished();
  EXPECT_EQ(other.ask("StreamOutcome", {{"name", "n"}}), "_answer=t count=1 how=aborted size=3");
}

TEST(StreamService, AFullFileAbortsItsStream) {
  line l;
  l.state->streams()->make_file = [] { return std::make_unique<small_file>(2); };
  l.ask("StreamOpen", {});
  l.ask("StreamConsume", {{"streamId", "0"}, {"as", "file"}, {"name", "n"}});
  EXPECT_EQ(l.ask("StreamWrite", {{"streamId", "0"}, {"data", "abc"}}).substr(0, 34),
            "_error=t _error_code=STREAM_LIMIT ");
  EXPECT_EQ(l.ask("StreamOutcome", {{"name", "n"}}), "_answer=t count=0 how=aborted size=0");
}

TEST(StreamService, WritesAStreamWhenAsked) {
  line l;
  EXPECT_EQ(l.ask("StreamSend", {{"size", "5"}, {"pattern", "ab"}, {"end", "close"}}), "_ask=1 _command=StreamOpen");
  EXPECT_EQ(l.say({{"_answer", "1"}, {"streamId", "9"}}), "_ask=2 _command=StreamWrite data=ababa streamId=9");
  EXPECT_EQ(l.say({{"_answer", "2"}}), "_ask=3 _command=StreamClose streamId=9");
  EXPECT_EQ(l.say({{"_answer", "3"}}), "_answer=t count=1 streamId=9");
}

TEST(StreamService, SaysWhyAStreamCouldNotBeWritten) {
  line l;
  l.ask("StreamSend", {{"size", "5"}, {"pattern", "ab"}, {"end", "leave"}});
  EXPECT_EQ(l.say({{"_error", "1"}, {"_error_code", "STREAM_LIMIT"}, {"_error_description", "no"}}),
            "_error=t _error_code=STREAM_FAILED _error_description=STREAM_LIMIT");
}

TEST(StreamService, WritesByOrderAndEndsLikeACall) {
  line l;
  EXPECT_TRUE(l.here->write_stream(7, {"", 0, 1, "leave"}));
  EXPECT_EQ(l.heard(), "_ask=1 _command=StreamOpen");
  EXPECT_FALSE(l.here->next_end());
  EXPECT_EQ(l.say({{"_answer", "1"}, {"streamId", "007"}}), "");
  const auto end = l.here->next_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->number, 7u);
  EXPECT_EQ(end->how, "answer");
  EXPECT_EQ(end->box, (plain_box{{"streamId", "7"}, {"count", "0"}}));
  EXPECT_TRUE(l.here->write_stream(8, {"", 1, 1, "leave"}));
  EXPECT_EQ(l.here->next_end()->how, "refused");
}

TEST(StreamService, StallsAndResumes) {
  line l;
  l.ask("StreamOpen", {});
  EXPECT_EQ(l.ask("StreamStall", {{"streamId", "0"}}), "_answer=t");
  EXPECT_EQ(l.ask("StreamWrite", {{"streamId", "0"}, {"data", ""}}), "");
  EXPECT_EQ(l.ask("StreamResume", {{"streamId", "0"}}), "_answer=t | _answer=t");
  EXPECT_EQ(l.ask("StreamTake", {{"streamId", "0"}, {"as", "digest"}}),
            "_answer=t count=1 sha256="s + sha256_of_nothing + " size=0");
}

}  // namespace
}  // namespace ampspec::behaviour
