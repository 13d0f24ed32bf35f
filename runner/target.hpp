// What a target file says: which implementation it is, how it is started in each role, and how it is to be judged.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::runner {

enum class adapter_transport { stdio, tcp };

/// When a server counts as started: its port accepts, or it has printed a line that matches.
struct ready_rule {
  std::string line;  ///< ECMAScript regex, searched in each line of its output; empty: `listening`
};

/// How one role is attached: in process, by a command, or (servers) at an address where somebody else has started it.
struct role_setup {
  bool in_process = false;           ///< the built-in reference; nothing else is set then
  std::vector<std::string> command;  ///< in a server's `{port}` is a free port, `{protocol}` amp1, amp2 or amps,
                                     ///< `{scheme}` tcp or, for what is to be inside TLS, tcps
  std::string cwd;                   ///< absolute, or empty: ours
  std::map<std::string, std::string> env;
  adapter_transport transport = adapter_transport::stdio;  ///< codec and client
  ready_rule ready;                                        ///< server
  std::vector<std::string> speaks = {};  ///< AMPS client: `tcp`, `tls`, `ws`, `wss`; none: what its features tell
  std::string uri;                       ///< server: `tcp://HOST:PORT` or `tcps:…`; `command` is empty then
  /// AMPS server, by fixture: the words that its command has besides, or its URI.
  std::map<std::string, std::vector<std::string>> fixtures = {};
};

/// A name of the catalogues that stands in a target file or a flag: checked when they are loaded.
struct mention {
  enum class kind { feature, part, choice, branch, profile };  ///< a part: a feature or a clause
  kind what;
  std::string name;
  std::string of;     ///< of a branch: its choice
  std::string where;  ///< FILE:LINE:COLUMN, or the flag
};

/// A target file: docs in the head of target.cpp's reader, one function per key.
struct target {
  std::string name;
  std::string file;  ///< where it stands, for messages
  std::map<vectors::role, role_setup> roles;
  std::map<vectors::role, std::vector<std::string>> supports;  ///< a role that is absent: what its adapter's hello says
  std::map<std::string, std::vector<std::string>>
      provided_by;                             ///< who -> features that are its code, not the library's
  std::map<std::string, std::string> choices;  ///< pins: choice -> branch
  std::string profile;
  std::vector<std::pair<std::string, std::string>>
      classes;  ///< regex of an error text -> reject class; the first that matches counts
  /// Variables without which it can't be judged -> what they are to hold.
  std::map<std::string, std::string> needs_env = {};
  std::vector<std::string> secrets;  ///< values that were read from the environment: never to be shown
  std::vector<mention> mentions;     ///< in the order in which they stand
};

/// What is wrong with the placeholders of a command, and what to write instead; empty: nothing. Braces around other
/// words are the command's own, unless they look like a misspelt placeholder.
std::string wrong_placeholder(const std::string& word, vectors::role);
/// True if a word of the command has it, such as `{port}`.
bool has_placeholder(const role_setup&, std::string_view placeholder);
void fill_placeholder(role_setup&, std::string_view placeholder, std::string_view with);
/// What stands for `{scheme}`: `tcp`, `tcps`, `ws`, `wss` for the transports of vectors.
std::string scheme_of(const std::string& transport);

/// Reads a target file. Relative paths (in `cwd`, and by that in commands) are relative to the folder of the file,
/// where commands are started. Throws vectors::load_error: file:line:column, what is wrong, what to write instead.
target load_target(const std::filesystem::path& file);
/// The same from text; `name` is the file's name in messages, its folder the place where commands are started.
target load_target_text(const std::string& text, const std::string& name);
/// Whether a file has `roles` and no `vectors` at its top. False for one that is no YAML.
bool is_target_file(const std::filesystem::path& file);

/// The built-in reference: codec in process; server and client are our own executable, a process like any other
/// implementation.
target reference_target(const std::string& own_executable);

}  // namespace ampspec::runner
