// The small parts of the broker: intervals, options, bodies, timers, keys.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_config.hpp"
#include "reference/amps/options.hpp"
#include "reference/amps/payload.hpp"
#include "reference/amps/sow_store.hpp"
#include "reference/amps/timer_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace ampspec::amps {
namespace {

using namespace std::chrono_literals;

TEST(Moment, TimestampsHaveTheBasicForm) {
  EXPECT_EQ(timestamp_of(virtual_start), "20260101T000000.000000Z");
  EXPECT_EQ(timestamp_of(virtual_start + 26h + 3min + 4s + 5us), "20260102T020304.000005Z");
}

TEST(Moment, IntervalsHaveUnitsInAnyCase) {
  EXPECT_EQ(interval_of("1"), 1s);
  EXPECT_EQ(interval_of("250ms"), 250ms);
  EXPECT_EQ(interval_of("7US"), 7us);
  EXPECT_EQ(interval_of("1ns"), 1us);
  EXPECT_EQ(interval_of("1001ns"), 2us);
  EXPECT_EQ(interval_of("2M"), 2min);
  EXPECT_EQ(interval_of("3h"), 3h);
  EXPECT_EQ(interval_of("1d"), 24h);
  EXPECT_EQ(interval_of("1w"), 168h);
  EXPECT_EQ(interval_of("0"), 0s);
  for (const auto* text : {"", "s", "-1s", "1.5s", "1 s", "1x", "1ss", "99999999999999999999s", "10001w"}) {
    EXPECT_FALSE(interval_of(text)) << text;
  }
}

TEST(OptionList, LastOfOneNameCounts) {
  option_list o("a=1, b ,a=[x,y],b,c=");
  EXPECT_EQ(o.bracketed("a"), "x,y");
  EXPECT_TRUE(o.flag("b"));
  EXPECT_FALSE(o.flag("d"));
  EXPECT_FALSE(o.malformed());
  EXPECT_TRUE(o.has_any({"z", "b"}));
  EXPECT_EQ(o.text("b"), "");
  EXPECT_EQ(o.text("d"), std::nullopt);
}

TEST(OptionList, TakesNoteOfOtherForms) {
  const auto malformed = [](std::string_view text, auto read) {
    option_list o(text);
    read(o);
    return o.malformed();
  };
  EXPECT_TRUE(malformed("a=1", [](option_list& o) { o.flag("a"); }));
  EXPECT_TRUE(malformed("a", [](option_list& o) { o.value("a"); }));
  EXPECT_TRUE(malformed("a=", [](option_list& o) { o.value("a"); }));
  EXPECT_TRUE(malformed("a=x", [](option_list& o) { o.number("a"); }));
  EXPECT_TRUE(malformed("a=4294967296", [](option_list& o) { o.number("a"); }));
  EXPECT_TRUE(malformed("a=[x", [](option_list& o) { o.bracketed("a"); }));
  EXPECT_FALSE(malformed("a=4294967295", [](option_list& o) { o.number("a"); }));
}

TEST(Payload, GrowsAndIsShared) {
  octet_buffer buffer;
  for (int i = 0; i < 1000; ++i) buffer.append(std::string(1000, static_cast<char>('a' + i % 26)));
  EXPECT_EQ(buffer.size(), 1'000'000u);
  const auto whole = make_payload(std::move(buffer));
  EXPECT_EQ(octets_of(whole).substr(999, 2), "ab");
  EXPECT_EQ(octets_of(whole).substr(999'999), "l");
  EXPECT_EQ(make_payload(std::string_view()), nullptr);
  EXPECT_EQ(octets_of(nullptr), "");
}

TEST(TimerQueue, FiresByTimeThenByAge) {
  timer_queue timers;
  std::string fired;
  timers.add(virtual_start + 2s, [&] { fired += 'c'; });
  timers.add(virtual_start + 1s, [&] { fired += 'a'; });
  auto cancelled = timers.add(virtual_start + 1s, [&] { fired += 'x'; });
  timers.add(virtual_start + 1s, [&] { fired += 'b'; });
  timers.cancel(cancelled);
  EXPECT_EQ(cancelled, timer_queue::none);
  timers.cancel(cancelled);
  while (timers.next_due()) timers.take_next()();
  EXPECT_EQ(fired, "abc");
}

TEST(GeneratedKey, IsTheHashOfTopicAndFields) {
  EXPECT_EQ(fnv1a().add("demo").text(), "11953709441258804118");
  const std::vector<path> id{*path::of("/id")}, two{*path::of("/a/b"), *path::of("/c")};
  EXPECT_EQ(generated_key("conf/sow", id, record_view(R"({"id":1})")), "9835947975505047547");
  EXPECT_EQ(generated_key("conf/sow", id, record_view(R"({"id":"\u0032"})")), "9835949075016675758");
  const auto key = [&](std::string_view body) { return generated_key("t", two, record_view(body)); };
  EXPECT_NE(key(R"({"a":{"b":1},"c":23})"), key(R"({"a":{"b":12},"c":3})"));
  EXPECT_NE(key(R"({"a":{"b":1.0},"c":2})"), key(R"({"a":{"b":1},"c":2})"));
  EXPECT_FALSE(key(R"({"a":{"b":1}})"));
  EXPECT_FALSE(key(R"({"a":[{"b":1}],"c":2})"));
}

TEST(SowStore, KeepsTheOrderOfFirstInsertion) {
  sow_store store;
  for (const auto* key : {"a", "b", "c"}) store.replace_body(store.of(key), make_payload(std::string_view(key)));
  store.replace_body(store.of("a"), make_payload(std::string_view("longer")));
  EXPECT_EQ(store.octets(), 8u);
  store.erase(*store.find("b"));
  EXPECT_EQ(store.find("b"), nullptr);
  store.of("b");
  std::string keys;
  for (const auto& record : store.records()) keys += record.key;
  EXPECT_EQ(keys, "acb");
  EXPECT_EQ(store.octets(), 7u);
}

TEST(Fixture, HasItsVariants) {
  const auto names = [](const broker_config& config) {
    std::string all;
    for (const auto& topic : config.topics) all += topic.name.substr(5) + (topic.logged ? "+ " : " ");
    return all;
  };
  EXPECT_EQ(names(conformance_fixture()), "sow sowkey logsow+ log+ queue+ ");
  EXPECT_EQ(names(conformance_fixture({.logged = false})), "sow sowkey logsow ");
  EXPECT_TRUE(conformance_fixture({.authentication = true}).authentication);
}

}  // namespace
}  // namespace ampspec::amps
