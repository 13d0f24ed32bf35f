// Commands that show what there is: list, show, requirements, targets, lint, inspect.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/library.hpp"

#include <string>
#include <vector>

namespace ampspec::runner {

int list_command(const selection&, bool as_json);
int show_command(const std::string& id);
int requirements_command(bool uncovered, const std::vector<std::string>& areas, bool as_json);
int targets_command();
int lint_command(const std::vector<std::string>& paths);
/// Annotates AMPv1 octets, raw or as hex, from a file or standard input (`-`).
/// `protocol`: amp1, amp2 or amps, this one as on TCP.
int inspect_command(const std::string& file, const std::string& protocol);
/// Octets of the wire, a line for each of the first `most` fields. `protocol` as above.
void show_fields(const std::string& octets, const std::string& protocol, const std::string& indent = {},
                 std::size_t most = std::string::npos);
int adapter_check_command(const std::vector<std::string>& command, bool tcp);

}  // namespace ampspec::runner
