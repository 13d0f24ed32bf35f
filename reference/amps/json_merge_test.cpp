// Merging, deltas and selections, against the examples of the specification.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/json_merge.hpp"

#include <gtest/gtest.h>

namespace ampspec::amps {
namespace {

TEST(Merged, FollowsTheRules) {
  EXPECT_EQ(merged(R"({"id":42,"a":{"x":1,"y":2},"l":[1,2],"f":"roses"})",
                   R"({"id":42,"a":{"y":3,"z":4},"l":[9],"f":null,"n":1.50})"),
            R"({"id":42,"a":{"x":1,"y":3,"z":4},"l":[9],"f":"roses","n":1.50})");
  EXPECT_EQ(merged(R"({"id":42,"contents":{"packages":[{"box":"chocolates"},{"bowl":"noodles"}]}})",
                   R"({"id":42,"contents":{"packages":[{"basket":"eggs"}]}})"),
            R"({"id":42,"contents":{"packages":[{"basket":"eggs"}]}})");
}

TEST(Merged, EmptyTextsAndNullsLeaveTheOldValue) {
  EXPECT_EQ(merged(R"({"a":"x","b":1})", R"({"a":"","b":null,"c":null,"d":""})"), R"({"a":"x","b":1})");
  EXPECT_EQ(merged(R"({"a":null,"b":""})", R"({"a":null})"), R"({"a":null,"b":""})");
}

TEST(Merged, ScalarsAndObjectsReplaceEachOther) {
  EXPECT_EQ(merged(R"({"a":{"b":1}})", R"({"a":5})"), R"({"a":5})");
  EXPECT_EQ(merged(R"({"a":5})", R"({"a":{"b":1}})"), R"({"a":{"b":1}})");
}

TEST(Merged, KeepsTheOctetsOfScalarsAndNoBlanks) {
  EXPECT_EQ(merged("{ \"a\" : 1.0 , \"\\u0062\" : \"\\u0041\" }", "{ \"b\" : [ 1 , \"x y\" ] }"),
            R"({"a":1.0,"\u0062":[1,"x y"]})");
}

TEST(Merged, FirstOfRepeatedMembersCounts) {
  EXPECT_EQ(merged(R"({"a":1,"a":2})", R"({"b":3,"b":4})"), R"({"a":1,"b":3})");
}

TEST(Merged, WhatIsNoObjectIsReplaced) {
  EXPECT_EQ(merged("{\"a\":1}", " [1] "), " [1] ");
  EXPECT_EQ(merged("x", R"({ "a" : 1 })"), R"({ "a" : 1 })");
}

std::string told(std::string_view old, std::string_view now, bool expect_changed = true) {
  const std::vector<path> keys{*path::of("/order")};
  const auto made = delta_of(record_view(old), record_view(now), keys);
  if (!made) return "whole";
  EXPECT_EQ(made->changed, expect_changed);
  return made->body;
}

TEST(Delta, TellsWhatChangedAndTheKeys) {
  EXPECT_EQ(told(R"({"order":3,"customer":"Patrick","status":"new","qty":1000})",
                 R"({"order":3,"customer":"Patrick","status":"pending","qty":1000})"),
            R"({"order":3,"status":"pending"})");
  EXPECT_EQ(told(R"({"order":3,"a":1})", R"({"order":3,"a":1})", false), R"({"order":3})");
}

TEST(Delta, DifferenceIsTypeOrText) {
  EXPECT_EQ(told(R"({"order":3,"a":1,"b":"1","c":"A"})", R"({"order":3,"a":1.0,"b":1,"c":"\u0041"})"),
            R"({"order":3,"a":1.0,"b":1})");
}

TEST(Delta, ObjectsAreToldInPartArraysWhole) {
  EXPECT_EQ(told(R"({"order":3,"o":{"p":1,"q":2},"l":[1,2],"same":{"x":[1]}})",
                 R"({"order":3,"o":{"p":1,"q":3},"l":[1,3],"same":{"x":[ 1 ]},"new":{}})"),
            R"({"order":3,"o":{"q":3},"l":[1,3],"new":{}})");
}

TEST(Delta, AVanishedFieldIsNotTold) {
  EXPECT_EQ(told(R"({"order":3,"a":1})", R"({"order":3})", false), R"({"order":3})");
}

TEST(Delta, KeysInsideObjectsAreTold) {
  const std::vector<path> keys{*path::of("/o/id")};
  const auto made = delta_of(record_view(R"({"o":{"id":1,"a":2}})"), record_view(R"({"o":{"id":1,"a":2}})"), keys);
  EXPECT_EQ(made->body, R"({"o":{"id":1}})");
  EXPECT_FALSE(made->changed);
}

TEST(Delta, WhatIsNoObjectIsToldWhole) {
  EXPECT_EQ(told("[1]", R"({"order":3})"), "whole");
  EXPECT_EQ(told(R"({"order":3})", "x"), "whole");
}

std::string selected(std::string_view inside, std::string_view body) {
  const auto made = selection::parse(inside);
  return made ? made->applied(record_view(body)) : "malformed";
}

TEST(Selection, LongestPathDecides) {
  constexpr std::string_view body = R"({"id":42,"name":"A","pocket":{"left":"twine","right":"towel"}})";
  EXPECT_EQ(selected("-/,+/name,+/pocket/left", body), R"({"name":"A","pocket":{"left":"twine"}})");
  EXPECT_EQ(selected("-/pocket", body), R"({"id":42,"name":"A"})");
  EXPECT_EQ(selected("+/,-/id", body), R"({"name":"A","pocket":{"left":"twine","right":"towel"}})");
  EXPECT_EQ(selected("-/pocket/left,-/pocket/right", body), R"({"id":42,"name":"A","pocket":{}})");
  EXPECT_EQ(selected("-/,+/pocket/middle", body), "{}");
  EXPECT_EQ(selected("-/id,+/id", body), R"({"name":"A","pocket":{"left":"twine","right":"towel"}})");
}

TEST(Selection, ArraysGoWhole) {
  EXPECT_EQ(selected("-/a/b", R"({"a":[{"b":1}]})"), R"({"a":[{"b":1}]})");
  EXPECT_EQ(selected("-/,+/a/b", R"({"a":[{"b":1}]})"), "{}");
}

TEST(Selection, BodiesThatAreNoObjectAreLeftAlone) { EXPECT_EQ(selected("-/", " [1] "), " [1] "); }

TEST(Selection, RefusesMalformedDirectives) {
  for (const auto* inside : {"", "/a", "+", "+a", "-/a,", "+/a[0]", "*/a", "+//a", "+/a/"}) {
    EXPECT_EQ(selected(inside, "{}"), "malformed") << inside;
  }
}

}  // namespace
}  // namespace ampspec::amps
