// Each kind of mistake in a vector file, told with its place and what to write instead; and what right files become.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"

#include "conformance/vectors/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace ampspec::vectors {
namespace {

namespace fs = std::filesystem;

const std::string head = "suite: amp1/x\nprotocol: amp1\nids: T\nvectors:\n";                           // 4 lines
const std::string names = "- id: T-001\n  title: a title\n  cites: [A-1]\n  roles: [codec, server]\n";  // lines 5 to 8
const std::string decoded = "  decode: {hex: \"00\"}\n  expect: {delivers: [], end: incomplete}\n";

// The error of a text, without the name of the file; "loaded" if there is none.
std::string error(const std::string& text) {
  try {
    load_suite_text(text, "f.yaml");
  } catch (const load_error& e) {
    const std::string what = e.what();
    return what.starts_with("f.yaml:") ? what.substr(7) : "without the file's name: " + what;
  }
  return "loaded";
}
std::string error_in(const std::string& lines) { return error(head + names + lines); }  // lines from 9

vector loaded(const std::string& text) { return load_suite_text(head + text, "f.yaml").vectors.at(0); }
std::vector<step> steps_of(const std::string& list) {
  return std::get<steps_kind>(
             loaded("- id: T-001\n  title: t\n  cites: [A-1]\n  roles: [client]\n  steps:\n" + list).kind)
      .play.at(role::client);
}

// The error begins with the place and names what to write instead.
void expect_error(const std::string& got, const std::string& place_and_what, const std::string& instead) {
  EXPECT_EQ(got.substr(0, place_and_what.size()), place_and_what);
  EXPECT_NE(got.find(instead), std::string::npos) << got;
  EXPECT_NE(got.find("; "), std::string::npos) << got;
}

TEST(Loader, RefusesWhatTheFormatLeavesOutOfYaml) {
  expect_error(error(head + names + "  title: again\n" + decoded), "9:3: key `title` stands twice, first in line 6",
               "remove one");
  expect_error(error_in("  decode: &a x\n"), "9:11: an anchor `&a`", "write the value out");
  expect_error(error_in("  decode: &a [x]\n  then: *a\n"), "9:11: an anchor", "write the value out");
  expect_error(error(head + "- *a\n"), "5:3: ", "; ");
  expect_error(error_in("  decode: !!str x\n"), "9:11: a tag `tag:yaml.org,2002:str`", "every scalar is text");
  expect_error(error_in("  decode: !mine {hex: \"00\"}\n"), "9:11: a tag `!mine`", "leave it out");
  expect_error(error_in("  decode: ! x\n"), "9:11: a tag", "leave it out");
  expect_error(error_in("  <<: {decode: x}\n"), "9:3: a merge key", "write the keys out");
  expect_error(error_in("  decode: null\n"), "9:11: a bare null", "\"\" for the empty text");
  expect_error(error_in("  decode: ~\n"), "9:11: a bare `~`", "\"\" for the empty text");
  expect_error(error_in("  decode: [a, ~]\n"), "9:15: a bare `~`", "quote it");
  expect_error(error_in("  decode:\n  expect: {end: any}\n"), "9:3: key `decode` has no value",
               "\"\" for the empty text");
  expect_error(error_in("  expect: {end:any}\n"), "9:12: key `end:any` has no value", "behind `: `");
  expect_error(error_in("  ? [a]\n  : b\n"), "9:5: a list or a map as a key", "{pairs: [[K, V]]}");
  expect_error(error(head + names + decoded + "---\na: b\n"), "11:1: a second document", "one document");
}

TEST(Loader, RefusesTextThatIsNotYaml) {
  expect_error(error(""), "1:1: the file is empty", "write a map");
  expect_error(error("suite: [a\n"), "1:9: a bracket is not closed", "write `]`");
  expect_error(error("suite: \"a\n"), "2:1: the file ends inside a quote", "close it");
  expect_error(error_in("  decode: 'a\n  expect: {}\n"), "11:1: the file ends inside a quote", "close it");
  EXPECT_EQ(error_in(decoded + "...\n"), "loaded");
  expect_error(error_in("\tdecode: x\n"), "9:1: a tab in the indentation", "indent with blanks");
  expect_error(error_in("  decode: \"\xff\"\n"), "9:12: not UTF-8", "save the file as UTF-8");
  expect_error(error_in("  title: \xc3\xa9\xed\xa0\x80\n"), "9:11: not UTF-8", "{hex: …}");
  expect_error(error_in(std::string("  decode: \0x\n", 13)), "9:11: a control character", "{hex: …}");
  expect_error(error("\xef\xbb\xbf" + head), "1:1: a byte order mark", "without it");
  expect_error(error(std::string(200'000, '[')), "1:", "; ");
  expect_error(error(std::string(200'000, '{')), "1:", "; ");
  expect_error(error(std::string(1000, ' ') + std::string(3u << 20, 'a')), "1:1: the file is larger than 2 MiB",
               "split it");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "[x, ";
  deep += std::string(300, ']');
  expect_error(error(deep), "1:193: nested too deep", "flatter");
  std::string many = "a: {";
  for (int i = 0; i < 1001; ++i) many += "k" + std::to_string(i) + ": v, ";
  EXPECT_NE(error(many + "}\n").find("over 1000 keys in a map"), std::string::npos);
}

TEST(Loader, SurvivesEveryCutAndEveryChangedOctetOfAFile) {
  const std::string good =
      head + names +
      "  matrix: {n: [1, \"2\"]}\n  decode: [{pair: [k, 'it''s']}, {u16: $n + 1, as: \"x\\ty\"}, # c\n    é]\n" +
      "  expect: {choice: c, one_of: {a: {end: any}, b: {delivers: [{k: {any: value}}], end: {reject: {by: 1}}}}}\n";
  ASSERT_EQ(error(good), "loaded");
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i + 1 < good.size()) {  // the last end of line may be missing
      EXPECT_NE(error(good.substr(0, i)), "loaded") << i;
    }
    for (const char c : std::string("[]{}&*!|>'\"%@`:#-?,~\n\t \0\xff", 25)) {
      std::string changed = good;
      changed[i] = c;
      const std::string e = error(changed);  // throws nothing but load_error
      EXPECT_TRUE(e == "loaded" || e.find(": ") != std::string::npos);
    }
  }
}

TEST(Loader, SuggestsTheNearestKey) {
  expect_error(error_in("  decode: x\n  expct: {end: any}\n"), "10:3: unknown key `expct` in a vector",
               "did you mean `expect`?");
  expect_error(error("siute: a\n"), "1:1: unknown key `siute`", "did you mean `suite`?");
  expect_error(error_in("  steps:\n  - sned: {bytes: x}\n"), "10:5: unknown key `sned` in a step",
               "did you mean `send`?");
  expect_error(error_in("  decode: x\n  expect: {end: any, zzzzzz: x}\n"), "10:22: unknown key `zzzzzz`",
               "write one of `delivers`, `end`");
}

TEST(Loader, RefusesAVectorOfTheWrongShape) {
  expect_error(error_in("  decode: x\n  encode: {}\n"), "10:3: two kinds, `decode` and `encode`", "write two vectors");
  expect_error(error(head + names), "5:3: no kind", "`decode`, `encode`, `steps`");
  expect_error(error_in("  decode: x\n"), "9:3: `decode` without `expect`", "`expect: {…}`");
  expect_error(error_in("  steps: [{close: {}}]\n  expect: {end: any}\n"), "10:11: `expect` beside `steps`",
               "remove it");
  expect_error(error_in("  encode: {}\n  then: x\n  expect: {bytes: x}\n"), "10:9: `then` beside `encode`",
               "belongs to `decode`");
  expect_error(error(head + "- id: T-001\n  title: t\n  roles: [codec]\n"), "5:3: vector T-001 has no `cites`",
               "write `cites: …`");
  expect_error(error(head + "- id: T-001\n  title: t\n  cites: []\n"), "7:10: `cites` names 0 clauses", "one to three");
  expect_error(error(head + "- id: T-001\n  title: t\n  cites: [a, b, c, d]\n"), "7:10: `cites` names 4 clauses",
               "`touches`");
  expect_error(error(head + "- id: T-001\n  title: t\n  cites: [a, b, a]\n"), "7:17: `a` stands twice in `cites`",
               "remove one");
  expect_error(error(head + "- id: T-001\n  title: t\n  cites: [a]\n  roles: [server, clint]\n"),
               "8:19: unknown role `clint`", "did you mean `client`?");
  expect_error(error(head + "- id: T-001\n  title: t\n  cites: [a]\n  roles: []\n"), "8:10: no role",
               "codec, server, client");
  expect_error(error(head + "- id: A1-001\n"), "5:7: id `A1-001` does not fit this file", "write T-NNN");
  expect_error(error(head + "- id: T-1\n"), "5:7: id `T-1` does not fit", "ampspec vector new");
  expect_error(error(head + "- id: T-001\n  title: \"\"\n"), "6:10: an empty title", "write a sentence");
  expect_error(error_in("  tier: big\n" + decoded), "9:9: unknown tier `big`", "`default`, `large`, `soak`");
  expect_error(error_in("  requires: {clint: [x]}\n" + decoded), "9:14: unknown key `clint`", "did you mean `client`?");
  expect_error(error_in("  requires: {client: [x]}\n" + decoded), "9:14: `requires` of a role", "add it there");
  expect_error(error_in("  decode: x\n  expect: {codec: {end: any}}\n"), "10:11: `expect` by role lacks `server`",
               "write it too");
  expect_error(error_in("  decode: x\n  expect: {client: {end: any}}\n"), "10:12: `expect` of a role", "add `client`");
  expect_error(error("suite: a\nprotocol: amp1\n"), "1:1: the file has no `ids`", "write `ids: …`");
  expect_error(error("suite: amp3/x\nprotocol: amp3\nids: T\nvectors: []\n"), "2:11: unknown protocol `amp3`",
               "did you mean `amp1`?");
  expect_error(error("[a]\n"), "1:1: a vector file must be a map", "{key: value}");
  expect_error(error(head + names + "  title2: [x]\n"), "9:3: unknown key `title2`", "did you mean `title`?");
  expect_error(error(head + "- id: [T-001]\n"), "5:7: `id` must be a text", "without brackets");
}

TEST(Loader, RefusesBadOctets) {
  const auto bad = [](const std::string& bytes) { return error_in("  decode: " + bytes + "\n  expect: {end: any}\n"); };
  expect_error(bad("{hx: \"00\"}"), "9:12: unknown atom `hx`", "did you mean `hex`?");
  expect_error(bad("{text: a, u8: 1}"), "9:21: two atoms in one map, `text` and `u8`", "two items of a list");
  expect_error(bad("{as: a}"), "9:11: a map without an atom", "{text: …}");
  expect_error(bad("{hex: \"001\"}"), "9:17: odd number of hex digits in `001`", "two for each octet");
  expect_error(bad("{hex: \"0g\"}"), "9:17: `0g` is not hex", "two hex digits");
  expect_error(bad("{fill: \"6\", size: 2}"), "9:18: odd number of hex digits", "two for each octet");
  expect_error(bad("{fill: \"61\"}"), "9:11: atom `fill` has no `size`", "write `size: …`");
  expect_error(bad("{text: a, size: 2}"), "9:21: unknown key `size` in atom `text`", "`as`");
  expect_error(bad("[a, [b]]"), "9:15: a list inside a list", "in the outer list");
  expect_error(bad("{pair: [a]}"), "9:18: a pair must have two parts", "[KEY, VALUE]");
  expect_error(bad("{any: value}"), "9:12: a matcher `any` where octets are made", "{text: …}");
  expect_error(bad("{same: x}"), "9:12: `same` where nothing captured can stand", "in what is sent");
  expect_error(bad("{any_order: [a, b]}"), "9:12: `any_order` inside another atom", "at the top");
  expect_error(bad("{box: {pairs: [[a]]}}"), "9:26: a pair must have two parts", "[KEY, VALUE]");
}

TEST(Loader, RefusesBadExpressionsAndNames) {
  const auto bad = [](const std::string& size) {
    return error_in("  decode: {fill: \"61\", size: " + size + "}\n  expect: {end: any}\n");
  };
  expect_error(bad("1 +"), "9:30: bad expression `1 +`: it ends too early", "write a number");
  expect_error(bad("1 / 2"), "9:30: bad expression `1 / 2`: `/ 2` is not expected", "`+`, `-`, `*`");
  expect_error(bad("0x10"), "9:30: bad expression", "write numbers");
  expect_error(bad("(1"), "9:30: bad expression `(1`: a parenthesis is not closed", "write `)`");
  expect_error(bad(std::string(100, '(') + "1"), "9:30: bad expression", "nested too deep");
  expect_error(bad("99999999999999999999"), "9:30: bad expression", "fit into 64 bits");
  expect_error(bad("$max_vale"), "9:30: unknown name `$max_vale`", "did you mean `$max_value`?");
  expect_error(bad("$n"), "9:30: unknown name `$n`", "a name of the matrix");
  expect_error(error_in("  decode: $cent\n  expect: {end: any}\n"), "9:11: unknown name `$cent`", "matrix");
  expect_error(error_in("  decode: $5\n  expect: {end: any}\n"), "9:11: `$5` is not a `$name`", "write `$$`");
  expect_error(error_in("  matrix: {n: [$max_key]}\n" + decoded), "9:16: a `$name` as a value of the matrix",
               "the number or text itself");
  expect_error(error_in("  matrix: {max_key: [1]}\n" + decoded), "9:12: `max_key` is a limit", "another name");
  expect_error(error_in("  matrix: {N: [1]}\n" + decoded), "9:12: bad matrix name `N`", "lower-case");
  expect_error(error_in("  matrix: {n: [1, 1]}\n" + decoded), "9:19: `1` stands twice", "remove one");
  expect_error(error_in("  matrix: {n: []}\n" + decoded), "9:12: no values for `n`", "[a, b]");
}

TEST(Loader, RefusesBadExpectations) {
  const auto bad = [](const std::string& expect) { return error_in("  decode: x\n  expect: " + expect + "\n"); };
  expect_error(bad("{delivers: []}"), "10:11: what `decode` expects has no `end`", "write `end: …`");
  expect_error(bad("{end: clean}"), "10:11: what `decode` expects has no `delivers`", "write `delivers: …`");
  expect_error(bad("{delivers: [], end: any}"), "10:22: `delivers` beside `end: any`", "remove one");
  expect_error(bad("{delivers: [], end: reject}"), "10:31: `end: reject` says nothing more", "end: {reject: {}}");
  expect_error(bad("{delivers: [], end: {reject: {class: key-to-long}}}"), "10:48: unknown reject class `key-to-long`",
               "`key-too-long`");
  expect_error(bad("{choice: c, one_of: {a: {end: any}}}"), "10:31: a choice with less than two branches", "BRANCH");
  expect_error(bad("{delivers: [{k: {anny: value}}], end: clean}"), "10:28: neither atom nor matcher: `anny`",
               "did you mean `any`?");
  expect_error(bad("{delivers: [{k: {any: true}}], end: clean}"), "10:33: matcher `any` takes one value",
               "{any: value}");
  expect_error(bad("{delivers: [{k: {regex: \"(\"}}], end: clean}"), "10:35: bad regex `(`", "ECMAScript");
  expect_error(bad("{delivers: [{k: {regex: \"" + std::string(1'000'000, '(') + "\"}}], end: clean}"),
               "10:35: a regex of more than 200 octets", "a shorter one");
  expect_error(bad("{delivers: [{k: {digest: abc}}], end: clean}"), "10:36: a digest is a sha256",
               "64 lower-case hex digits");
  expect_error(bad("{delivers: [{box: {k: v}, others: all}], end: clean}"), "10:45: unknown value of `others`",
               "others: any");
  expect_error(error_in("  encode: {}\n  expect: {bytes: x, refuse: empty-key}\n"),
               "10:22: what `encode` expects has both", "write one");
  expect_error(error_in("  encode: {}\n  expect: {refuse: to-long}\n"), "10:20: unknown class of refusal `to-long`",
               "`key-too-long`");
}

TEST(Loader, RefusesBadSteps) {
  const auto bad = [](const std::string& step) { return error_in("  steps:\n  - " + step + "\n"); };
  expect_error(bad("{connection: a}"), "10:5: a step without a verb", "`send`");
  expect_error(bad("{send: {bytes: x}, close: {}}"), "10:24: two verbs in one step", "write two steps");
  expect_error(bad("{close: x}"), "10:13: close takes nothing", "close: {}");
  expect_error(bad("{send: {}}"), "10:12: `send` has none of its keys", "`box`, `boxes`, `bytes`");
  expect_error(bad("{expect: {box: {}, bytes: x}}"), "10:24: `expect` has both `box` and `bytes`", "write one");
  expect_error(bad("{expect: {boxes: [{}], others: any}}"), "10:36: `others` needs `box`", "{box: BOX, others: any}");
  expect_error(bad("{expect_silence: {close: yes}}"), "10:30: unknown value of `close`", "close: allowed");
  expect_error(bad("{expect_ended: {call: a, how: answerd}}"), "10:35: unknown `how` `answerd`",
               "did you mean `answer`?");
  expect_error(bad("{expect_ended: {call: a, how: answer, kind: unknown}}"), "10:43: `kind` needs `how: error`",
               "change `how`");
  expect_error(bad("{expect_ended: {call: a, how: lost, box: {}}}"), "10:41: `box` needs `how: answer`",
               "change `how`");
  expect_error(bad("{call: {name: a, command: Sum, ask: maybe}}"), "10:41: unknown `ask` `maybe`", "`yes`, `no`");
  expect_error(bad("{choice: c, one_of: {a: [{close: {}}], b: [{expect_close: {}}]}}"),
               "10:26: branch `a` begins with a step that shows nothing", "begin with expect");
  expect_error(error_in("  steps: []\n"), "9:10: no steps", "at least one");
}

TEST(Loader, RefusesBadGrowthAndSamples) {
  expect_error(error_in("  growth: {decode: x, n: [1], every: 1, at_most: 2}\n"), "9:26: `n` needs two numbers",
               "[SMALL, LARGE]");
  expect_error(error_in("  growth: {decode: x, n: [2, 1], every: 1, at_most: 2}\n"), "9:30: `n` does not grow",
               "ascending");
  expect_error(error_in("  growth: {decode: x, n: [1, 2], every: 1, at_most: 1e3}\n"),
               "9:53: `at_most` must be a number", "10 or 2.5");
  expect_error(error_in("  sample: {boxes: many, seed: 1, law: round-trip}\n"), "9:19: `boxes` `many` is not a number",
               "decimal digits");
  expect_error(error_in("  sample: {boxes: 1, seed: 1, law: round-trips}\n"), "9:36: unknown law `round-trips`",
               "did you mean `round-trip`?");
}

TEST(Loader, ReportsFilesThatCannotBeRead) {
  const auto failure = [](const fs::path& file) {
    try {
      load_suite(file);
    } catch (const load_error& e) {
      return std::string(e.what());
    }
    return std::string("loaded");
  };
  const fs::path folder = fs::path(testing::TempDir()) / ("loader." + std::to_string(::getpid()));
  fs::create_directories(folder);
  EXPECT_EQ(failure(folder / "none.yaml"), (folder / "none.yaml").string() + ":1:1: no such file; mind its path");
  EXPECT_EQ(failure(folder), folder.string() + ":1:1: not a file; name a YAML file");
  std::ofstream(folder / "secret.yaml") << head;
  fs::permissions(folder / "secret.yaml", fs::perms::none);
  if (::geteuid() != 0) {
    EXPECT_EQ(failure(folder / "secret.yaml"),
              (folder / "secret.yaml").string() + ":1:1: cannot be read; mind its permissions");
  }
  fs::remove_all(folder);
}

// --- what right files become -----------------------------------------------------------------------------------------

TEST(Loader, KeepsWhatAVectorSays) {
  const auto file = load_suite_text(
      "suite: amp1/x\nprotocol: amp1\nids: T\nretired: [T-002]\nvectors:\n"
      "# about the first\n- id: T-001\n  title: \"no: it is text\"\n  cites: [A-1, A-2]\n  touches: [A-3]\n  roles: "
      "[client, codec]\n"
      "  requires: {client: [f]}\n  tier: large\n  cuts: none\n  fence: none\n  since: 1.0\n  catches: [x]\n"
      "  decode: no\n  then: \"0x10\"\n  expect:\n    codec: {delivers: [{a: yes}], end: clean}\n    client: "
      "{delivers: [], end: {reject: {class: key-too-long, by: 2, not_before: 1, at: 0}}}\n"
      "\n# about the second\n- id: T-003\n  title: t\n  cites: [A-1]\n  roles: [codec]\n  decode: x\n  expect: {end: "
      "any}\n\n# end\n",
      "v/f.yaml");
  EXPECT_EQ(file.path, "v/f.yaml");
  EXPECT_EQ(file.retired, std::vector<std::string>{"T-002"});
  ASSERT_EQ(file.vectors.size(), 2u);
  const auto& v = file.vectors[0];
  EXPECT_EQ(v.title, "no: it is text");
  EXPECT_EQ(v.suite, "amp1/x");
  EXPECT_EQ(v.cites, (std::vector<std::string>{"A-1", "A-2"}));
  EXPECT_EQ(v.touches, std::vector<std::string>{"A-3"});
  EXPECT_EQ(v.roles, (std::vector<role>{role::client, role::codec}));
  EXPECT_EQ(v.needs.at(role::client), std::vector<std::string>{"f"});
  EXPECT_TRUE(v.needs.at(role::codec).empty());
  EXPECT_EQ(v.level, tier::large);
  EXPECT_FALSE(v.cut);
  EXPECT_FALSE(v.fence);
  EXPECT_EQ(v.since, "1.0");
  EXPECT_EQ(v.mark.file, "v/f.yaml");
  EXPECT_EQ(v.mark.line, 7);
  EXPECT_EQ(v.last_line, 22);
  EXPECT_EQ(file.vectors[1].last_line, 30);
  const auto& kind = std::get<decode_kind>(v.kind);
  EXPECT_EQ(realize(kind.bytes, {}).str(), "no");
  EXPECT_EQ(realize(*kind.then, {}).str(), "0x10");
  const auto& refused = kind.expect.at(role::client).branches.at(0).second;
  EXPECT_EQ(refused.end, ending::reject);
  EXPECT_EQ(refused.reject_class, "key-too-long");
  EXPECT_EQ(evaluate(*refused.by, {}), 2u);
  const auto& taken = kind.expect.at(role::codec).branches.at(0).second;
  EXPECT_EQ(taken.end, ending::clean);
  EXPECT_EQ(taken.delivers.size(), 1u);
}

TEST(Loader, ExpandsAMatrixInTheOrderWritten) {
  const auto v = loaded(names + "  matrix: {n: [1, 255], at: [first, last]}\n" + decoded);
  std::vector<std::string> variants;
  for (const auto& point : matrix_points(v)) {
    variants.push_back(variant_name(v, point));
    EXPECT_EQ(point.at("max_key"), "255");
  }
  EXPECT_EQ(variants, (std::vector<std::string>{"n=1,at=first", "n=1,at=last", "n=255,at=first", "n=255,at=last"}));
  EXPECT_EQ(variant_name(loaded(names + decoded), matrix_points(loaded(names + decoded)).at(0)), "");
}

TEST(Loader, ReadsEveryStep) {
  const auto all = steps_of(
      "  - call: {name: c, command: Sum, box: {a: \"13\"}, ask: no}\n"
      "  - expect: {box: {_ask: {capture: tag, as: {regex: \"[0-9]+$\"}}, _command: Sum}, others: any}\n"
      "  - send: {box: {_answer: {same: tag}}}\n"
      "  - send: {boxes: [{}, {a: b}]}\n"
      "  - expect: {boxes_in_any_order: [{pairs: [[a, \"1\"], [{hex: \"61\"}, \"2\"]]}, {box: {a: {not: {one_of: [x, "
      "{utf8: $max_key}]}}}, others: any}]}\n"
      "  - {expect: {bytes: [{any_order: [a, b]}]}, connection: two}\n"
      "  - expect_ended: {call: c, how: [answer, error], box: {a: {integer: true}}, others: any, kind: declared, code: "
      "X, description: {any: value}}\n"
      "  - expect_pending: {call: c}\n"
      "  - expect_silence: {close: allowed}\n"
      "  - choice: c\n    one_of: {open: [{expect_silence: {}}], shut: [{expect_close: {}}]}\n"
      "  - half_close: {}\n  - close: {}\n  - reset: {}\n");
  std::vector<std::string_view> verbs;
  verbs.reserve(all.size());
  for (const auto& s : all) verbs.push_back(verb_of(s));
  EXPECT_EQ(verbs, (std::vector<std::string_view>{"call", "expect", "send", "send", "expect", "expect", "expect_ended",
                                                  "expect_pending", "expect_silence", "choice", "half_close", "close",
                                                  "reset"}));
  EXPECT_FALSE(std::get<call_step>(all[0].what).ask);
  const auto& first = std::get<expect_boxes_step>(all[1].what).boxes.at(0);
  EXPECT_TRUE(first.others_any);
  const auto& capture = std::get<match_capture>(first.pairs.at(0).second.what);
  EXPECT_EQ(capture.name, "tag");
  EXPECT_EQ(std::get<match_regex>(capture.as.at(0).what).pattern, "[0-9]+$");
  EXPECT_EQ(realize(std::get<send_step>(all[3].what).bytes, {}).size(), 2u + 8u);
  const auto& any_order = std::get<expect_boxes_step>(all[4].what);
  EXPECT_TRUE(any_order.any_order);
  EXPECT_TRUE(any_order.boxes.at(0).repeats);
  EXPECT_FALSE(any_order.boxes.at(0).others_any);
  EXPECT_TRUE(any_order.boxes.at(1).others_any);
  EXPECT_FALSE(any_order.boxes.at(1).repeats);
  EXPECT_EQ(all[5].connection, "two");
  EXPECT_EQ(all[0].connection, "main");
  const auto& ended = *std::get<boxed<expect_ended_step>>(all[6].what);
  EXPECT_EQ(ended.how, (std::vector<std::string>{"answer", "error"}));
  EXPECT_EQ(ended.kind, std::vector<std::string>{"declared"});
  EXPECT_TRUE(ended.box && ended.box->others_any && ended.code && ended.description);
  EXPECT_TRUE(std::get<expect_silence_step>(all[8].what).close_allowed);
  const auto& choice = std::get<choice_step>(all[9].what);
  EXPECT_EQ(choice.choice, "c");
  EXPECT_EQ(choice.branches.at(1).first, "shut");
  EXPECT_EQ(all[4].mark.line, 14);
}

TEST(Loader, ReadsChangesOfTheTransport) {
  const auto all = steps_of(
      "  - call: {name: t, starts: tls}\n"
      "  - call: {name: s, starts: switch, command: Switch, box: {greeting: x}}\n"
      "  - start_tls: {}\n"
      "  - start_tls: {after: {boxes: [{a: b}, {}]}, fails: any}\n"
      "  - start_tls: {spoiled_by: alert}\n"
      "  - switched: {}\n"
      "  - expect_silence: {by: waiting}\n");
  EXPECT_EQ(std::get<call_step>(all[0].what).starts, call_step::change::tls);
  EXPECT_EQ(std::get<call_step>(all[1].what).starts, call_step::change::other);
  EXPECT_EQ(verb_of(all[2]), "start_tls");
  EXPECT_FALSE(std::get<start_tls_step>(all[2].what).fails);
  const auto& third = std::get<start_tls_step>(all[3].what);
  EXPECT_TRUE(third.fails);
  EXPECT_EQ(realize(third.after, {}).size(), 8u + 2u);
  EXPECT_EQ(std::get<start_tls_step>(all[4].what).by, start_tls_step::spoil::alert);
  EXPECT_TRUE(std::get<start_tls_step>(all[4].what).fails);
  EXPECT_EQ(verb_of(all[5]), "switched");
  EXPECT_TRUE(std::get<expect_silence_step>(all[6].what).by_waiting);
}

TEST(Loader, RefusesChangesOfTheTransportThatMeanNothing) {
  const auto bad = [](const std::string& step) { return error_in("  steps:\n  - " + step + "\n"); };
  expect_error(bad("{call: {name: t, starts: ssl}}"), "10:30: unknown", "`tls`");
  expect_error(bad("{call: {name: t, starts: tls, ask: no}}"), "10:35: `ask` beside `starts: tls`", "remove it");
  expect_error(bad("{call: {name: t, starts: switch}}"), "10:12: `starts: switch` needs the command",
               "command: Switch");
  expect_error(bad("{start_tls: {fails: yes}}"), "10:25: unknown value of `fails`", "fails: any");
  expect_error(bad("{start_tls: {fails: any, spoiled_by: alert}}"), "10:42: `spoiled_by` beside `fails`", "remove");
  expect_error(bad("{start_tls: {after: {}}}"), "10:25: `after` has none of its keys", "`box`");
  expect_error(bad("{expect_silence: {by: clock}}"), "10:27: unknown value of `by`", "by: waiting");
}

TEST(Loader, ReadsEncodeGrowthAndSample) {
  const auto encode = loaded(
      names +
      "  encode: {pairs: [[k, v], [k, w]]}\n  expect: {choice: c, one_of: {a: {bytes: x}, b: {refuse: empty-key}}}\n");
  const auto& kind = std::get<encode_kind>(encode.kind);
  EXPECT_EQ(kind.box.pairs.size(), 2u);
  EXPECT_EQ(kind.expect.choice, "c");
  EXPECT_EQ(kind.expect.branches.at(1).second.refuse, "empty-key");
  const auto growth =
      loaded(names + "  growth: {decode: {fill: \"61\", size: $n}, n: [10, 20], every: 1, at_most: 2.5}\n");
  EXPECT_EQ(std::get<growth_kind>(growth.kind).at_most, 2.5);
  EXPECT_EQ(std::get<growth_kind>(growth.kind).n, (std::vector<std::uint64_t>{10, 20}));
  const auto sample = loaded(names + "  sample: {boxes: 100, seed: 7, law: encode-decodes}\n");
  EXPECT_EQ(std::get<sample_kind>(sample.kind).law, "encode-decodes");
}

TEST(Loader, CountsNearCopiesOnce) {
  const auto file =
      load_suite_text(head + names + decoded +
                          "- id: T-002\n  title: another\n  cites: [B-1]\n  roles: [codec, server]\n  catches: [f]\n"
                          "  expect: {end: incomplete, delivers: []}\n  decode: {hex: \"00\", as: label}\n"
                          "- id: T-003\n  title: a title\n  cites: [A-1]\n  roles: [codec, server]\n"
                          "  decode: {hex: \"01\"}\n  expect: {delivers: [], end: incomplete}\n",
                      "f.yaml");
  EXPECT_EQ(file.vectors[0].likeness, file.vectors[1].likeness);
  EXPECT_NE(file.vectors[0].likeness, file.vectors[2].likeness);
}

TEST(YamlTree, CountsColumnsInCharacters) {
  const auto tree = parse_yaml("a: {é: [ü, x]}\n", "f");
  EXPECT_EQ(tree.find("a")->find("é")->items.at(1).column, 12);
}

TEST(Loader, ReadsRepeatsAndStreams) {
  const auto all = steps_of(
      "  - repeat: {times: 2 * 3, as: i, steps: [{send: {bytes: {u16: $i}}}, {expect_silence: {}}]}\n"
      "  - write_stream: {name: w, pattern: ab, size: 7, window: 2, end: close}\n"
      "  - write_stream: {name: v, pattern: ab}\n"
      "  - take_writes: {id: \"7\", data: ab, until: 1, hold: h}\n");
  ASSERT_EQ(all.size(), 4u);
  const auto& repeat = std::get<repeat_step>(all[0].what);
  EXPECT_EQ(evaluate(repeat.times, {}), 6u);
  EXPECT_EQ(repeat.as, "i");
  EXPECT_EQ(repeat.body.size(), 2u);
  const auto& write = std::get<write_stream_step>(all[1].what);
  EXPECT_EQ(write.name + "/" + write.end, "w/close");
  EXPECT_EQ(evaluate(*write.size, {}), 7u);
  EXPECT_EQ(std::get<write_stream_step>(all[2].what).end, "leave");
  const auto& take = std::get<take_writes_step>(all[3].what);
  EXPECT_EQ(evaluate(*take.until, {}), 1u);
  EXPECT_EQ(take.hold, "h");
  EXPECT_EQ(verb_of(all[0]), "repeat");
  EXPECT_EQ(verb_of(all[3]), "take_writes");
}

TEST(Loader, RefusesBadRepeatsAndStreams) {
  expect_error(error_in("  steps: [{send: {bytes: {u16: $i}}}]\n"), "9:", "$max_key");
  expect_error(
      error_in("  steps:\n  - repeat: {times: 2, as: i, steps: [{send: {bytes: x}}]}\n  - send: {bytes: {u8: $i}}\n"),
      "11:", "$max_key");
  expect_error(error_in("  steps: [{repeat: {times: 2, as: I, steps: [{send: {bytes: x}}]}}]\n"), "9:35: bad name `I`",
               "lower-case");
  expect_error(error_in("  steps: [{repeat: {times: 2, as: max_key, steps: [{send: {bytes: x}}]}}]\n"),
               "9:35: `max_key` is a name already", "another one");
  expect_error(error_in("  steps: [{repeat: {times: 2}}]\n"), "9:", "steps");
  expect_error(error_in("  steps: [{write_stream: {name: w, pattern: x, end: shut}}]\n"), "9:", "`close`");
}

TEST(Loader, ReadsTheStepsOfBulkTransfers) {
  const auto all = steps_of(
      "  - http: {name: r, method: PUT, url: {same: u}, token: [{same: t, change: other-case}, x], body: abc, times: "
      "50}\n"
      "  - expect_http: {request: r, counts: {2xx: 1, \"401\": 49}}\n"
      "  - http_body: {request: r, bytes: x, last: \"yes\"}\n"
      "  - http_end: {request: r, how: reset}\n"
      "  - transfer: {name: t, direction: upload, resource: a, body: b}\n"
      "  - expect_request: {name: q, at: untrusted, method: PUT, target: {any: value}}\n"
      "  - respond: {request: q, status: 307, headers: {Location: x}, length: 4}\n"
      "  - expect_no_request: {}\n"
      "  - expect_alike: {requests: [r, q]}\n");
  ASSERT_EQ(all.size(), 9u);
  const auto& http = std::get<http_step>(std::get<boxed<bulk_step>>(all[0].what)->what);
  EXPECT_EQ(http.times->text, "50");
  EXPECT_EQ(std::get<same_atom>(http.token->front().what).how, same_atom::change::other_case);
  const auto& counts = std::get<expect_http_step>(std::get<boxed<bulk_step>>(all[1].what)->what).counts;
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[1].first, "401");
  EXPECT_TRUE(std::get<http_end_step>(std::get<boxed<bulk_step>>(all[3].what)->what).reset);
  EXPECT_EQ(verb_of(all[5]), "expect_request");
  EXPECT_EQ(verb_of(all[8]), "expect_alike");
}

TEST(Loader, TellsMistakesInTheStepsOfBulkTransfers) {
  const auto bad = [](const std::string& step) { return error_in("  steps:\n  - " + step + "\n"); };
  expect_error(bad("{expect_http: {request: r, status: 2x}}"), "10:40: unknown status `2x`", "2xx");
  expect_error(bad("{expect_http: {request: r}}"), "10:19: `expect_http` has no status", "counts");
  expect_error(bad("{expect_http: {request: r, status: 200, headers: {Cache-Control: x}}}"),
               "10:55: a header name with capitals", "lower case");
  expect_error(bad("{http: {name: r, method: GET, url: x, length: 3, chunked: \"yes\"}}"),
               "10:51: `length` beside `chunked`", "remove one");
  expect_error(bad("{expect_alike: {requests: [r]}}"), "10:20: `expect_alike` of less than two", "two or more");
  expect_error(bad("{transfer: {name: t, direction: download, resource: a, body: b}}"), "10:66: `body` of a download",
               "remove");
}

// The steps of a vector of AMPS, from line 10.
steps steps_of_client(const std::string& text) {
  const auto file = load_suite_text(
      "suite: amps/x\nprotocol: amps\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [A-1]\n  roles: "
      "[client]\n  steps:\n" +
          text,
      "x.yaml");
  return std::get<steps_kind>(file.vectors.at(0).kind).play.at(role::client);
}

TEST(Loader, ReadsTheStepsOfAmpsClients) {
  const auto all = steps_of_client(
      "  - attach: {client_name: demo, store: \"yes\"}\n"
      "  - log_on: {s: 41}\n"
      "  - call: {name: s, command: subscribe, box: {t: orders}}\n"
      "  - call: {name: u, command: unsubscribe, of: s}\n"
      "  - acks: {asked: a, only: [stats, processed], header: {cid: x}, stats: {matches: {number: \"2\"}}}\n"
      "  - expect_message: {call: s, message: {header: {c: publish}}, others: any}\n"
      "  - expect_unwritten: {reason: duplicate}\n"
      "  - reattach: {}\n");
  ASSERT_EQ(all.size(), 8u);
  const auto& made = std::get<attach_step>(std::get<boxed<amps_step>>(all[0].what)->what);
  EXPECT_EQ(made.client_name, "demo");
  EXPECT_TRUE(made.store);
  EXPECT_FALSE(made.reconnect);
  EXPECT_EQ(std::get<call_step>(all[3].what).of, "s");
  const auto& acks = std::get<acks_step>(std::get<boxed<amps_step>>(all[4].what)->what).by_type;
  ASSERT_EQ(acks.size(), 2u);  // in the order in which they are sent
  EXPECT_EQ(acks[0].first, "processed");
  EXPECT_EQ(realize(acks[0].second, {}).str(),
            std::string("\0\0\0\x38", 4) + R"({"c":"ack","cid":"x","a":"processed","status":"success"})");
  EXPECT_EQ(realize(acks[1].second, {}).str(),
            std::string("\0\0\0\x40", 4) + R"({"c":"ack","cid":"x","a":"stats","status":"success","matches":2})");
  EXPECT_EQ(verb_of(all[7]), "reattach");
}

TEST(Loader, TellsMistakesInTheStepsOfAmpsClients) {
  expect_error(error_in("  steps:\n  - log_on: {}\n"), "10:13: `log_on` in a file of another protocol", "remove");
  expect_error(error_in("  steps:\n  - call: {name: u, command: x, of: s}\n"),
               "10:37: `of` in a file of another protocol", "remove");
}

}  // namespace
}  // namespace ampspec::vectors
