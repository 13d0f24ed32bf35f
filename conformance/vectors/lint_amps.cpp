// The names of fields and commands in vectors of AMPS, which no loader can refuse: any text may be sent.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/lint_amps.hpp"

#include "conformance/vectors/amps_words.hpp"

#include <algorithm>

namespace ampspec::vectors {
namespace {

template <class Words>
bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class walker {
 public:
  walker(const std::string& file, std::vector<finding>& to) : file_(file), to_(to) {}

  // `told`: what stands here is compared with a message as it is told, not written.
  void walk(const yaml_node& node, bool told) {
    for (const auto& item : node.items) walk(item, told);
    for (const auto& entry : node.entries) {
      if (entry.key == "header" && entry.value.is_map()) header(entry.value, told);
      if (entry.key == "call" && entry.value.is_map()) call(entry.value);
      walk(entry.value, has(told_below, entry.key) || (told && !has(written_below, entry.key)));
    }
  }

 private:
  static constexpr auto told_below = words::list("encode", "expect", "expect_message", "expect_unwritten");
  static constexpr auto written_below = words::list("bytes", "send", "decode", "acks");

  void add(int line, int column, const std::string& text, bool error) {
    to_.push_back({{file_, line, column}, error, text});
  }

  void field(const yaml_entry& at, bool told) {
    if (has(words::amps_fields, at.key) || has(words::amps_names_told_as_written, at.key)) return;
    for (const auto& [other, name] : words::amps_other_names) {
      if (other != at.key) continue;
      if (told) {
        add(at.line, at.column,
            "no message has a field `" + at.key + "`: it is told as `" + std::string(name) + "`; write that", true);
      }
      return;
    }
    std::vector<std::string_view> known(words::amps_fields.begin(), words::amps_fields.end());
    known.insert(known.end(), words::amps_names_told_as_written.begin(), words::amps_names_told_as_written.end());
    if (!told) {
      for (const auto& other : words::amps_other_names) known.push_back(other[0]);
    }
    if (const auto meant = nearest(at.key, known); !meant.empty()) {
      add(at.line, at.column, "AMPS has no field `" + at.key + "`; did you mean `" + meant + "`? If not, all is well",
          false);
    }
  }

  void command(const yaml_node& at, bool told) {
    if (!at.is_scalar() || at.text.find('$') != std::string::npos || has(words::amps_commands, at.text)) return;
    if (at.text == "p") {
      if (told) add(at.line, at.column, "no message has the command `p`: it is told in full; write `publish`", true);
      return;
    }
    if (const auto meant = nearest(at.text, words::amps_commands); !meant.empty()) {
      add(at.line, at.column,
          "AMPS has no command `" + at.text + "`; did you mean `" + meant + "`?" +
              (told ? "" : " If it is meant so, write {raw: '\"" + at.text + "\"'}"),
          told);
    }
  }

  void header(const yaml_node& fields, bool told) {
    for (const auto& entry : fields.entries) {
      if (entry.key.find('$') == std::string::npos) field(entry, told);
      if (entry.key == "c") command(entry.value, told);
    }
  }

  // Names of the client's library, not octets: a misspelt one is a call that no adapter knows.
  void call(const yaml_node& made) {
    if (const auto* name = made.find("command")) command(*name, true);
    const auto* box = made.find("box");
    if (box == nullptr || box->find("pairs") != nullptr) return;
    for (const auto& entry : box->entries) {
      if (entry.key != "body") field(entry, true);
    }
  }

  const std::string& file_;
  std::vector<finding>& to_;
};

}  // namespace

void lint_amps_names(const yaml_node& vector, const std::string& file, std::vector<finding>& to) {
  walker(file, to).walk(vector, false);
}

}  // namespace ampspec::vectors
