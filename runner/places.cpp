// Where the suite's own files lie: vectors, and the target files that come with it.
// SPDX-License-Identifier: Apache-2.0
#include "runner/places.hpp"

#include <cstdlib>
#include <stdexcept>

namespace ampspec::runner {
namespace fs = std::filesystem;

fs::path own_executable() { return fs::read_symlink("/proc/self/exe"); }

fs::path vectors_root() {
  if (const char* named = std::getenv("AMPSPEC_VECTORS"); named && *named) {
    if (!fs::is_directory(fs::path(named) / "requirements")) {
      throw std::runtime_error(std::string("AMPSPEC_VECTORS names ") + named + ", which has no folder requirements");
    }
    return named;
  }
  const auto self = own_executable();
  for (auto folder = self.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    for (const char* below : {"vectors", "share/ampspec/vectors"}) {
      if (fs::is_directory(folder / below / "requirements")) return folder / below;
    }
  }
  throw std::runtime_error("no folder with vectors above " + self.string() + "; set AMPSPEC_VECTORS");
}

fs::path targets_root() {
  const auto root = vectors_root().parent_path();
  return fs::is_directory(root / "runner" / "targets") ? root / "runner" / "targets" : root / "targets";
}

}  // namespace ampspec::runner
