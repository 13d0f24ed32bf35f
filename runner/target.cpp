// Reads target files: YAML in which every scalar is text and every unknown key is an error.
// SPDX-License-Identifier: Apache-2.0
#include "runner/target.hpp"

#include <algorithm>
#include <cstdlib>
#include <regex>

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_tree.hpp"
#include "runner/subjects/tcp.hpp"

namespace ampspec::runner {

namespace {

using vectors::load_error;
using vectors::yaml_entry;
using vectors::yaml_node;

constexpr auto target_keys =
    vectors::words::list("name", "roles", "supports", "provided_by", "choices", "profile", "classes");
constexpr auto adapter_keys = vectors::words::list("command", "transport", "env", "cwd");
constexpr auto server_keys = vectors::words::list("command", "ready", "env", "cwd", "uri");
constexpr auto transports = vectors::words::list("stdio", "tcp");

class reader {
 public:
  explicit reader(const std::string& name) : name_(name) {}

  target read(const yaml_node& root);

 private:
  [[noreturn]] void fail(int line, int column, const std::string& what) const { throw load_error({name_, line, column}, what); }
  [[noreturn]] void fail(const yaml_node& at, const std::string& what) const { fail(at.line, at.column, what); }
  [[noreturn]] void unknown(const yaml_entry& entry, const std::string& place, vectors::word_list known) const {
    fail(entry.line, entry.column, "unknown key `" + entry.key + "` in " + place + vectors::advice(entry.key, known));
  }
  void check_keys(const yaml_node& map, const std::string& place, vectors::word_list known) const {
    if (!map.is_map()) fail(map, place + " must be a map; write keys such as `" + std::string(known.front()) + ": ...`");
    for (const auto& entry : map.entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) unknown(entry, place, known);
    }
  }
  std::string text(const yaml_node& node, const std::string& what) const {
    if (!node.is_scalar() || node.text.empty()) fail(node, what + " must be a text; write one value");
    return node.text;
  }
  std::vector<std::string> texts(const yaml_node& node, const std::string& what) const {
    if (!node.is_list()) fail(node, what + " must be a list; write [ONE, TWO]");
    std::vector<std::string> all;
    for (const auto& item : node.items) all.push_back(text(item, "each of " + what));
    return all;
  }
  std::vector<std::pair<std::string, std::string>> pairs(const yaml_node& node, const std::string& what) const {
    if (!node.is_map()) fail(node, what + " must be a map; write {NAME: VALUE}");
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& entry : node.entries) all.emplace_back(entry.key, text(entry.value, "`" + entry.key + "`"));
    return all;
  }
  vectors::role role(const yaml_entry& entry, const std::string& place) const {
    const auto named = vectors::role_named(entry.key);
    if (!named) unknown(entry, place, vectors::words::roles);
    return *named;
  }
  std::string revealed(const yaml_node& node, const std::string& value);
  role_setup setup(const yaml_node& node, vectors::role);
  ready_rule ready(const yaml_node& node) const;
  void check_regex(int line, int column, const std::string& pattern) const {
    try {
      std::regex{pattern};
    } catch (const std::regex_error& wrong) {
      fail(line, column, "`" + pattern + "` is no regular expression (" + wrong.what() + "); write an ECMAScript one");
    }
  }

  const std::string& name_;
  std::vector<std::string> secrets_;
};

/// `env:NAME` is the value of that environment variable, and a secret.
std::string reader::revealed(const yaml_node& node, const std::string& value) {
  constexpr std::string_view prefix = "env:";
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
  ready_rule rule{text(*line, "`line`")};
  check_regex(line->line, line->column, rule.line);
  return rule;
}

