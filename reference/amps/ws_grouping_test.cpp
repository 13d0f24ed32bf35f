// Tests of WebSocket groups in both directions.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/ws_grouping.hpp"

#include "reference/amps/test_support.hpp"

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

ws_message text(std::string octets) { return {ws_kind::text, std::move(octets)}; }
ws_message binary(std::string octets) { return {ws_kind::binary, std::move(octets)}; }
ws_message count(unsigned n) {
  return binary(
      {static_cast<char>(n), static_cast<char>(n >> 8), static_cast<char>(n >> 16), static_cast<char>(n >> 24)});
}

template <class Reader>
outcome read(Reader& reader, const std::vector<ws_message>& messages) {
  outcome o;
  for (const ws_message& m : messages) {
    const auto own = std::make_unique<std::string>(m.octets);  // gone when the next comes
    if (const auto f = reader.receive(m.kind, *own)) o.frames.push_back({header(f->header), std::string(f->body)});
  }
  o.end = reader.error();
  return o;
}

outcome read_commands(std::vector<ws_message> messages, ws_limits l = {}) {
  messages.insert(messages.begin(), text("text"));  // four octets
  ws_command_reader reader(l);
  return read(reader, messages);
}

outcome read_deliveries(const std::vector<ws_message>& messages, ws_limits l = {}) {
  ws_delivery_reader reader(l);
  return read(reader, messages);
}

frame message(command c, std::initializer_list<std::pair<field, std::string_view>> texts, std::string body = "") {
  frame f{header(c), std::move(body)};
  for (const auto& [id, value] : texts) f.header.set(id, value);
  return f;
}

// --- commands --------------------------------------------------------------------------------------------------------

TEST(WsCommandReader, TakesTheModeFirst) {
  for (const char* word : {"text", "binary"}) {
    ws_command_reader reader;
    EXPECT_EQ(reader.room(), 6u);
    EXPECT_EQ(read(reader, {text(word)}), outcome{});
    EXPECT_EQ(reader.mode(), word == "text"s ? ws_kind::text : ws_kind::binary);
  }
  for (const ws_message& m : {binary("text"), text("Text"), text(""), count(1), text(R"({"c":"logon"})")}) {
    ws_command_reader reader;
    EXPECT_EQ(read(reader, {m}).end, (wire::failure{errc::bad_mode, 0, "AMPS-WS-003"}));
  }
}

TEST(WsCommandReader, ReadsGroupsOfOneTwoAndMoreMessages) {
  EXPECT_EQ(read_commands({count(1), text(R"({"c":"flush"})"), count(2), text(R"({"c":"p","t":"a"})"), text("body"),
                           count(5), text(R"({"c":"p","t":"b"})"), text("\0\0\0\2"s), text("ab"), binary("\0\0\0\1"s),
                           binary("c"), count(2), text(R"({"c":"p","t":"c"})"), text("")}),
            (outcome{{message(command::flush, {}), message(command::publish, {{field::topic, "a"}}, "body"),
                      message(command::publish, {{field::topic, "b"}}, "\0\0\0\2ab\0\0\0\1c"s),
                      message(command::publish, {{field::topic, "c"}})},
                     {}}));
}

TEST(WsCommandReader, AcceptsWhiteSpaceBehindTheHeader) {
  EXPECT_EQ(read_commands({count(1), text("{\"c\":\"flush\"} \r\n\t")}), (outcome{{message(command::flush, {})}, {}}));
}

