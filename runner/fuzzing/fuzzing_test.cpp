// Cases by number, plans and what is held against them, and what a hunt makes of a finding.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/amp_plan.hpp"
#include "runner/fuzzing/amp_server.hpp"
#include "runner/fuzzing/amps_server.hpp"
#include "runner/fuzzing/cases.hpp"
#include "runner/fuzzing/growth.hpp"
#include "runner/fuzzing/hunt.hpp"
#include "runner/subjects/tcp.hpp"
#include "runner/subjects/tls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace ampspec::runner::fuzzing {
namespace {

using naive::box;

std::string octets(const box& b) { return naive::encode(b).bytes; }
box request(const std::string& ask, const std::string& command, const box& arguments = {}) {
  box b{{"_ask", ask}, {"_command", command}};
  b.insert(b.end(), arguments.begin(), arguments.end());
  return b;
}
box error(const std::string& ask, const std::string& code) {
  return {{"_error", ask}, {"_error_code", code}, {"_error_description", "as it likes"}};
}

amp_rules with_service() {
  amp_rules rules;
  rules.refuses_repeated_keys = true;
  rules.offers = [](std::string_view) { return true; };
  return rules;
}
amp_plan plan(const std::vector<std::string>& cases) { return plan_of(cases, with_service()); }

// What is wrong if that comes, and then the end; the answer to the fence is added.
std::string judged(const amp_plan& p, const std::vector<box>& came, bool in_time = true) {
  amp_judge judge(p);
  for (const box& b : came) judge.take(octets(b));
  if (p.fenced) judge.take(octets(error("fence", "UNHANDLED")));
  const auto wrong = judge.end(in_time, false);
  return wrong ? wrong->signature : "";
}

TEST(Cases, AreAFunctionOfSeedAndNumber) {
  const std::vector<std::string> seeds{octets(request("1", "Sum", {{"a", "1"}, {"b", "2"}})),
                                       octets(request("2", "Echo", {{"data", "x"}}))};
  const case_source one(dialect::amp1, seeds, 7), same(dialect::amp1, seeds, 7), other(dialect::amp1, seeds, 8);
  std::size_t alike = 0;
  for (std::uint64_t i = 300; i-- > 0;) {
    EXPECT_EQ(one.at(i), same.at(i));
    EXPECT_LE(one.at(i).size(), 70'000u);
    if (one.at(i) == other.at(i)) ++alike;
  }
  EXPECT_LT(alike, 100u);
}

TEST(Cases, GiveRequestsTagsOfTheirOwn) {
  const std::string two = octets(request("1", "Echo", {{"data", "x"}})) + octets(request("1", "Noted"));
  const auto made = naive::decode(with_own_tags(two + std::string(1, '\0'), false, "ab"));
  ASSERT_EQ(made.boxes.size(), 2u);
  EXPECT_EQ(naive::find(made.boxes[0], "_ask"), "ab");
  EXPECT_EQ(naive::find(made.boxes[1], "_ask"), "ab.1");
  EXPECT_EQ(made.end, naive::ending::incomplete);
}

TEST(AmpPlan, TakesCasesUpToTheOneThatEndsTheConnection) {
  const std::string good = octets(request("a", "Sum", {{"a", "13"}, {"b", "81"}})), empty(2, '\0');
  const auto p = plan({good, octets(request("b", "nobody")), empty, octets(request("c", "Sum"))});
  EXPECT_EQ(p.cases, 3u);
  EXPECT_EQ(p.closes_for, "empty-box");
  EXPECT_FALSE(p.fenced);
  ASSERT_EQ(p.awaited.size(), 2u);
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"total", "94"}, {"_answer", "a"}}}), "");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED")}), "answer(Sum)/close");
  EXPECT_EQ(judged(p, {error("b", "UNKNOWN"), {{"_answer", "a"}, {"total", "94"}}}),
            "error UNHANDLED(unknown)/error UNKNOWN");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "95"}}}), "answer(Sum)/other answer");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "94"}}, error("z", "UNKNOWN")}),
            "close(empty-box)/error UNKNOWN");
  EXPECT_EQ(judged(p, {error("b", "UNHANDLED"), {{"_answer", "a"}, {"total", "94"}}}, false), "close(empty-box)/open");
}

TEST(AmpPlan, EndsWithACallThatMustBeAnswered) {
  const auto p = plan({octets(request("a", "Defer", {{"name", "n"}}))});
  EXPECT_TRUE(p.fenced);
  EXPECT_EQ(judged(p, {}), "");
  EXPECT_EQ(judged(p, {error("a", "UNKNOWN")}), "") << "a pending call may be failed when the connection ends";
  EXPECT_EQ(judged(p, {{{"_answer", "a"}}}), "silence/answer");
  amp_judge judge(p);
  EXPECT_FALSE(judge.satisfied());
  EXPECT_EQ(judge.end(false, false)->signature, "error UNHANDLED(fence)/nothing");
}

