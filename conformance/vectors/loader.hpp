// Reads vector files and catalogues from YAML text. Every error names file, line, column and the fix.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace ampspec::vectors {

/// A mistake in a file: `what()` is "file:line:column: what is wrong; what to write instead".
class load_error : public std::runtime_error {
 public:
  load_error(source_mark where, const std::string& what);
  const source_mark& where() const { return where_; }
  /// `what()` without the place.
  const std::string& message() const { return message_; }

 private:
  source_mark where_;
  std::string message_;
};

/// One file; throws load_error at the first mistake.
suite_file load_suite(const std::filesystem::path& file);
suite_file load_suite_text(std::string_view text, const std::string& name);

/// The vector files (*.yaml with a `suite:` key) below `root`/<protocol folders>, sorted by path. Catalogue and schema
/// files are left out.
std::vector<std::filesystem::path> find_suites(const std::filesystem::path& root);

/// Requirements (root/requirements/*.yaml), features.yaml, choices.yaml, faults.yaml.
catalogue load_catalogue(const std::filesystem::path& root);

/// One finding of lint; errors make `ampspec lint` fail, warnings are shown.
struct finding {
  source_mark where;
  bool error = true;
  std::string text;
};

/// Checks that need more than one file or the catalogue: unknown clauses, features, choices, faults; ids used twice or
/// retired; mixed levels; roles that a kind can't play; `delivers` on the wire; `$names` that no matrix or limit has;
/// near-copies that should be a matrix; planned faults; every matrix point realizes. `files` that do not load are
/// reported, not thrown.
std::vector<finding> lint(const std::filesystem::path& root, const std::vector<std::filesystem::path>& files);

}  // namespace ampspec::vectors
