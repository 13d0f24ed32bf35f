// Tests of the decoder: every input whole, at every two-part cut and one octet at a time, with one outcome.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_decoder.hpp"

#include "reference/amps/frame_encoder.hpp"
#include "reference/amps/test_support.hpp"
#include "reference/wire/hex.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace ampspec::amps {
namespace {

using namespace std::string_literals;

struct outcome {
  std::vector<frame> frames;
  std::optional<wire::failure> end;
  bool operator==(const outcome&) const = default;
};

void PrintTo(const outcome& o, std::ostream* out) {
  for (const frame& f : o.frames) {
    PrintTo(f, out);
    *out << "; ";
  }
  if (o.end) *out << o.end->code.message() << " at " << o.end->offset << ' ' << o.end->broken;
}

// Each chunk lies in memory of its own that is gone when the next one comes, so that sanitizers see a view kept too
// long.
outcome decode(std::string_view octets, const std::vector<std::size_t>& cuts, decoder_limits l = {}) {
  frame_decoder decoder(l);
  outcome o;
  std::size_t from = 0;
  bool more = false;
  const auto feed = [&](std::size_t to) {
    const auto chunk = std::make_unique<std::string>(octets.substr(from, to - from));
    from = to;
    decoder.feed(*chunk);
    while (const auto f = decoder.next()) {
      if (!more) {
        EXPECT_EQ(f->body_at, 0u);
        o.frames.push_back({header(f->header), ""});
      }
      EXPECT_EQ(o.frames.back().header, header(f->header));
      EXPECT_EQ(o.frames.back().body.size(), f->body_at);
      o.frames.back().body += f->body;
      more = !f->last();
    }
  };
  for (const std::size_t cut : cuts) feed(cut);
  feed(octets.size());
  o.end = decoder.finish();
  EXPECT_EQ(decoder.finish(), o.end);
  if (more) o.frames.pop_back();  // pieces of a frame that never was whole
  return o;
}

std::vector<std::size_t> every_octet(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < size; ++i) cuts.push_back(i);
  return cuts;
}

// One outcome for all segmentations, and whether long frames are given in pieces or not.
void expect_decodes(const std::string& octets, const outcome& expected, decoder_limits l = {}) {
  for (const std::uint64_t whole_up_to : {decoder_limits().whole_up_to, std::uint64_t{0}, std::uint64_t{40}}) {
    l.whole_up_to = whole_up_to;
    ASSERT_EQ(decode(octets, {}, l), expected);
    ASSERT_EQ(decode(octets, every_octet(octets.size()), l), expected);
    const std::size_t step = octets.size() > 3000 ? octets.size() / 97 : 1;
    for (std::size_t cut = 0; cut <= octets.size(); cut += step) {
      ASSERT_EQ(decode(octets, {cut}, l), expected) << "cut before octet " << cut;
    }
  }
}

frame message(command c, std::initializer_list<std::pair<field, std::string_view>> texts, std::string body = "") {
  frame f{header(c), std::move(body)};
  for (const auto& [id, text] : texts) f.header.set(id, text);
  return f;
}

// --- what is right ---------------------------------------------------------------------------------------------------

TEST(FrameDecoder, DecodesTheGoldenFrames) {
  expect_decodes(wire::from_hex("0000001e").value() + R"({"c":"p","t":"orders"}{"id":1})",
                 {{message(command::publish, {{field::topic, "orders"}}, R"({"id":1})")}, {}});
  expect_decodes(wire::from_hex("0000001c").value() + R"({"c":"heartbeat","o":"beat"})",
                 {{message(command::heartbeat, {{field::options, "beat"}})}, {}});
  expect_decodes(wire::from_hex("00000023").value() + R"({"c":"group_begin","query_id":"q1"})",
                 {{message(command::group_begin, {{field::query_id, "q1"}})}, {}});
}

TEST(FrameDecoder, DecodesNothingOutOfNothing) { expect_decodes("", {}); }

TEST(FrameDecoder, GivesSeveralFramesInOrder) {
  expect_decodes(
      framed(R"({"c":"p","t":"a"}1)") + framed(R"({"c":"p","t":"b"})") + framed(R"({"c":"p","t":"c"}333)"),
      {{message(command::publish, {{field::topic, "a"}}, "1"), message(command::publish, {{field::topic, "b"}}),
        message(command::publish, {{field::topic, "c"}}, "333")},
       {}});
}

TEST(FrameDecoder, SkipsFramesOfLengthZero) {
  const std::string zero(4, '\0');
  expect_decodes(zero + zero + framed(R"({"c":"flush"})") + zero + framed(R"({"c":"flush"}x)") + zero,
                 {{message(command::flush, {}), message(command::flush, {}, "x")}, {}});
  expect_decodes(zero, {});
}

