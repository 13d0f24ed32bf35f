// What lint finds in vectors and catalogues, each with its place, and the catalogues as they load.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/test_folder.hpp"

#include <gtest/gtest.h>

namespace ampspec::vectors {
namespace {

const std::string head = "suite: amp1/x\nprotocol: amp1\nids: T\nvectors:\n";  // 4 lines
// A vector that finds no fault; the test puts its lines behind it.
const std::string good =
    "- id: T-001\n  title: halves\n  cites: [A-1]\n  roles: [server]\n  requires: [service.core]\n  catches: "
    "[breaks]\n  steps:\n"
    "  - send: {box: {}}\n  - choice: half\n    one_of: {answers: [{expect: {box: {}}}], closes: [{expect_close: "
    "{}}]}\n";  // lines 5 to 14

std::string text_of(const finding& f, const std::filesystem::path& root) {
  return std::filesystem::path(f.where.file.str()).lexically_relative(root).string() + ":" +
         std::to_string(f.where.line) + ":" + std::to_string(f.where.column) + ": " + (f.error ? "" : "warning: ") +
         f.text;
}
std::vector<std::string> findings(const test_folder& folder, const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> all;
  for (const auto& f : lint(folder.root(), files)) all.push_back(text_of(f, folder.root()));
  return all;
}
std::vector<std::string> findings(const test_folder& folder) { return findings(folder, find_suites(folder.root())); }

// The findings of one file amp1/x.yaml with the good vector and these lines, from line 15.
std::vector<std::string> found(const std::string& lines) {
  const test_folder folder;
  folder.write("amp1/x.yaml", head + good + lines);
  return findings(folder);
}
void expect_found(const std::string& lines, const std::string& begin) {
  const auto all = found(lines);
  ASSERT_EQ(all.size(), 1u) << begin << (all.size() > 1 ? "\nbut also\n" + all[0] + "\n" + all[1] : "");
  EXPECT_EQ(all[0].substr(0, begin.size()), begin) << all[0];
  EXPECT_NE(all[0].find("; "), std::string::npos) << all[0];
}

std::string vector_of(const std::string& cites, const std::string& roles, const std::string& rest) {
  return "- id: T-002\n  title: t\n  cites: [" + cites + "]\n  roles: [" + roles + "]\n" + rest;  // lines 15 to 18
}
const std::string incomplete = "  decode: {hex: \"00\"}\n  expect: {delivers: [], end: incomplete}\n";

TEST(Lint, FindsNothingInGoodFiles) {
  EXPECT_EQ(found(""), std::vector<std::string>{});
  EXPECT_EQ(found(vector_of("A-1", "codec, server, client", incomplete)), std::vector<std::string>{});
}

TEST(Lint, FindsUnknownNamesAndSuggests) {
  expect_found(vector_of("A-11", "codec", incomplete), "amp1/x.yaml:17:11: unknown clause `A-11`; did you mean `A-1`?");
  expect_found(vector_of("A-1", "codec", incomplete + "  touches: [B-77]\n"),
               "amp1/x.yaml:21:13: unknown clause `B-77`; write one of requirements");
  expect_found(vector_of("A-1", "codec", incomplete + "  catches: [break]\n"),
               "amp1/x.yaml:21:13: unknown fault `break`; did you mean `breaks`?");
  expect_found(vector_of("A-1", "codec", incomplete + "  requires: [service.cor]\n"),
               "amp1/x.yaml:21:14: unknown feature `service.cor`; did you mean `service.core`?");
  expect_found(vector_of("A-1", "codec",
                         "  decode: x\n  expect: {choice: hlaf, one_of: {answers: {end: any}, closes: {end: any}}}\n"),
               "amp1/x.yaml:20:11: unknown choice `hlaf`; did you mean `half`?");
  expect_found(vector_of("A-1", "codec",
                         "  decode: x\n  expect: {choice: half, one_of: {answer: {end: any}, closes: {end: any}}}\n"),
               "amp1/x.yaml:20:11: unknown branch `answer` of choice `half`; did you mean `answers`?");
}

TEST(Lint, WarnsOfPlannedFaultsAndExcludedClauses) {
  expect_found(vector_of("A-1", "codec", incomplete + "  catches: [later]\n"),
               "amp1/x.yaml:21:13: warning: fault `later` is planned");
  expect_found(vector_of("A-3", "client", incomplete),
               "amp1/x.yaml:17:11: warning: clause A-3 is excluded (needs a year)");
}

TEST(Lint, WarnsOfVectorsThatNobodyHasReviewed) {
  expect_found(vector_of("A-1", "codec", incomplete + "  provenance: made\n  review: needed\n"),
               "amp1/x.yaml:22:11: warning: not reviewed yet; ");
  EXPECT_EQ(found(vector_of("A-1", "codec", incomplete + "  provenance: made\n")), std::vector<std::string>{});
}

TEST(Lint, FindsCitesThatCannotDecide) {
  expect_found(vector_of("A-1, A-2", "server", incomplete), "amp1/x.yaml:17:10: `cites` mixes MUST and SHOULD");
  expect_found(vector_of("A-2", "codec, client", incomplete),
               "amp1/x.yaml:17:11: clause A-2 is shown by server, none of which is a role here");
}

TEST(Lint, FindsKindsThatARoleCannotPlay) {
  const std::string delivered = "  decode: {box: {}}\n  expect: {delivers: [{}], end: clean}\n";
  expect_found(vector_of("A-1", "codec, server", delivered),
               "amp1/x.yaml:15:3: `decode` in the server role where something may be delivered");
  expect_found(vector_of("A-1", "client", "  decode: x\n  expect: {end: any}\n"),
               "amp1/x.yaml:15:3: `decode` in the client role");
  EXPECT_EQ(found(vector_of("A-1", "codec, server",
                            "  decode: {hex: \"0100\"}\n  expect:\n    codec: {delivers: [], end: clean}\n"
                            "    server: {delivers: [], end: {reject: {}}}\n")),
            std::vector<std::string>{});
  expect_found(vector_of("A-1", "server", "  encode: {}\n  expect: {bytes: x}\n"),
               "amp1/x.yaml:15:3: `encode` in the server role; write roles: [codec]");
  expect_found(vector_of("A-1", "client", "  growth: {decode: x, n: [1, 2], every: 1, at_most: 2}\n"),
               "amp1/x.yaml:15:3: `growth` in the client role");
  expect_found(vector_of("A-1", "codec, client", "  sample: {boxes: 1, seed: 1, law: round-trip}\n"),
               "amp1/x.yaml:15:3: `sample` in the client role");
  expect_found(vector_of("A-1", "codec", "  steps: [{close: {}}]\n"), "amp1/x.yaml:15:3: `steps` in the codec role");
}

TEST(Lint, FindsStepsThatARoleCannotPlay) {
  const auto steps_error = [](const std::string& role, const std::string& steps, const std::string& text) {
    expect_found(vector_of("A-1", role, "  steps:\n" + steps), "amp1/x.yaml:" + text);
  };
  const std::string call = "  - call: {name: c, command: Sum}\n";
  steps_error("server", call, "20:5: `call` in the server role");
  steps_error("server", "  - close: {}\n  - expect_ended: {call: c, how: lost}\n",
              "21:5: `expect_ended` in the server role");
  steps_error("server", "  - expect_pending: {call: c}\n", "20:5: `expect_pending` in the server role");
  steps_error("client", "  - {close: {}, connection: two}\n", "20:5: a second connection in the client role");
  steps_error("client", call + "  - expect_pending: {call: d}\n", "21:5: no call is named `d` before");
  steps_error("client", call + call, "21:5: two calls are named `c`");
  steps_error("server", "  - send: {bytes: []}\n", "20:5: a `send` of no octets");
}

TEST(Lint, FindsWhatIsPutBackBeforeItWasCaptured) {
  const auto steps_error = [](const std::string& steps, const std::string& text) {
    expect_found(vector_of("A-1", "client", "  steps:\n" + steps), "amp1/x.yaml:" + text);
  };
  const std::string capture = "{expect: {box: {_ask: {capture: t}}}}",
                    put_back = "  - send: {box: {_answer: {same: t}}}\n";
  steps_error(put_back + "  - " + capture + "\n", "20:27: nothing was captured as `t`");
  steps_error("  - expect: {box: {_ask: {same: t}}}\n", "20:26: nothing was captured as `t`");
  EXPECT_EQ(found(vector_of("A-1", "client", "  steps:\n  - send: {box: {_answer: {same: play}}}\n")),
            std::vector<std::string>{})
      << "the word of a play is there anyway";
  steps_error("  - choice: half\n    one_of: {answers: [" + capture + "], closes: [{expect_close: {}}]}\n" + put_back,
              "22:27: nothing was captured as `t`");
  EXPECT_EQ(found(vector_of("A-1", "client",
                            "  steps:\n  - choice: half\n    one_of: {answers: [" + capture + "], closes: [" + capture +
                                "]}\n" + put_back)),
            std::vector<std::string>{});
}

TEST(Lint, RealizesEveryPointOfAMatrix) {
  expect_found(
      vector_of("A-1", "codec",
                "  matrix: {n: [1, 255, 256]}\n  decode: {u8: $n}\n  expect: {delivers: [], end: incomplete}\n"),
      "amp1/x.yaml:20:16: 256 does not fit into 8 bits; write a smaller number (with n=256)");
  expect_found(
      vector_of(
          "A-1", "codec",
          "  matrix: {n: [1, x]}\n  decode: {fill: \"61\", size: $n}\n  expect: {delivers: [], end: incomplete}\n"),
      "amp1/x.yaml:20:30: `$n` is `x`, which is not a number");
  expect_found(
      vector_of("A-1", "codec",
                "  encode: {a: {fill: \"61\", size: $max_value - 65536}}\n  expect: {refuse: value-too-long}\n"),
      "amp1/x.yaml:19:34: the value of `$max_value - 65536` is negative");
  expect_found(
      vector_of("A-1", "codec", "  growth: {decode: {fill: \"61\", size: 5 - $n}, n: [1, 6], every: 1, at_most: 2}\n"),
      "amp1/x.yaml:19:39: the value");
}

TEST(Lint, FindsOffsetsOutsideTheRefusedOctets) {
  const auto refused = [](const std::string& reject) {
    return vector_of("A-1", "codec",
                     "  decode: {hex: \"0100\"}\n  expect: {delivers: [], end: {reject: {" + reject + "}}}\n");
  };
  EXPECT_EQ(found(refused("by: 2, not_before: 1, at: 1")), std::vector<std::string>{});
  expect_found(refused("by: 3"), "amp1/x.yaml:20:45: `by` 3 lies behind the 2 octets");
  expect_found(refused("by: 0"), "amp1/x.yaml:20:45: nothing is refused before the first octet");
  expect_found(refused("not_before: 2"), "amp1/x.yaml:20:53: `not_before` must be smaller than `by`");
  expect_found(refused("by: 1, at: 1"), "amp1/x.yaml:20:52: `at` must lie in the refused octets");
}

TEST(Lint, FindsNearCopiesAndIdsUsedTwice) {
  expect_found(
      "- id: T-007\n  title: another title\n  cites: [A-1]\n  touches: [A-2]\n" + good.substr(good.find("  roles")),
      "amp1/x.yaml:15:7: the same vector as T-001, in ");
  expect_found("- id: T-001\n  title: t\n  cites: [A-1]\n  roles: [codec]\n" + incomplete,
               "amp1/x.yaml:15:7: id `T-001` stands twice");
}

TEST(Lint, FindsTitlesThatAreTooLongOrEndInAFullStop) {
  expect_found("- id: T-002\n  title: it ends.\n  cites: [A-1]\n  roles: [codec]\n" + incomplete,
               "amp1/x.yaml:16:10: the title ends with a full stop");
  std::string longest;
  for (int i = 0; i < 110; ++i) longest += "é";
  EXPECT_EQ(found("- id: T-002\n  title: " + longest + "\n  cites: [A-1]\n  roles: [codec]\n" + incomplete),
            std::vector<std::string>{});
  expect_found("- id: T-002\n  title: " + longest + "x\n  cites: [A-1]\n  roles: [codec]\n" + incomplete,
               "amp1/x.yaml:16:10: the title has 111 characters");
}

TEST(Lint, FindsWhatTwoFilesMayNotShare) {
  const test_folder folder;
  const auto x =
      folder.write("amp1/x.yaml", "suite: amp1/x\nprotocol: amp1\nids: T\nretired: [T-002, U-1]\nvectors:\n" + good);
  const auto y = folder.write(
      "amp1/y.yaml",
      "suite: amp1/z\nprotocol: amp2\nids: T\nvectors:\n- id: T-002\n  title: t\n  cites: [A-1]\n  roles: [codec]\n" +
          incomplete);
  const std::vector<std::string> of_y{
      "amp1/y.yaml:1:8: suite `amp1/z` is not the path of this file below the vectors; write suite: amp1/y",
      "amp1/y.yaml:2:11: protocol `amp2` is not the first part of the suite; write protocol: amp1",
      "amp1/y.yaml:3:6: id prefix `T` is that of " + x.string() + " too; choose another one",
      "amp1/y.yaml:5:7: id `T-002` is retired in " + x.string() + "; let `ampspec vector new` assign one"};
  auto both = of_y;
  both.insert(both.begin(), "amp1/x.yaml:4:10: retired id `U-1` never stood here; write T-NNN");
  EXPECT_EQ(findings(folder), both);
  EXPECT_EQ(findings(folder, {y}), of_y);
}

TEST(Lint, ReportsFilesThatDoNotLoadAndGoesOn) {
  const test_folder folder;
  folder.write("amp1/x.yaml", head + good);
  folder.write("amp1/y.yaml", "suite: [\n");
  folder.write("amp1/z.yaml", "suites: amp1/z\n");
  const auto all = findings(folder);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].substr(0, 12), "amp1/y.yaml:");
  EXPECT_EQ(all[1], "amp1/z.yaml:1:1: unknown key `suites` in a vector file; did you mean `suite`?");
}

