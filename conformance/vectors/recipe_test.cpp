// Recipes: the octets that they make, their labels, and how they are compared.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/recipe.hpp"

#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ampspec::vectors {
namespace {

// The octets of a recipe written as in a file, with `more` lines (such as a matrix) in its vector.
recipe written(const std::string& bytes, const std::string& more = {}, const std::string& protocol = "amp1") {
  const auto file =
      load_suite_text("suite: " + protocol + "/b\nprotocol: " + protocol +
                          "\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [X-1]\n  roles: [server]\n" + more +
                          "  steps:\n  - send: {bytes: " + bytes + "}\n",
                      "b.yaml");
  return std::get<send_step>(std::get<steps_kind>(file.vectors[0].kind).play.at(role::server)[0].what).bytes;
}

octets made(const std::string& bytes) { return realize(written(bytes), default_scope()); }

std::string hex(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string hex_of(const std::string& bytes) { return hex(made(bytes).str()); }

// "offset+size label", `!` behind lengths.
std::vector<std::string> shown(const octets& o, std::size_t limit = 100) {
  std::vector<std::string> all;
  for (const auto& f : o.fields(limit)) {
    all.push_back(std::to_string(f.offset) + "+" + std::to_string(f.size) + " " + f.label + (f.is_length ? "!" : ""));
  }
  return all;
}

using texts = std::vector<std::string>;

octets made_as(const std::string& protocol, const std::string& bytes) {
  return realize(written(bytes, {}, protocol), default_scope());
}

TEST(Recipe, WritesAValueOfAnAmp2FileInChunks) {
  const std::string full = std::string(65535, 'v');
  const std::string marked = "\xff\xff" + full;
  using namespace std::string_literals;
  EXPECT_EQ(made_as("amp2", "{pair: [k, {fill: \"76\", size: 65534}]}").str(), "\0\1k\xff\xfe"s + full.substr(1));
  EXPECT_EQ(made_as("amp2", "{pair: [k, {fill: \"76\", size: 65535}]}").str(), "\0\1k"s + marked + "\0\0"s);
  EXPECT_EQ(made_as("amp2", "{pair: [k, {fill: \"76\", size: 65536}]}").str(), "\0\1k"s + marked + "\0\1v"s);
  EXPECT_EQ(made_as("amp2", "{box: {k: {fill: \"76\", size: 131070}, l: \"\"}}").str(),
            "\0\1k"s + marked + marked + "\0\0\0\1l\0\0\0\0"s);
  EXPECT_EQ(made_as("stream", "{pair: [k, {fill: \"76\", size: 65535}]}").str(), "\0\1k"s + marked);
  // Atoms go on from one chunk to the next, whatever they are.
  const auto cut = made_as("amp2", "{pair: [k, [{fill: \"616263\", size: 65534}, xyz]]}");
  EXPECT_EQ(cut.str().substr(3 + 2 + 65532), "abx\0\2yz"s);
}

TEST(Recipe, NamesTheLengthOfEachChunk) {
  const auto o = made_as("amp2", "{box: {k: {fill: \"76\", size: 65537}}}");
  EXPECT_EQ(shown(o), (texts{"0+2 key length 1!", "2+1 key \"k\"", "3+2 value chunk 1 of 2, length 65535!",
                             "5+65535 value chunk 1 of 2", "65540+2 value chunk 2 of 2, length 2!",
                             "65542+2 value chunk 2 of 2", "65544+2 end of box!"}));
  EXPECT_EQ(made_as("amp2", "{box: {k: {fill: \"76\", size: 200000000}}}").size(), 200'000'000u + 2 * 3052 + 5);
}

TEST(Recipe, MakesTheOctetsOfEachAtom) {
  EXPECT_EQ(hex_of("{hex: \"01 fF\"}"), "01ff");
  EXPECT_EQ(hex_of("{text: Sum}"), "53756d");
  EXPECT_EQ(hex_of("é"), "c3a9");
  EXPECT_EQ(hex_of("[]"), "");
  EXPECT_EQ(hex_of("[{u8: 255}, {u16: 258}, {u32: 16909060}, {u32le: 16909060}]"), "ff01020102030404030201");
  EXPECT_EQ(hex_of("{fill: \"6162\", size: 5}"), "6162616261");
  EXPECT_EQ(hex_of("{repeat: 3, of: [ab, {u8: 0}]}"), "616200616200616200");
  EXPECT_EQ(hex_of("{pair: [k, {hex: ff}]}"), "00016b0001ff");
  EXPECT_EQ(hex_of("{box: {a: \"1\", b: \"\"}}"), "00016100013100016200000000");
  EXPECT_EQ(hex_of("{box: {pairs: [[{hex: ff00}, x], [\"\", {fill: \"61\", size: 3}]]}}"),
            "0002ff000001780000000361616"
            "10000");
  EXPECT_EQ(hex_of("{any_order: [b, a]}"), "6261");
}

TEST(Recipe, ResolvesNamesAndDoubledDollars) {
  EXPECT_EQ(made("{fill: \"61\", size: $max_value + 1}").size(), 65536u);
  EXPECT_EQ(hex_of("{u16: 2 * ($max_key - 1) + 3 * 2}"), "0202");
  EXPECT_EQ(hex_of("\"$$n\""), "246e");
  const auto r = written("[{u8: $n}, $n, {hex: $n}, {box: {$n: $n}}]", "  matrix: {n: [\"10\"]}\n");
  scope names = default_scope();
  names["n"] = "10";
  EXPECT_EQ(hex(realize(r, names).str()),
            "0a313010"
            "00023130000231300000");
}

TEST(Recipe, ReportsWhatShowsOnlyWithValues) {
  const auto fails = [](const recipe& r, const scope& names) {
    try {
      realize(r, names);
    } catch (const load_error& e) {
      return e.message();
    }
    return std::string("realized");
  };
  scope names = default_scope();
  names["n"] = "300";
  const std::string matrix = "  matrix: {n: [\"300\", abc]}\n";
  EXPECT_NE(fails(written("{u8: $n}", matrix), names).find("300 does not fit into 8 bits"), std::string::npos);
  EXPECT_NE(fails(written("{fill: \"61\", size: $n - 301}", matrix), names).find("negative"), std::string::npos);
  EXPECT_NE(fails(written("{hex: $n}", matrix), names).find("odd number of hex digits"), std::string::npos);
  EXPECT_NE(fails(written("{pair: [k, {fill: \"61\", size: 65536}]}"), names).find("a value of 65536 octets"),
            std::string::npos);
  EXPECT_NE(fails(written("{pair: [{fill: \"61\", size: 70000}, v]}"), names).find("a key of 70000 octets"),
            std::string::npos);
  EXPECT_NE(
      fails(written("{fill: \"61\", size: 18446744073709551615 * $max_key}"), names).find("does not fit into 64 bits"),
      std::string::npos);
  EXPECT_NE(fails(written("{repeat: 4294967296 * 4294967295, of: {fill: \"61\", size: 255}}"), names).find("too many"),
            std::string::npos);
  names["n"] = "abc";
  EXPECT_NE(fails(written("{u8: $n}", matrix), names).find("not a number"), std::string::npos);
  names.erase("n");
  EXPECT_NE(fails(written("{u8: $n}", matrix), names).find("unknown name `$n`"), std::string::npos);
}

TEST(Recipe, PutsBackWhatWasCaptured) {
  const auto file = load_suite_text(
      "suite: amp1/b\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [X-1]\n  roles: [server]\n  "
      "steps:\n"
      "  - send: {box: {_answer: {same: tag}}}\n",
      "b.yaml");
  const auto& send = std::get<send_step>(std::get<steps_kind>(file.vectors[0].kind).play.at(role::server)[0].what);
  EXPECT_EQ(hex(realize(send.bytes, {}, {{"tag", "\x01\x02"}}).str()),
            "00075f616e7377657200020102"
            "0000");
  EXPECT_THROW(realize(send.bytes, {}), load_error);
}

// The expected octets come from a separate program of ten lines; the first eight of seed 0 are the published first
// output.
TEST(Prng, GivesSplitmix64LowestOctetFirst) {
  EXPECT_EQ(hex_of("{prng: 0, size: 16}"), "afcd1d7b39a820e2f465b9a16a9e786e");
  EXPECT_EQ(hex_of("{prng: 7, size: 20}"), "d70d3259e4e1cb631c663cf4d73c4c04022ab1ba");
  EXPECT_EQ(hex_of("{prng: 18446744073709551615, size: 8}"), "202c651b7771d9e4");
}

TEST(Prng, IsReadFromAnyOffset) {
  std::string tail(12, '\0');
  prng_octets(7, 99991, tail);
  EXPECT_EQ(hex(tail), "a0ce5361d44c71921857d3e1");
  std::string all(300, '\0');
  prng_octets(9, 0, all);
  for (std::size_t from = 0; from < 40; ++from) {
    std::string part(21, '\0');
    prng_octets(9, from, part);
    EXPECT_EQ(part, all.substr(from, 21)) << from;
  }
}

TEST(Octets, AreReadAlikeFromEveryOffset) {
  const octets o = made(
      "[ab, {fill: \"010203\", size: 10}, {u16: 5}, {prng: 3, size: 11}, {repeat: 4, of: [x, {fill: \"0a0b\", size: "
      "3}, "
      "{repeat: 2, of: yz}]}, {fill: \"00\", size: 0}, end]");
  const std::string all = o.str();
  ASSERT_EQ(all.size(), o.size());
  EXPECT_EQ(hex(all).substr(0, 28),
            "6162"
            "01020301020301020301"
            "0005");
  EXPECT_EQ(hex(all).substr(50),
            "780a0b0a797a797a780a0b0a797a797a780a0b0a797a797a780a0b0a797a797a"
            "656e64");
  for (std::size_t from = 0; from <= all.size(); ++from) {
    for (std::size_t count = 0; from + count <= all.size(); ++count) {
      std::string part(count, '\0');
      o.read(from, part);
      ASSERT_EQ(part, all.substr(from, count)) << from << "+" << count;
    }
  }
}

TEST(Octets, OfTwoHundredMegabytesCostNothingUntilRead) {
  const octets o = made("[{fill: \"6162\", size: 200000000}, {repeat: 1000000000000, of: {prng: 1, size: 1000}}, end]");
  EXPECT_EQ(o.size(), 1'000'000'200'000'003u);
  std::string part(4, '\0');
  o.read(199'999'998, std::span(part).first(2));
  o.read(o.size() - 2, std::span(part).last(2));
  EXPECT_EQ(part, "abnd");
  EXPECT_THROW(o.str(), std::length_error);
}

TEST(Octets, ShowTheFieldsOfABox) {
  EXPECT_EQ(shown(made("{box: {Sum: \"13\", e: \"\"}}")),
            (texts{"0+2 key length 3!", "2+3 key \"Sum\"", "5+2 value length 2!", "7+2 value \"13\"",
                   "9+2 key length 1!", "11+1 key \"e\"", "12+2 value length 0!", "14+2 end of box!"}));
  EXPECT_EQ(shown(made("{pair: [{hex: ff}, {fill: \"61\", size: 300}]}")),
            (texts{"0+2 key length 1!", "2+1 key", "3+2 value length 300!", "5+300 value"}));
}

TEST(Octets, ShowOwnLabelsInsteadOrInFront) {
  EXPECT_EQ(shown(made("{pair: [{text: k, as: odd key}, [a, {hex: ff, as: tail}]], as: first}")),
            (texts{"0+2 first: key length 1!", "2+1 first: odd key", "3+2 first: value length 2!", "5+1 first: value",
                   "6+1 first: tail"}));
  EXPECT_EQ(shown(made("[{u16: 256, as: key length 256}, {u8: 7}, {hex: \"00\", as: rest}, x]")),
            (texts{"0+2 key length 256!", "2+1 7", "3+1 rest", "4+1 \"x\""}));
}

TEST(Octets, ShowTheFieldsOfEachRepetitionUpToALimit) {
  const octets o = made("{repeat: 1000000000, of: {pair: [k, v]}}");
  EXPECT_EQ(o.fields().size(), 100'000u);
  EXPECT_EQ(shown(o, 5), (texts{"0+2 key length 1!", "2+1 key \"k\"", "3+2 value length 1!", "5+1 value \"v\"",
                                "6+2 key length 1!"}));
  EXPECT_EQ(shown(made("{repeat: 3, of: ab, as: noise}")), texts{"0+6 noise"});
}

TEST(Octets, CoverEveryOctetWithFieldsInOrder) {
  const octets o = made(
      "[{box: {a: [{repeat: 2, of: {pair: [x, y]}}, {box: {}}]}}, {any_order: [{pair: [k, v]}, {u32: 1}]}, {repeat: 2, "
      "of: [a, {u16: 1}]}]");
  std::uint64_t at = 0;
  for (const auto& f : o.fields()) {
    EXPECT_EQ(f.offset, at) << f.label;
    at += f.size;
  }
  EXPECT_EQ(at, o.size());
}

TEST(Octets, AppendKeepsCopiesAsTheyWere) {
  octets a = octets::from("one", "first");
  const octets before = a;
  a.append(made("[{fill: \"61\", size: 2}, {any_order: [x, yy]}]"));
  a.append(a);
  EXPECT_EQ(before.str(), "one");
  EXPECT_EQ(a.str(), "oneaaxyyoneaaxyy");
  EXPECT_EQ(shown(a).at(0), "0+3 first");
  EXPECT_EQ(a.fields().at(5).offset, 11u);
  ASSERT_EQ(a.any_order_groups().size(), 2u);
  EXPECT_EQ(a.any_order_groups()[1].offset, 13u);
  EXPECT_EQ(a.any_order_groups()[1].part_sizes, (std::vector<std::uint64_t>{1, 2}));
}

TEST(EqualOctets, TellsTheFirstDifference) {
  const octets want = made("[ab, {fill: \"63\", size: 40000}]");
  std::string got = want.str();
  EXPECT_TRUE(equal_octets(want, got));
  std::uint64_t at = 0;
  got[39999] = 'x';
  EXPECT_FALSE(equal_octets(want, got, &at));
  EXPECT_EQ(at, 39999u);
  EXPECT_FALSE(equal_octets(want, "abc", &at));
  EXPECT_EQ(at, 3u);
  EXPECT_FALSE(equal_octets(octets(), "a", &at));
  EXPECT_EQ(at, 0u);
  EXPECT_TRUE(equal_octets(octets(), ""));
}

TEST(EqualOctets, TakesThePartsOfAGroupInAnyOrder) {
  const octets want = made("[<, {any_order: [{pair: [a, \"1\"]}, {pair: [b, \"22\"]}, {pair: [c, \"\"]}]}, \">\"]");
  const std::string a = made("{pair: [a, \"1\"]}").str(), b = made("{pair: [b, \"22\"]}").str(),
                    c = made("{pair: [c, \"\"]}").str();
  std::vector<std::string> parts{a, b, c};
  std::sort(parts.begin(), parts.end());
  do {
    EXPECT_TRUE(equal_octets(want, "<" + parts[0] + parts[1] + parts[2] + ">"));
  } while (std::next_permutation(parts.begin(), parts.end()));
  std::uint64_t at = 0;
  EXPECT_FALSE(equal_octets(want, "<" + a + a + c + ">", &at));
  EXPECT_EQ(at, 1u + a.size() + 2);
  EXPECT_FALSE(equal_octets(want, "<" + b + c + ">"));
  EXPECT_FALSE(equal_octets(want, "<" + c + b + a + "]"));
  EXPECT_FALSE(equal_octets(want, "(" + c + b + a + ">"));
}

TEST(EqualOctets, TriesOtherOrdersWhereOnePartBeginsAnother) {
  const octets want = made("[{any_order: [a, ab, abc]}, {any_order: [x, xy]}]");
  EXPECT_TRUE(equal_octets(want, "aababcxyx"));
  EXPECT_TRUE(equal_octets(want, "abcabaxxy"));
  EXPECT_TRUE(equal_octets(want, "abaabcxxy"));
  EXPECT_FALSE(equal_octets(want, "abaabxxyc"));
}

TEST(EqualOctets, DoesNotTakeForeverForManyLikeParts) {
  std::string parts;
  for (int i = 0; i < 16; ++i)
    parts += std::string(i == 0 ? "" : ", ") + "{fill: \"61\", size: " + std::to_string(i % 2 + 1) + "}";
  EXPECT_FALSE(equal_octets(made("{any_order: [" + parts + "]}"), std::string(23, 'a') + "b"));
}

TEST(Recipe, FillAndPrngMayBeginFurtherOn) {
  EXPECT_EQ(hex_of("{fill: \"010203\", size: 4, from: 2}"), "03010203");
  EXPECT_EQ(hex_of("{fill: \"010203\", size: 2, from: 3 * 1000 + 1}"), "0203");
  const auto whole = made("{prng: 7, size: 40}").str();
  EXPECT_EQ(made("{prng: 7, size: 27, from: 13}").str(), whole.substr(13));
}

}  // namespace
}  // namespace ampspec::vectors
