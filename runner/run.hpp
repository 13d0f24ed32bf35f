// `ampspec run`: from the options to the verdict, the reports and the exit code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/library.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner {

struct run_options {
  std::string target = "reference";    ///< a built-in name or a file
  bool target_named = false;           ///< `target` was given, not left to the default
  bool codec = false, client = false;  ///< attach `command` in this role
  std::optional<std::string> server;   ///< attach a server: its URI, or empty where `command` starts it
  std::vector<std::string> command;    ///< behind `--`
  std::vector<std::string> supports;   ///< features of an implementation attached by flags
  std::string profile;
  selection what;
  unsigned jobs = 0;  ///< 0: the number of processors
  std::string shard;  ///< `I/N`
  std::uint64_t seed = 1;
  unsigned deadline_ms = 2000;
  double budget_seconds = 0;  ///< 0: none
  std::string baseline;
  bool update_baseline = false;
  std::string json, junit, html;
  std::vector<std::string> bench;  ///< results of `bench interactivity`, to be shown in the page
  bool trace = false, fail_fast = false, strict = false;
  bool show_secrets = false;  ///< values from the environment and tokens of bulk transfers stay readable
};

/// Runs and returns the exit code: 0 conforms, 1 does not, 2 usage, nothing matched or not to be reached, 3 harness
/// fault, 4 out of time, 130 interrupted.
int run_command(const run_options&);

/// A built-in target by name, or a target file by path. Throws usage_error (with the names that are
/// known) or vectors::load_error.
struct target;
target find_target(const std::string& name);
/// Throws usage_error, with the place, for a feature, clause, choice, branch or profile in it that nobody knows.
void check_names(const target&, const vectors::catalogue& known);
/// The implementation that `codec`, `client`, `server`, `command` and `supports` describe. Throws usage_error.
target target_of_flags(const run_options&);
std::vector<std::string> built_in_targets();

/// A mistake in how the program was called: exit code 2.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Of what a subject tells of a program that can't be started or reached: its first line, and the last of its log.
usage_error not_attached(std::string_view told);

}  // namespace ampspec::runner
