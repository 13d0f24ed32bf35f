// Tests of matchers: what is promised, and what comes.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/matching.hpp"

#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

namespace ampspec::conformance {
namespace {

// The matchers of the expectations of one vector, from its text.
std::vector<vectors::box_matcher> boxes(const std::string& expect) {
  const auto file = vectors::load_suite_text(
      "suite: amp1/test\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [AMP1-FRAME-001]\n  "
      "roles: [server]\n  steps:\n  - send: {box: {}}\n  - expect: " +
          expect + "\n",
      "amp1/test.yaml");
  const auto& steps = std::get<vectors::steps_kind>(file.vectors.front().kind).play.at(vectors::role::server);
  return std::get<vectors::expect_boxes_step>(steps.back().what).boxes;
}

bool allows(const std::string& box, const plain_box& got, bindings b = {vectors::default_scope(), {}}) {
  return !differs(boxes("{box: " + box + "}").front(), got, b);
}

TEST(Matching, ComparesABoxAsAMapping) {
  EXPECT_TRUE(allows("{a: x, b: y}", {{"b", "y"}, {"a", "x"}}));
  EXPECT_FALSE(allows("{a: x, b: y}", {{"a", "x"}}));
  EXPECT_FALSE(allows("{a: x}", {{"a", "x"}, {"b", "y"}}));
  EXPECT_FALSE(allows("{a: x}", {{"a", "X"}}));
  EXPECT_FALSE(allows("{a: x}", {{"a", "x"}, {"a", "x"}}));
  EXPECT_TRUE(allows("{}", {}));
}

TEST(Matching, OthersAnyAllowsFurtherKeys) {
  bindings b{vectors::default_scope(), {}};
  EXPECT_FALSE(differs(boxes("{box: {a: x}, others: any}").front(), {{"a", "x"}, {"b", "y"}}, b));
}

TEST(Matching, TellsAbsentFromEmpty) {
  EXPECT_TRUE(allows("{a: {absent: \"true\"}, b: \"\"}", {{"b", ""}}));
  EXPECT_FALSE(allows("{a: {absent: \"true\"}, b: \"\"}", {{"a", ""}, {"b", ""}}));
  EXPECT_FALSE(allows("{a: {any: value}}", {}));
}

TEST(Matching, KnowsTheFormsOfValues) {
  EXPECT_TRUE(allows("{a: {integer: \"true\"}}", {{"a", "-20"}}));
  for (const char* wrong : {"", "-", "007", "-0", "1.0", " 1", "0x1"})
    EXPECT_FALSE(allows("{a: {integer: \"true\"}}", {{"a", wrong}})) << wrong;
  EXPECT_TRUE(allows("{a: {utf8: \"4\"}}", {{"a", "\xc3\xa9\xc3\xa9"}}));
  EXPECT_FALSE(allows("{a: {utf8: \"3\"}}", {{"a", "\xc3\xa9\xc3\xa9"}}));
  EXPECT_FALSE(allows("{a: {utf8: \"4\"}}", {{"a", "\xc3"}}));
  EXPECT_TRUE(allows("{a: {regex: \"[0-9a-f]+\"}}", {{"a", "1f"}}));
  EXPECT_FALSE(allows("{a: {regex: \"[0-9a-f]+\"}}", {{"a", "1f "}}));
  EXPECT_TRUE(allows("{a: {one_of: [x, y]}}", {{"a", "y"}}));
  EXPECT_FALSE(allows("{a: {not: x}}", {{"a", "x"}}));
  // The digest of the empty text, known from the standard's examples.
  EXPECT_TRUE(allows("{a: {digest: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}}", {{"a", ""}}));
}

TEST(Matching, BindsCapturesOnlyWhereTheWholeBoxMatches) {
  bindings b{vectors::default_scope(), {}};
  const auto m = boxes("{box: {_ask: {capture: t}, a: x}}").front();
  EXPECT_TRUE(differs(m, {{"_ask", "1"}, {"a", "y"}}, b));
  EXPECT_TRUE(b.captured.empty());
  EXPECT_FALSE(differs(m, {{"_ask", "1"}, {"a", "x"}}, b));
  EXPECT_EQ(b.captured.at("t"), "1");
}

TEST(Matching, PairsBoxesInAnyOrder) {
  bindings b{vectors::default_scope(), {}};
  const auto m = boxes("{boxes_in_any_order: [{a: {any: value}}, {a: x}]}");
  EXPECT_FALSE(differs_in_any_order(m, {{{"a", "x"}}, {{"a", "y"}}}, b));
  EXPECT_TRUE(differs_in_any_order(m, {{{"a", "z"}}, {{"a", "y"}}}, b));
  EXPECT_TRUE(differs_in_any_order(m, {{{"a", "x"}}}, b));
}

TEST(Matching, SaysWhatDiffersAndWhere) {
  bindings b{vectors::default_scope(), {}};
  const auto d = differs(boxes("{box: {total: \"94\"}}").front(), {{"total", "95"}}, b);
  ASSERT_TRUE(d);
  EXPECT_EQ(d->text, "value of \"total\": expected \"94\", got \"95\"");
  EXPECT_EQ(d->key, "total");
}

TEST(ShowOctets, ShortensAndNeverPrintsWhatIsNotText) {
  EXPECT_EQ(show_octets("Sum"), "\"Sum\"");
  EXPECT_EQ(show_octets(std::string_view("\0\x01", 2)), "0001");
  EXPECT_EQ(show_octets("\x1b[31m"), "1b5b33316d");
  EXPECT_NE(show_octets(std::string(100, 'x')).find("(100 octets)"), std::string::npos);
}

TEST(Matching, DescribesLimitsByTheirNumbers) {
  const bindings b{vectors::default_scope(), {}};
  EXPECT_EQ(describe(boxes("{box: {a: {utf8: $max_value - 35}}}").front(), b),
            "{\"a\": UTF-8 of at most 65500 octets}");
}

TEST(Matching, AFreshValueDidNotComeBefore) {
  bindings b{vectors::default_scope(), {}};
  const auto fresh = boxes("{box: {a: {fresh: ids}}}").front(), other = boxes("{box: {a: {fresh: tags}}}").front();
  EXPECT_FALSE(differs(fresh, {{"a", "1"}}, b));
  EXPECT_FALSE(differs(fresh, {{"a", "2"}}, b));
  EXPECT_TRUE(differs(fresh, {{"a", "1"}}, b));
  EXPECT_FALSE(differs(other, {{"a", "1"}}, b));
}

}  // namespace
}  // namespace ampspec::conformance
