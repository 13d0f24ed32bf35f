// Tests of what the AMPS codecs tell, and that both implementations tell the same of random streams.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace ampspec::peer {
namespace {

using behaviour::plain_box;
using wire_protocol::amps;

std::string framed(const std::string& content) {
  const std::size_t n = content.size();
  return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                     static_cast<char>(n)} +
         content;
}

decoding decoded(const std::string& octets) { return decode_amps(amps, {octets}); }

TEST(AmpsCodec, TellsAMessageAsABox) {
  const auto done = decoded(framed(R"({"c":"p","topic":"a","s":"007"}body)"));
  EXPECT_EQ(done.boxes, (std::vector<plain_box>{{{"c", "publish"}, {"t", "a"}, {"s", "7"}, {"body", "body"}}}));
  EXPECT_FALSE(done.refused);
  EXPECT_FALSE(done.incomplete);
}

TEST(AmpsCodec, TellsWhichNumbersCannotBeRead) {
  const auto done = decoded(framed(R"({"c":"sow","bs":-1,"top_n":"x","s":1})"));
  EXPECT_EQ(done.boxes, (std::vector<plain_box>{{{"c", "sow"}, {"s", "1"}, {"body", ""}, {"unreadable", "bs,top_n"}}}));
}

TEST(AmpsCodec, TellsEachRecordOfABatchAndNothingBehindAWrongOne) {
  const auto done = decoded(framed(R"({"c":"sow"}{"l":1}x{"k":"2"}y)") + framed(R"({"c":"flush"})"));
  EXPECT_EQ(done.boxes, (std::vector<plain_box>{{{"c", "sow"}, {"l", "1"}, {"body", "x"}}}));
  ASSERT_TRUE(done.refused);
  EXPECT_EQ(done.refused->word, "record-without-length");
}

TEST(AmpsCodec, EncodesWhatItTells) {
  const auto made = encode_amps(amps, {{"t", "a"}, {"c", "publish"}, {"body", "x"}});
  EXPECT_EQ(made.bytes, framed(R"({"c":"p","t":"a"}x)"));
  EXPECT_EQ(encode_amps(amps, {{"c", "flush"}, {"no such field", "a"}}).refused.has_value(), true);
  EXPECT_EQ(encode_amps(amps, {{"t", "a"}}).refused->word, "no-command");
  EXPECT_EQ(encode_amps(wire_protocol::amps_composite, {{"1", "ab"}, {"2", ""}}).bytes,
            std::string("\0\0\0\2ab\0\0\0\0", 10));
}

// --- both implementations --------------------------------------------------------------------------------------------

