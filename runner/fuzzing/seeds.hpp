// The streams that cases are made of: what the vectors send, so that cases begin where something matters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::fuzzing {

/// What the vectors of that wire protocol (amp1, amp2, amps) send or have decoded, as the octets of TCP: each once, in
/// the order of files, none above `longest` octets. The same vectors give the same list. Throws vectors::load_error.
std::vector<std::string> seeds_of(const std::filesystem::path& vectors_root, std::string_view protocol,
                                  std::size_t longest = 4096);

}  // namespace ampspec::runner::fuzzing