TEST(FrameDecoder, GivesPayloadsAsTheyAre) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (const std::string& body : {all, "\0"s, "}"s, "\"}{\\"s, R"({"c":"p"})"s, "\r\n"s, "    "s}) {
    expect_decodes(framed(R"({"c":"p","t":"a"})" + body),
                   {{message(command::publish, {{field::topic, "a"}}, body)}, {}});
  }
}

TEST(FrameDecoder, FindsTheEndOfTheHeaderBehindBracesAndQuotesInStrings) {
  expect_decodes(framed(R"({"c":"p","t":"}\"}"}})"),
                 {{message(command::publish, {{field::topic, R"(}"})"}}, "}")}, {}});
}

TEST(FrameDecoder, DecodesAFrameAboveOneMebibyte) {
  const std::string body(3'000'000, 'b');
  const std::string octets = framed(R"({"c":"p","t":"a"})" + body) + framed(R"({"c":"flush"})");
  const outcome expected{{message(command::publish, {{field::topic, "a"}}, body), message(command::flush, {})}, {}};
  for (const std::uint64_t whole_up_to : {default_limit, std::uint64_t{65536}}) {
    const decoder_limits l{.whole_up_to = whole_up_to};
    EXPECT_EQ(decode(octets, {}, l), expected);
    EXPECT_EQ(decode(octets, {1, 17, 65536, octets.size() - 1}, l), expected);
  }
}

TEST(FrameDecoder, DecodesALongHeaderInPieces) {
  const std::string topic(20'000, 't');
  expect_decodes(framed(R"({"c":"p","t":")" + topic + R"("})" + std::string(9'000, 'b')),
                 {{message(command::publish, {{field::topic, topic}}, std::string(9'000, 'b'))}, {}});
}

TEST(FrameDecoder, LendsViewsIntoTheChunk) {
  const std::string chunk = framed(R"({"c":"p","t":"orders"}body)");
  frame_decoder decoder;
  decoder.feed(chunk);
  const auto f = decoder.next();
  ASSERT_TRUE(f);
  EXPECT_EQ(f->body.data(), chunk.data() + 26);
  EXPECT_EQ(f->header[field::topic].data(), chunk.data() + 18);
  EXPECT_EQ(f->header.what(), command::publish);
  EXPECT_TRUE(f->whole());
}

TEST(FrameDecoder, GivesALongPayloadInPiecesOfTheChunks) {
  frame_decoder decoder({.whole_up_to = 1000});
  const std::string head = wire::from_hex("000f4250").value() + R"({"c":"p","t":"a"})";  // 17 + 999,999
  decoder.feed(head);
  EXPECT_FALSE(decoder.next());
  std::uint64_t seen = 0;
  bool first_header = false;
  const std::string chunk(65'536, 'x');
  std::uint64_t left = 999'999 + 0;
  while (left > 0) {
    const std::string_view part =
        std::string_view(chunk).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size())));
    left -= part.size();
    decoder.feed(part);
    while (const auto f = decoder.next()) {
      EXPECT_EQ(f->body_size, 999'999u);
      EXPECT_EQ(f->body_at, seen);
      EXPECT_EQ(f->header[field::topic], "a");
      if (first_header) {
        EXPECT_GE(f->body.data(), part.data());
      }  // not copied, but for the first
      first_header = true;
      seen += f->body.size();
    }
    EXPECT_LE(decoder.held(), 5000u);
  }
  EXPECT_EQ(seen, 999'999u);
  EXPECT_EQ(decoder.finish(), std::nullopt);
}

// A header that ends with the octets at which it is looked for: the first piece comes with the payload's first octet.
TEST(FrameDecoder, GivesNoPieceWithoutOctets) {
  const std::string front = R"({"c":"p","t":")", end = R"("})";
  const std::string header = front + std::string(4096 - 4 - front.size() - end.size(), 't') + end;
  const std::string stream = framed(header + std::string(5000, 'b'));
  frame_decoder decoder({.whole_up_to = 1000});
  std::uint64_t seen = 0;
  for (const char octet : stream) {
    decoder.feed({&octet, 1});
    while (const auto f = decoder.next()) {
      EXPECT_EQ(f->body_at, seen);
      EXPECT_EQ(f->body, "b");
      ++seen;
    }
  }
  EXPECT_EQ(seen, 5000u);
  EXPECT_EQ(decoder.finish(), std::nullopt);
}

TEST(FrameDecoder, TellsWhereTheFrameBeganAndWhatIsUnread) {
  const std::string chunk = framed(R"({"c":"flush"})") + framed(R"({"c":"flush"})");
  frame_decoder decoder;
  decoder.feed(chunk);
  ASSERT_TRUE(decoder.next());
  EXPECT_EQ(decoder.frame_offset(), 0u);
  EXPECT_EQ(decoder.unread().size(), 17u);
  ASSERT_TRUE(decoder.next());
  EXPECT_EQ(decoder.frame_offset(), 17u);
}

// --- what is wrong ---------------------------------------------------------------------------------------------------

TEST(FrameDecoder, ReportsAFrameThatIsCutAtItsEnd) {
  const std::string octets = framed(R"({"c":"flush"})") + framed(R"({"c":"p","t":"a"}body)");
  for (std::size_t size = 18; size < octets.size(); ++size) {
    expect_decodes(octets.substr(0, size),
                   {{message(command::flush, {})}, wire::failure{errc::truncated, size, "AMPS-FRAME-011"}});
  }
}

TEST(FrameDecoder, RefusesALengthAboveTheLimitByItsPrefix) {
  const auto refused = [](std::uint64_t at) { return wire::failure{errc::frame_too_large, at, "AMPS-LIMIT-002"}; };
  expect_decodes(wire::from_hex("ffffffff").value(), {{}, refused(0)});
  expect_decodes(wire::from_hex("0c800001").value(), {{}, refused(0)});  // 209,715,201
  expect_decodes(wire::from_hex("80000000").value() + "{", {{}, refused(0)});
  expect_decodes(framed(R"({"c":"flush"})") + wire::from_hex("ffffffff").value(),
                 {{message(command::flush, {})}, refused(17)});
  expect_decodes(wire::from_hex("0c800000").value(), {{}, wire::failure{errc::truncated, 4, "AMPS-FRAME-011"}});
}

TEST(FrameDecoder, KeepsToTheLimitThatItIsGiven) {
  const std::string octets = framed(R"({"c":"p","t":"a"}body)");  // 21
  const outcome accepted{{message(command::publish, {{field::topic, "a"}}, "body")}, {}};
  expect_decodes(octets, accepted, {.max_frame = 21});
  expect_decodes(octets, {{}, wire::failure{errc::frame_too_large, 0, "AMPS-LIMIT-002"}}, {.max_frame = 20});
}

TEST(FrameDecoder, HoldsNoMoreThanHasCome) {
  frame_decoder decoder;
  const std::string prefix = wire::from_hex("0bebc200").value();  // 200,000,000
  decoder.feed(prefix);
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.held(), 4u);
}

TEST(FrameDecoder, RefusesHeadersThatAreNone) {
  const auto refuses = [](const std::string& content, errc code, std::uint64_t at, std::string_view broken) {
    expect_decodes(framed(R"({"c":"flush"})") + framed(content) + framed(R"({"c":"flush"})"),
                   {{message(command::flush, {})}, wire::failure{code, 17 + 4 + at, broken}});
  };
  refuses("x", errc::no_header, 0, "AMPS-FRAME-014");
  refuses("\"c\":\"p\"", errc::no_header, 0, "AMPS-FRAME-014");
  refuses("{}", errc::no_command, 0, "AMPS-HDR-018");
  refuses(R"({"t":"a"}body)", errc::no_command, 0, "AMPS-HDR-018");
  refuses(R"({"c":"","t":"a"})", errc::no_command, 0, "AMPS-HDR-018");
  refuses(R"({"c":null})", errc::no_command, 0, "AMPS-HDR-018");
  refuses(R"({"c":{}})", errc::nested_value, 5, "AMPS-HDR-017");
  refuses(R"({"c":"p)", errc::header_cut, 7, "AMPS-HDR-019");
  refuses(R"({"c":"p")", errc::header_cut, 8, "AMPS-HDR-019");
  refuses("{", errc::header_cut, 1, "AMPS-HDR-019");
}

TEST(FrameDecoder, NeverFinishesAHeaderWithTheNextFrame) {
  // The declared length ends one octet before the `}`.
  expect_decodes(wire::from_hex("0000000c").value() + R"({"c":"flush"})" + framed(R"({"c":"flush"})"),
                 {{}, wire::failure{errc::header_cut, 16, "AMPS-HDR-019"}});
}

TEST(FrameDecoder, StaysFailed) {
  frame_decoder decoder;
  const std::string wrong = framed("x"), right = framed(R"({"c":"flush"})");
  decoder.feed(wrong);
  EXPECT_FALSE(decoder.next());
  const auto error = decoder.error();
  ASSERT_TRUE(error);
  decoder.feed(right);
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.error(), error);
  EXPECT_EQ(decoder.finish(), error);
}

}  // namespace
}  // namespace ampspec::amps
