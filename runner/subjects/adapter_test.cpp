// The adapter protocol from the runner's side, with adapters that are right and adapters that are not.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/adapter.hpp"

#include "runner/subjects/fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace ampspec::runner {
namespace {

using clock = std::chrono::steady_clock;
using conformance::arrival;
using conformance::client_event;
using conformance::mishap;
using vectors::octets;

constexpr millis soon{8000};
const std::string good_box("\0\1a\0\2bc\0\0", 9);

adapter_settings with_deadline(millis deadline) {
  adapter_settings settings;
  settings.deadline = deadline;
  settings.classes = {{"^TooLong", "key-too-long"}};
  return settings;
}

std::shared_ptr<adapter> fixture_adapter(std::vector<std::string> arguments, std::int64_t restarts = 5,
                                         adapter_settings settings = with_deadline(millis(8000))) {
  return std::make_shared<adapter>(python("adapter.py", std::move(arguments)), std::move(settings),
                                   std::make_shared<restart_budget>(restarts));
}

/// What a first decode ends with.
mishap mishap_with(std::vector<std::string> arguments) {
  const auto codec = codec_of(fixture_adapter(std::move(arguments)));
  return mishap_of([&] { codec->decode(octets::from(good_box), {}); });
}

testing::AssertionResult says(const mishap& failure, const std::string& text) {
  if (std::string(failure.what()).find(text) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "says: " << failure.what();
}

TEST(Adapter, TellsOfItself) {
  const auto a = fixture_adapter({"fine"});
  EXPECT_EQ(a->facts().name, "fixture");
  EXPECT_EQ(a->facts().version, "1");
  EXPECT_EQ(a->facts().ops.size(), 3u);
  EXPECT_EQ(a->facts().supports, std::vector<std::string>{"amp1"});
  EXPECT_TRUE(a->facts().told_supports);
  EXPECT_GT(a->cpu_seconds(), 0);
  EXPECT_GT(a->peak_rss_kib(), 1000u);
}

TEST(Adapter, DecodesOverStandardInputAndOutput) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  const auto outcome = codec->decode(octets::from(good_box + good_box.substr(0, 3)), {});
  ASSERT_EQ(outcome.boxes.size(), 1u);
  EXPECT_EQ(outcome.boxes[0], (conformance::plain_box{{"a", "bc"}}));
  EXPECT_TRUE(outcome.incomplete);
  EXPECT_FALSE(outcome.refused);
}

TEST(Adapter, DecodesOverTcp) {
  auto setup = python("adapter.py", {"fine"});
  setup.transport = adapter_transport::tcp;
  const auto a = std::make_shared<adapter>(setup, with_deadline(millis(8000)), std::make_shared<restart_budget>());
  EXPECT_EQ(codec_of(a)->decode(octets::from(good_box), {}).boxes.size(), 1u);
  for (int i = 0; i < 500 && a->log().empty(); ++i) std::this_thread::sleep_for(millis(10));
  EXPECT_EQ(a->log().find("standard output is free"), 0u);
}

TEST(Adapter, TellsARefusalWithItsClassAndWhatWasDeliveredBefore) {
  const auto outcome = codec_of(fixture_adapter({"fine"}))->decode(octets::from(good_box + "\1\1"), {});
  EXPECT_EQ(outcome.boxes.size(), 1u);
  ASSERT_TRUE(outcome.refused);
  EXPECT_EQ(outcome.refused->reject_class, "key-too-long");
  EXPECT_EQ(outcome.refused->offset, 9u);
  EXPECT_EQ(outcome.refused->text, "TooLong: key");
}

TEST(Adapter, SendsCutsAsChunksOrEvery) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  const auto cut = octets::from(std::string("\0\1k\0\0\0\0", 7));
  const auto asked = [&](const conformance::cutting& cuts) {
    const auto pair = codec->decode(cut, cuts).boxes.at(0).at(0);
    return pair.first + pair.second;
  };
  EXPECT_EQ(asked({}), "decode{}");
  EXPECT_EQ(asked({1, {}}), "feed{\"every\": 1}");
  EXPECT_EQ(asked({0, {3, 4}}), "feed{\"chunks\": [3, 1]}");
}