TEST(AmpPlan, JudgesNothingWhereTheProtocolAllowsSeveralBehaviours) {
  const std::vector<box> open_ended{{{"_answer", "1"}},
                                    {{"_command", "nobody"}},
                                    request("a", "Sum", {{"a", "+1"}, {"b", "2"}}),
                                    request("a", "Divide", {{"numerator", "1"}, {"denominator", "2"}}),
                                    request("a", "StartTLS"),
                                    {{"_ask", "a"}, {"_command", "Echo"}, {"_answer", "1"}}};
  for (const box& b : open_ended) {
    const auto p = plan({octets(b), octets(request("z", "nobody"))});
    EXPECT_EQ(p.cases, 1u);
    EXPECT_EQ(p.closes_for, "");
    EXPECT_EQ(judged(p, {}), "");
  }
  const auto bad = plan({octets(request("a", "Sum", {{"a", "x"}, {"b", "2"}}))});
  EXPECT_EQ(judged(bad, {error("a", "UNKNOWN")}), "");
  EXPECT_EQ(judged(bad, {{{"_answer", "a"}, {"total", "2"}}}), "error UNKNOWN(Sum)/answer");
}

TEST(AmpPlan, SendsAWrongLengthAndNoMoreThanRefusesIt) {
  const std::string good = octets(request("a", "nobody"));
  const auto p = plan({good + std::string("\1\1", 2) + std::string(257, 'k')});
  EXPECT_EQ(p.closes_for, "key-too-long");
  EXPECT_EQ(p.sent.substr(0, good.size() + 2), good + std::string("\1\1", 2));
  const auto half = plan({std::string("\1", 1)});
  EXPECT_EQ(half.closes_for, "") << "the second octet of the length may be awaited";
}

// A server that is up, has one connection, and does with it what a test wants.
class scripted {
 public:
  explicit scripted(std::function<void(scripted&)> serve)
      : thread_([this, serve = std::move(serve)] {
          port_.accept(soon);  // somebody asks whether it is up
          auto socket = port_.accept(soon);
          bare_ = unique_fd(::dup(socket.get()));
          link_ = adopt_socket(std::move(socket));
          serve(*this);
        }) {}

  std::string uri() const { return "tcps" + port_.uri().substr(3); }
  conformance::connection& link() { return *link_; }
  void shake_hands() {
    const auto done = link_->start_tls({}, soon);
    EXPECT_EQ(done.what, conformance::tls_outcome::kind::secured) << done.text;
  }
  void answer_fence() {
    std::string came;
    while (came.find("fence") == came.npos) {
      const auto a = link_->receive(soon);
      if (a.what != conformance::arrival::kind::octets) return;
      came += a.bytes;
    }
    link_->send(octets(error("fence", "UNHANDLED")), soon);
  }
  bool hears_the_end() { return link_->receive(soon).what == conformance::arrival::kind::closed; }
  void end_without_farewell() { ::shutdown(bare_.get(), SHUT_WR); }

 private:
  static constexpr millis soon{8000};
  loopback_listener port_;
  unique_fd bare_;
  std::unique_ptr<conformance::connection> link_;  // open until the test has ended
  std::jthread thread_;
};

// What is wrong with it, asked for an answer to the fence, behind what `stream` says; what is allowed for in `kept`.
difference inside_tls(std::function<void(scripted&)> script, millis deadline = millis(8000),
                      const std::string& stream = {}, std::uint64_t* kept = nullptr) {
  scripted theirs(std::move(script));
  role_setup setup;
  setup.uri = theirs.uri();
  server host(setup, std::make_shared<restart_budget>(0));
  amp_server under_test(host, with_service(), true);
  auto wrong = under_test.play(std::span(&stream, 1), deadline).wrong.value_or(difference{});
  if (kept != nullptr) *kept = under_test.kept_kib();
  return wrong;
}

TEST(AmpServer, EndsInsideTlsAndTakesAnEndWithOrWithoutFarewell) {
  const auto wrong = inside_tls([](scripted& s) {
    s.shake_hands();
    s.answer_fence();
    EXPECT_TRUE(s.hears_the_end());  // and answers it
  });
  EXPECT_EQ(wrong.signature, "") << wrong.got;
  const auto abrupt = inside_tls([](scripted& s) {
    s.shake_hands();
    s.answer_fence();
    s.end_without_farewell();
  });
  EXPECT_EQ(abrupt.signature, "") << abrupt.got;
}

