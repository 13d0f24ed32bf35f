// Tests of the conversation: what is sent, what is reported, and how it ends.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/session.hpp"

#include "reference/amp/box_encoder.hpp"
#include "reference/amp/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ampspec::amp {
namespace {

using namespace std::string_literals;
using boxes = std::vector<box>;
using lines = std::vector<std::string>;

std::string encoded(box_view b) {
  std::string out;
  EXPECT_EQ(encode(b, out), std::nullopt);
  return out;
}

std::string encoded(const boxes& all) {
  std::string out;
  for (const box& b : all) out += encoded(b);
  return out;
}

std::string text_of(box_view b) {
  std::string text;
  for (const pair_view& p : b) text.append(" ").append(p.key).append("=").append(p.value);
  return text;
}

std::string text_of(const wire::failure& f) {
  return std::string(class_word(f.code)) + "@" + std::to_string(f.offset) + " " + std::string(f.broken);
}

struct in_words {
  std::string operator()(const request_received& e) const {
    return numbered("request ", e.id) + " " + std::string(e.command) + (e.ask ? " ask=" + std::string(*e.ask) : "") +
           ":" + text_of(e.arguments);
  }
  std::string operator()(const answer_received& e) const {
    return numbered("answer ", e.call) + ":" + text_of(e.values);
  }
  std::string operator()(const error_received& e) const {
    return numbered("error ", e.call) + ": " + std::string(e.code) + "/" + std::string(e.description);
  }
  std::string operator()(const call_failed& e) const { return numbered("failed ", e.call) + ": " + text_of(e.reason); }
  std::string operator()(const closed& e) const { return "closed" + (e.why ? ": " + text_of(*e.why) : ""); }
};

// All events in words. `on_request` serves, while the event's views are good.
lines events(session& s, const std::function<void(const request_received&)>& on_request = {}) {
  lines all;
  while (const auto e = s.next_event()) {
    all.push_back(std::visit(in_words(), *e));
    const auto* request = std::get_if<request_received>(&*e);
    if (request && on_request) on_request(*request);
  }
  return all;
}

// The octets live as long as the session may look at them, and no longer.
lines receive(session& s, const std::string& octets,
              const std::function<void(const request_received&)>& on_request = {}) {
  const auto chunk = std::make_unique<std::string>(octets);
  s.receive(*chunk);
  return events(s, on_request);
}

lines receive(session& s, const boxes& all, const std::function<void(const request_received&)>& on_request = {}) {
  return receive(s, encoded(all), on_request);
}

// Takes all output, which must be whole boxes.
boxes written(session& s) {
  box_decoder decoder;
  const std::string octets(s.output());
  s.sent(octets.size());
  decoder.feed(octets);
  boxes all;
  while (const auto b = decoder.next()) all.emplace_back(*b);
  EXPECT_EQ(decoder.finish(), std::nullopt);
  return all;
}

call_id called(session& s, std::string_view command = "Sum", box_view arguments = {}, bool ask = true) {
  const auto call = s.call(command, arguments, ask);
  EXPECT_TRUE(call.ok());
  return call ? *call : 0;
}

void expect_refused(const wire::result<call_id>& call, errc code, wire::requirement_id broken) {
  ASSERT_FALSE(call.ok());
  EXPECT_EQ(call.error().code, code);
  EXPECT_EQ(call.error().broken, broken);
}

// --- asking ----------------------------------------------------------------------------------------------------------

TEST(Session, SendsNothingBeforeTheFirstCall) {
  session s;
  EXPECT_EQ(s.output(), "");
  EXPECT_EQ(events(s), lines());
  EXPECT_FALSE(s.wants_close());
}

TEST(Session, CallsWithHexadecimalTagsFromOne) {
  session s;
  for (int i = 1; i <= 17; ++i) called(s);
  const boxes all = written(s);
  ASSERT_EQ(all.size(), 17u);
  const lines tags{"1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f", "10", "11"};
  for (std::size_t i = 0; i < tags.size(); ++i) EXPECT_EQ(all[i], (box{{"_ask", tags[i]}, {"_command", "Sum"}}));
}

TEST(Session, CallsWithArguments) {
  session s;
  called(s, "Sum", box{{"a", "13"}, {"b", ""}});
  EXPECT_EQ(written(s), boxes({box{{"_ask", "1"}, {"_command", "Sum"}, {"a", "13"}, {"b", ""}}}));
}

TEST(Session, CallsWithoutAskHaveNoTagAndNoEnd) {
  session s;
  called(s, "Note", box{{"text", "x"}}, false);
  EXPECT_EQ(written(s), boxes({box{{"_command", "Note"}, {"text", "x"}}}));
  EXPECT_EQ(s.pending_calls(), 0u);
  s.lost();
  EXPECT_EQ(events(s), lines({"closed: connection-lost@0 AMP1-CONV-041"}));
}

TEST(Session, MatchesAnswersByTagInAnyOrder) {
  session s;
  for (int i = 0; i < 3; ++i) called(s);
  EXPECT_EQ(receive(s, {box{{"_answer", "2"}, {"x", "two"}}, box{{"y", "three"}, {"_answer", "3"}, {"_z", ""}},
                        box{{"_answer", "1"}}}),
            lines({"answer 2: x=two", "answer 3: y=three _z=", "answer 1:"}));
  EXPECT_EQ(s.pending_calls(), 0u);
}

TEST(Session, ReceivesErrorsWithTheirCodeAndDescription) {
  session s;
  for (int i = 0; i < 3; ++i) called(s);
  EXPECT_EQ(receive(s, {box{{"_error", "1"}, {"_error_code", "ZERO"}, {"_error_description", "by zero"}},
                        box{{"_error_description", ""}, {"_error", "2"}, {"_error_code", ""}},
                        box{{"_error", "3"}, {"_error_code", "X"}, {"_error_description", "a\xff"}}}),
            lines({"error 1: ZERO/by zero", "error 2: /", "error 3: X/a\xef\xbf\xbd"}));
  EXPECT_FALSE(s.wants_close());
}

TEST(Session, RefusesWhatCannotBeSentAndGoesOn) {
  session s;
  expect_refused(s.call("Sum", box{{"a", std::string(65536, 'x')}}), errc::value_too_long, "AMP1-FRAME-007");
  expect_refused(s.call(std::string(65536, 'x'), box()), errc::value_too_long, "AMP1-FRAME-007");
  expect_refused(s.call("Sum", box{{std::string(256, 'k'), ""}}), errc::key_too_long, "AMP1-FRAME-005");
  expect_refused(s.call("Sum", box{{"", "x"}}), errc::empty_key, "AMP1-FRAME-006");
  expect_refused(s.call("Sum", box{{"a", "1"}, {"a", "2"}}), errc::duplicate_key, "AMP1-FRAME-025");
  for (const auto key : {"_ask", "_answer", "_command", "_error", "_error_code", "_error_description"}) {
    expect_refused(s.call("Sum", box{{key, "x"}}), errc::reserved_key, "AMP1-TYPE-057");
  }
  EXPECT_EQ(s.pending_calls(), 0u);
  called(s, "Sum", box{{"_route", std::string(65535, 'x')}});
  EXPECT_EQ(written(s), boxes({box{{"_ask", "1"}, {"_command", "Sum"}, {"_route", std::string(65535, 'x')}}}));
}

TEST(Session, AnAnswerThatIsNotPendingCompletesNothingAndCloses) {
  for (const auto tag : {"01", "0x1", "1 ", "", "2", "A"}) {
    for (const box& b :
         {box{{"_answer", tag}}, box{{"_error", tag}, {"_error_code", "X"}, {"_error_description", ""}}}) {
      session s;
      called(s);
      EXPECT_EQ(receive(s, {b, box{{"_answer", "1"}}}),
                lines({"failed 1: unknown-tag@0 AMP1-CONV-030", "closed: unknown-tag@0 AMP1-CONV-030"}));
      EXPECT_TRUE(s.wants_close());
    }
  }
}

TEST(Session, ASecondAnswerCompletesNothing) {
  session s;
  called(s);
  const box answer{{"_answer", "1"}};
  EXPECT_EQ(receive(s, {answer, answer}), lines({"answer 1:", "closed: unknown-tag@14 AMP1-CONV-030"}));
}

TEST(Session, AnErrorWithoutCodeOrDescriptionFailsItsCallAndLosesTheConnectionForTheOthers) {
  for (const box& b : {box{{"_error", "2"}, {"_error_code", "X"}}, box{{"_error", "2"}, {"_error_description", "x"}},
                       box{{"_error", "2"}}}) {
    session s;
    called(s);
    called(s);
    const std::string why = "missing-error-field@0 AMP1-CONV-037";
    EXPECT_EQ(receive(s, {b}),
              lines({"failed 2: " + why, numbered("failed 1: connection-lost@", encoded(b).size()) + " AMP1-CONV-041",
                     "closed: " + why}));
    EXPECT_TRUE(s.wants_close());
  }
}

// --- serving ---------------------------------------------------------------------------------------------------------

TEST(Session, ReceivesRequestsInWireOrderWhateverTheOrderOfKeys) {
  session s;
  EXPECT_EQ(receive(s, {box{{"a", "13"}, {"_command", "Sum"}, {"b", "81"}, {"_ask", "23"}},
                        box{{"_command", "Note"}, {"_trace", "7"}}, box{{"_command", ""}, {"_ask", ""}}}),
            lines({"request 1 Sum ask=23: a=13 b=81", "request 2 Note: _trace=7", "request 3  ask=:"}));
}

TEST(Session, AnswersWithTheTagAsItCame) {
  for (const std::string& tag : {""s, "1"s, "00F"s, "\xff\0"s, std::string(300, 't'), std::string(65535, 't')}) {
    session s;
    receive(s, {box{{"_ask", tag}, {"_command", "Sum"}}});
    s.answer(1, box{{"total", "94"}});
    EXPECT_EQ(written(s), boxes({box{{"_answer", tag}, {"total", "94"}}}));
  }
}

TEST(Session, AnswersWithTheArgumentsOfTheRequest) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "Echo"}, {"a", "1"}, {"b", "2"}, {"c", "3"}}},
          [&](const request_received& r) { s.answer(r.id, r.arguments); });
  EXPECT_EQ(written(s), boxes({box{{"_answer", "1"}, {"a", "1"}, {"b", "2"}, {"c", "3"}}}));
}

