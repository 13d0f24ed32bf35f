// The test service and the asker, spoken to in octets written by hand.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amp_conversation.hpp"

#include "reference/amp/box_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::behaviour {
namespace {

using namespace std::string_view_literals;
using boxes = std::vector<plain_box>;

std::string octets_of(const plain_box& box) {
  std::string out;
  for (const auto& [key, value] : box) {
    out += '\0';
    out += static_cast<char>(key.size());
    out += key;
    out += static_cast<char>(value.size() >> 8);
    out += static_cast<char>(value.size() & 255);
    out += value;
  }
  return out + std::string(2, '\0');
}

/// One connection, whose other end is the test.
struct line {
  explicit line(std::shared_ptr<service_state> state = std::make_shared<service_state>())
      : here(std::make_shared<amp_conversation>(std::move(state))) {}

  /// Hands a box over, and gives the boxes that come for it, keys sorted.
  boxes say(const plain_box& box) {
    here->receive(octets_of(box));
    return heard();
  }
  boxes ask(std::string_view command, plain_box arguments, std::string tag = "1") {
    arguments.insert(arguments.begin(), {{"_ask", std::move(tag)}, {"_command", std::string(command)}});
    return say(arguments);
  }
  boxes heard() {
    amp::box_decoder decoder;
    const std::string out(here->output());
    here->sent(out.size());
    boxes all;
    decoder.feed(out);
    while (const auto box = decoder.next()) {
      plain_box plain;
      for (const auto& [key, value] : *box) plain.emplace_back(key, value);
      std::sort(plain.begin(), plain.end());
      all.push_back(std::move(plain));
    }
    EXPECT_FALSE(decoder.finish());
    return all;
  }
  call_end end() {
    auto first = here->next_end();
    EXPECT_TRUE(first);
    return first.value_or(call_end{});
  }

