// Reads typed things from a YAML tree, with one way to say what is wrong with each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::vectors {

/// Every member throws load_error at the node that is wrong. `what` names the thing in messages: "a vector", "`cites`".
class yaml_reader {
 public:
  explicit yaml_reader(const std::string& file) : file_(file) {}

  const std::string& file() const { return file_.str(); }
  source_mark mark(const yaml_node& n) const { return {file_, n.line, n.column}; }
  [[noreturn]] void fail(const yaml_node& at, const std::string& what) const;
  [[noreturn]] void fail(const yaml_entry& at, const std::string& what) const;

  /// A map.
  void map(const yaml_node&, std::string_view what) const;
  /// A map with no key but those known.
  void map(const yaml_node&, word_list known, std::string_view what) const;
  const yaml_node& need(const yaml_node& map, std::string_view key, std::string_view what) const;
  const std::string& text(const yaml_node&, std::string_view what) const;
  const std::string& word(const yaml_node&, word_list known, std::string_view what) const;
  const std::vector<yaml_node>& items_of(const yaml_node&, std::string_view what) const;
  /// A list of texts; none empty, none twice.
  std::vector<std::string> texts(const yaml_node&, std::string_view what) const;
  std::uint64_t number(const yaml_node&, std::string_view what) const;

 private:
  file_name file_;
};

}  // namespace ampspec::vectors
