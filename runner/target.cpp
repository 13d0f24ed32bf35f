// Reads target files: YAML in which every scalar is text and every unknown key is an error.
// SPDX-License-Identifier: Apache-2.0
#include "runner/target.hpp"

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/yaml_reader.hpp"
#include "runner/subjects/tcp.hpp"

#include <algorithm>
#include <cstdlib>
#include <regex>

namespace ampspec::runner {

namespace {

using vectors::source_mark;
using vectors::yaml_entry;
using vectors::yaml_node;

constexpr auto target_keys =
    vectors::words::list("name", "roles", "supports", "provided_by", "choices", "profile", "classes", "needs_env");
constexpr auto adapter_keys = vectors::words::list("command", "transport", "speaks", "env", "cwd");
constexpr auto server_keys = vectors::words::list("command", "ready", "env", "cwd", "uri", "fixtures");
constexpr auto placeholders = vectors::words::list("port", "protocol", "scheme");
constexpr auto transports = vectors::words::list("stdio", "tcp");

class reader : private vectors::yaml_reader {
 public:
  using yaml_reader::yaml_reader;
  target read(const yaml_node& root);

 private:
  std::string filled(const yaml_node& node, const std::string& what) const {
    if (text(node, what).empty()) fail(node, what + " is empty; write a value");
    return node.text;
  }
  vectors::role role(const yaml_entry& entry) const {
    const auto named = vectors::role_named(entry.key);
    if (!named) fail(entry, "there is no role `" + entry.key + "`" + vectors::advice(entry.key, vectors::words::roles));
    return *named;
  }
  std::vector<std::string> command(const yaml_node& node, vectors::role) const;
  std::vector<std::string> features(const yaml_node& node, const std::string& what,
                                    mention::kind = mention::kind::feature);
  ready_rule ready(const yaml_node& node) const;
  std::string revealed(const yaml_node& node, const std::string& what);
  role_setup setup(const yaml_node& node, vectors::role);
  std::vector<std::pair<std::string, std::string>> classes(const yaml_node& node) const;

  void mentions(mention::kind what, const source_mark& at, const std::string& name, const std::string& of = {}) {
    mentions_.push_back(
        {what, name, of, at.file.str() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column)});
  }