TEST(AmpServer, AllowsForACallThatTheServiceKeeps) {
  const auto answers_the_fence = [](scripted& s) {
    s.shake_hands();
    s.answer_fence();
    EXPECT_TRUE(s.hears_the_end());
  };
  std::uint64_t kept = 1;
  EXPECT_EQ(inside_tls(answers_the_fence, millis(8000), "", &kept).signature, "");
  EXPECT_EQ(kept, 0u);
  const std::string deferred = octets(request("1", "Defer", {{"name", "n"}}));
  EXPECT_EQ(inside_tls(answers_the_fence, millis(8000), deferred, &kept).signature, "");
  EXPECT_EQ(kept, 16u);
}

TEST(AmpServer, TellsInsideTlsWhatStaysOpenAndWhatEndsTooEarly) {
  const auto open = inside_tls(
      [](scripted& s) {
        s.shake_hands();
        s.answer_fence();
      },
      millis(1000));
  EXPECT_EQ(open.signature, "close(end)/open");
  const auto early = inside_tls([](scripted& s) {
    s.shake_hands();
    s.end_without_farewell();
  });
  EXPECT_EQ(early.signature, "error UNHANDLED(fence)/close");
}

TEST(AmpServer, TellsAServerThatHasNoTls) {
  const auto clear = inside_tls([](scripted& s) { s.link().send(octets(error("", "UNHANDLED")), millis(100)); });
  EXPECT_EQ(clear.signature, "tls/none");
  EXPECT_NE(clear.got.find("no TLS record"), clear.got.npos) << clear.got;
  const auto closes = inside_tls([](scripted& s) {
    s.link().close();
    s.end_without_farewell();
  });
  EXPECT_EQ(closes.signature, "tls/none");
  EXPECT_FALSE(closes.by_waiting);
  const auto silent = inside_tls([](scripted&) {}, millis(100));
  EXPECT_EQ(silent.signature, "tls/nothing");
  EXPECT_TRUE(silent.by_waiting) << "it is believed only if it is seen again";
}

// A short frame of AMPS.
std::string frame(const std::string& content) {
  return std::string(3, '\0') + static_cast<char>(content.size()) + content;
}

// What comes of deliveries to a connection that has sent `commands`: the signature of what is wrong, or nothing.
std::string wrong_with(std::initializer_list<const char*> commands, std::initializer_list<const char*> deliveries) {
  std::vector<std::string> cases;
  for (const char* command : commands) cases.push_back(frame(command));
  const amps_plan plan = amps_plan_of(cases);
  amps_judge judge(plan);
  judge.take(frame(R"({"c":"ack","cid":"ampspec-fence","a":"processed","status":"success"})"));
  for (const char* delivery : deliveries) judge.take(frame(delivery));
  const auto wrong = judge.end(true, false);
  return wrong ? wrong->signature : "";
}

TEST(AmpsPlan, KnowsWhatEndsAConnection) {
  const auto closes = [&](const std::string& content) {
    const std::string one = frame(content);
    return amps_plan_of(std::span(&one, 1)).closes_for;
  };
  EXPECT_EQ(closes(R"({"c":"p","t":"a"})"), "");
  EXPECT_EQ(closes(R"({"t":"a"})"), "no-command");
  EXPECT_EQ(closes(R"({"c":"ack"})"), "unknown-command");
  EXPECT_NE(closes(R"({"c":{}})"), "");
  const std::string asks = frame(R"({"c":"flush","cid":"1","a":"processed"})");
  const auto p = amps_plan_of(std::span(&asks, 1));
  amps_judge judge(p);
  const std::string ack = frame(R"({"c":"ack","cid":"1","a":"processed","status":"success"})");
  judge.take(ack);
  EXPECT_FALSE(judge.has_wrong());
  judge.take(ack);
  EXPECT_EQ(judge.end(true, false)->signature, "silence/ack twice");
  // Whose an ack with an empty `cid` is nobody can tell.
  EXPECT_EQ(wrong_with({R"({"c":"flush","a":"processed"})", R"({"c":"flush","cid":"","a":"processed"})"},
                       {R"({"c":"ack","cid":"","a":"processed"})", R"({"c":"ack","cid":"","a":"processed"})"}),
            "");
}

