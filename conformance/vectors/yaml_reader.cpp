// The messages for things of the wrong shape.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/yaml_reader.hpp"

#include "conformance/vectors/loader.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::vectors {

load_error::load_error(source_mark where, const std::string& what)
    : std::runtime_error(where.file.str() + ':' + std::to_string(where.line) + ':' + std::to_string(where.column) +
                         ": " + what),
      where_(std::move(where)),
      message_(what) {}

void yaml_reader::fail(const yaml_node& at, const std::string& what) const { throw load_error(mark(at), what); }
void yaml_reader::fail(const yaml_entry& at, const std::string& what) const {
  throw load_error({file_, at.line, at.column}, what);
}

void yaml_reader::map(const yaml_node& n, std::string_view what) const {
  if (!n.is_map()) fail(n, std::string(what) + " must be a map; write {key: value}");
}

void yaml_reader::map(const yaml_node& n, word_list known, std::string_view what) const {
  map(n, what);
  for (const auto& entry : n.entries) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
      fail(entry, "unknown key `" + entry.key + "` in " + std::string(what) + advice(entry.key, known));
    }
  }
}

const yaml_node& yaml_reader::need(const yaml_node& n, std::string_view key, std::string_view what) const {
  if (const auto* found = n.find(key)) return *found;
  fail(n, std::string(what) + " has no `" + std::string(key) + "`; write `" + std::string(key) + ": …`");
}

const std::string& yaml_reader::text(const yaml_node& n, std::string_view what) const {
  if (!n.is_scalar()) fail(n, std::string(what) + " must be a text; write one value, without brackets");
  return n.text;
}

const std::string& yaml_reader::word(const yaml_node& n, word_list known, std::string_view what) const {
  const std::string& word = text(n, what);
  if (std::find(known.begin(), known.end(), word) == known.end()) {
    fail(n, "unknown " + std::string(what) + " `" + word + "`" + advice(word, known));
  }
  return word;
}

const std::vector<yaml_node>& yaml_reader::items_of(const yaml_node& n, std::string_view what) const {
  if (!n.is_list()) fail(n, std::string(what) + " must be a list; write [a, b]");
  return n.items;
}

std::vector<std::string> yaml_reader::texts(const yaml_node& n, std::string_view what) const {
  std::vector<std::string> all;
  for (const auto& item : items_of(n, what)) {
    const std::string& value = text(item, what);
    if (value.empty()) fail(item, "an empty text in " + std::string(what) + "; remove it");
    if (std::find(all.begin(), all.end(), value) != all.end())
      fail(item, "`" + value + "` stands twice in " + std::string(what) + "; remove one");
    all.push_back(value);
  }
  return all;
}

std::uint64_t yaml_reader::number(const yaml_node& n, std::string_view what) const {
  const std::string& digits = text(n, what);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    fail(n, std::string(what) + " `" + digits + "` is not a number; write decimal digits");
  }
  return value;
}

}  // namespace ampspec::vectors
