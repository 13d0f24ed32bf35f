// Where the suite's own files lie: vectors, and the target files that come with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace ampspec::runner {

/// The running executable.
std::filesystem::path own_executable();

/// The folder `vectors`: of the environment variable AMPSPEC_VECTORS, or the nearest one above the executable, or the
/// one installed beside it (`../share/ampspec/vectors`). Throws std::runtime_error if there is none.
std::filesystem::path vectors_root();

/// The folder of built-in target files: `runner/targets`, or `targets` in an installation.
std::filesystem::path targets_root();

}  // namespace ampspec::runner