  std::vector<std::string> secrets_;
  std::vector<mention> mentions_;
};

bool is_regex(const std::string& pattern) {
  try {
    [[maybe_unused]] const std::regex parsed(pattern);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

std::string no_regex(const std::string& pattern) {
  return "`" + pattern + "` is no regular expression; write an ECMAScript one, with brackets and parentheses closed";
}

/// May repeat itself and have empty words, unlike other lists.
std::vector<std::string> reader::command(const yaml_node& node, vectors::role role) const {
  std::vector<std::string> words;
  for (const auto& item : items_of(node, "`command`")) {
    if (text(item, "`command`").starts_with("env:")) {
      fail(item, "others can see the words of a command; hand a secret over in `env`");
    }
    if (const auto wrong = wrong_placeholder(item.text, role); !wrong.empty()) fail(item, wrong);
    words.push_back(item.text);
  }
  if (words.empty() || words.front().empty()) fail(node, "`command` names no program; write [PROGRAM, ARGUMENT]");
  return words;
}

std::vector<std::string> reader::features(const yaml_node& node, const std::string& what, mention::kind kind) {
  auto names = texts(node, what);
  for (const auto& item : node.items) mentions(kind, mark(item), item.text);
  return names;
}

/// `env:NAME` is the value of that environment variable, and a secret.
std::string reader::revealed(const yaml_node& node, const std::string& what) {
  constexpr std::string_view prefix = "env:";
  const auto& value = text(node, what);
  if (!value.starts_with(prefix)) return value;
  const auto variable = value.substr(prefix.size());
  const char* found = std::getenv(variable.c_str());
  if (found == nullptr) fail(node, "the environment has no variable " + variable + "; set it, or write the value here");
  secrets_.emplace_back(found);
  return found;
}

ready_rule reader::ready(const yaml_node& node) const {
  if (node.is_scalar() && node.text == "listening") return {};
  const auto* line = node.is_map() && node.entries.size() == 1 ? node.find("line") : nullptr;
  if (line == nullptr) fail(node, "`ready` must be `listening` or {line: REGEX}; write one of them");
  ready_rule rule{filled(*line, "`line`")};
  if (!is_regex(rule.line)) fail(*line, no_regex(rule.line));
  return rule;
}

role_setup reader::setup(const yaml_node& node, vectors::role role) {
  const bool is_server = role == vectors::role::server;
  const auto known = is_server ? vectors::word_list(server_keys) : vectors::word_list(adapter_keys);
  map(node, known, "role " + std::string(vectors::name_of(role)));
  role_setup made;
  const auto* words = node.find("command");
  const auto* uri = node.find("uri");
  if ((words == nullptr) == (uri == nullptr)) {
    fail(node, is_server ? "a server has either `command` or `uri`; write one of them"
                         : "a role has a `command`; write command: [PROGRAM, ARGUMENT]");
  }
  const auto address = [&](const yaml_node& at) {
    auto told = revealed(at, "`uri`");
    if (!parse_tcp_uri(told)) fail(at, "`uri` is not tcp://HOST:PORT; write tcp://127.0.0.1:4041");
    return told;
  };
  const auto* fixtures = node.find("fixtures");
  if (fixtures != nullptr) {
    map(*fixtures, vectors::words::fixtures, "`fixtures`");
    for (const auto& entry : fixtures->entries)
      made.fixtures[entry.key] = uri != nullptr ? std::vector{address(entry.value)} : command(entry.value, role);
  }
  if (uri != nullptr) {
    if (node.entries.size() != (fixtures != nullptr ? 2u : 1u))
      fail(node, "a server with `uri` is not started by us; leave the other keys out");
    made.uri = address(*uri);
    return made;
  }
  made.command = command(*words, role);
  const auto folder = std::filesystem::absolute(file()).parent_path();
  const auto* cwd = node.find("cwd");
  made.cwd = (cwd == nullptr ? folder : folder / filled(*cwd, "`cwd`")).lexically_normal().string();
  if (const auto* env = node.find("env")) {
    map(*env, "`env`");
    for (const auto& entry : env->entries) made.env[entry.key] = revealed(entry.value, "`" + entry.key + "`");
  }
  if (const auto* transport = node.find("transport")) {
    made.transport =
        word(*transport, transports, "`transport`") == "tcp" ? adapter_transport::tcp : adapter_transport::stdio;
  }
  if (const auto* speaks = node.find("speaks")) {
    if (role != vectors::role::client) fail(*speaks, "`speaks` of a codec; leave it out");
    for (const auto& each : items_of(*speaks, "`speaks`"))
      made.speaks.emplace_back(word(each, vectors::words::transports, "transport"));
  }
  if (const auto* rule = node.find("ready")) made.ready = ready(*rule);
  if (is_server && !has_placeholder(made, "{port}") && made.ready.line.empty()) {
    fail(*words,
         "nobody knows the port; write \"{port}\" in `command`, or ready: {line: REGEX} for a server that "
         "prints `listening tcp://127.0.0.1:PORT`");
  }
  return made;
}

std::vector<std::pair<std::string, std::string>> reader::classes(const yaml_node& node) const {
  std::vector<std::string_view> known(vectors::words::rejects.begin(), vectors::words::rejects.end());
  known.insert(known.end(), vectors::words::refusals.begin(), vectors::words::refusals.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<std::pair<std::string, std::string>> all;
  map(node, "`classes`");
  for (const auto& entry : node.entries) {
    if (!is_regex(entry.key)) fail(entry, no_regex(entry.key));
    all.emplace_back(entry.key, word(entry.value, known, "reject class"));
  }
  return all;
}

target reader::read(const yaml_node& root) {
  map(root, target_keys, "a target file");
  target made;
  made.file = file();
  made.name = filled(need(root, "name", "a target file"), "`name`");
  const auto& roles = need(root, "roles", "a target file");
  map(roles, "`roles`");
  if (roles.entries.empty()) fail(roles, "`roles` is empty; write {codec: {command: [PROGRAM]}}");
  for (const auto& entry : roles.entries) made.roles[role(entry)] = setup(entry.value, role(entry));
  if (const auto* supports = root.find("supports")) {
    if (supports->is_map()) {
      for (const auto& entry : supports->entries)
        made.supports[role(entry)] = features(entry.value, "`" + entry.key + "`");
    } else {
      const auto names = features(*supports, "`supports`");
      for (const auto which : vectors::all_roles) made.supports[which] = names;
    }
  }
  if (const auto* provided = root.find("provided_by")) {
    map(*provided, "`provided_by`");
    for (const auto& entry : provided->entries)
      made.provided_by[entry.key] = features(entry.value, "`" + entry.key + "`", mention::kind::part);
  }
  if (const auto* choices = root.find("choices")) {
    map(*choices, "`choices`");
    for (const auto& entry : choices->entries) {
      const auto& branch = made.choices[entry.key] = filled(entry.value, "`" + entry.key + "`");
      mentions(mention::kind::choice, {file(), entry.line, entry.column}, entry.key);
      mentions(mention::kind::branch, mark(entry.value), branch, entry.key);
    }
  }
  if (const auto* profile = root.find("profile")) {
    made.profile = filled(*profile, "`profile`");
    mentions(mention::kind::profile, mark(*profile), made.profile);
  }
  if (const auto* needed = root.find("needs_env")) {
    map(*needed, "`needs_env`");
    for (const auto& entry : needed->entries) made.needs_env[entry.key] = filled(entry.value, "`" + entry.key + "`");
  }
  if (const auto* words = root.find("classes")) made.classes = classes(*words);
  made.secrets = std::move(secrets_);
  made.mentions = std::move(mentions_);
  return made;
}

}  // namespace

bool has_placeholder(const role_setup& setup, std::string_view placeholder) {
  return std::any_of(setup.command.begin(), setup.command.end(),
                     [&](const auto& word) { return word.find(placeholder) != word.npos; });
}

void fill_placeholder(role_setup& setup, std::string_view placeholder, std::string_view with) {
  for (auto& word : setup.command) {
    for (auto at = word.find(placeholder); at != word.npos; at = word.find(placeholder, at + with.size()))
      word.replace(at, placeholder.size(), with);
  }
}

std::string scheme_of(const std::string& transport) { return transport == "tls" ? "tcps" : transport; }

std::string wrong_placeholder(const std::string& word, vectors::role role) {
  for (auto open = word.find('{'); open != word.npos; open = word.find('{', open + 1)) {
    const auto close = word.find('}', open);
    if (close == word.npos) return {};
    if (open > 0 && word[open - 1] == '$') continue;  // the shell's
    const auto name = word.substr(open + 1, close - open - 1);
    const bool known = std::find(placeholders.begin(), placeholders.end(), name) != placeholders.end();
    if (known && role == vectors::role::server) continue;
    if (known) return "`{" + name + "}` stands for nothing in the command of an adapter; only a server's has it";
    if (const auto meant = vectors::nearest(name, placeholders); !meant.empty())
      return "there is no placeholder `{" + name + "}`; did you mean `{" + meant + "}`?";
  }
  return {};
}

target load_target(const std::filesystem::path& file) {
  return load_target_text(vectors::read_text(file), file.string());
}

bool is_target_file(const std::filesystem::path& file) {
  try {
    const auto tree = vectors::parse_yaml(vectors::read_text(file), file.string());
    return tree.find("roles") != nullptr && tree.find("vectors") == nullptr;
  } catch (const vectors::load_error&) {
    return false;
  }
}

target load_target_text(const std::string& text, const std::string& name) {
  return reader(name).read(vectors::parse_yaml(text, name));
}

target reference_target(const std::string& own_executable) {
  target made;
  made.name = "reference";
  made.file = "built in";
  made.roles[vectors::role::codec].in_process = true;
  auto& server = made.roles[vectors::role::server];
  server.command = {own_executable, "peer", "{protocol}", "--listen", "{scheme}://127.0.0.1:0"};
  server.fixtures = {{"users", {"--users"}}, {"unlogged", {"--unlogged"}}};
  server.ready.line = "^listening ";
  made.roles[vectors::role::client].command = {own_executable, "adapter", "serve"};
  made.supports[vectors::role::codec] = {
      "amp1", "amp2",     "amp1.limits", "amp1.types",    "amp1.bigstring", "amp1.bigstring.flocker",
      "amps", "amps.uri", "amps.fields", "amps.composite"};
  for (const auto role : {vectors::role::server, vectors::role::client}) {
    made.supports[role] = {"amp1",           "amp2",          "amp1.limits",   "amp1.no-answer",
                           "amp1.schema",    "amp1.send-box", "amp1.starttls", "amp1.switch",
                           "amp1.bigstring", "service",       "stream",        "bulk"};
  }
  for (const char* amps :
       {"amps", "amps.tls", "amps.websocket", "amps.auth", "amps.no-txlog", "amps.txlog", "amps.sow", "amps.expiration",
        "amps.delta", "amps.bookmark", "amps.conflation", "amps.queue", "amps.heartbeat"}) {
    made.supports[vectors::role::server].emplace_back(amps);
  }
  for (const char* feature : {"amps", "amps.tls", "amps.websocket", "amps.auth", "amps.sow", "amps.delta",
                              "amps.bookmark", "amps.store", "amps.reconnect", "amps.queue", "amps.heartbeat"}) {
    made.supports[vectors::role::client].push_back(feature);
  }
  return made;
}

}  // namespace ampspec::runner