TEST(Session, AnswersInAnyOrderEachRequestOnce) {
  session s;
  receive(s, {box{{"_ask", "a"}, {"_command", "C"}}, box{{"_ask", "b"}, {"_command", "C"}}});
  s.answer(2, box{{"n", "2"}});
  s.answer(2, box{{"n", "2"}});
  s.fail(2, "X", "");
  s.answer(1, box{{"n", "1"}});
  s.answer(99, box());
  EXPECT_EQ(written(s), boxes({box{{"_answer", "b"}, {"n", "2"}}, box{{"_answer", "a"}, {"n", "1"}}}));
}

TEST(Session, ServesEqualTagsSeparately) {
  session s;
  const box request{{"_ask", "7"}, {"_command", "C"}};
  receive(s, {request, request});
  s.answer(2, box{{"n", "2"}});
  s.answer(1, box{{"n", "1"}});
  EXPECT_EQ(written(s), boxes({box{{"_answer", "7"}, {"n", "2"}}, box{{"_answer", "7"}, {"n", "1"}}}));
  receive(s, {request});
  s.answer(3, box{{"n", "3"}});
  EXPECT_EQ(written(s), boxes({box{{"_answer", "7"}, {"n", "3"}}}));
}

TEST(Session, SendsNothingForARequestWithoutAskWhateverHappens) {
  session s;
  const box request{{"_command", "C"}};
  receive(s, {request, request, request, request});
  EXPECT_EQ(s.pending_requests(), 0u);
  s.answer(1, box{{"n", "1"}});
  s.fail(2, "X", "", true);
  s.fail_unhandled(3);
  s.fail_unknown(4);
  EXPECT_EQ(s.output(), "");
  EXPECT_FALSE(s.wants_close());
  EXPECT_EQ(receive(s, {request}), lines({"request 5 C:"}));
}

