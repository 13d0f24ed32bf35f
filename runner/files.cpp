// Files that the user names: read whole, and written whole or not at all.
// SPDX-License-Identifier: Apache-2.0
#include "runner/files.hpp"

#include "runner/run.hpp"

#include <fstream>
#include <iterator>
#include <system_error>

namespace ampspec::runner {
namespace fs = std::filesystem;

namespace {

fs::path part_of(fs::path file) { return file += ".part"; }

}  // namespace

void write_file(const fs::path& file, const std::string& text) {
  if (file.has_parent_path()) fs::create_directories(file.parent_path());
  std::ofstream out(part_of(file), std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + file.string());
  fs::rename(part_of(file), file);
}

void check_writable(const std::string& flag, const fs::path& file) {
  if (file.empty()) return;
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  if (fs::is_directory(file) || !std::ofstream(part_of(file)))
    throw usage_error(flag + ": cannot write " + file.string());
  fs::remove(part_of(file), failed);
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw usage_error("cannot read " + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace ampspec::runner
