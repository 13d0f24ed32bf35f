// Files that the user names: read whole, and written whole or not at all.
// SPDX-License-Identifier: Apache-2.0
#include "runner/files.hpp"

#include "runner/run.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace ampspec::runner {
namespace fs = std::filesystem;

namespace {

fs::path part_of(fs::path file) { return file += ".part"; }

// A device, a pipe or a link (`/dev/stdout`) is written as it is: it must not be replaced by a file.
bool is_moved_into_place(const fs::path& file) {
  std::error_code failed;
  const auto what = fs::symlink_status(file, failed).type();
  return what == fs::file_type::not_found || what == fs::file_type::regular;
}

}  // namespace

void write_file(const fs::path& file, const std::string& text) {
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  const bool moved = is_moved_into_place(file);
  errno = 0;
  std::ofstream out(moved ? part_of(file) : file, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    const auto why = errno != 0 ? ": " + std::generic_category().message(errno) : std::string();
    std::error_code ignored;
    if (moved) fs::remove(part_of(file), ignored);
    throw std::runtime_error("cannot write " + file.string() + why);
  }
  if (moved) fs::rename(part_of(file), file);
}

void check_writable(const std::string& flag, const fs::path& file) {
  if (file.empty()) return;
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  errno = 0;
  const bool moved = is_moved_into_place(file);
  const bool can = !fs::is_directory(file) &&
                   (moved ? static_cast<bool>(std::ofstream(part_of(file))) : ::access(file.c_str(), W_OK) == 0);
  if (!can) {
    const int why = fs::is_directory(file) ? EISDIR : errno;
    throw usage_error(flag + ": cannot write " + file.string() +
                      (why != 0 ? ": " + std::generic_category().message(why) : ""));
  }
  if (moved) fs::remove(part_of(file), failed);
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw usage_error("cannot read " + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace ampspec::runner
