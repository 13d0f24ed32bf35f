// Target files: what they say, and what is said of their mistakes.
// SPDX-License-Identifier: Apache-2.0
#include "runner/target.hpp"

#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ampspec::runner {
namespace {

using vectors::role;

constexpr const char* whole = R"(
name: twisted
roles:
  codec: {command: [python3, adapter.py], transport: tcp, env: {LEVEL: "1", TOKEN: "env:AMPSPEC_TEST_TOKEN"}}
  server: {command: [python3, service.py, --port, "{port}"], ready: listening, cwd: ../adapters}
  client: {command: [python3, adapter.py]}
supports: {codec: [amp1], server: [amp1, service.core]}
provided_by: {adapter: [service.core]}
choices: {duplicate-key: last-wins}
profile: lenient
classes: {"TooLong.*key": key-too-long, TooLong: value-too-long}
)";

TEST(TargetFile, SaysEverythingOfATarget) {
  ::setenv("AMPSPEC_TEST_TOKEN", "s3cret", 1);
  const auto t = load_target_text(whole, "/home/x/targets/twisted.yaml");
  EXPECT_EQ(t.name, "twisted");
  const auto& codec = t.roles.at(role::codec);
  EXPECT_EQ(codec.command, (std::vector<std::string>{"python3", "adapter.py"}));
  EXPECT_EQ(codec.transport, adapter_transport::tcp);
  EXPECT_EQ(codec.cwd, "/home/x/targets");
  EXPECT_EQ(codec.env.at("LEVEL"), "1");
  EXPECT_EQ(codec.env.at("TOKEN"), "s3cret");
  EXPECT_EQ(t.secrets, std::vector<std::string>{"s3cret"});
  EXPECT_EQ(t.roles.at(role::server).cwd, "/home/x/adapters");
  EXPECT_EQ(t.roles.at(role::client).transport, adapter_transport::stdio);
  EXPECT_EQ(t.supports.at(role::server), (std::vector<std::string>{"amp1", "service.core"}));
  EXPECT_FALSE(t.supports.contains(role::client));
  EXPECT_EQ(t.provided_by.at("adapter"), std::vector<std::string>{"service.core"});
  EXPECT_EQ(t.choices.at("duplicate-key"), "last-wins");
  EXPECT_EQ(t.profile, "lenient");
  ASSERT_EQ(t.classes.size(), 2u);
  EXPECT_EQ(t.classes[0].second, "key-too-long") << "in the order written";
}

TEST(TargetFile, TellsWhereEachNameOfTheCataloguesStands) {
  ::setenv("AMPSPEC_TEST_TOKEN", "s3cret", 1);
  const auto t = load_target_text(whole, "/home/x/t.yaml");
  std::string all;
  for (const auto& m : t.mentions) all += m.name + (m.of.empty() ? "" : " of " + m.of) + " " + m.where.substr(8) + "; ";
  EXPECT_EQ(all,
            "amp1 t.yaml:7:20; amp1 t.yaml:7:36; service.core t.yaml:7:42; service.core t.yaml:8:25; "
            "duplicate-key t.yaml:9:11; last-wins of duplicate-key t.yaml:9:26; lenient t.yaml:10:10; ");
}

TEST(TargetFile, GivesOneListOfFeaturesToEveryRole) {
  const auto t =
      load_target_text("name: x\nroles: {server: {uri: \"tcp://localhost:7\"}}\nsupports: [amp1]\n", "x.yaml");
  EXPECT_EQ(t.roles.at(role::server).uri, "tcp://localhost:7");
  EXPECT_EQ(t.supports.size(), 3u);
}

TEST(TargetFile, TakesTheLineThatAServerPrints) {
  const auto t =
      load_target_text("name: x\nroles: {server: {command: [x], ready: {line: \"^listening\"}}}\n", "x.yaml");
  EXPECT_EQ(t.roles.at(role::server).ready.line, "^listening");
}

struct mistake {
  const char* text;
  const char* message;
};

