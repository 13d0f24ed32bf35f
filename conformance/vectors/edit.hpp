// Edits of vector files by the tool: a new vector, a retired one, the common form; comments and layout are kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::vectors {

struct new_vector {
  std::filesystem::path root;  ///< folder of the vectors, to tell the suite of a new file
  std::filesystem::path file;
  std::string ids;    ///< prefix of the ids: needed for a file that does not exist yet, else empty or the file's own
  std::string since;  ///< suite version; empty: left out
  std::optional<role> in = {};  ///< the skeleton is one of that role; without it the folder tells (`amps/server/…`)
};

/// Appends a skeleton under the next id of the file, which was never used there, and returns the id. The skeleton
/// loads, and does not pass lint until it is filled in. Throws load_error; the file is then unchanged.
std::string append_vector(const new_vector&);

/// Takes the vector out of its file and lists its id in `retired`. Throws load_error; the file is then unchanged.
void retire_vector(const std::filesystem::path& file, const std::string& id);

/// The common form: keys of a vector in the usual order, one blank line between vectors, no blanks at ends of lines,
/// LF. Never changes what the file says: throws load_error if it would.
std::string formatted(std::string_view text, const std::string& name);
/// True if the file was rewritten.
bool format_file(const std::filesystem::path& file);

}  // namespace ampspec::vectors