TEST(Lint, ChecksTheCatalogues) {
  const test_folder folder;
  folder.write("amp1/x.yaml", head + good);
  folder.write("features.yaml", "features:\n- {name: service.core, text: t, frees: [A-9]}\n");
  folder.write("choices.yaml",
               "choices:\n- {name: half, question: q, row: \"1\", branches: [answers, closes]}\n- {name: idle, "
               "question: q, row: \"2\", branches: [a, b]}\n");
  folder.write("faults.yaml", "faults:\n- {name: breaks, clause: A-10, text: t, home: naive}\n");
  EXPECT_EQ(findings(folder),
            (std::vector<std::string>{
                "choices.yaml:3:3: warning: no vector has the choice `idle`; write one or remove the choice",
                "faults.yaml:2:3: unknown clause `A-10`; did you mean `A-1`?",
                "features.yaml:2:3: unknown clause `A-9`; did you mean `A-1`?"}));
}

TEST(Catalogue, RefusesWrongEntries) {
  const auto failure = [](const std::string& file, const std::string& text) {
    const test_folder folder;
    folder.write(file, text);
    try {
      load_catalogue(folder.root());
    } catch (const load_error& e) {
      return std::to_string(e.where().line) + ": " + e.message();
    }
    return std::string("loaded");
  };
  const auto requirement_with = [&](const std::string& keys) {
    return failure("requirements/b.yaml", "area: B\nrequirements:\n- {" + keys + "}\n");
  };
  EXPECT_EQ(requirement_with("id: B-1, level: MUST, text: t, source: protocol, evidence: X, by: [codec]"), "loaded");
  EXPECT_EQ(requirement_with("id: A-1, level: MUST"), "3: id `A-1` does not fit its area; write B-NNN");
  EXPECT_EQ(requirement_with("id: B-1, text: t, evidence: X, level: MUSS"),
            "3: unknown level `MUSS`; did you mean `MUST`?");
  EXPECT_EQ(requirement_with("id: B-1, text: t, evidence: X, level: MAY, source: projekt"),
            "3: unknown source `projekt`; did you mean `project`?");
  EXPECT_EQ(requirement_with("id: B-1, text: t, evidence: X, level: MAY, source: project, by: []"),
            "3: nobody can show it; name some of codec, server, client, both");
  EXPECT_EQ(requirement_with("id: B-1, text: \"\", evidence: X"), "3: `text` is empty; write it out");
  const std::string one = "- {id: B-1, level: MUST, text: t, source: protocol, evidence: X, by: [codec]}\n";
  EXPECT_EQ(failure("requirements/b.yaml", "area: B\nrequirements:\n" + one + one).substr(0, 32),
            "4: `B-1` stands twice, first at ");
  EXPECT_EQ(failure("choices.yaml", "choices: []\nprofiles: {p: {half: a}}\n").substr(0, 26),
            "2: unknown choice `half`; ");
  EXPECT_EQ(failure("faults.yaml", "faults:\n- {name: a, clause: b, text: c, home: d, planned: no}\n"),
            "2: unknown value of `planned` `no`; write one of `true`");
}

