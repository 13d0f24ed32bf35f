// Edits of vector files: what they change, what they leave, and when they refuse.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/edit.hpp"

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/test_folder.hpp"

#include <gtest/gtest.h>

namespace ampspec::vectors {
namespace {

const std::string two =
    "# Two vectors.\nsuite: amp1/x\nprotocol: amp1\nids: T\nvectors:\n# the first\n- id: T-001\n  title: a\n  cites: "
    "[A-1]\n  roles: [codec]\n"
    "  decode: {hex: \"00\"}\n  expect: {delivers: [], end: incomplete}\n\n# the second\n- id: T-009\n  title: b\n  "
    "cites: [A-1]\n  roles: [codec]\n"
    "  encode: {}\n  expect: {bytes: {hex: \"0000\"}}\n";

template <class F>
std::string failure(F f) {
  try {
    f();
  } catch (const load_error& e) {
    return e.message();
  }
  return "done";
}

TEST(AppendVector, AssignsTheNextIdThatWasNeverUsed) {
  const test_folder folder;
  const auto file = folder.write("amp1/x.yaml", two);
  EXPECT_EQ(append_vector({folder.root(), file, "", "0.1.0"}), "T-010");
  const std::string text = folder.read("amp1/x.yaml");
  EXPECT_EQ(text.substr(0, two.size()), two);
  EXPECT_EQ(text.substr(two.size()),
            "\n- id: T-010\n  title: TODO what must be true\n  cites: [TODO]\n  roles: [codec, server, client]\n  "
            "decode: [{hex: \"00\"}]\n"
            "  expect: {delivers: [], end: incomplete}\n  since: 0.1.0\n");
  retire_vector(file, "T-010");
  EXPECT_EQ(append_vector({folder.root(), file, "T", ""}), "T-011");
  const auto findings = lint(folder.root(), {file});
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(),
                          [](const finding& f) { return f.error && f.text.find("TODO") != std::string::npos; }));
}

TEST(AppendVector, BeginsAFile) {
  const test_folder folder;
  const auto file = folder.root() / "amp1/new/y.yaml";
  EXPECT_NE(failure([&] {
              append_vector({folder.root(), file, "", ""});
            }).find("name the prefix of its ids"),
            std::string::npos);
  EXPECT_EQ(append_vector({folder.root(), file, "A1-NEW", ""}), "A1-NEW-001");
  const auto loaded = load_suite(file);
  EXPECT_EQ(loaded.suite, "amp1/new/y");
  EXPECT_EQ(loaded.protocol, "amp1");
  EXPECT_NE(failure([&] {
              append_vector({folder.root(), file, "B", ""});
            }).find("begin with A1-NEW"),
            std::string::npos);
  EXPECT_NE(failure([&] {
              append_vector({folder.root(), folder.root() / "y.yaml", "B", ""});
            }).find("folder of a protocol"),
            std::string::npos);
  EXPECT_NE(failure([&] {
              append_vector({folder.root(), folder.root() / "../y.yaml", "B", ""});
            }).find("folder of a protocol"),
            std::string::npos);
}

TEST(AppendVector, RefusesAFileWhoseVectorsDoNotStandLast) {
  const test_folder folder;
  const std::string text =
      "vectors:\n- id: T-001\n  title: a\n  cites: [A-1]\n  roles: [codec]\n  decode: x\n  expect: {end: any}\nsuite: "
      "amp1/x\nprotocol: amp1\nids: T\n";
  const auto file = folder.write("amp1/x.yaml", text);
  EXPECT_NE(failure([&] { append_vector({folder.root(), file, "", ""}); }), "done");
  EXPECT_EQ(folder.read("amp1/x.yaml"), text);
}