TEST(Session, AnUnhandledCommandLeavesTheConnectionOpen) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "\xff"}}});
  s.fail_unhandled(1);
  const boxes all = written(s);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].find("_error"), "1");
  EXPECT_EQ(all[0].find("_error_code"), "UNHANDLED");
  EXPECT_TRUE(all[0].find("_error_description"));
  EXPECT_EQ(all[0].size(), 3u);
  EXPECT_FALSE(s.wants_close());
}

TEST(Session, ADeclaredErrorLeavesTheConnectionOpen) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}});
  s.fail(1, "ZERO", "by zero");
  EXPECT_EQ(written(s), boxes({box{{"_error", "1"}, {"_error_code", "ZERO"}, {"_error_description", "by zero"}}}));
  EXPECT_FALSE(s.wants_close());
  EXPECT_EQ(events(s), lines());
}

TEST(Session, AFatalErrorClosesBehindItsBox) {
  session s;
  called(s);
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}, box{{"_ask", "2"}, {"_command", "C"}}});
  written(s);
  s.fail(1, "FATAL", "", true);
  EXPECT_TRUE(s.wants_close());
  s.answer(2, box());
  EXPECT_EQ(written(s), boxes({box{{"_error", "1"}, {"_error_code", "FATAL"}, {"_error_description", ""}}}));
  EXPECT_EQ(receive(s, {box{{"_answer", "1"}}}), lines({"failed 1: connection-lost@48 AMP1-CONV-041", "closed"}));
}