TEST(AmpsJudge, KnowsForWhomADeliveryIs) {
  constexpr const char* publish = R"({"c":"p","t":"a","sids":"s1","l":1}x)";
  EXPECT_EQ(wrong_with({}, {publish}), "silence/p");
  EXPECT_EQ(wrong_with({R"({"c":"publish","t":"a"}x)"}, {publish}), "silence/p");
  EXPECT_EQ(wrong_with({R"({"c":"unsubscribe","sub_id":"s1"})"}, {publish}), "silence/p");
  constexpr const char* subscribe = R"({"c":"subscribe","cid":"1","t":"a","sub_id":"s1"})";
  EXPECT_EQ(wrong_with({subscribe}, {publish, publish}), "");
  EXPECT_EQ(wrong_with({R"({"c":"subscribe","cid":"s1","t":"a"})"}, {publish}), "");
  EXPECT_EQ(wrong_with({R"({"c":"subscribe","t":"a"})"}, {publish}), "") << "the broker gives it a name";
  EXPECT_EQ(wrong_with({R"({"c":"subscribe","cid":" ","t":"a"})"}, {R"({"c":"p","t":"a","sids":" "}x)"}), "");
  EXPECT_EQ(wrong_with({subscribe}, {R"({"c":"p","t":"a","sids":"s1,s2"}x)"}), "p/for an unknown subscription");
  EXPECT_EQ(wrong_with({subscribe}, {R"({"c":"oof","t":"a","sids":"s1,s1"}x)"}), "oof/for a subscription twice");
  EXPECT_EQ(wrong_with({subscribe}, {R"({"c":"p","t":"a","sub_id":"s1"}x)"}), "p/without sids");
  EXPECT_EQ(wrong_with({R"({"c":"subscribe","t":"a","sub_id":"s2","sub_id":"s1"})"}, {publish}), "");
}

TEST(AmpsJudge, KnowsTheGroupsOfQueries) {
  constexpr const char *query = R"({"c":"sow","cid":"1","t":"a","query_id":"q1"})",
                       *begin = R"({"c":"group_begin","query_id":"q1"})",
                       *record = R"({"c":"sow","query_id":"q1"}{"k":"1","l":1}x)",
                       *end = R"({"c":"group_end","query_id":"q1"})";
  EXPECT_EQ(wrong_with({query}, {begin, record, record, end}), "");
  EXPECT_EQ(wrong_with({query, query}, {begin, end, begin, end}), "");
  EXPECT_EQ(wrong_with({query}, {record}), "sow/outside its group");
  EXPECT_EQ(wrong_with({query}, {begin, end, record}), "sow/outside its group");
  EXPECT_EQ(wrong_with({query}, {begin, end, end}), "group_end/outside its group");
  EXPECT_EQ(wrong_with({query}, {R"({"c":"group_begin","query_id":"q2"})"}), "group_begin/of an unknown query");
  EXPECT_EQ(wrong_with({R"({"c":"sow","t":"a","sub_id":"s1"})"}, {begin, end}), "") << "the broker gives it a name";
  EXPECT_EQ(wrong_with({}, {begin}), "silence/group_begin");
}

TEST(Hunt, FindsTheCasesThatAreNeeded) {
  const auto shows = [](std::span<const std::string> list) {
    const auto has = [&](const char* word) { return std::find(list.begin(), list.end(), word) != list.end(); };
    return has("b") && has("d");
  };
  EXPECT_EQ(needed({"a", "b", "c", "d", "e"}, shows), (std::vector<std::string>{"b", "d"}));
  EXPECT_EQ(needed({"a", "d"}, [](auto list) { return list.back() == "d"; }), std::vector<std::string>{"d"});
}

TEST(Hunt, BringsAStreamDownToTheFewestOctets) {
  const std::string stream = octets(request("1", "Echo", {{"data", "abc"}})) +
                             octets({{"key", "value"}, {"bad", "y!z"}}) + octets(request("2", "Noted"));
  const auto shows = [](const std::string& s) {
    const auto d = naive::decode(s);
    return std::any_of(d.boxes.begin(), d.boxes.end(), [](const box& b) {
      return std::any_of(b.begin(), b.end(),
                         [](const auto& pair) { return pair.second.find('!') != pair.second.npos; });
    });
  };
  const auto least = minimised(
      stream, [](const std::string& s) { return smaller_boxes(s, naive::format::amp1); }, shows, 1000);
  EXPECT_EQ(naive::decode(least).boxes, (std::vector<box>{{{"x", "!"}}}));
}

TEST(GrowthWatch, TellsWhatRisesAgainAndAgainOnce) {
  growth_watch rises, stays;
  int told = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    if (rises.grows(i * 1000, 10'000 + i * 2000)) ++told;
    EXPECT_FALSE(stays.grows(i * 1000, i < 50 ? 10'000 : 200'000)) << "one large box is no leak";
  }
  EXPECT_EQ(told, 1);
  EXPECT_NEAR(rises.octets_per_case(), 2048, 1);
}

}  // namespace
}  // namespace ampspec::runner::fuzzing