TEST(Catalogue, KnowsWhoShowsAClause) {
  const test_folder folder;
  const auto all = load_catalogue(folder.root());
  const auto& both = all.requirements.at("A-1");
  EXPECT_EQ(both.shown_by, (std::vector<role>{role::codec, role::server, role::client}));
  EXPECT_TRUE(both.both);
  EXPECT_FALSE(all.requirements.at("A-2").both);
  EXPECT_EQ(all.requirements.at("A-2").strength, level::should);
  EXPECT_EQ(all.requirements.at("A-2").source, "project");
  EXPECT_EQ(all.profiles.at("strict").at("half"), "closes");
  EXPECT_TRUE(all.faults.at("later").planned);
  EXPECT_EQ(all.requirements.at("A-3").mark.line, 5);
}

TEST(FindSuites, SkipsCataloguesAndSchemas) {
  const test_folder folder;
  folder.write("schema/x.yaml", "a: b\n");
  folder.write("amp1/b/y.yaml", head);
  folder.write("amp1/b.yaml", head);
  folder.write("amp1/notes.txt", "text");
  EXPECT_EQ(find_suites(folder.root()),
            (std::vector<std::filesystem::path>{folder.root() / "amp1/b/y.yaml", folder.root() / "amp1/b.yaml"}));
  EXPECT_THROW(find_suites(folder.root() / "none"), load_error);
}

TEST(Lint, PlaysTheFirstAndTheLastRound) {
  const auto rounds = [](const std::string& times, const std::string& step) {
    return vector_of("A-1", "server", "  steps: [{repeat: {times: " + times + ", as: i, steps: [" + step + "]}}]\n");
  };
  EXPECT_EQ(found(rounds("3", "{send: {bytes: {u8: $i + 1}}}")), std::vector<std::string>{});
  expect_found(rounds("0", "{send: {bytes: x}}"), "amp1/x.yaml:19:28: 0 rounds");
  expect_found(rounds("100001", "{send: {bytes: x}}"), "amp1/x.yaml:19:28: 100001 rounds");
  EXPECT_EQ(found(rounds("300", "{send: {bytes: {u8: $i}}}")).size(), 1u) << "299 is no octet";
  EXPECT_EQ(
      found(
          rounds("3", "{send: {box: {_ask: a}}}, {expect: {box: {a: {same: x}}}}, {expect: {box: {a: {capture: x}}}}"))
          .size(),
      1u)
      << "nothing is captured in the first round";
}

}  // namespace
}  // namespace ampspec::vectors
