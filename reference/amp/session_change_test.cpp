// Changes of the transport: where the boundary lies, what is held until the reply, and what a refusal brings back.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ampspec::amp {
namespace {

std::string octets_of(const box& b) {
  std::string out;
  EXPECT_EQ(encode(b, out), std::nullopt);
  return out;
}

const std::string start_tls = octets_of({{"_ask", "t"}, {"_command", "StartTLS"}});
const std::string echo = octets_of({{"_ask", "e"}, {"_command", "Echo"}});

/// A session whose owner reads everything that there is, and serves StartTLS, Switch and Echo.
struct side {
  session s;
  std::vector<std::string> seen;
  std::string lent;

  void read(std::string octets) {
    lent = std::move(octets);
    s.receive(lent);
    look();
  }
  void look() {
    while (const auto e = s.next_event()) {
      if (const auto* asked = std::get_if<request_received>(&*e)) {
        seen.push_back("asked " + std::string(asked->command));
        if (asked->command == command_start_tls) {
          s.accept(asked->id, transport_change::tls);
        } else if (asked->command == "Switch") {
          s.accept(asked->id, transport_change::other);
        } else if (asked->command == "Echo") {
          s.answer(asked->id, {});
        }
      } else if (const auto* answered = std::get_if<answer_received>(&*e)) {
        seen.push_back("answered " + std::to_string(answered->call));
      } else if (const auto* refused = std::get_if<error_received>(&*e)) {
        seen.push_back("refused " + std::to_string(refused->call));
      } else if (const auto* failed = std::get_if<call_failed>(&*e)) {
        seen.push_back("failed " + std::to_string(failed->call));
      } else {
        seen.push_back("closed");
      }
    }
  }
  std::string written() {
    std::string out(s.output());
    s.sent(out.size());
    return out;
  }
};

using lines = std::vector<std::string>;

TEST(SessionChange, AnswersStartTlsInClearAndGoesOnInside) {
  side a;
  a.read(start_tls);
  EXPECT_EQ(a.written(), octets_of({{"_answer", "t"}}));
  ASSERT_EQ(a.s.wants_change(), transport_change::tls);
  EXPECT_EQ(a.s.unread(), "");
  a.s.secured();
  EXPECT_TRUE(a.s.is_secure());
  a.read(echo);
  EXPECT_EQ(a.written(), octets_of({{"_answer", "e"}}));
}

TEST(SessionChange, OctetsBehindStartTlsAreNeverParsed) {  // AMP1-CONV-066
  for (const std::string& behind : {echo, std::string("\x00\x04_a", 4), std::string("\x16\x03\x01", 3)}) {
    side a;
    a.read(start_tls + behind);
    EXPECT_EQ(a.written(), octets_of({{"_answer", "t"}}));
    EXPECT_EQ(a.s.unread(), behind);
    a.s.secured();
    a.look();
    EXPECT_EQ(a.seen, lines{"asked StartTLS"});
    EXPECT_EQ(a.written(), "");
  }
}

TEST(SessionChange, TheBoundaryLiesWhereTheBoxEndsHoweverItIsCut) {
  const std::string all = start_tls + "\x16\x03 hello";
  for (std::size_t cut = 0; cut <= start_tls.size(); ++cut) {
    side a;
    a.read(all.substr(0, cut));
    a.read(all.substr(cut));
    ASSERT_EQ(a.s.wants_change(), transport_change::tls) << cut;
    // What is read only when the change is agreed on is its owner's business.
    EXPECT_EQ(a.s.unread(), cut < start_tls.size() ? all.substr(start_tls.size()) : "") << cut;
    a.written();
    a.s.secured();
    a.read(echo);
    EXPECT_EQ(a.written(), octets_of({{"_answer", "e"}})) << cut;
  }
}

TEST(SessionChange, StartTlsWithoutAskIsNotPerformed) {  // AMP1-CONV-070
  side a;
  a.read(octets_of({{"_command", "StartTLS"}}) + echo);
  EXPECT_EQ(a.s.wants_change(), std::nullopt);
  EXPECT_EQ(a.written(), octets_of({{"_answer", "e"}}));
}

TEST(SessionChange, ASecondStartTlsOnTheWireIsRefusedInside) {
  side a;
  a.read(start_tls);
  a.written();
  a.s.secured();
  a.read(start_tls);
  EXPECT_EQ(a.s.wants_change(), std::nullopt);
  EXPECT_NE(a.written().find("TLS_ERROR"), std::string::npos);
}

TEST(SessionChange, AskingHoldsWhatComesAfterUntilInside) {  // AMP1-CONV-060
  side a;
  ASSERT_TRUE(a.s.start_tls());
  EXPECT_EQ(a.written(), octets_of({{"_ask", "1"}, {"_command", "StartTLS"}}));
  ASSERT_TRUE(a.s.call("Sum", {}));
  a.read(echo);
  EXPECT_EQ(a.s.send(box{{"x", "y"}}), std::nullopt);
  EXPECT_EQ(a.written(), "");
  EXPECT_GT(a.s.held(), 0u);
  a.read(octets_of({{"_answer", "1"}}) + "\x16\x03");
  EXPECT_EQ(a.written(), "");
  EXPECT_EQ(a.s.unread(), "\x16\x03");
  a.s.secured();
  EXPECT_EQ(a.written(),
            octets_of({{"_ask", "2"}, {"_command", "Sum"}}) + octets_of({{"_answer", "e"}}) + octets_of({{"x", "y"}}));
  EXPECT_EQ(a.seen, (lines{"asked Echo", "answered 1"}));
}

TEST(SessionChange, AClearAnswerBehindTheBoundaryCompletesNothing) {  // AMP1-CONV-067
  side a;
  ASSERT_TRUE(a.s.call("Sum", {}));
  ASSERT_TRUE(a.s.start_tls());
  a.written();
  a.read(octets_of({{"_answer", "2"}}) + octets_of({{"_answer", "1"}}));
  a.s.secured();
  a.look();
  EXPECT_EQ(a.seen, lines{"answered 2"});
  a.s.lost();
  a.look();
  EXPECT_EQ(a.seen, (lines{"answered 2", "failed 1", "closed"}));
}

TEST(SessionChange, ARefusalSendsWhatWasHeld) {  // AMP1-CONV-052, -061, -073
  for (const bool tls : {true, false}) {
    side a;
    if (tls) {
      ASSERT_TRUE(a.s.start_tls());
    } else {
      ASSERT_TRUE(a.s.call_switch("Switch", {}));
    }
    a.written();
    a.read(echo);
    EXPECT_EQ(a.written(), "");
    a.read(octets_of({{"_error", "1"}, {"_error_code", "NO"}, {"_error_description", ""}}) + echo);
    EXPECT_EQ(a.written(), octets_of({{"_answer", "e"}}) + octets_of({{"_answer", "e"}}));
    EXPECT_EQ(a.s.wants_change(), std::nullopt);
    EXPECT_TRUE(a.s.start_tls());  // it may be tried again
  }
}

TEST(SessionChange, ASecondChangeIsRefusedAndWritesNothing) {  // AMP1-CONV-062, -071
  side a;
  ASSERT_TRUE(a.s.start_tls());
  a.written();
  EXPECT_EQ(a.s.start_tls().error().code, errc::change_pending);
  EXPECT_EQ(a.s.call_switch("Switch", {}).error().code, errc::change_pending);
  a.read(octets_of({{"_answer", "1"}}));
  a.s.secured();
  EXPECT_EQ(a.s.start_tls().error().code, errc::already_secured);
  EXPECT_EQ(a.written(), "");
  ASSERT_TRUE(a.s.call("Sum", {}));
  EXPECT_EQ(a.written(), octets_of({{"_ask", "2"}, {"_command", "Sum"}}));
}

TEST(SessionChange, ASwitchEndsAmpOnEitherSide) {  // AMP1-CONV-053, -054, -055, -081
  side asker, responder;
  ASSERT_TRUE(asker.s.call("Sum", {}));
  ASSERT_TRUE(asker.s.call_switch("Switch", {}));
  ASSERT_TRUE(asker.s.call("Held", {}));
  responder.read(octets_of({{"_ask", "2"}, {"_command", "Switch"}}) + echo);
  EXPECT_TRUE(responder.s.is_switched());
  EXPECT_EQ(responder.s.unread(), echo);
  EXPECT_EQ(responder.written(), octets_of({{"_answer", "2"}}));

  asker.written();
  asker.read(octets_of({{"_answer", "2"}}) + "greeting");
  EXPECT_TRUE(asker.s.is_switched());
  EXPECT_EQ(asker.s.unread(), "greeting");
  EXPECT_EQ(asker.seen, (lines{"answered 2", "failed 1", "failed 3"}));
  EXPECT_EQ(asker.written(), "");
  EXPECT_EQ(asker.s.call("Late", {}).error().code, errc::not_connected);
}

TEST(SessionChange, AnswersThatComeBehindASwitchAreDropped) {  // AMP1-CONV-055
  session s;
  const std::string asks =
      octets_of({{"_ask", "d"}, {"_command", "Defer"}}) + octets_of({{"_ask", "s"}, {"_command", "Switch"}});
  s.receive(asks);
  const auto deferred = std::get<request_received>(*s.next_event()).id;
  s.accept(std::get<request_received>(*s.next_event()).id, transport_change::other);
  const auto size = s.output().size();
  s.answer(deferred, {});
  s.fail_unknown(deferred);
  EXPECT_EQ(s.output().size(), size);
}

TEST(SessionChange, RequestsThatCrossEndTheConnection) {
  side a;
  ASSERT_TRUE(a.s.start_tls());
  a.written();
  a.read(start_tls);
  EXPECT_TRUE(a.s.wants_close());
  EXPECT_EQ(a.written(), "");
  EXPECT_EQ(a.seen, (lines{"asked StartTLS", "failed 1", "closed"}));
}

TEST(SessionChange, TheEndOfTheStreamBeforeTheReplyFailsWhatIsHeld) {
  side a;
  ASSERT_TRUE(a.s.start_tls());
  ASSERT_TRUE(a.s.call("Sum", {}));
  a.written();
  a.s.peer_finished();
  a.look();
  EXPECT_EQ(a.seen, (lines{"failed 1", "failed 2", "closed"}));
  EXPECT_EQ(a.written(), "");
}

TEST(SessionChange, AFailedHandshakeFailsPendingAndHeldCalls) {  // AMP1-CONV-064
  side a;
  ASSERT_TRUE(a.s.call("Sum", {}));
  ASSERT_TRUE(a.s.start_tls());
  ASSERT_TRUE(a.s.call("Held", {}));
  a.written();
  a.read(octets_of({{"_answer", "2"}}));
  a.s.secured();
  a.s.lost();
  a.look();
  EXPECT_EQ(a.seen, (lines{"answered 2", "failed 1", "failed 3", "closed"}));
}

}  // namespace
}  // namespace ampspec::amp
