// YAML text as a tree of texts with positions: no typing, and none of the YAML that the format forbids.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/recipe.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::vectors {

struct yaml_entry;

/// A scalar, a list or a map. Maps keep the order written; no key stands twice.
struct yaml_node {
  enum class kind { scalar, list, map };
  kind what = kind::scalar;
  int line = 0, column = 0;  ///< from 1; columns count characters
  std::string text;
  std::vector<yaml_node> items;
  std::vector<yaml_entry> entries;

  bool is_scalar() const { return what == kind::scalar; }
  bool is_list() const { return what == kind::list; }
  bool is_map() const { return what == kind::map; }
  const yaml_node* find(std::string_view key) const;
};

struct yaml_entry {
  std::string key;
  int line = 0, column = 0;
  yaml_node value;
};

/// Throws load_error at the first mistake, also for what makes YAML hostile: over 2 MiB, over 48 levels, over 1000 keys
/// in a map.
yaml_node parse_yaml(std::string_view text, const std::string& name);

/// The file's text; throws load_error where it can't be read, or is no UTF-8.
std::string read_text(const std::filesystem::path& file);

}  // namespace ampspec::vectors