TEST(Session, RequestsBehindAFatalErrorInTheSameReadAreNotServed) {
  session s;
  const box request{{"_ask", "1"}, {"_command", "C"}};
  EXPECT_EQ(receive(s, {request, request}, [&](const request_received& r) { s.fail_unknown(r.id); }),
            lines({"request 1 C ask=1:", "closed"}));
  EXPECT_EQ(written(s),
            boxes({box{{"_error", "1"}, {"_error_code", "UNKNOWN"}, {"_error_description", "Unknown Error"}}}));
}

TEST(Session, AnAnswerThatCannotBeEncodedBecomesUnknown) {
  for (const box& values :
       {box{{"data", std::string(65536, 'x')}}, box{{"", ""}}, box{{"_command", "x"}}, box{{"_answer", "x"}}}) {
    session s;
    receive(s, {box{{"_ask", "1"}, {"_command", "Big"}}});
    s.answer(1, values);
    EXPECT_EQ(written(s),
              boxes({box{{"_error", "1"}, {"_error_code", "UNKNOWN"}, {"_error_description", "Unknown Error"}}}));
    EXPECT_TRUE(s.wants_close());
  }
}

TEST(Session, CutsALongDescriptionAtACharacterBorder) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}});
  std::string text;
  while (text.size() < 65536) text += "\xc3\xa9";
  s.fail(1, "BIG", text);
  EXPECT_EQ(written(s),
            boxes({box{{"_error", "1"}, {"_error_code", "BIG"}, {"_error_description", text.substr(0, 65534)}}}));
  EXPECT_FALSE(s.wants_close());
}