class octets_maker {
 public:
  explicit octets_maker(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  template <class List>
  std::string one(const List& list) {
    return list[below(list.size())];
  }

  std::string stream() {
    std::string octets;
    for (std::size_t n = 1 + below(4); n > 0; --n) octets += frame();
    for (std::size_t n = below(3); n > 0 && below(3) == 0; --n) change(octets);
    if (below(6) == 0) octets.resize(below(octets.size() + 1));
    return octets;
  }

 private:
  std::string frame() {
    if (below(20) == 0) return std::string(4, '\0');
    std::string content = header();
    if (below(3) == 0)
      content += one(std::vector<std::string>{"x", "}", "{\"c\":\"p\"}", std::string(1, '\0'), "\n", "{}"});
    if (below(4) == 0) change(content);
    std::string octets = framed(content);
    if (below(20) == 0) octets[3] = static_cast<char>(octets[3] + (below(2) == 0 ? 1 : -1));
    return octets;
  }

  std::string header() {
    static const std::vector<std::string> keys{
        "c", "t",       "topic",           "cid", "s", "seq", "bs", "o", "opts", "a", "zz", "k", "x", "ts",
        "",  "\\u0063", "records_returned"};
    static const std::vector<std::string> values{"\"p\"",       "\"publish\"",
                                                 "\"a}b\"",     "\"\\\"\"",
                                                 "\"\\\\\"",    "\"\\n\\/\"",
                                                 "\"\\u00e9\"", "\"\\ud83d\\ude00\"",
                                                 "\"\\ud83d\"", "\"\\q\"",
                                                 "1",           "18446744073709551615",
                                                 "\"12\"",      "-1",
                                                 "1.5",         "4294967296",
                                                 "true",        "null",
                                                 "{}",          "[1]",
                                                 "\"\"",        "\"caf\xc3\xa9\"",
                                                 "\"\xff\"",    "007"};
    static const std::vector<std::string> blanks{"", "", "", "", " ", "\t", "\r\n"};
    std::string text = "{";
    if (below(8) != 0) text += "\"c\":\"flush\"" + std::string(below(2) == 0 ? "" : ",\"t\":\"a\"");
    for (std::size_t n = below(5); n > 0; --n) {
      text += (text.size() > 1 ? "," : "") + one(blanks) + "\"" + one(keys) + "\"" + one(blanks) + ":" + one(blanks) +
              one(values) + one(blanks);
    }
    return text + "}";
  }

  void change(std::string& octets) {
    static const std::string likely = "{}\",:\\ u0x";
    if (octets.empty()) return;
    const std::size_t at = below(octets.size());
    switch (below(3)) {
      case 0:
        octets.erase(at, 1);
        break;
      case 1:
        octets.insert(at, 1, likely[below(likely.size())]);
        break;
      default:
        octets[at] = below(2) == 0 ? likely[below(likely.size())] : static_cast<char>(random_());
    }
  }

  std::mt19937 random_;
};

std::vector<std::string_view> cut(std::string_view octets, octets_maker& make) {
  std::vector<std::string_view> pieces;
  while (!octets.empty()) {
    const std::size_t size = 1 + make.below(octets.size());
    pieces.push_back(octets.substr(0, size));
    octets.remove_prefix(size);
  }
  return pieces;
}

std::vector<plain_box> sorted(std::vector<plain_box> boxes) {
  for (plain_box& box : boxes) std::sort(box.begin(), box.end());
  return boxes;
}

bool is_unreadable(const plain_box& box) {
  return std::any_of(box.begin(), box.end(), [](const auto& pair) { return pair.first == "unreadable"; });
}

TEST(AmpsCodecs, TellTheSameOfRandomStreams) {
  octets_maker make(20261128);
  int refused = 0, read = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string octets = make.stream();
    decoding reference = decode_amps(amps, cut(octets, make));
    const decoding naive = decode_naive_amps(amps, cut(octets, make), {});
    SCOPED_TRACE(octets);
    // The second implementation refuses a header with a number that is none; the first only says so.
    const auto unreadable = std::find_if(reference.boxes.begin(), reference.boxes.end(), is_unreadable);
    if (unreadable != reference.boxes.end()) {
      ASSERT_TRUE(naive.refused);
      ASSERT_EQ(naive.refused->word, "bad-number");
      reference.boxes.erase(unreadable, reference.boxes.end());
      ASSERT_EQ(sorted(reference.boxes), sorted(naive.boxes));
      continue;
    }
    ASSERT_EQ(sorted(reference.boxes), sorted(naive.boxes));
    ASSERT_EQ(reference.refused.has_value(), naive.refused.has_value());
    ASSERT_EQ(reference.incomplete, naive.incomplete);
    read += static_cast<int>(reference.boxes.size());
    if (!reference.refused) continue;
    ++refused;
    ASSERT_EQ(reference.refused->word, naive.refused->word);
    ASSERT_EQ(reference.refused->offset, naive.refused->offset);
  }
  EXPECT_GT(refused, 2000);
  EXPECT_GT(read, 5000);
}

TEST(AmpsCodecs, TellTheSameOfRandomParts) {
  octets_maker make(7);
  static const std::vector<std::string> seeds{"tcp://user:pw@host:9007/amps/json?a=1&b=2",
                                              "ws://[::1]:1/x/amps/json",
                                              "tcp://h:1/amps",
                                              "replace,select=[+/a,-/b],top_n=10",
                                              "received,processed,stats",
                                              "0|1|",
                                              "[5|1|:20260101T000000Z)",
                                              "5|1|,0",
                                              "20240229T235959.999999Z",
                                              "2026-01-01T00:00:00.000000Z",
                                              std::string("\0\0\0\1a\0\0\0\0", 9)};
  static const std::string octets = "0123456789|:/[]()@?&=.,TZ-ampsx";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = make.one(seeds);
    for (std::size_t n = make.below(3); n > 0 && !text.empty(); --n) {
      const std::size_t at = make.below(text.size());
      if (make.below(2) == 0) {
        text.erase(at, 1);
      } else {
        text.insert(at, 1, octets[make.below(octets.size())]);
      }
    }
    for (const auto as :
         {wire_protocol::amps_uri, wire_protocol::amps_options, wire_protocol::amps_acks, wire_protocol::amps_bookmark,
          wire_protocol::amps_timestamp, wire_protocol::amps_composite, wire_protocol::amps_composite_of_2}) {
      const auto reference = decode_amps(as, {text});
      const auto naive = decode_naive_amps(as, {text}, {});
      ASSERT_EQ(sorted(reference.boxes), sorted(naive.boxes)) << text << " form " << static_cast<int>(as);
      ASSERT_EQ(reference.refused.has_value(), naive.refused.has_value()) << text;
    }
  }
}

}  // namespace
}  // namespace ampspec::peer