TEST(RetireVector, TakesTheVectorOutWithItsCommentAndListsItsId) {
  const test_folder folder;
  const auto file = folder.write("amp1/x.yaml", two);
  retire_vector(file, "T-001");
  std::string rest = two;
  rest.replace(rest.find("# the first"), rest.find("# the second") - rest.find("# the first"), "");
  rest.replace(rest.find("ids: T\n"), 7, "ids: T\nretired: [T-001]\n");
  EXPECT_EQ(folder.read("amp1/x.yaml"), rest);
  retire_vector(file, "T-009");
  EXPECT_EQ(folder.read("amp1/x.yaml"),
            "# Two vectors.\nsuite: amp1/x\nprotocol: amp1\nids: T\nretired: [T-001, T-009]\nvectors: []\n");
  EXPECT_EQ(append_vector({folder.root(), file, "", ""}), "T-010");
  EXPECT_EQ(load_suite(file).vectors.size(), 1u);
}

TEST(RetireVector, WritesALongListOnSeveralLinesAndReadsItBack) {
  const test_folder folder;
  std::string text = two;
  std::string list = "retired: [";
  for (int i = 100; i < 140; ++i) list += "T-" + std::to_string(i) + ", ";
  text.insert(text.find("vectors:"), list + "T-140]\n");
  const auto file = folder.write("amp1/x.yaml", text);
  retire_vector(file, "T-001");
  retire_vector(file, "T-009");
  const auto loaded = load_suite(file);
  EXPECT_EQ(loaded.retired.size(), 43u);
  EXPECT_TRUE(loaded.vectors.empty());
  std::istringstream lines(folder.read("amp1/x.yaml"));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120u);
}

TEST(RetireVector, SuggestsTheIdThatWasMeant) {
  const test_folder folder;
  const auto file = folder.write("amp1/x.yaml", two);
  EXPECT_EQ(failure([&] { retire_vector(file, "T-01"); }), "no vector `T-01` in this file; did you mean `T-001`?");
  EXPECT_EQ(folder.read("amp1/x.yaml"), two);
}

TEST(Formatted, LeavesTheCommonFormAlone) { EXPECT_EQ(formatted(two, "f"), two); }

TEST(Formatted, OrdersKeysAndKeepsTheirComments) {
  const std::string untidy =
      "suite: amp1/x  \r\nprotocol: amp1\r\nids: T\nvectors:\n\n\n- title: a   \n  id: T-001\n  catches: [f]\n  # why "
      "it is so\n  expect:\n    {delivers: [],\n"
      "     end: incomplete}\n  decode: {hex: \"00\"}\n  roles: [codec]\n  cites: [A-1]\n- id: T-002\n  title: b\n  "
      "cites: [A-1]\n  roles: [server]\n  steps:\n"
      "  - close: {}\n\n\n\n# end\n\n";
  const std::string tidy =
      "suite: amp1/x\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: a\n  cites: [A-1]\n  roles: [codec]\n  "
      "decode: {hex: \"00\"}\n  # why it is so\n"
      "  expect:\n    {delivers: [],\n     end: incomplete}\n  catches: [f]\n\n- id: T-002\n  title: b\n  cites: "
      "[A-1]\n  roles: [server]\n  steps:\n  - close: {}\n\n# end\n";
  EXPECT_EQ(formatted(untidy, "f"), tidy);
  EXPECT_EQ(formatted(tidy, "f"), tidy);
}

TEST(Formatted, RefusesWhereItWouldChangeATitle) {
  std::string text = two;
  text.replace(text.find("title: a"), 8, "title: |\n    a\n\n\n    c");
  EXPECT_NE(failure([&] { formatted(text, "f"); }).find("would change what the file says"), std::string::npos);
}

TEST(FormatFile, RewritesOnlyWhatChanges) {
  const test_folder folder;
  const auto file = folder.write("amp1/x.yaml", two + "\n\n");
  EXPECT_TRUE(format_file(file));
  EXPECT_EQ(folder.read("amp1/x.yaml"), two);
  EXPECT_FALSE(format_file(file));
}

}  // namespace
}  // namespace ampspec::vectors
