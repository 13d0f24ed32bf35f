// Builds the tree from yaml-cpp's events, since its own tree forgets repeated keys and what a null was written as.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/yaml_tree.hpp"

#include "conformance/vectors/loader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace ampspec::vectors {
namespace {

constexpr std::size_t largest_file = 2u << 20;
constexpr std::size_t deepest = 48;
constexpr std::size_t most_keys = 1000;
constexpr std::size_t longest_counted_line =
    4096;  // beyond, columns count octets: counting must not cost the square of a line

// Octets of the UTF-8 sequence at the front of `text`, 0 if it is none (RFC 3629: shortest form, no surrogates).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto more = [&](std::size_t i) { return (at(i) & 0xc0u) == 0x80u; };
  const unsigned first = at(0), second = at(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return more(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    if (!more(1) || !more(2) || (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
    return 3;
  }
  if (first >= 0xf0 && first < 0xf5) {
    if (!more(1) || !more(2) || !more(3) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
      return 0;
    return 4;
  }
  return 0;
}

// What yaml-cpp is not asked about: encoding, control characters and tabs, each of which it takes or reports badly.
void check_text(std::string_view text, const std::string& name) {
  if (text.size() > largest_file) {
    throw load_error({name, 1, 1},
                     "the file is larger than 2 MiB; split it, and write large octets as {fill: …, size: …}");
  }
  if (text.starts_with("\xef\xbb\xbf")) throw load_error({name, 1, 1}, "a byte order mark; save the file without it");
  int line = 1, column = 1;
  bool indentation = true, tab = false;
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0)
      throw load_error({name, line, column}, "not UTF-8; save the file as UTF-8, and write octets as {hex: …}");
    if ((c < 0x20 && c != '\n' && c != '\t' && !(c == '\r' && at + 1 < text.size() && text[at + 1] == '\n')) ||
        c == 0x7f) {
      throw load_error({name, line, column},
                       "a control character; write it as {hex: …} or as \"\\x00\" in double quotes");
    }
    if (indentation && c == '\t') tab = true;
    if (indentation && c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      if (tab) throw load_error({name, line, 1}, "a tab in the indentation; indent with blanks");
      indentation = false;
    }
    at += length;
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
      indentation = true;
      tab = false;
    }
  }
}

class tree_builder final : public YAML::EventHandler {
 public:
  tree_builder(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(mark, "a second document; write one document in a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (is_unclosed_list(mark)) fail_unclosed(mark);
    if (open_.empty()) throw load_error({name_, 1, 1}, "the file is empty; write a map");
    const bool tilde = source_at(mark) == '~', word = source_at(mark) == 'n' || source_at(mark) == 'N';
    if (open_.back().made.is_map() && open_.back().have_key && !tilde && !word) {
      const auto& entry = open_.back().pending;
      throw load_error({name_, entry.line, entry.column},
                       "key `" + entry.key + "` has no value; write a value behind `: `, or \"\" for the empty text");
    }
    fail(mark, std::string("a bare ") +
                   (tilde  ? "`~`"
                    : word ? "null"
                           : "nothing") +
                   "; write \"\" for the empty text" + (tilde || word ? ", or quote it" : ""));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fail(mark, "an alias; write the value out again"); }
  void OnAnchor(const YAML::Mark& mark, const std::string& anchor) override {
    fail(mark, "an anchor `&" + anchor + "`; write the value out where it is needed");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    check_tag(mark, tag);
    if (!open_.empty() && open_.back().made.is_map() && !open_.back().have_key)
      return take_key(mark, tag == "?", value);
    yaml_node node = made(yaml_node::kind::scalar, mark);
    node.text = value;
    put(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    enter(yaml_node::kind::list, mark, tag, style);
  }
  void OnSequenceEnd() override { leave(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value style) override {
    enter(yaml_node::kind::map, mark, tag, style);
  }
  void OnMapEnd() override { leave(); }

  yaml_node take() { return std::move(root_); }

 private:
  struct frame {
    yaml_node made;
    yaml_entry pending;  // key seen, value to come
    bool have_key = false;
    bool flow = false;  // in brackets
  };

  int column_of(const YAML::Mark& mark) const {
    const std::size_t column = static_cast<std::size_t>(mark.column), pos = static_cast<std::size_t>(mark.pos);
    if (column > longest_counted_line || column > pos || pos > text_.size()) return mark.column + 1;
    const auto before = text_.substr(pos - column, column);
    return 1 + static_cast<int>(std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  }
  // yaml-cpp takes the last item of a list without its bracket for a key without value.
  bool is_unclosed_list(const YAML::Mark& mark) const {
    if (open_.empty() || !open_.back().flow || !open_.back().made.is_map()) return false;
    return open_.back().made.line == mark.line + 1 && open_.back().made.column == column_of(mark);
  }
  [[noreturn]] void fail_unclosed(const YAML::Mark& mark) const {
    fail(mark, "a bracket is not closed; write `]`, or `key: value`");
  }
  char source_at(const YAML::Mark& mark) const {
    const std::size_t pos = static_cast<std::size_t>(mark.pos);
    return pos < text_.size() ? text_[pos] : '\0';
  }
  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) const {
    throw load_error({name_, mark.line + 1, column_of(mark)}, what);
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    // yaml-cpp gives quoted scalars the tag `!` that can also be written.
    if (tag.empty() || tag == "?" || (tag == "!" && source_at(mark) != '!')) return;
    fail(mark, "a tag `" + tag + "`; leave it out, every scalar is text");
  }
  yaml_node made(yaml_node::kind what, const YAML::Mark& mark) const {
    yaml_node node;
    node.what = what;
    node.line = mark.line + 1;
    node.column = column_of(mark);
    return node;
  }
  void enter(yaml_node::kind what, const YAML::Mark& mark, const std::string& tag, YAML::EmitterStyle::value style) {
    check_tag(mark, tag);
    if (is_unclosed_list(mark)) fail_unclosed(mark);
    if (!open_.empty() && open_.back().made.is_map() && !open_.back().have_key) {
      fail(mark, "a list or a map as a key; write a text (a box with other keys: {pairs: [[K, V]]})");
    }
    if (open_.size() >= deepest) fail(mark, "nested too deep; write it flatter");
    open_.push_back({made(what, mark), {}, false, style == YAML::EmitterStyle::Flow});
  }
  void leave() {
    yaml_node node = std::move(open_.back().made);
    open_.pop_back();
    put(std::move(node));
  }
  void take_key(const YAML::Mark& mark, bool plain, const std::string& key) {
    frame& top = open_.back();
    if (plain && key == "<<") fail(mark, "a merge key; write the keys out");
    for (const auto& entry : top.made.entries) {
      if (entry.key != key) continue;
      fail(mark, "key `" + key + "` stands twice, first in line " + std::to_string(entry.line) +
                     "; remove one (a box with a repeated key: {pairs: [[K, V]]})");
    }
    if (top.made.entries.size() >= most_keys)
      fail(mark, "over 1000 keys in a map; write a box with so many as {repeat: N, of: …}");
    top.pending = {key, mark.line + 1, column_of(mark), {}};
    top.have_key = true;
  }
  void put(yaml_node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    frame& top = open_.back();
    if (top.made.is_list()) {
      top.made.items.push_back(std::move(node));
      return;
    }
    top.pending.value = std::move(node);
    top.made.entries.push_back(std::move(top.pending));
    top.have_key = false;
  }

  std::string_view text_;
  const std::string& name_;
  std::vector<frame> open_;
  yaml_node root_;
  int documents_ = 0;
};

}  // namespace

const yaml_node* yaml_node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const yaml_entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

yaml_node parse_yaml(std::string_view text, const std::string& name) {
  check_text(text, name);
  tree_builder builder(text, name);
  try {
    // The end of the document is written out, for yaml-cpp would take the end of the text for a missing quote.
    std::istringstream stream{std::string(text) + "\n...\n"};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const load_error&) {
    throw;
  } catch (const YAML::Exception& e) {
    if (e.mark.pos > static_cast<int>(text.size())) {
      const int last = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
      throw load_error({name, last, 1}, "the file ends inside a quote or bracket (" + e.msg + "); close it");
    }
    throw load_error({name, std::max(0, e.mark.line) + 1, std::max(0, e.mark.column) + 1},
                     "not YAML (" + e.msg + "); mind indentation, brackets and quotes");
  } catch (const std::exception& e) {
    throw load_error({name, 1, 1}, std::string("not YAML (") + e.what() + "); mind indentation, brackets and quotes");
  }
  return builder.take();
}

std::string read_text(const std::filesystem::path& file) {
  std::error_code error;
  const std::string name = file.string();
  if (!std::filesystem::is_regular_file(file, error)) {
    throw load_error({name, 1, 1}, std::filesystem::exists(file, error) ? "not a file; name a YAML file"
                                                                        : "no such file; mind its path");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw load_error({name, 1, 1}, "cannot be read; mind its permissions");
  std::string text;
  for (std::string chunk(1u << 16, '\0'); stream && text.size() <= largest_file;) {
    stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    text.append(chunk, 0, static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) throw load_error({name, 1, 1}, "cannot be read; mind its permissions");
  return text;
}

}  // namespace ampspec::vectors
