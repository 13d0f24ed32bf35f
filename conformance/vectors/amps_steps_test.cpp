// The steps of AMPS as files write them: messages, groups, times, and what stands around an exchange.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

namespace ampspec::vectors {
namespace {

const std::string head =
    "suite: amps/x\nprotocol: amps\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [A-1]\n  roles: [server]\n";

vector loaded(const std::string& lines) { return load_suite_text(head + lines, "f.yaml").vectors.at(0); }
std::vector<step> steps_of(const std::string& list) {  // from line 10
  return std::get<steps_kind>(loaded("  steps:\n" + list).kind).play.at(role::server);
}
std::string error_in(const std::string& lines) {  // from line 9
  try {
    loaded(lines);
  } catch (const load_error& e) {
    return std::string(e.what()).substr(std::string("f.yaml:").size());
  }
  return "loaded";
}
std::string error_of(const std::string& step) { return error_in("  steps:\n  - " + step + "\n"); }
void expect_begins(const std::string& text, const std::string& beginning) {
  EXPECT_EQ(text.substr(0, beginning.size()), beginning);
}

TEST(AmpsSteps, AMessageIsSentBehindItsLength) {
  const auto all = steps_of(
      "  - send: {frame: {header: {c: publish, t: 'a\"b', s: {number: \"7\"}, x: {raw: 'null'}}, body: xyz}}\n"
      "  - send: {frames: [{header: {c: flush}}, {header: {c: flush, cid: [a, {same: n}]}}]}\n");
  const std::string header = R"({"c":"publish","t":"a\"b","s":7,"x":null})";
  const auto& one = std::get<send_step>(all[0].what);
  EXPECT_EQ(realize(one.bytes, {}).str(), std::string(3, '\0') + static_cast<char>(header.size() + 3) + header + "xyz");
  ASSERT_EQ(one.messages.size(), 1u);
  EXPECT_EQ(realize(one.messages[0].header, {}).str(), header);
  EXPECT_EQ(realize(one.messages[0].body, {}).str(), "xyz");
  const auto& two = std::get<send_step>(all[1].what);
  ASSERT_EQ(two.messages.size(), 2u);
  EXPECT_EQ(realize(two.messages[1].header, {}, {{"n", "0"}}).str(), R"({"c":"flush","cid":"a0"})");
}

TEST(AmpsSteps, WhatComesIsAMessageAGroupOrOctets) {
  const auto all = steps_of(
      "  - expect: {frame: {header: {c: ack}, written: {regex: '.*'}}, others: any, within: 2500}\n"
      "  - expect: {frames_in_any_order: [{header: {c: ack}}, {frame: {header: {c: publish}, body: x}, others: any}]}\n"
      "  - expect: {group: {query_id: q, records_in_any_order: [{header: {t: t}, body: x}], batch: 10}}\n"
      "  - expect_close: {within: 100}\n"
      "  - expect_silence: {for: 100}\n");
  const auto& one = std::get<expect_boxes_step>(all[0].what);
  EXPECT_TRUE(one.boxes.at(0).others_any);
  EXPECT_EQ(one.boxes.at(0).pairs.size(), 3u);  // c, body, written
  EXPECT_EQ(one.within->text, "2500");
  const auto& two = std::get<expect_boxes_step>(all[1].what);
  EXPECT_TRUE(two.any_order);
  EXPECT_FALSE(two.boxes.at(0).others_any);
  EXPECT_TRUE(two.boxes.at(1).others_any);
  const auto& three = std::get<expect_group_step>(all[2].what);
  EXPECT_TRUE(three.any_order);
  EXPECT_EQ(three.records.size(), 1u);
  EXPECT_EQ(three.batch->text, "10");
  EXPECT_EQ(std::get<expect_close_step>(all[3].what).within->text, "100");
  EXPECT_EQ(std::get<expect_silence_step>(all[4].what).lasts->text, "100");
}

TEST(AmpsSteps, KnowWhatStandsAroundAnExchange) {
  const auto plain = loaded("  steps: [{close: {}}]\n");
  EXPECT_TRUE(plain.opening);
  EXPECT_EQ(plain.transports, std::vector<std::string>{"tcp"});
  const auto v = loaded(
      "  transports: [tcp, tls]\n  fixture: users\n  holds: conf/sow\n  opening: none\n  steps: [{close: {}}]\n");
  EXPECT_FALSE(v.opening);
  EXPECT_EQ(v.transports, (std::vector<std::string>{"tcp", "tls"}));
  EXPECT_EQ(v.fixture, "users");
  EXPECT_EQ(v.holds, std::vector<std::string>{"conf/sow"});
}

TEST(AmpsSteps, TellMistakes) {
  expect_begins(error_of("send: {box: {a: b}}"), "10:12: `box` in a file of another protocol; AMPS sends `frame`");
  expect_begins(error_of("expect: {box: {a: b}}"), "10:13: `expect` has none of its keys; write one of `frame`");
  expect_begins(error_of("send: {frame: {body: x}}"), "10:19: a message has no `header`");
  expect_begins(error_of("expect: {frame: {header: {}, bdy: x}}"), "10:34: unknown key `bdy` in a message");
  expect_begins(error_of("expect: {frames: [{header: {}}], others: any}"), "10:46: `others` needs `frame` beside it");
  expect_begins(error_of("expect: {frames_in_any_order: [{header: {}, written: x}]}"),
                "10:49: unknown key `written` in a message");
  expect_begins(error_of("expect: {group: {records: []}}"), "10:21: `group` has no `query_id`");
  expect_begins(error_of("expect: {group: {query_id: q, records: [{header: {l: \"1\"}}]}}"), "10:45: `l` of a record");
  expect_begins(error_of("expect: {bytes: x, within: 5}"), "10:32: `within` beside `bytes`");
  expect_begins(error_of("expect_silence: {by: waiting, for: 5}"), "10:21: `by` beside `for`");
  expect_begins(error_in("  fixture: user\n  steps: [{close: {}}]\n"),
                "9:12: unknown fixture `user`; did you mean `users`?");
  expect_begins(error_in("  transports: [udp]\n  steps: [{close: {}}]\n"), "9:16: unknown `transports` `udp`");
  expect_begins(error_in("  holds: conf/plain/x\n  steps: [{close: {}}]\n"), "9:10: unknown `holds` `conf/plain/x`");
}

TEST(AmpsSteps, OtherProtocolsHaveNone) {
  const auto error = [](const std::string& lines) {
    try {
      load_suite_text(
          "suite: amp1/x\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [A-1]\n  roles: "
          "[server]\n" +
              lines,
          "f.yaml");
    } catch (const load_error& e) {
      return std::string(e.what());
    }
    return std::string("loaded");
  };
  expect_begins(error("  holds: conf/sow\n  steps: [{close: {}}]\n"),
                "f.yaml:9:10: `holds` in a file of amp1; remove it");
  expect_begins(error("  steps:\n  - send: {frame: {header: {}}}\n"),
                "f.yaml:10:12: `frame` in a file of another protocol");
  expect_begins(error("  steps:\n  - expect: {frame: {header: {}}}\n"), "f.yaml:10:13: `expect` has none of its keys");
}

}  // namespace
}  // namespace ampspec::vectors
