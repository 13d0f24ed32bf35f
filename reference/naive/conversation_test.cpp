// One side of a connection against the rules of conversations, as a server and as a client.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/conversation.hpp"

#include "reference/naive/testing.hpp"
#include "reference/naive/text.hpp"

#include <gtest/gtest.h>

namespace ampspec::naive {
namespace {

using testing::answer;
using testing::error;
using testing::hex;
using testing::raw;
using testing::request;
using testing::shown;
using testing::without_ask;

const box sum = {{"a", "13"}, {"b", "81"}};

std::string served(const std::string& octets) {
  conversation c;
  c.receive(octets);
  return shown(c);
}

TEST(NaiveServer, AnswersSum) { EXPECT_EQ(served(request("23", "Sum", sum)), "{_answer=23 total=94} open"); }

TEST(NaiveServer, AnswersAtEveryCutTheSame) {
  const std::string two = request("1", "Sum", sum) + request("2", "Echo", {{"data", ""}});
  for (std::size_t at = 0; at <= two.size(); ++at) {
    conversation c;
    c.receive(two.substr(0, at));
    c.receive(two.substr(at));
    EXPECT_EQ(shown(c), "{_answer=1 total=94} {_answer=2 data=} open") << at;
  }
}

TEST(NaiveServer, EchoesAnyTag) {
  for (const std::string& tag : {std::string(), std::string(65535, 't'), hex("ff 00"), std::string("00A")}) {
    EXPECT_EQ(served(request(tag, "Sum", sum)), "{_answer=" + shown(tag) + " total=94} open");
  }
}

TEST(NaiveServer, DividesAndDeclaresDivisionByZero) {
  EXPECT_EQ(served(request("1", "Divide", {{"numerator", "-6"}, {"denominator", "3"}})),
            "{_answer=1 quotient=-2} open");
  EXPECT_EQ(served(request("1", "Divide", {{"numerator", "1"}, {"denominator", "0"}})),
            "{_error=1 _error_code=ZERO_DIVISION _error_description=division by zero} open");
}

TEST(NaiveServer, AnswersWithoutAskNeverAndStaysOpen) {
  EXPECT_EQ(served(without_ask("Sum", sum) + without_ask("Nothing") + without_ask("Fail", {{"text", "x"}}) +
                   without_ask("Sum")),
            "open");
}

TEST(NaiveServer, TellsUnhandledForNamesThatAreNotExactlyACommand) {
  for (const std::string& name :
       {std::string("sum"), std::string(), hex("53 75 6d 00"), std::string("\xff"), std::string("Sum ")}) {
    EXPECT_EQ(served(request("1", name, sum)),
              "{_error=1 _error_code=UNHANDLED _error_description=unknown command} open");
  }
}

TEST(NaiveServer, TellsUnknownForEveryOtherFailureAndCloses) {
  for (const std::string& failing :
       {request("1", "Fail", {{"text", "secret"}}), request("1", "Sum", {{"a", "1"}}),
        request("1", "Sum", {{"a", "1"}, {"b", "x"}}), request("1", "Wrong", {{"how", "type"}}),
        request("1", "Big", {{"size", "65536"}}), request("1", "AskBack", {{"depth", "-1"}}),
        request("1", "Sum", {{"a", "9223372036854775807"}, {"b", "1"}})}) {
    EXPECT_EQ(served(failing), "{_error=1 _error_code=UNKNOWN _error_description=Unknown Error} closing");
  }
}

TEST(NaiveServer, ClosesAfterAFatalErrorAndExecutesNothingBehindIt) {
  EXPECT_EQ(served(request("1", "Fatal") + request("2", "Sum", sum)),
            "{_error=1 _error_code=FATAL _error_description=the end} closing");
}

TEST(NaiveServer, AnswersADeferredCallWhenItIsReleased) {
  EXPECT_EQ(served(request("1", "Defer", {{"name", "n"}}) + request("2", "Sum", sum) +
                   request("3", "Release", {{"name", "n"}})),
            "{_answer=2 total=94} {_answer=1} {_answer=3} open");
  EXPECT_EQ(served(request("1", "Release", {{"name", "n"}})),
            "{_error=1 _error_code=NOT_DEFERRED _error_description=nothing is deferred under that name} open");
}

TEST(NaiveServer, ReleasesACallOfAConnectionThatHasGoneOnce) {
  const auto state = std::make_shared<service_state>();
  conversation first({}, state), second({}, state);
  first.receive(request("1", "Defer", {{"name", "n"}}));
  first.lost();
  second.receive(request("1", "Release", {{"name", "n"}}) + request("2", "Release", {{"name", "n"}}));
  EXPECT_EQ(
      shown(second),
      "{_answer=1} {_error=2 _error_code=NOT_DEFERRED _error_description=nothing is deferred under that name} open");
  EXPECT_EQ(shown(first), "open");
}

TEST(NaiveServer, KeepsTheNotesOfAConnectionInOrder) {
  EXPECT_EQ(
      served(without_ask("Note", {{"text", "a"}}) + request("1", "Note", {{"text", "b"}}) + request("2", "Noted")),
      "{_answer=1} {_answer=2 notes=a,b} open");
}

TEST(NaiveServer, CutsALongErrorTextAtACharacter) {
  conversation c;
  c.receive(request("1", "BigError", {{"size", "40000"}}));
  const decoded d = decode(c.output());
  ASSERT_EQ(d.boxes.size(), 1u);
  const std::string text = find(d.boxes[0], "_error_description").value();
  EXPECT_EQ(text.size(), 65534u);
  EXPECT_TRUE(is_utf8(text));
}

TEST(NaiveServer, RefusesBoxesThatAreNoRequestAndNoAnswer) {
  EXPECT_EQ(served(request("1", "Sum", sum) + raw({}) + request("2", "Sum", sum)), "{_answer=1 total=94} closing");
  EXPECT_EQ(served(raw({{"a", "1"}})), "closing");
  EXPECT_EQ(served(raw({{"_ask", "1"}})), "closing");
  EXPECT_EQ(served(raw({{"_ask", "1"}, {"_command", "Sum"}, {"_answer", "1"}})), "closing");
  EXPECT_EQ(served(answer("1")), "closing");
}

TEST(NaiveServer, ExecutesWhatStandsBeforeAnOverLongKeyAndCloses) {
  EXPECT_EQ(served(request("1", "Sum", sum) + hex("01 00")), "{_answer=1 total=94} closing");
}

TEST(NaiveServer, AnswersWhatStoodBeforeAFinAndCloses) {
  conversation c;
  c.receive(request("1", "Sum", sum) + request("2", "Sum", sum).substr(0, 9));
  c.peer_finished();
  EXPECT_EQ(shown(c), "{_answer=1 total=94} closing");
}

/// Lets two sides talk until nothing moves.
void talk(conversation& a, conversation& b) {
  for (bool moved = true; moved;) {
    const std::string from_a = a.output(), from_b = b.output();
    moved = !from_a.empty() || !from_b.empty();
    b.receive(from_a);
    a.receive(from_b);
  }
}

TEST(NaiveConversation, AsksBackFiveLevelsDeepInBothDirectionsAtOnce) {
  conversation a, b;
  a.call("AskBack", {{"depth", "5"}}, true);
  b.call("AskBack", {{"depth", "4"}}, true);
  talk(a, b);
  EXPECT_EQ(shown(a), "1:answer{depth=5} open");
  EXPECT_EQ(shown(b), "1:answer{depth=4} open");
}

TEST(NaiveConversation, CallsBackFailWhenThePeerFinishes) {
  conversation c;
  c.receive(request("1", "AskBack", {{"depth", "1"}}));
  EXPECT_EQ(shown(c), "{_ask=1 _command=AskBack depth=0} open");
  c.peer_finished();
  EXPECT_EQ(shown(c), "{_error=1 _error_code=UNKNOWN _error_description=Unknown Error} closing");
}

TEST(NaiveClient, CountsTagsInHexadecimalAndMatchesThemExactly) {
  conversation c;
  for (int i = 0; i < 17; ++i) c.call("Sum", sum, true);
  std::string tags;
  for (const box& b : decode(c.output()).boxes) tags += find(b, "_ask").value() + " ";
  EXPECT_EQ(tags, "1 2 3 4 5 6 7 8 9 a b c d e f 10 11 ");
  c.receive(answer("10", {{"total", "16"}}) + answer("2", {{"total", "2"}}));
  EXPECT_EQ(shown(c), "16:answer{total=16} 2:answer{total=2} open");
  c.receive(answer("01", {{"total", "1"}}));
  EXPECT_EQ(shown(c), "closing");
}

TEST(NaiveClient, WritesTheRequestOfTheSpecification) {
  conversation c;
  c.call("Sum", sum, true);
  EXPECT_EQ(c.output(), request("1", "Sum", sum));
  c.call("Note", {{"text", "x"}}, false);
  EXPECT_EQ(shown(c), "{_command=Note text=x} 2:sent open");
}

TEST(NaiveClient, TellsErrorsApart) {
  conversation c;
  for (int i = 0; i < 6; ++i) c.call("Divide", {}, true);
  c.output();
  c.receive(error("1", "ZERO_DIVISION", "d") + error("2", "UNHANDLED", "u") + error("3", "OTHER", "\xff") +
            error("4", "", "") + raw({{"_error", "5"}}) + answer("6", {{"quotient", "1x"}}));
  EXPECT_EQ(shown(c),
            "1:error/declared(ZERO_DIVISION|d) 2:error/unhandled(UNHANDLED|u) 3:error/unknown(OTHER|\\xff) "
            "4:error/unknown(|) "
            "5:error/undecodable 6:error/undecodable open");
}

TEST(NaiveClient, GivesAllValuesOfACommandItDoesNotKnow) {
  conversation c;
  c.call("Strange", {}, true);
  c.call("Sum", sum, true);
  c.output();
  c.receive(answer("1", {{"x", ""}}) + answer("2", {{"extra", "1"}, {"total", "94"}}));
  EXPECT_EQ(shown(c), "1:answer{x=} 2:answer{total=94} open");
}

TEST(NaiveClient, EndsEveryCallOnceWhenTheConnectionEnds) {
  conversation c;
  c.call("Sum", sum, true);
  c.output();
  c.receive(answer("1", {{"total", "94"}}).substr(0, 20));
  c.peer_finished();
  c.lost();
  c.call("Sum", sum, true);
  c.call("Note", {{"text", ""}}, false);
  EXPECT_EQ(shown(c), "1:lost 2:lost 3:lost closing");
}

TEST(NaiveClient, RefusesACallThatCannotBeEncodedAndGoesOn) {
  conversation c;
  c.call("Echo", {{"data", std::string(65536, 'x')}}, true);
  c.call("Echo", {{"_ask", "x"}}, true);
  EXPECT_EQ(shown(c), "1:refused(value-too-long) 2:refused(duplicate-key) open");
  c.call("Noted", {}, true);
  EXPECT_EQ(shown(c), "{_ask=3 _command=Noted} open");
}

}  // namespace
}  // namespace ampspec::naive