role_setup reader::setup(const yaml_node& node, vectors::role role) {
  const bool is_server = role == vectors::role::server;
  const auto known = is_server ? vectors::word_list(server_keys) : vectors::word_list(adapter_keys);
  check_keys(node, "role " + std::string(vectors::name_of(role)), known);
  role_setup made;
  const auto* command = node.find("command");
  const auto* uri = node.find("uri");
  if ((command == nullptr) == (uri == nullptr)) {
    fail(node, is_server ? "a server has either `command` or `uri`; write one of them"
                         : "a role needs `command`; write command: [PROGRAM, ARGUMENT]");
  }
  if (uri != nullptr) {
    if (node.entries.size() != 1) fail(node, "a server with `uri` is not started by us; leave the other keys out");
    made.uri = revealed(*uri, text(*uri, "`uri`"));
    if (!parse_tcp_uri(made.uri)) fail(*uri, "`uri` must be tcp://HOST:PORT; write tcp://127.0.0.1:4041");
    return made;
  }
  made.command = texts(*command, "`command`");
  if (made.command.empty()) fail(*command, "`command` is empty; write [PROGRAM, ARGUMENT]");
  for (const auto& word : command->items) {
    if (word.text.starts_with("env:")) fail(word, "others can see the words of a command; hand a secret over in `env`");
  }
  const auto folder = std::filesystem::absolute(name_).parent_path();
  const auto* cwd = node.find("cwd");
  made.cwd = (cwd == nullptr ? folder : folder / text(*cwd, "`cwd`")).lexically_normal().string();
  if (const auto* env = node.find("env")) {
    for (const auto& [variable, value] : pairs(*env, "`env`")) made.env[variable] = revealed(*env->find(variable), value);
  }
  if (const auto* transport = node.find("transport")) {
    const auto word = text(*transport, "`transport`");
    if (word != "stdio" && word != "tcp") fail(*transport, "there is no transport `" + word + "`" + vectors::advice(word, transports));
    made.transport = word == "tcp" ? adapter_transport::tcp : adapter_transport::stdio;
  }
  if (const auto* rule = node.find("ready")) made.ready = ready(*rule);
  const bool has_port = std::any_of(made.command.begin(), made.command.end(),
                                    [](const auto& word) { return word.find("{port}") != word.npos; });
  if (is_server && !has_port && made.ready.line.empty()) {
    fail(*command, "nobody knows the port; write \"{port}\" in `command`, or ready: {line: REGEX} for a server that "
                   "prints `listening tcp://127.0.0.1:PORT`");
  }
  return made;
}

target reader::read(const yaml_node& root) {
  check_keys(root, "a target file", target_keys);
  target made;
  made.file = name_;
  const auto* name = root.find("name");
  if (name == nullptr) fail(root, "the target has no name; write name: ...");
  made.name = text(*name, "`name`");
  const auto* roles = root.find("roles");
  if (roles == nullptr || !roles->is_map() || roles->entries.empty()) {
    fail(roles == nullptr ? root : *roles, "the target has no roles; write roles: {codec: {command: [PROGRAM]}}");
  }
  for (const auto& entry : roles->entries) {
    const auto which = role(entry, "`roles`");
    made.roles[which] = setup(entry.value, which);
  }
  if (const auto* supports = root.find("supports")) {
    if (supports->is_map()) {
      for (const auto& entry : supports->entries) {
        made.supports[role(entry, "`supports`")] = texts(entry.value, "`" + entry.key + "`");
      }
    } else {
      const auto features = texts(*supports, "`supports`");
      for (const auto which : vectors::all_roles) made.supports[which] = features;
    }
  }
  if (const auto* provided = root.find("provided_by")) {
    if (!provided->is_map()) fail(*provided, "`provided_by` must be a map; write {adapter: [FEATURE]}");
    for (const auto& entry : provided->entries) made.provided_by[entry.key] = texts(entry.value, "`" + entry.key + "`");
  }
  if (const auto* choices = root.find("choices")) {
    for (auto& [choice, branch] : pairs(*choices, "`choices`")) made.choices[choice] = branch;
  }
  if (const auto* profile = root.find("profile")) made.profile = text(*profile, "`profile`");
  if (const auto* classes = root.find("classes")) {
    made.classes = pairs(*classes, "`classes`");
    std::vector<std::string_view> known(vectors::words::rejects.begin(), vectors::words::rejects.end());
    known.insert(known.end(), vectors::words::refusals.begin(), vectors::words::refusals.end());
    for (const auto& entry : classes->entries) {
      check_regex(entry.line, entry.column, entry.key);
      const auto& word = entry.value.text;
      if (std::find(known.begin(), known.end(), word) == known.end()) {
        fail(entry.value, "there is no reject class `" + word + "`" + vectors::advice(word, known));
      }
    }
  }
  made.secrets = std::move(secrets_);
  return made;
}

}  // namespace

target load_target(const std::filesystem::path& file) { return load_target_text(vectors::read_text(file), file.string()); }

target load_target_text(const std::string& text, const std::string& name) {
  return reader(name).read(vectors::parse_yaml(text, name));
}

target reference_target(const std::string& own_executable) {
  target made;
  made.name = "reference";
  made.file = "built in";
  made.roles[vectors::role::codec].in_process = true;
  auto& server = made.roles[vectors::role::server];
  server.command = {own_executable, "peer", "amp1", "--listen", "tcp://127.0.0.1:0"};
  server.ready.line = "^listening ";
  made.roles[vectors::role::client].command = {own_executable, "adapter", "serve"};
  made.supports[vectors::role::codec] = {"amp1", "amp1.limits", "amp1.empty-box"};
  for (const auto role : {vectors::role::server, vectors::role::client}) {
    made.supports[role] = {"amp1", "amp1.limits", "amp1.no-answer", "amp1.schema", "service"};
  }
  return made;
}

}  // namespace ampspec::runner