TEST(Session, MakesADescriptionValidUtf8EvenWhereThatMakesItLonger) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}, box{{"_ask", "2"}, {"_command", "C"}}});
  s.fail(1, "X", "a\xff");
  s.fail(2, "X", std::string(60'000, '\xff'));
  const boxes all = written(s);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].find("_error_description"), "a\xef\xbf\xbd");
  EXPECT_EQ(all[1].find("_error_description")->size(), 65535u);
}

TEST(Session, ACodeThatIsTooLongBecomesUnknown) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}});
  s.fail(1, std::string(65536, 'X'), "text");
  EXPECT_EQ(written(s),
            boxes({box{{"_error", "1"}, {"_error_code", "UNKNOWN"}, {"_error_description", "Unknown Error"}}}));
}

// --- boxes that are refused ------------------------------------------------------------------------------------------

void expect_closes_without_box(const std::string& octets, const std::string& why) {
  session s;
  called(s);
  written(s);
  const std::string before = encoded(box{{"_command", "Before"}, {"_ask", "5"}});
  const std::string behind = encoded(box{{"_command", "Behind"}, {"_ask", "6"}});
  EXPECT_EQ(receive(s, before + octets + behind, [&](const request_received& r) { s.answer(r.id, box()); }),
            lines({"request 1 Before ask=5:", "failed 1: " + why, "closed: " + why}));
  EXPECT_EQ(written(s), boxes({box{{"_answer", "5"}}}));
  EXPECT_TRUE(s.wants_close());
  EXPECT_EQ(receive(s, behind), lines());
  EXPECT_EQ(s.output(), "");
}

TEST(Session, RefusesTheEmptyBox) { expect_closes_without_box(encoded(box()), "empty-box@29 AMP1-CONV-034"); }

TEST(Session, RefusesABoxOfNoKind) {
  expect_closes_without_box(encoded(box{{"a", "1"}}), "no-kind@29 AMP1-CONV-033");
  expect_closes_without_box(encoded(box{{"_error_code", "1"}, {"_error_description", "2"}}),
                            "no-kind@29 AMP1-CONV-033");
}

TEST(Session, RefusesAskWithoutCommand) {
  expect_closes_without_box(encoded(box{{"_ask", "1"}}), "no-kind@29 AMP1-CONV-035");
}

TEST(Session, RefusesMixedKinds) {
  const std::string why = "mixed-kind@29 AMP1-CONV-036";
  expect_closes_without_box(encoded(box{{"_command", "C"}, {"_answer", "1"}}), why);
  expect_closes_without_box(encoded(box{{"_error", "1"}, {"_command", "C"}, {"_ask", "1"}}), why);
  expect_closes_without_box(encoded(box{{"_answer", "1"}, {"_error", "1"}}), why);
  expect_closes_without_box(encoded(box{{"_answer", "1"}, {"_error", "1"}, {"_command", "C"}}), why);
}

TEST(Session, RefusesUnsolicitedAnswers) {
  expect_closes_without_box(encoded(box{{"_answer", "9"}}), "unknown-tag@29 AMP1-CONV-030");
}

TEST(Session, RefusesAKeyThatIsTooLong) { expect_closes_without_box("\x01", "key-too-long@29 AMP1-FRAME-013"); }

// --- the end ---------------------------------------------------------------------------------------------------------

TEST(Session, LossFailsEveryPendingCallOnceAndInOrder) {
  session s;
  for (int i = 0; i < 12; ++i) called(s);
  s.lost();
  lines expected;
  for (int i = 1; i <= 12; ++i) expected.push_back(numbered("failed ", i) + ": connection-lost@0 AMP1-CONV-041");
  expected.push_back("closed: connection-lost@0 AMP1-CONV-041");
  EXPECT_EQ(events(s), expected);
  s.lost();
  s.peer_finished();
  EXPECT_EQ(events(s), lines());
  EXPECT_EQ(s.output(), "");
  EXPECT_FALSE(s.wants_close());
}