TEST(WsCommandReader, RefusesWhatIsNoCount) {
  const wire::failure bad{errc::bad_count, 4, "AMPS-WS-019"};
  for (const ws_message& m :
       {text("\1\0\0\0"s), binary("\1\0\0"s), binary("\1\0\0\0\0"s), binary(""), count(0), text(R"({"c":"flush"})")}) {
    EXPECT_EQ(read_commands({m}).end, bad);
  }
  EXPECT_EQ(read_commands({count(65'538)}).end, (wire::failure{errc::group_too_long, 4, "AMPS-LIMIT-012"}));
  EXPECT_EQ(read_commands({count(65'537)}).end, std::nullopt);
  EXPECT_EQ(read_commands({count(0x01000000)}).end, (wire::failure{errc::group_too_long, 4, "AMPS-LIMIT-012"}));
}

TEST(WsCommandReader, RefusesWhatIsNoHeader) {
  const auto refuses = [](const ws_message& m, errc code, std::uint64_t at, std::string_view broken) {
    for (const unsigned n : {1u, 2u}) {
      EXPECT_EQ(read_commands({count(n), m}).end, (wire::failure{code, 8 + at, broken})) << m.octets;
    }
  };
  refuses(binary(R"({"c":"flush"})"), errc::header_not_text, 0, "AMPS-WS-031");
  refuses(text("x"), errc::no_header, 0, "AMPS-FRAME-014");
  refuses(text(""), errc::header_cut, 0, "AMPS-FRAME-024");
  refuses(text("{}"), errc::no_command, 0, "AMPS-HDR-018");
  refuses(text(R"({"c":"flush"}{"id":1})"), errc::octets_behind_header, 13, "AMPS-WS-034");
  refuses(text(R"({"c":"flush"} x)"), errc::octets_behind_header, 14, "AMPS-WS-034");
}

TEST(WsCommandReader, CountsHeaderAndBodiesAgainstTheLimit) {
  const std::vector<ws_message> group{count(3), text(R"({"c":"p","t":"a"})"), text("ab"), text("cd")};  // 17 + 2 + 2
  EXPECT_EQ(read_commands(group, {.max_message = 21}).frames.size(), 1u);
  EXPECT_EQ(read_commands(group, {.max_message = 20}).end,
            (wire::failure{errc::frame_too_large, 27, "AMPS-LIMIT-010"}));
  EXPECT_EQ(read_commands(group, {.max_message = 16}).end, (wire::failure{errc::frame_too_large, 8, "AMPS-LIMIT-010"}));
}

TEST(WsCommandReader, TellsHowLongTheNextMessageMayBe) {
  ws_command_reader reader({.max_message = 100});
  read(reader, {text("binary")});
  EXPECT_EQ(reader.room(), 4u);
  read(reader, {count(2)});
  EXPECT_EQ(reader.room(), 100u);
  EXPECT_TRUE(reader.in_group());
  read(reader, {text(R"({"c":"flush"})")});
  EXPECT_EQ(reader.room(), 87u);
}

TEST(WsCommandReader, TakesMessagesInPieces) {
  const std::vector<ws_message> messages{text("text"),
                                         count(2),
                                         text(R"({"c":"p","t":"a"})"),
                                         text("body"),
                                         count(3),
                                         text(R"({"c":"p","t":"b\"c"})"),
                                         binary("de"),
                                         binary("fgh"),
                                         count(1),
                                         text(R"({"c":"flush"})")};
  ws_command_reader whole;
  const auto expected = read(whole, messages);
  ASSERT_EQ(expected.frames.size(), 3u);
  for (std::size_t size = 1; size < 5; ++size) {
    ws_command_reader reader;
    outcome got;
    for (const auto& m : messages) {
      for (std::size_t at = 0; at < m.octets.size(); at += size) {
        const auto own = std::make_unique<std::string>(m.octets.substr(at, size));
        const bool last = at + size >= m.octets.size();
        if (const auto f = reader.receive(m.kind, *own, last)) {
          const std::string body(f->body);
          got.frames.push_back({header(f->header), body});
          const auto taken = reader.take_body();
          EXPECT_TRUE(taken.empty() || taken.view() == body);
        }
      }
    }
    got.end = reader.error();
    EXPECT_EQ(got, expected) << size;
  }
}

TEST(WsCommandReader, RefusesBeforeAMessageHasEnded) {
  const auto end_of = [](const std::vector<ws_message>& before, ws_kind kind, std::string_view piece) {
    ws_command_reader reader({.max_message = 100});
    read(reader, before);
    EXPECT_FALSE(reader.receive(kind, piece, false));
    return reader.error();
  };
  EXPECT_EQ(end_of({}, ws_kind::text, "nonsense"), (wire::failure{errc::bad_mode, 0, "AMPS-WS-003"}));
  EXPECT_EQ(end_of({text("text")}, ws_kind::binary, "\1\0\0\0\0"s), (wire::failure{errc::bad_count, 4, "AMPS-WS-019"}));
  EXPECT_EQ(end_of({text("text"), count(1)}, ws_kind::binary, "{"),
            (wire::failure{errc::header_not_text, 8, "AMPS-WS-031"}));
  EXPECT_EQ(end_of({text("text"), count(1)}, ws_kind::text, std::string(101, ' ')),
            (wire::failure{errc::frame_too_large, 8, "AMPS-LIMIT-010"}));
}

TEST(WsCommandReader, StaysFailed) {
  ws_command_reader reader;
  const auto end = read(reader, {text("nonsense")}).end;
  ASSERT_TRUE(end);
  EXPECT_EQ(read(reader, {text("text"), count(1), text(R"({"c":"flush"})")}), (outcome{{}, end}));
}

// --- deliveries ------------------------------------------------------------------------------------------------------

TEST(WsDeliveryReader, ReadsWhatFollowsEachHeader) {
  EXPECT_EQ(
      read_deliveries({text(R"({"c":"ack","cid":"1"})"), text(R"({"c":"p","t":"a","l":4})"), text("body"),
                       text(R"({"c":"publish","t":"b","l":0})"), text(R"({"c":"oof","t":"c"})"), binary(""),
                       text(R"({"c":"group_begin"})"), text(R"({"c":"sow","t":"d","bs":2})"),
                       text(R"({"k":"1","l":1})"), text("x"), text(R"({"k":"2","l":0})"), text(""),
                       text(R"({"c":"group_end"})"), text(R"({"c":"heartbeat"})")}),
      (outcome{
          {message(command::ack, {{field::command_id, "1"}}),
           message(command::publish, {{field::topic, "a"}, {field::message_length, "4"}}, "body"),
           message(command::publish, {{field::command, "publish"}, {field::topic, "b"}, {field::message_length, "0"}}),
           message(command::oof, {{field::topic, "c"}}), message(command::group_begin, {}),
           message(command::sow,
                   {{field::topic, "d"}, {field::batch_size, "2"}, {field::sow_key, "1"}, {field::message_length, "1"}},
                   "x"),
           message(
               command::sow,
               {{field::topic, "d"}, {field::batch_size, "2"}, {field::sow_key, "2"}, {field::message_length, "0"}}),
           message(command::group_end, {}), message(command::heartbeat, {})},
          {}}));
}

TEST(WsDeliveryReader, RefusesWhatIsNoHeader) {
  EXPECT_EQ(read_deliveries({binary(R"({"c":"ack"})")}).end, (wire::failure{errc::header_not_text, 0, "AMPS-WS-009"}));
  EXPECT_EQ(read_deliveries({text(R"({"c":"p","l":1}x)")}).end,
            (wire::failure{errc::octets_behind_header, 15, "AMPS-WS-009"}));
  EXPECT_EQ(read_deliveries({text(R"({"c":"ack"})"), text("{}")}).end,
            (wire::failure{errc::no_command, 11, "AMPS-HDR-018"}));
  EXPECT_EQ(read_deliveries({text(R"({"c":"sow","t":"d"})")}).end, (wire::failure{errc::bad_count, 0, "AMPS-WS-012"}));
  EXPECT_EQ(read_deliveries({text(R"({"c":"sow","bs":1})"), binary("{}")}).end,
            (wire::failure{errc::header_not_text, 18, "AMPS-WS-009"}));
}

TEST(WsDeliveryReader, CountsAllOfAGroupAgainstTheLimit) {
  const std::vector<ws_message> group{text(R"({"c":"sow","bs":1})"), text(R"({"l":4})"), text("body"),
                                      text(R"({"c":"ack"})")};
  EXPECT_EQ(read_deliveries(group, {.max_message = 29}).frames.size(), 2u);
  EXPECT_EQ(read_deliveries(group, {.max_message = 28}).end,
            (wire::failure{errc::frame_too_large, 25, "AMPS-LIMIT-010"}));
}

// --- writing ---------------------------------------------------------------------------------------------------------

TEST(WsWriting, WritesTheModeOfTheMessageType) {
  EXPECT_EQ(ws_mode_message("json"), text("text"));
  EXPECT_EQ(ws_mode_message("JSON"), text("binary"));
  EXPECT_EQ(ws_mode_message("binary"), text("binary"));
}

TEST(WsWriting, WritesACommandBehindItsCount) {
  std::vector<ws_message> out;
  ASSERT_EQ(ws_command(header(command::flush), {}, ws_kind::text, out), std::nullopt);
  const std::vector<std::string_view> bodies{"a", "bc"};
  ASSERT_EQ(ws_command(header(command::publish), bodies, ws_kind::binary, out), std::nullopt);
  EXPECT_EQ(out, (std::vector<ws_message>{binary("\1\0\0\0"s), text(R"({"c":"flush"})"), binary("\3\0\0\0"s),
                                          text(R"({"c":"p"})"), binary("a"), binary("bc")}));
}

TEST(WsWriting, RefusesAndWritesNothing) {
  std::vector<ws_message> out;
  const std::vector<std::string_view> bodies{"a", "bc"};
  EXPECT_EQ(ws_command(header(), bodies, ws_kind::text, out), (wire::failure{errc::no_command, 0, "AMPS-HDR-018"}));
  EXPECT_EQ(ws_command(header(command::publish), bodies, ws_kind::text, out, {.max_message = 11}),
            (wire::failure{errc::frame_too_large, 0, "AMPS-LIMIT-006"}));
  EXPECT_EQ(ws_command(header(command::publish), bodies, ws_kind::text, out, {.max_group = 2}),
            (wire::failure{errc::group_too_long, 0, "AMPS-LIMIT-012"}));
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(ws_command(header(command::publish), bodies, ws_kind::text, out, {.max_message = 12, .max_group = 3}),
            std::nullopt);
}

TEST(WsWriting, WritesTheHeadersOfDeliveries) {
  std::string out;
  ASSERT_EQ(ws_delivery_header(header(command::publish).set(field::topic, "a"), 0, out), std::nullopt);
  ASSERT_EQ(ws_delivery_header(header(command::heartbeat), 0, out), std::nullopt);
  EXPECT_EQ(out, R"({"c":"p","t":"a","l":0}{"c":"heartbeat"})");
  EXPECT_TRUE(ws_body_follows(command::oof, 1));
  EXPECT_FALSE(ws_body_follows(command::oof, 0));
  EXPECT_FALSE(ws_body_follows(command::ack, 1));
}

TEST(WsCloseCode, Is1009ForLimitsAnd1002ForTheRest) {
  EXPECT_EQ(ws_close_code(errc::frame_too_large), 1009);
  EXPECT_EQ(ws_close_code(errc::group_too_long), 1009);
  EXPECT_EQ(ws_close_code(errc::bad_count), 1002);
}

}  // namespace
}  // namespace ampspec::amps
