// The order of records.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/order_by.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ampspec::amps {
namespace {

std::string sorted(std::string_view order, std::vector<std::string> bodies) {
  const auto made = order_by::parse(order);
  if (!made) return "malformed";
  std::stable_sort(bodies.begin(), bodies.end(), [&](const std::string& a, const std::string& b) {
    return made->before(record_view(a), record_view(b));
  });
  std::string all;
  for (const auto& body : bodies) all += body;
  return all;
}

TEST(OrderBy, SortsNothingNumbersTextsAndTurnsRound) {
  const std::vector<std::string> bodies{R"({"a":"b"})", R"({"a":10})",  R"({"a":"9"})",
                                        "{}",           R"({"a":9.5})", R"({"a":true})"};
  EXPECT_EQ(sorted("/a", bodies), R"({}{"a":true}{"a":9.5}{"a":10}{"a":"9"}{"a":"b"})");
  EXPECT_EQ(sorted("/a DESC", bodies), R"({"a":"b"}{"a":"9"}{"a":10}{"a":9.5}{"a":true}{})");
}

TEST(OrderBy, LaterPathsDecideBetweenEquals) {
  EXPECT_EQ(sorted("/a asc , /b/c desc", {R"({"a":1,"b":{"c":1}})", R"({"a":0})", R"({"a":1,"b":{"c":2}})"}),
            R"({"a":0}{"a":1,"b":{"c":2}}{"a":1,"b":{"c":1}})");
  EXPECT_EQ(sorted("/a", {R"({"a":1,"n":1})", R"({"a":1,"n":2})"}), R"({"a":1,"n":1}{"a":1,"n":2})");
}

TEST(OrderBy, TakesTheFirstElementOfAnArray) {
  EXPECT_EQ(sorted("/a", {R"({"a":[3,0]})", R"({"a":[2,9]})"}), R"({"a":[2,9]}{"a":[3,0]})");
}

TEST(OrderBy, RefusesWhatIsNoOrder) {
  for (const auto* order : {"", " ", "a", "/a,", ",/a", "/a UP", "/a DESC ASC", "/a /b", "/a[", "/a DESCX", "1"}) {
    EXPECT_EQ(sorted(order, {}), "malformed") << order;
  }
}

}  // namespace
}  // namespace ampspec::amps