TEST(Session, LossTellsTheReasonGiven) {
  session s;
  s.lost(make_error_code(std::errc::connection_reset));
  const auto e = s.next_event();
  ASSERT_TRUE(e);
  EXPECT_EQ(std::get<closed>(*e).why->code, std::errc::connection_reset);
}

TEST(Session, CallsAfterLossFailAtOnce) {
  session s;
  s.lost();
  expect_refused(s.call("Sum", box()), errc::not_connected, "AMP1-CONV-042");
  expect_refused(s.call("Note", box(), false), errc::not_connected, "AMP1-CONV-042");
  EXPECT_EQ(s.output(), "");
}

TEST(Session, AnswersAfterLossAreDropped) {
  session s;
  receive(s, {box{{"_ask", "1"}, {"_command", "C"}}, box{{"_ask", "2"}, {"_command", "C"}}});
  s.lost();
  s.answer(1, box{{"n", "1"}});
  s.fail_unknown(2);
  EXPECT_EQ(s.output(), "");
  EXPECT_EQ(events(s), lines({"closed: connection-lost@48 AMP1-CONV-041"}));
}

TEST(Session, LossInTheMiddleOfAnAnswerDoesNotCompleteTheCall) {
  const std::string answer = encoded(box{{"_answer", "1"}, {"total", "94"}});
  for (std::size_t size = 0; size < answer.size(); ++size) {
    session s;
    called(s);
    EXPECT_EQ(receive(s, answer.substr(0, size)), lines());
    s.lost();
    const std::string why = numbered("connection-lost@", size) + " AMP1-CONV-041";
    EXPECT_EQ(events(s), lines({"failed 1: " + why, "closed: " + why}));
  }
}

TEST(Session, AnEndOfStreamClosesAnIdleConnection) {
  session s;
  s.peer_finished();
  EXPECT_EQ(events(s), lines({"closed"}));
  EXPECT_TRUE(s.wants_close());
}

TEST(Session, RequestsBeforeTheEndOfTheStreamAreStillAnswered) {
  session s;
  called(s);
  written(s);
  const std::string octets =
      encoded(box{{"_ask", "1"}, {"_command", "C"}}) + encoded(box{{"_ask", "2"}, {"_command", "C"}});
  s.receive(octets);
  s.peer_finished();
  EXPECT_EQ(events(s),
            lines({"request 1 C ask=1:", "request 2 C ask=2:", "failed 1: connection-lost@48 AMP1-CONV-041"}));
  EXPECT_FALSE(s.wants_close());
  expect_refused(s.call("Sum", box()), errc::not_connected, "AMP1-CONV-042");
  s.answer(2, box());
  EXPECT_FALSE(s.wants_close());
  s.fail(1, "X", "");
  EXPECT_TRUE(s.wants_close());
  EXPECT_EQ(events(s), lines({"closed"}));
  EXPECT_EQ(written(s).size(), 2u);
}

TEST(Session, ACutBoxAtTheEndOfTheStreamHasNoEffectButIsReported) {
  session s;
  const std::string request = encoded(box{{"_ask", "1"}, {"_command", "C"}});
  s.receive(std::string_view(request).substr(0, request.size() - 1));
  s.peer_finished();
  EXPECT_EQ(events(s), lines({"closed: truncated@23 AMP1-FRAME-029"}));
  EXPECT_EQ(s.output(), "");
  EXPECT_TRUE(s.wants_close());
}

TEST(Session, ClosingFromOurSideSendsWhatIsWritten) {
  session s;
  called(s);
  s.close();
  EXPECT_TRUE(s.wants_close());
  EXPECT_EQ(written(s).size(), 1u);
  EXPECT_EQ(events(s), lines({"failed 1: connection-lost@0 AMP1-CONV-041", "closed"}));
  s.lost();
  EXPECT_EQ(events(s), lines());
}

// --- two sessions ----------------------------------------------------------------------------------------------------