TEST(Adapter, CarriesLargeOctetsInTheBlobBothWays) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  const auto large = octets::from(std::string(60'000, 'v')), small = octets::from("k");
  const auto encoded = codec->encode({{small, large}, {octets::from("l"), small}});
  EXPECT_EQ(encoded.bytes.size(), 2 + 1 + 2 + 60'000 + 2 + 1 + 2 + 1 + 2u);
  const auto outcome = codec->decode(octets::from(encoded.bytes), {});
  ASSERT_EQ(outcome.boxes.size(), 1u);
  EXPECT_EQ(outcome.boxes[0][0].second, std::string(60'000, 'v'));
}

const wire::value_type numbers{wire::value_kind::list, {{wire::value_kind::integer, {}, {}}}, {}};
wire::value some_numbers(std::vector<std::string> digits) {
  wire::list_value all;
  for (auto& d : digits) all.push_back({wire::integer_value{std::move(d)}});
  return {std::move(all)};
}

TEST(Adapter, CarriesTypedValuesBothWays) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  EXPECT_TRUE(wire::same_value(codec->parse(numbers, octets::from("\1\7")).is, some_numbers({"1", "7"})));
  const auto refused = codec->parse(numbers, octets()).refused;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->text, "empty");
  EXPECT_EQ(codec->print(numbers, some_numbers({"65", "66"})).is, "AB");
  const wire::value_schema schema{{"a-b", numbers, true}};
  const auto record = codec->parse(schema, {{"x", "y"}, {"a-b", "123"}}).is;
  EXPECT_TRUE(wire::same_record(record, {{"a-b", some_numbers({"3"})}}));
  EXPECT_EQ(codec->print(schema, {{"a-b", some_numbers({"67"})}}).is, (conformance::plain_box{{"a-b", "C"}}));
}

TEST(Adapter, ThatLacksATypeOrTellsNoneIsTold) {
  const auto lacking = codec_of(fixture_adapter({"no-decimals"}));
  try {
    lacking->parse(numbers, octets());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const conformance::unsupported& feature) {
    EXPECT_STREQ(feature.what(), "amp1.types.decimal");
  }
  const auto odd = codec_of(fixture_adapter({"odd-values"}));
  const auto failure = mishap_of([&] { odd->parse(numbers, octets()); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::bad_frame);
  EXPECT_EQ(failure.word(), "value");
  EXPECT_TRUE(says(failure, "an integer is a text of digits"));
}

TEST(Adapter, WritesMoreThanAPipeHolds) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  const std::string box = std::string("\0\1k\xff\xff", 5) + std::string(65'535, 'v') + std::string(2, '\0');
  std::string stream;
  for (int i = 0; i < 40; ++i) stream += box;
  const auto outcome = codec->decode(octets::from(stream), {});
  EXPECT_EQ(outcome.boxes.size(), 40u);
}

TEST(Adapter, RefusesToSendMoreThanAFrameHolds) {
  const auto codec = codec_of(fixture_adapter({"fine"}));
  const auto failure = mishap_of([&] { codec->decode(octets::from(std::string(17u << 20, 'x')), {}); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::harness);
  EXPECT_EQ(codec->decode(octets::from(good_box), {}).boxes.size(), 1u) << "and goes on";
}

TEST(Adapter, IsCalibrated) {
  EXPECT_EQ(fixture_adapter({"fine"})->calibrate(vectors::role::codec), std::vector<std::string>{});
  const auto wrong = fixture_adapter({"knows-everything"})->calibrate(vectors::role::client);
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_NE(wrong[0].find("was not answered `unsupported`"), std::string::npos);
}

TEST(Adapter, ThatPrintsIsShownWhatItPrintedAndWhereTo) {
  const auto failure = mishap_with({"prints"});
  EXPECT_EQ(failure.what_kind(), mishap::kind::bad_frame);
  EXPECT_EQ(failure.word(), "frame");
  EXPECT_TRUE(says(failure, "starting up..."));
  EXPECT_TRUE(says(failure, "print to standard error"));
}

TEST(Adapter, ThatNeverFlushesIsAskedWhetherItDoes) {
  auto settings = with_deadline(soon);
  settings.start_deadline = millis(600);
  const auto failure = mishap_of([&] { fixture_adapter({"never-flushes"}, 5, settings)->facts(); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_TRUE(says(failure, "does it flush after every frame?"));
}

TEST(Adapter, ThatDiesAtTheFirstOpIsACrashWithItsLastWords) {
  const auto failure = mishap_with({"dies", "1"});
  EXPECT_EQ(failure.what_kind(), mishap::kind::crash);
  EXPECT_EQ(failure.word(), "SIGSEGV");
  EXPECT_TRUE(says(failure, "in decode: "));
  EXPECT_TRUE(says(failure, "about to die"));
}

TEST(Adapter, ThatExitsIsACrashWithItsCode) { EXPECT_EQ(mishap_with({"exits", "1"}).word(), "exit-3"); }

TEST(Adapter, ThatSleepsIsATimeout) {
  const auto a = fixture_adapter({"sleeps", "1"}, 5, with_deadline(millis(150)));
  a->facts();
  const auto began = clock::now();
  const auto failure = mishap_of([&] { codec_of(a)->decode(octets::from(good_box), {}); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_EQ(failure.word(), "answer");
  EXPECT_GE(clock::now() - began, millis(150));
  EXPECT_LT(clock::now() - began, millis(5000)) << "it sleeps for 30 s";
}

TEST(Adapter, ThatAnswersAnotherRequestIsABadFrame) {
  const auto failure = mishap_with({"wrong-n", "1"});
  EXPECT_EQ(failure.what_kind(), mishap::kind::bad_frame);
  EXPECT_EQ(failure.word(), "answer");
}

TEST(Adapter, ThatAnswersTwiceIsABadFrame) {
  const auto codec = codec_of(fixture_adapter({"twice", "1"}));
  const auto failure = mishap_of([&] {
    for (int i = 0; i < 50; ++i) codec->decode(octets::from(good_box), {});
  });
  EXPECT_EQ(failure.what_kind(), mishap::kind::bad_frame);
  EXPECT_EQ(failure.word(), "answer");
}

TEST(Adapter, ThatSendsNoObjectIsABadFrame) {
  const auto codec = codec_of(fixture_adapter({"nonsense", "1"}));
  const auto failure = mishap_of([&] {
    for (int i = 0; i < 50; ++i) codec->decode(octets::from(good_box), {});
  });
  EXPECT_EQ(failure.what_kind(), mishap::kind::bad_frame);
  EXPECT_TRUE(says(failure, "[1,2]"));
}

TEST(Adapter, ThatAnswersTooMuchIsOversizeAtItsHeader) {
  EXPECT_EQ(mishap_with({"oversize", "1"}).what_kind(), mishap::kind::oversize);
}

TEST(Adapter, ThatClosesItsPipesAndLivesOnIsEnded) {
  for (const char* mode : {"closes-stdin", "deaf"}) {
    const auto failure = mishap_with({mode, "1"});
    EXPECT_EQ(failure.what_kind(), mishap::kind::crash) << mode;
    EXPECT_EQ(failure.word(), "closed") << mode;
  }
}

TEST(Adapter, ThatIgnoresTheEndOfItsInputIsKilled) {
  auto a = fixture_adapter({"ignores-end"});
  a->facts();
  a.reset();  // and no child is left
}

TEST(Adapter, IsStartedAgainAsLongAsTheBudgetLasts) {
  const auto codec = codec_of(fixture_adapter({"exits", "2"}, 1));
  const auto decode = [&] { codec->decode(octets::from(good_box), {}); };
  EXPECT_EQ(mishap_of(decode).word(), "none");
  EXPECT_EQ(mishap_of(decode).word(), "exit-3");
  EXPECT_EQ(mishap_of(decode).word(), "none");
  EXPECT_EQ(mishap_of(decode).word(), "exit-3");
  const auto last = mishap_of(decode);
  EXPECT_EQ(last.word(), "exit-3");
  EXPECT_TRUE(says(last, "not started again"));
}

TEST(Adapter, ThatDiesBeforeItsHelloIsTriedTwice) {
  const auto a = fixture_adapter({"exits", "0"}, 100);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(mishap_of([&] { a->facts(); }).word(), "exit-3");
  EXPECT_TRUE(says(mishap_of([&] { a->facts(); }), "twice in a row"));
}

TEST(Adapter, ThatIsNoProgramIsACrash) {
  role_setup setup;
  setup.command = {"/no/such/adapter"};
  adapter a(setup, {}, std::make_shared<restart_budget>());
  EXPECT_EQ(mishap_of([&] { a.facts(); }).word(), "start");
}

TEST(RestartBudget, GrowsByOneForTenChecks) {
  restart_budget budget(0);
  for (int i = 0; i < 9; ++i) budget.check_done();
  EXPECT_FALSE(budget.take());
  budget.check_done();
  EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
}

TEST(AdapterClient, ConnectsToUsAndItsCallsEnd) {
  const auto client = client_of(fixture_adapter({"fine"}));
  const auto link = client->attach(soon);
  const auto connected = client->next_event(soon);
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->what, client_event::kind::connected);
  const auto call = client->call("Sum", {{"a", "1"}}, true, soon);
  EXPECT_EQ(link->receive(soon).bytes, "Sum");

  const auto tag = std::to_string(call);
  link->send(std::string("\0\1t\0", 4) + static_cast<char>(tag.size()) + tag + std::string("\0\1x\0\1y\0\0", 8), soon);
  const auto ended = client->next_event(soon);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->what, client_event::kind::ended);
  EXPECT_EQ(ended->call, call);
  EXPECT_EQ(ended->how, "answer");
  EXPECT_EQ(ended->box, (conformance::plain_box{{"x", "y"}}));

  EXPECT_FALSE(client->next_event(millis(20)));
  link->close();
  const auto closed = client->next_event(soon);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->what, client_event::kind::closed);
}

TEST(AdapterClient, ForgetsEventsAtAReset) {
  const auto client = client_of(fixture_adapter({"fine"}));
  client->attach(soon)->close();
  client->reset(soon);
  client->reset(soon);
  EXPECT_FALSE(client->next_event(millis(20)));
}

TEST(AdapterClient, ThatNeverConnectsIsATimeout) {
  const auto client = client_of(fixture_adapter({"never-connects"}));
  const auto failure = mishap_of([&] { client->attach(millis(150)); });
  EXPECT_EQ(failure.what_kind(), mishap::kind::timeout);
  EXPECT_EQ(failure.word(), "connect");
}

}  // namespace
}  // namespace ampspec::runner