  std::shared_ptr<amp_conversation> here;
};

boxes answer(plain_box values, const std::string& tag = "1") {
  values.insert(values.begin(), {"_answer", tag});
  return {values};
}

std::string code_of(const boxes& got) {
  if (got.size() != 1) return std::to_string(got.size()) + " boxes";
  std::string code, description = "none", tag;
  for (const auto& [key, value] : got[0]) {
    if (key == "_error") tag = value;
    if (key == "_error_code") code = value;
    if (key == "_error_description") description = value;
  }
  return tag == "1" && description != "none" ? code : "no error box";
}

// --- the service --------------------------------------------------------------------------------------------------

TEST(TestService, AddsDividesAndEchoes) {
  line to;
  EXPECT_EQ(to.ask("Sum", {{"a", "13"}, {"b", "81"}}), answer({{"total", "94"}}));
  EXPECT_EQ(to.ask("Sum", {{"a", "-13"}, {"b", "-81"}}), answer({{"total", "-94"}}));
  EXPECT_EQ(to.ask("Divide", {{"numerator", "12"}, {"denominator", "-4"}}), answer({{"quotient", "-3"}}));
  const std::string octets("\0\xff\0\0 _", 6);
  EXPECT_EQ(to.ask("Echo", {{"data", octets}, {"further", "x"}}), answer({{"data", octets}}));
  EXPECT_FALSE(to.here->wants_close());
}

TEST(TestService, ServesRequestsWithoutAskInSilence) {
  line to;
  EXPECT_EQ(to.say({{"_command", "Note"}, {"text", "one"}}), boxes{});
  EXPECT_EQ(to.say({{"_command", "Note"}, {"text", ""}}), boxes{});
  EXPECT_EQ(to.say({{"_command", "NoSuchThing"}}), boxes{});
  EXPECT_EQ(to.say({{"_command", "Sum"}}), boxes{});
  EXPECT_EQ(to.say({{"_command", "Fail"}, {"text", "x"}}), boxes{});
  EXPECT_EQ(to.ask("Note", {{"text", "two"}}), answer({}));
  EXPECT_EQ(to.ask("Noted", {}), answer({{"notes", "one,,two"}}));
  EXPECT_FALSE(to.here->wants_close());
}

TEST(TestService, NotedFailsWhenTheNotesDoNotFit) {
  line to;
  to.ask("Note", {{"text", std::string(65534, 'n')}});
  EXPECT_EQ(to.ask("Noted", {}).at(0).at(1).second.size(), 65534u);
  to.ask("Note", {{"text", ""}});
  to.ask("Note", {{"text", "n"}});
  EXPECT_EQ(code_of(to.ask("Noted", {})), "UNKNOWN");
}

TEST(TestService, AnswersUnknownCommandsUnhandledAndStays) {
  line to;
  for (const auto name : {"NoSuchThing"sv, ""sv, "\xff\xfe"sv, "S\xc3\xbcm"sv, "sum"sv, "Sum\0x"sv, " Sum"sv}) {
    EXPECT_EQ(code_of(to.ask(name, {})), "UNHANDLED") << name;
  }
  EXPECT_FALSE(to.here->wants_close());
}

TEST(TestService, AnswersMissingAndUndecodableArgumentsUnknown) {
  const std::vector<std::pair<std::string, plain_box>> wrong{
      {"Sum", {}},
      {"Sum", {{"a", "1"}}},
      {"Sum", {{"a", "1"}, {"b", ""}}},
      {"Sum", {{"a", "1"}, {"b", "x"}}},
      {"Sum", {{"a", "9223372036854775808"}, {"b", "0"}}},
      {"Sum", {{"a", "9223372036854775807"}, {"b", "1"}}},
      {"Divide", {{"numerator", "-9223372036854775808"}, {"denominator", "-1"}}},
      {"Echo", {}},
      {"Defer", {}},
      {"Release", {}},
      {"Note", {}},
      {"AskBack", {{"depth", "-1"}}},
      {"Big", {{"size", "-1"}}},
      {"BigError", {{"size", "many"}}},
      {"Wrong", {{"how", "type"}}},
      {"Wrong", {{"how", "missing"}}},
      {"Big", {{"size", "65536"}}},
      {"Big", {{"size", "9223372036854775807"}}},
  };
  for (const auto& [command, arguments] : wrong) {
    line to;
    EXPECT_EQ(code_of(to.ask(command, arguments)), "UNKNOWN") << command;
    EXPECT_TRUE(to.here->wants_close()) << command;
  }
}

TEST(TestService, EchoTypesDecodesAndEncodesWhatIsThere) {
  line l;
  EXPECT_EQ(l.ask("EchoTypes", {}), boxes({{{"_answer", "1"}}}));
  EXPECT_EQ(l.ask("EchoTypes", {{"integer", "007"}, {"a-b", ""}, {"float", "1.50"}, {"unknown", "x"}}),
            boxes({{{"_answer", "1"}, {"a-b", ""}, {"float", "1.5"}, {"integer", "7"}}}));
  const std::string record = octets_of({{"tags", std::string("\0\1t"sv)}, {"x", "1"}});
  const auto records = l.ask("EchoTypes", {{"records", record}, {"datetime", "2012-01-23T12:34:56.054321-00:00"}});
  EXPECT_EQ(records, boxes({{{"_answer", "1"},
                             {"datetime", "2012-01-23T12:34:56.054321+00:00"},
                             {"records", octets_of({{"x", "1"}, {"tags", std::string("\0\1t"sv)}})}}}));
}

TEST(TestService, EchoTypesFailsAtAnUndecodableValue) {
  for (const auto& [name, value] : plain_box{{"integer", ""}, {"boolean", "true"}, {"text", "\xff"}, {"grid", "\1"}}) {
    line l;
    const auto told = l.ask("EchoTypes", {{name, value}});
    ASSERT_EQ(told.size(), 1u) << name;
    EXPECT_EQ(told[0][1].second, "UNKNOWN") << name;
  }
}

TEST(TestService, EchoBigJoinsChunksAndSplitsThemAgain) {
  line to;
  const std::string full(65535, 'x');
  EXPECT_EQ(to.ask("EchoBig", {{"data", full}, {"data.2", "y"}}), answer({{"data", full}, {"data.2", "y"}}));
  EXPECT_EQ(to.ask("EchoBig", {{"data.2", "b"}, {"data", "a"}, {"note", ""}}), answer({{"data", "ab"}, {"note", ""}}));
  EXPECT_EQ(to.ask("EchoBig", {{"data", ""}, {"note", "\xc3"}, {"note.2", "\xa9"}}),
            answer({{"data", ""}, {"note", "\xc3\xa9"}}));
}

TEST(TestService, EchoBigFailsWithoutItsFirstChunkAtAGapAndAtWrongText) {
  for (const plain_box& wrong : std::vector<plain_box>{
           {}, {{"data.2", "b"}}, {{"data", "a"}, {"data.3", "c"}}, {{"data", "a"}, {"note", "\xff"}}}) {
    line to;
    EXPECT_EQ(code_of(to.ask("EchoBig", wrong)), "UNKNOWN");
  }
}

TEST(TestService, DigestBigHashesThePartsAsOneValue) {
  line to;
  // FIPS 180-2, appendix B.1: the hash of "abc".
  const char* of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(to.ask("DigestBig", {{"data.2", "bc"}, {"data", "a"}}), answer({{"sha256", of_abc}, {"size", "3"}}));
  EXPECT_EQ(code_of(to.ask("DigestBig", {{"data.2", "bc"}})), "UNKNOWN");
}

TEST(TestService, FailTellsNothingOfItsTextAndCloses) {
  line to;
  const auto got = to.ask("Fail", {{"text", "secret/path"}});
  EXPECT_EQ(code_of(got), "UNKNOWN");
  for (const auto& [key, value] : got.at(0)) EXPECT_EQ(value.find("secret"), value.npos) << key;
  EXPECT_TRUE(to.here->wants_close());
}

TEST(TestService, DeclaredErrorsKeepTheConnectionAndFatalOnesEndIt) {
  line to;
  EXPECT_EQ(code_of(to.ask("Divide", {{"numerator", "1"}, {"denominator", "0"}})), "ZERO_DIVISION");
  EXPECT_EQ(code_of(to.ask("Release", {{"name", "nobody"}})), "NOT_DEFERRED");
  EXPECT_FALSE(to.here->wants_close());
  EXPECT_EQ(code_of(to.ask("Fatal", {})), "FATAL");
  EXPECT_TRUE(to.here->wants_close());
  EXPECT_EQ(to.ask("Sum", {{"a", "1"}, {"b", "1"}}), boxes{});
}

TEST(TestService, BigAnswersUpToTheLimitAndErrorTextIsCutAtACharacter) {
  line to;
  EXPECT_EQ(to.ask("Big", {{"size", "0"}}), answer({{"data", ""}}));
  EXPECT_EQ(to.ask("Big", {{"size", "65535"}}), answer({{"data", std::string(65535, 'x')}}));
  for (const auto& [size, octets] :
       {std::pair{"0", 0u}, {"2", 4u}, {"32767", 65534u}, {"32768", 65534u}, {"999999999", 65534u}}) {
    const auto got = to.ask("BigError", {{"size", size}});
    ASSERT_EQ(code_of(got), "BIG");
    EXPECT_EQ(got[0].at(2).second.size(), octets);
  }
  EXPECT_FALSE(to.here->wants_close());
}

TEST(TestService, ReleasesTheOldestDeferredCallOfThatName) {
  line to;
  EXPECT_EQ(to.ask("Defer", {{"name", "n"}}, "a"), boxes{});
  EXPECT_EQ(to.ask("Defer", {{"name", "n"}}, "b"), boxes{});
  EXPECT_EQ(to.ask("Defer", {{"name", ""}}, "c"), boxes{});
  EXPECT_EQ(to.ask("Release", {{"name", "n"}}, "r"), (boxes{{{"_answer", "a"}}, {{"_answer", "r"}}}));
  EXPECT_EQ(to.ask("Release", {{"name", ""}}, "r"), (boxes{{{"_answer", "c"}}, {{"_answer", "r"}}}));
  EXPECT_EQ(to.ask("Release", {{"name", "n"}}, "r"), (boxes{{{"_answer", "b"}}, {{"_answer", "r"}}}));
  EXPECT_EQ(code_of(to.ask("Release", {{"name", "n"}})), "NOT_DEFERRED");
}

TEST(TestService, ReleasesCallsOfEndedConnectionsOnceWhateverEndedThem) {
  for (const auto ending : {"lost", "finished", "fatal", "broken"}) {
    const auto state = std::make_shared<service_state>();
    line other(state), gone(state);
    EXPECT_EQ(gone.ask("Defer", {{"name", "n"}}), boxes{});
    EXPECT_EQ(code_of(other.ask("Release", {{"name", "n"}})), "NOT_DEFERRED") << "still connected";
    if (ending == "fatal"sv) gone.ask("Fatal", {});
    if (ending == "broken"sv) gone.here->receive("\1");
    if (ending == "finished"sv) gone.here->peer_finished();
    if (ending == "lost"sv) gone.here->lost();
    EXPECT_EQ(gone.here->wants_close(), ending != "lost"sv) << ending;
    EXPECT_EQ(other.ask("Release", {{"name", "n"}}), answer({})) << ending;
    EXPECT_EQ(code_of(other.ask("Release", {{"name", "n"}})), "NOT_DEFERRED") << ending;
    EXPECT_EQ(gone.heard(), boxes{});
  }
}

TEST(TestService, ReleasesAfterTheConversationIsDestroyed) {
  const auto state = std::make_shared<service_state>();
  line other(state);
  {
    line gone(state);
    gone.ask("Defer", {{"name", "n"}});
    gone.here->lost();
  }
  EXPECT_EQ(other.ask("Release", {{"name", "n"}}), answer({}));
}

TEST(TestService, AsksBackDownToZeroOverTheSameConnection) {
  line one, two;
  one.here->call(7, "AskBack", {{"depth", "5"}}, true);
  for (int turns = 0; turns < 20 && (!one.here->output().empty() || !two.here->output().empty()); ++turns) {
    for (auto [from, to] : {std::pair{&one, &two}, {&two, &one}}) {
      const std::string octets(from->here->output());
      from->here->sent(octets.size());
      to->here->receive(octets);
    }
  }
  const auto end = one.end();
  EXPECT_EQ(end.how, "answer");
  EXPECT_EQ(end.box, (plain_box{{"depth", "5"}}));
}

TEST(TestService, ServesOthersWhileItAsksBack) {
  line to;
  EXPECT_EQ(to.ask("AskBack", {{"depth", "0"}}), answer({{"depth", "0"}}));
  EXPECT_EQ(to.ask("AskBack", {{"depth", "3"}}, "x"),
            (boxes{{{"_ask", "1"}, {"_command", "AskBack"}, {"depth", "2"}}}));
  EXPECT_EQ(to.ask("Sum", {{"a", "1"}, {"b", "2"}}, "1"), answer({{"total", "3"}}));
  EXPECT_EQ(to.say({{"_answer", "1"}, {"depth", "41"}}), answer({{"depth", "42"}}, "x"));
}

TEST(TestService, AskBackFailsWhenItsOwnCallDoes) {
  const std::vector<plain_box> endings{{{"_answer", "1"}},
                                       {{"_answer", "1"}, {"depth", "deep"}},
                                       {{"_answer", "1"}, {"depth", "9223372036854775807"}},
                                       {{"_error", "1"}, {"_error_code", "UNHANDLED"}, {"_error_description", ""}}};
  for (const auto& ending : endings) {
    line to;
    to.ask("AskBack", {{"depth", "3"}});
    EXPECT_EQ(code_of(to.say(ending)), "UNKNOWN");
  }
  line to;
  to.ask("AskBack", {{"depth", "3"}});
  to.here->peer_finished();
  EXPECT_EQ(code_of(to.heard()), "UNKNOWN");
  EXPECT_TRUE(to.here->wants_close());
}

TEST(TestService, AnswersWhatStandsBeforeAFin) {
  line to;
  to.here->receive(octets_of({{"_ask", "1"}, {"_command", "Sum"}, {"a", "1"}, {"b", "2"}}));
  to.here->peer_finished();
  EXPECT_EQ(to.heard(), answer({{"total", "3"}}));
  EXPECT_TRUE(to.here->wants_close());
}

TEST(TestService, WaitsWithRequestsWhoseAnswersNobodyReads) {
  line to;
  std::string requests;
  constexpr std::size_t count = 1000;
  for (std::size_t i = 0; i < count; ++i)
    requests += octets_of({{"_ask", "1"}, {"_command", "Big"}, {"size", "65535"}});
  to.here->receive(requests);
  EXPECT_FALSE(to.here->wants_input());
  std::size_t got = 0, most = 0;
  while (!to.here->output().empty()) {
    most = std::max(most, to.here->output().size());
    const auto part = std::min<std::size_t>(to.here->output().size(), 1u << 20);
    to.here->sent(part);
    got += part;
  }
  EXPECT_EQ(got, count * octets_of(answer({{"data", std::string(65535, 'x')}}).front()).size());
  EXPECT_LT(most, amp_conversation::max_output + 70'000);
  EXPECT_TRUE(to.here->wants_input());
}

// --- the asker ----------------------------------------------------------------------------------------------------

TEST(TestClient, EndsCallsByWhatComesBack) {
  struct row {
    std::string command;
    plain_box arguments, reply;
    std::string how, kind;
  };
  const plain_box sum{{"a", "1"}, {"b", "2"}}, divide{{"numerator", "1"}, {"denominator", "0"}};
  const auto error = [](std::string code) {
    return plain_box{{"_error", "1"}, {"_error_code", std::move(code)}, {"_error_description", "why"}};
  };
  const std::vector<row> rows{
      {"Sum", sum, {{"_answer", "1"}, {"total", "3"}, {"more", "x"}}, "answer", ""},
      {"Sum", sum, {{"_answer", "1"}}, "error", "undecodable"},
      {"Sum", sum, {{"_answer", "1"}, {"total", "three"}}, "error", "undecodable"},
      {"Sum", sum, error("ZERO_DIVISION"), "error", "unknown"},
      {"Sum", sum, error("UNHANDLED"), "error", "unhandled"},
      {"Sum", sum, error("UNKNOWN"), "error", "unknown"},
      {"Sum", sum, error(""), "error", "unknown"},
      {"Sum", sum, {{"_error", "1"}, {"_error_code", "X"}}, "error", "undecodable"},
      {"Sum", sum, {{"_answer", "2"}, {"total", "3"}}, "lost", ""},
      {"Divide", divide, error("ZERO_DIVISION"), "error", "declared"},
      {"Release", {{"name", "n"}}, error("NOT_DEFERRED"), "error", "declared"},
      {"Fatal", {}, error("FATAL"), "error", "declared"},
      {"BigError", {{"size", "1"}}, error("BIG"), "error", "declared"},
      {"Defer", {{"name", "n"}}, {{"_answer", "1"}}, "answer", ""},
      {"Raw", {{"x", "y"}}, {{"_answer", "1"}, {"z", ""}}, "answer", ""},
      {"Raw", {{"x", "y"}}, error("FATAL"), "error", "unknown"},
  };
  for (const auto& row : rows) {
    line to;
    to.here->call(9, row.command, row.arguments, true);
    EXPECT_FALSE(to.here->next_end());
    EXPECT_EQ(to.heard().size(), 1u);
    to.say(row.reply);
    const auto end = to.end();
    EXPECT_EQ(end.number, 9u);
    EXPECT_EQ(end.how + "/" + end.kind, row.how + "/" + row.kind) << row.command << " " << end.text;
    EXPECT_EQ(end.box, row.how == "answer" ? plain_box(row.reply.begin() + 1, row.reply.end()) : plain_box{});
    const bool told = row.how == "error" && row.kind != "undecodable";
    EXPECT_EQ(end.code.value_or("none"), told ? row.reply[1].second : "none");
    EXPECT_EQ(end.description.value_or("none"), told ? "why" : "none");
    EXPECT_FALSE(to.here->next_end());
  }
}

TEST(TestClient, RefusesWrongCallsHereAndStaysUsable) {
  line to;
  to.here->call(1, "Sum", {{"a", "1"}}, true);
  to.here->call(2, "Sum", {{"a", "1"}, {"b", "x"}}, true);
  to.here->call(3, "Sum", {{"a", "1"}, {"b", "2"}, {"c", "3"}}, false);
  to.here->call(4, "Echo", {{"data", std::string(65536, 'x')}}, true);
  to.here->call(5, "Raw", {{std::string(256, 'k'), ""}}, true);
  to.here->call(6, "Raw", {{"", "v"}}, true);
  for (std::uint64_t number = 1; number <= 6; ++number) {
    const auto end = to.end();
    EXPECT_EQ(end.number, number);
    EXPECT_EQ(end.how, "refused");
    EXPECT_FALSE(end.text.empty());
  }
  EXPECT_TRUE(to.here->output().empty());
  to.here->call(7, "Sum", {{"a", "1"}, {"b", "2"}}, true);
  EXPECT_EQ(to.heard().size(), 1u);
}

TEST(TestClient, TypedArgumentsAndAnswersAreHeldAgainstTheirTypes) {
  line l;
  l.here->call(1, "EchoTypes", {{"integer", "x"}}, true);
  EXPECT_EQ(l.end().how, "refused");
  l.here->call(2, "EchoTypes", {{"undeclared", "x"}}, true);
  EXPECT_EQ(l.end().how, "refused");
  EXPECT_TRUE(l.heard().empty());
  l.here->call(3, "EchoTypes", {{"class", "x"}}, true);
  l.here->call(4, "EchoTypes", {{"class", "x"}}, true);
  const auto asked = l.heard();
  ASSERT_EQ(asked.size(), 2u);
  l.say({{"_answer", asked[0][0].second}, {"class", "x"}});
  EXPECT_EQ(l.end().how, "answer");
  l.say({{"_answer", asked[1][0].second}, {"boolean", "yes"}});
  EXPECT_EQ(l.end().kind, "undecodable");
}

TEST(TestClient, BigValuesAreHandedOverAndComeBackWhole) {
  line to;
  const std::string full(65535, 'x');
  to.here->call(1, "EchoBig", {{"data", full + "y"}}, true);
  EXPECT_EQ(to.heard(), (boxes{{{"_ask", "1"}, {"_command", "EchoBig"}, {"data", full}, {"data.2", "y"}}}));
  to.say({{"_answer", "1"}, {"data.2", "b"}, {"data", "a"}});
  EXPECT_EQ(to.end().box, (plain_box{{"data", "ab"}}));
  to.here->call(2, "EchoBig", {{"data", "a"}}, true);
  to.say({{"_answer", "2"}, {"data.2", "b"}});
  EXPECT_EQ(to.end().kind, "undecodable");
  for (const plain_box& wrong :
       std::vector<plain_box>{{}, {{"data", ""}, {"note", "\xff"}}, {{"data", ""}, {"data.2", ""}}}) {
    to.here->call(3, "EchoBig", wrong, true);
    EXPECT_EQ(to.end().how, "refused");
  }
}

TEST(TestClient, CallsWithoutAskEndAsSent) {
  line to;
  to.here->call(1, "Note", {{"text", "x"}}, false);
  EXPECT_EQ(to.end().how, "sent");
  EXPECT_EQ(to.heard(), (boxes{{{"_command", "Note"}, {"text", "x"}}}));
}

TEST(TestClient, LosesPendingCallsOnceAndLaterCallsAtOnce) {
  line to;
  for (std::uint64_t number = 1; number <= 3; ++number) to.here->call(number, "Raw", {}, true);
  to.here->lost();
  for (std::uint64_t number = 1; number <= 3; ++number) EXPECT_EQ(to.end().how, "lost");
  to.here->call(4, "Raw", {}, true);
  EXPECT_EQ(to.end().how, "lost");
  to.here->call(5, "Raw", {}, false);
  EXPECT_EQ(to.end().how, "lost");
  EXPECT_FALSE(to.here->next_end());
}

}  // namespace
}  // namespace ampspec::behaviour
