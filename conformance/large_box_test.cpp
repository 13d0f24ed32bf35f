// Large boxes are compared as they come; what differs is told by its place, and floods end.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/large_box.hpp"

#include "conformance/vectors/loader.hpp"
#include "reference/amp/box_encoder.hpp"

#include <gtest/gtest.h>

namespace ampspec::conformance {
namespace {

constexpr std::size_t size = 3'000'000;

std::vector<vectors::box_matcher> expected(const std::string& boxes) {
  const auto file = vectors::load_suite_text(
      "suite: amp2/test\nprotocol: amp2\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [AMP2-001]\n  roles: "
      "[server]\n"
      "  steps:\n  - expect: {boxes: " +
          boxes + "}\n",
      "t.yaml");
  const auto& steps = std::get<vectors::steps_kind>(file.vectors[0].kind).play.at(vectors::role::server);
  return std::get<vectors::expect_boxes_step>(steps[0].what).boxes;
}

const std::string fill = "{_answer: a, data: {fill: \"78\", size: 3000000}, z: \"1\"}";
const std::string digest =
    "{_answer: a, data: {digest: \"f1ec7b85d2d5d1c3ef5e1ce7e7f8ae4b3b8f5d55e9e4d1bd21a55bb0b6b1a000\"}, z: \"1\"}";

std::string octets_of(const std::string& value) {
  std::string out;
  EXPECT_FALSE(amp::encode(amp::box{{"_answer", "a"}, {"data", value}, {"z", "1"}}, out, amp::version::v2));
  return out;
}

// The difference, or empty; `rest` goes in behind the box.
std::string difference_of(const std::string& boxes, const std::string& octets, std::size_t every) {
  const auto want = expected(boxes);
  bindings names{vectors::default_scope(), {}};
  large_box reader(want, names);
  const std::string all = octets + "rest";
  for (std::size_t at = 0;; at += every) {
    if (at >= all.size()) return "not whole";
    if (!reader.take(all.substr(at, every))) continue;
    EXPECT_EQ(reader.rest, all.substr(octets.size(), at + every - octets.size()));
    break;
  }
  EXPECT_EQ(reader.box.size(), 3u);
  EXPECT_LT(reader.box[1].second.size(), 100u) << "the value is not held";
  const auto d = differs(want.front(), reader.box, names, reader.large);
  return d ? d->text : "";
}

TEST(LargeBox, IsComparedAsItComesHoweverItIsCut) {
  for (const std::size_t every : {std::size_t{size + 1000}, std::size_t{65536}, std::size_t{4099}}) {
    EXPECT_EQ(difference_of("[" + fill + "]", octets_of(std::string(size, 'x')), every), "") << every;
  }
}

TEST(LargeBox, TellsTheFirstOctetThatDiffers) {
  std::string value(size, 'x');
  value[2'345'678] = 'y';
  EXPECT_NE(difference_of("[" + fill + "]", octets_of(value), 65536).find("octet 2345678 "), std::string::npos);
  EXPECT_NE(difference_of("[" + fill + "]", octets_of(std::string(size - 1, 'x')), 65536).find("octet 2999999 "),
            std::string::npos);
  EXPECT_NE(difference_of("[" + fill + "]", octets_of(std::string(size + 1, 'x')), 65536).find("octet 3000000 "),
            std::string::npos);
}

TEST(LargeBox, IsHashedWhereSeveralBoxesAreExpectedOrADigest) {
  const auto right = octets_of(std::string(size, 'x'));
  EXPECT_EQ(difference_of("[" + fill + ", {_answer: b}]", right, 65536), "");
  EXPECT_NE(difference_of("[" + fill + ", {_answer: b}]", octets_of(std::string(size, 'y')), 65536), "");
  EXPECT_NE(difference_of("[" + digest + "]", right, 65536).find("sha256"), std::string::npos);
  std::string good = digest;
  good.replace(good.find("f1ec"), 64, sha256_hex(std::string(size, 'x')));
  EXPECT_EQ(difference_of("[" + good + "]", right, 65536), "");
}

TEST(LargeBox, WithoutEndIsEndless) {
  const auto want = expected("[" + fill + "]");
  const bindings names{vectors::default_scope(), {}};
  large_box reader(want, names);
  const std::string head("\0\4data", 6), full = "\xff\xff" + std::string(65535, 'x');
  reader.take(head);
  int chunks = 0;
  while (!reader.endless() && chunks < 1000) {
    ASSERT_FALSE(reader.take(full));
    ++chunks;
  }
  EXPECT_GT(chunks, 46) << "more than the value that was expected";
  EXPECT_LT(chunks, 200);
}

TEST(LargeBox, WithWrongOctetsIsAnError) {
  const auto want = expected("[" + fill + "]");
  const bindings names{vectors::default_scope(), {}};
  large_box reader(want, names);
  EXPECT_FALSE(reader.take("\1\0"));
  EXPECT_FALSE(reader.wrong().empty());
}

TEST(LargeValue, IsComparedByTheDigestsOfItsMebibytes) {
  std::string octets(size, 'x');
  const auto told = [&] {
    large_value_reader reader;
    for (std::size_t at = 0; at < octets.size(); at += 10'007) reader.take(std::string_view(octets).substr(at, 10'007));
    return reader.finish();
  };
  const auto want = vectors::octets::from(octets);
  EXPECT_EQ(told().mebibytes.size(), 3u);
  EXPECT_EQ(told().sha256, sha256_hex(octets));
  EXPECT_EQ(first_difference(want, told()), std::nullopt);
  octets[1'500'000] = 'y';
  EXPECT_EQ(first_difference(want, told()), 1u << 20) << "the first MiB that differs";
}

}  // namespace
}  // namespace ampspec::conformance
