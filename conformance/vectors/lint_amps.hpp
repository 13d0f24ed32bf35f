// The names of fields and commands in vectors of AMPS, which no loader can refuse: any text may be sent.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/yaml_tree.hpp"

#include <string>
#include <vector>

namespace ampspec::vectors {

/// Looks at every `header` with keys in `vector` (its map in `file`). An expectation that no message can meet, since
/// messages are told otherwise (`cmd_id` as `cid`, `p` as `publish`), is an error; what is sent is octets, so there a
/// name that looks misspelt is a warning. What is written as octets, or as {raw: …}, is meant so.
void lint_amps_names(const yaml_node& vector, const std::string& file, std::vector<finding>& to);

}  // namespace ampspec::vectors