TEST(TargetFile, SaysWhereAMistakeStandsAndWhatToWrite) {
  const mistake mistakes[] = {
      {"roles: {}\n", "x.yaml:1:1: a target file has no `name`; write `name: …`"},
      {"name: x\nrole: {}\n", "x.yaml:2:1: unknown key `role` in a target file; did you mean `roles`?"},
      {"name: x\nroles: {sever: {}}\n", "x.yaml:2:9: there is no role `sever`; did you mean `server`?"},
      {"name: x\nroles: {codec: {comand: [x]}}\n",
       "x.yaml:2:17: unknown key `comand` in role codec; did you mean `command`?"},
      {"name: x\nroles: {codec: {command: x}}\n", "x.yaml:2:26: `command` must be a list; write [a, b]"},
      {"name: x\nroles: {codec: {command: []}}\n",
       "x.yaml:2:26: `command` names no program; write [PROGRAM, ARGUMENT]"},
      {"name: x\nroles: {codec: {command: [x], transport: udp}}\n",
       "x.yaml:2:42: unknown `transport` `udp`; write one of `stdio`, `tcp`"},
      {"name: x\nroles: {server: {command: [x]}}\n",
       "x.yaml:2:27: nobody knows the port; write \"{port}\" in `command`, or ready: {line: REGEX} for a server that "
       "prints "
       "`listening tcp://127.0.0.1:PORT`"},
      {"name: x\nroles: {server: {uri: \"localhost:1\"}}\n",
       "x.yaml:2:23: `uri` is not tcp://HOST:PORT; write tcp://127.0.0.1:4041"},
      {"name: x\nroles: {server: {uri: \"tcp://h:1\", fixtures: {user: \"tcp://h:2\"}}}\n",
       "x.yaml:2:47: unknown key `user` in `fixtures`; did you mean `users`?"},
      {"name: x\nroles: {server: {command: [x], ready: {line: \"(\"}}}\n", "x.yaml:2:46: `(` is no regular expression"},
      {"name: x\nroles: {codec: {command: [x], env: {T: \"env:AMPSPEC_NOT_SET\"}}}\n",
       "x.yaml:2:40: the environment has no variable AMPSPEC_NOT_SET; set it, or write the value here"},
      {"name: x\nroles: {codec: {command: [x, \"env:TOKEN\"]}}\n",
       "x.yaml:2:30: others can see the words of a command; hand a secret over in `env`"},
      {"name: x\nroles: {server: {command: [x, \"{prt}\"]}}\n",
       "x.yaml:2:31: there is no placeholder `{prt}`; did you mean `{port}`?"},
      {"name: x\nroles: {codec: {command: [x, \"{port}\"]}}\n",
       "x.yaml:2:30: `{port}` stands for nothing in the command of an adapter"},
      {"name: x\nroles: {codec: {command: [x], speaks: [ws]}}\n", "x.yaml:2:39: `speaks` of a codec; leave it out"},
      {"name: x\nroles: {codec: {command: [x]}}\nclasses: {TooLong: key-to-long}\n",
       "x.yaml:3:20: unknown reject class `key-to-long`; did you mean `key-too-long`?"},
  };
  for (const auto& [text, message] : mistakes) {
    try {
      load_target_text(text, "x.yaml");
      ADD_FAILURE() << "taken: " << text;
    } catch (const vectors::load_error& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with(message)) << error.what() << "\n" << message;
    }
  }
}

TEST(TargetFile, TellsHowAServerIsSetUpForEachFixture) {
  const auto started = load_target_text(
      "name: x\nroles: {server: {command: [x, \"{port}\"], fixtures: {users: [--users], unlogged: [--log, no]}}}\n",
      "x.yaml");
  EXPECT_EQ(started.roles.at(role::server).fixtures.at("unlogged"), (std::vector<std::string>{"--log", "no"}));
  const auto reached = load_target_text(
      "name: x\nroles: {server: {uri: \"tcp://127.0.0.1:1\", fixtures: {users: \"tcps://127.0.0.1:2\"}}}\n", "x.yaml");
  EXPECT_EQ(reached.roles.at(role::server).fixtures.at("users"), std::vector<std::string>{"tcps://127.0.0.1:2"});
}

TEST(TargetFile, LeavesBracesThatAreNoPlaceholderToTheCommand) {
  for (const char* word : {"${HOME}", "${port}", "{}", "{print $1}", "{\"a\": 1}", "{", "}{"}) {
    EXPECT_EQ(wrong_placeholder(word, role::codec), "") << word;
    EXPECT_EQ(wrong_placeholder(word, role::server), "") << word;
  }
  EXPECT_NE(wrong_placeholder("{port}:{protocl}", role::server), "");
}

TEST(TargetFile, TellsWhatAClientSpeaksAndWhatTheEnvironmentMustHold) {
  const auto t = load_target_text(
      "name: x\nneeds_env: {X_HOME: the folder of x}\nroles: {client: {command: [x], speaks: [ws, wss]}}\n", "x.yaml");
  EXPECT_EQ(t.roles.at(role::client).speaks, (std::vector<std::string>{"ws", "wss"}));
  EXPECT_EQ(t.needs_env.at("X_HOME"), "the folder of x");
}

TEST(ReferenceTarget, IsInProcessAsACodecAndOurOwnExecutableElsewhere) {
  const auto t = reference_target("/bin/ampspec");
  EXPECT_TRUE(t.roles.at(role::codec).in_process);
  EXPECT_EQ(t.roles.at(role::server).command.front(), "/bin/ampspec");
  EXPECT_EQ(t.roles.at(role::client).command, (std::vector<std::string>{"/bin/ampspec", "adapter", "serve"}));
}

}  // namespace
}  // namespace ampspec::runner