// Carries octets between two sessions until neither has any, `step` octets at a time (0: all).
void run(session& a, session& b, std::size_t step, const std::function<void(session&, const event&)>& on_event) {
  const auto carry = [&](session& from, session& to) {
    if (from.output().empty()) return false;
    const auto chunk = std::make_unique<std::string>(from.output().substr(0, step == 0 ? std::string::npos : step));
    from.sent(chunk->size());
    to.receive(*chunk);
    while (const auto e = to.next_event()) on_event(to, *e);
    return true;
  };
  for (bool moved = true; moved;) {
    const bool there = carry(a, b), back = carry(b, a);
    moved = there || back;
  }
}

TEST(Session, BothSidesAskWithEqualTagsAtOnce) {
  for (const std::size_t step : {0u, 1u, 7u}) {
    session a, b;
    for (int i = 0; i < 100; ++i) {
      called(a, "Echo", box{{"side", "a"}, {"n", std::to_string(i)}});
      called(b, "Echo", box{{"side", "b"}, {"n", std::to_string(i)}});
    }
    int answers = 0;
    run(a, b, step, [&](session& s, const event& e) {
      if (const auto* request = std::get_if<request_received>(&e)) s.answer(request->id, request->arguments);
      if (const auto* answer = std::get_if<answer_received>(&e)) {
        ++answers;
        EXPECT_EQ(answer->values.find("side"), &s == &a ? "a" : "b");
        EXPECT_EQ(answer->values.find("n"), std::to_string(answer->call - 1));
      }
    });
    EXPECT_EQ(answers, 200);
  }
}

TEST(Session, AsksBackWhileItIsAsked) {
  session a, b;
  called(a, "Down", box{{"depth", "50"}});
  std::vector<request_id> waiting[2];
  std::string result;
  run(a, b, 1, [&](session& s, const event& e) {
    auto& stack = waiting[&s == &a];
    if (const auto* request = std::get_if<request_received>(&e)) {
      const int depth = std::stoi(std::string(*request->arguments.find("depth")));
      if (depth == 0) return s.answer(request->id, box{{"sum", "0"}});
      stack.push_back(request->id);
      called(s, "Down", box{{"depth", std::to_string(depth - 1)}});
    } else if (const auto* answer = std::get_if<answer_received>(&e)) {
      const int sum = std::stoi(std::string(*answer->values.find("sum")));
      if (stack.empty()) {
        result = std::to_string(sum);
      } else {
        s.answer(stack.back(), box{{"sum", std::to_string(sum + 1)}});
        stack.pop_back();
      }
    }
  });
  EXPECT_EQ(result, "50");
}

TEST(Session, EveryCutOfAnExchangeGivesTheSameEventsAndOutput) {
  const std::string octets =
      encoded({box{{"_ask", "1"}, {"_command", "C"}, {"a", ""}}, box{{"_answer", "1"}, {"b", "2"}},
               box{{"_error", "2"}, {"_error_code", "X"}, {"_error_description", "d"}}, box{{"_command", "N"}}}) +
      "\x01";
  const auto play = [&](const std::vector<std::size_t>& cuts) {
    session s;
    called(s);
    called(s);
    lines all;
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
      const lines more =
          receive(s, octets.substr(from, to - from), [&](const request_received& r) { s.answer(r.id, r.arguments); });
      all.insert(all.end(), more.begin(), more.end());
      from = to;
    }
    all.emplace_back(s.output());
    return all;
  };
  const lines whole = play({octets.size()});
  ASSERT_EQ(whole.size(), 6u);
  std::vector<std::size_t> every;
  for (std::size_t cut = 1; cut <= octets.size(); ++cut) {
    EXPECT_EQ(play({cut, octets.size()}), whole) << cut;
    every.push_back(cut);
  }
  EXPECT_EQ(play(every), whole);
}

