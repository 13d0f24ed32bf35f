// Files that the user names: read whole, and written whole or not at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ampspec::runner {

/// Only whole files: written beside and moved into place; but devices and pipes are written as they are. Throws
/// std::runtime_error, and leaves nothing behind then.
void write_file(const std::filesystem::path& file, const std::string& text);

/// Before a run, so that a wrong path does not cost its results: throws usage_error, which names the flag. An empty
/// path is no file.
void check_writable(const std::string& flag, const std::filesystem::path& file);

/// Throws usage_error if it cannot be read.
std::string read_file(const std::string& file);

}  // namespace ampspec::runner