TEST(Session, KeepsOutputWholeThroughShortWrites) {
  session s;
  std::string expected, got;
  for (int i = 0; i < 200; ++i) {
    called(s, "Echo", box{{"data", std::string(static_cast<std::size_t>(i), 'x')}}, false);
    expected += encoded(box{{"_command", "Echo"}, {"data", std::string(static_cast<std::size_t>(i), 'x')}});
    const std::size_t count = std::min<std::size_t>(60, s.output().size());
    got += s.output().substr(0, count);
    s.sent(count);
  }
  got += s.output();
  EXPECT_EQ(got, expected);
}

// --- version 2 -------------------------------------------------------------------------------------------------------

constexpr limits in_chunks{.version = version::v2};

std::string drained(session& s) {
  std::string all;
  while (!s.output().empty()) {
    const auto some = s.output().substr(0, 40'000);
    all += some;
    s.sent(some.size());
  }
  return all;
}

TEST(SessionOfVersion2, CarriesLargeValuesBothWays) {
  session asker(in_chunks), server(in_chunks);
  const std::string large(131070, 'v');
  ASSERT_TRUE(asker.call("Echo", box{{"data", large}}));
  const auto request = drained(asker);
  server.receive(request);
  const auto asked = server.next_event();
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<request_received>(*asked).arguments.find("data"), large);
  server.answer(std::get<request_received>(*asked).id, box{{"data", large}});
  const auto answer = drained(server);
  asker.receive(answer);
  const auto answered = asker.next_event();
  ASSERT_TRUE(answered);
  EXPECT_EQ(std::get<answer_received>(*answered).values.find("data"), large);
}

TEST(SessionOfVersion2, MakesAValueWhileItIsWrittenAndOtherBoxesBehindIt) {
  for (const std::uint64_t size : {0u, 1u, 65534u, 65535u, 65536u, 131070u, 1'000'000u}) {
    session server(in_chunks);
    std::string requests;
    for (const char* tag : {"1", "2"}) {
      ASSERT_FALSE(encode(box{{"_ask", tag}, {"_command", "Big"}}, requests));
    }
    server.receive(requests);
    std::size_t most_waiting = 0;
    std::vector<request_id> ids;
    while (const auto e = server.next_event()) ids.push_back(std::get<request_received>(*e).id);
    ASSERT_EQ(ids.size(), 2u);
    server.answer(ids[0], box{{"a", "b"}}, {"data", size, [](std::uint64_t at, std::span<char> out) {
                                              for (auto& c : out) c = static_cast<char>('a' + at++ % 26);
                                            }});
    server.answer(ids[1], box{{"c", "d"}});
    std::string all;
    while (!server.output().empty()) {
      most_waiting = std::max(most_waiting, server.waiting());
      all += server.output();
      server.sent(server.output().size());
    }
    EXPECT_LT(most_waiting, 66'000u) << size;
    std::string value(size, ' ');
    for (std::uint64_t i = 0; i < size; ++i) value[i] = static_cast<char>('a' + i % 26);
    std::string expected;
    ASSERT_FALSE(encode(box{{"_answer", "1"}, {"a", "b"}, {"data", value}}, expected, version::v2));
    ASSERT_FALSE(encode(box{{"_answer", "2"}, {"c", "d"}}, expected, version::v2));
    EXPECT_EQ(all, expected) << size;
  }
}

TEST(SessionOfVersion2, ForgetsAValueInTheMakingWhenTheConnectionIsLost) {
  session server(in_chunks);
  std::string request;
  ASSERT_FALSE(encode(box{{"_ask", "1"}, {"_command", "Big"}}, request));
  server.receive(request);
  const auto asked = server.next_event();
  server.answer(std::get<request_received>(*asked).id, {}, {"data", 1'000'000, [](std::uint64_t, std::span<char> out) {
                                                              std::fill(out.begin(), out.end(), 'x');
                                                            }});
  EXPECT_FALSE(server.output().empty());
  server.lost();
  EXPECT_TRUE(server.output().empty());
  EXPECT_EQ(server.waiting(), 0u);
}

}  // namespace
}  // namespace ampspec::amp
