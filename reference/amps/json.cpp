// One pass over the text without recursion, so that depth costs a small stack of our own.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/json.hpp"

#include <algorithm>
#include <unordered_set>

namespace ampspec::amps {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class parser {
 public:
  parser(std::string_view text, std::vector<json_node>& nodes) : text_(text), nodes_(nodes) {}

  bool run() {
    if (text_.size() > UINT32_MAX) return false;  // indexes are 32 bits wide
    if (!value({}, false)) return false;
    while (!open_.empty()) {
      if (!go_on()) return false;
    }
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  struct level {
    std::uint32_t node;
    std::size_t begin;
    bool object;
    bool fresh = true;
  };

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// The next member or element of the innermost level, or its end.
  bool go_on() {
    auto& in = open_.back();
    skip_blanks();
    if (take(in.object ? '}' : ']')) {
      auto& node = nodes_[in.node];
      node.text = text_.substr(in.begin, at_ - in.begin);
      node.next = static_cast<std::uint32_t>(nodes_.size());
      open_.pop_back();
      return true;
    }
    if (!in.fresh && !take(',')) return false;
    in.fresh = false;
    if (!in.object) return value({}, false);
    skip_blanks();
    std::string_view name;
    bool escaped = false;
    if (!string(name, escaped)) return false;
    skip_blanks();
    return take(':') && value(name, escaped);
  }

  bool value(std::string_view name, bool name_escaped) {
    skip_blanks();
    if (at_ == text_.size()) return false;
    json_node node;
    node.name = name;
    node.name_escaped = name_escaped;
    const auto begin = at_;
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      if (open_.size() == json_document::max_depth) return false;
      ++at_;
      node.kind = c == '{' ? json_kind::object : json_kind::array;
      open_.push_back({static_cast<std::uint32_t>(nodes_.size()), begin, c == '{'});
      nodes_.push_back(node);
      return true;
    }
    if (c == '"') {
      node.kind = json_kind::string;
      if (!string(node.text, node.text_escaped)) return false;
    } else {
      if (c == 't' || c == 'f') {
        node.kind = json_kind::boolean;
        if (!word(c == 't' ? "true" : "false")) return false;
      } else if (c == 'n') {
        if (!word("null")) return false;
      } else {
        node.kind = json_kind::number;
        if (!number()) return false;
      }
      node.text = text_.substr(begin, at_ - begin);
    }
    node.next = static_cast<std::uint32_t>(nodes_.size() + 1);
    nodes_.push_back(node);
    return true;
  }

  bool word(std::string_view w) {
    if (text_.substr(at_, w.size()) != w) return false;
    at_ += w.size();
    return true;
  }

  bool digits() {
    const auto begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > begin;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    return true;
  }

  bool string(std::string_view& inside, bool& escaped) {
    if (!take('"')) return false;
    const auto begin = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        inside = text_.substr(begin, at_ - 1 - begin);
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') {
        escaped = true;
        if (!escape()) return false;
      }
    }
    return false;
  }

  bool escape() {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size() || hex_value(text_[at_]) < 0) return false;
    }
    return true;
  }

  std::string_view text_;
  std::vector<json_node>& nodes_;
  std::vector<level> open_;
  std::size_t at_ = 0;
};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The four hexadecimal digits at `at`, which the parser has seen; nothing if there are none.
std::optional<std::uint32_t> code_unit(std::string_view raw, std::size_t at) {
  if (raw.size() < at + 4) return std::nullopt;
  std::uint32_t code = 0;
  for (const char c : raw.substr(at, 4)) {
    if (hex_value(c) < 0) return std::nullopt;
    code = code * 16 + static_cast<std::uint32_t>(hex_value(c));
  }
  return code;
}

}  // namespace

std::string json_unescaped(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\' || at + 1 == raw.size()) {
      out += raw[at];
      continue;
    }
    const char c = raw[++at];
    constexpr std::string_view from = "bfnrt", to = "\b\f\n\r\t";
    if (const auto found = from.find(c); found != std::string_view::npos) {
      out += to[found];
    } else if (c != 'u') {
      out += c;
    } else if (auto code = code_unit(raw, at + 1)) {
      at += 4;
      if (*code >= 0xD800 && *code < 0xDC00 && raw.substr(at + 1, 2) == "\\u") {
        if (const auto low = code_unit(raw, at + 3); low && *low >= 0xDC00 && *low < 0xE000) {
          *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
          at += 6;
        }
      }
      append_utf8(out, *code);
    }
  }
  return out;
}

std::optional<json_document> json_document::parse(std::string_view text) {
  json_document document;
  if (!parser(text, document.nodes_).run()) return std::nullopt;
  return document;
}

std::optional<std::size_t> json_document::member(std::size_t object, std::string_view wanted) const {
  if (nodes_[object].kind != json_kind::object) return std::nullopt;
  for (std::size_t at = object + 1; at < nodes_[object].next; at = nodes_[at].next) {
    const auto& node = nodes_[at];
    if (node.name_escaped ? json_unescaped(node.name) == wanted : node.name == wanted) return at;
  }
  return std::nullopt;
}

std::vector<std::size_t> json_document::members(std::size_t object) const {
  std::vector<std::size_t> found;
  std::unordered_set<std::string> seen;
  for (std::size_t at = object + 1; at < nodes_[object].next; at = nodes_[at].next) {
    if (seen.insert(name(at)).second) found.push_back(at);
  }
  return found;
}

std::vector<std::size_t> json_document::elements(std::size_t array) const {
  std::vector<std::size_t> found;
  for (std::size_t at = array + 1; at < nodes_[array].next; at = nodes_[at].next) found.push_back(at);
  return found;
}

std::string json_document::name(std::size_t index) const {
  const auto& node = nodes_[index];
  return node.name_escaped ? json_unescaped(node.name) : std::string(node.name);
}

std::string json_document::scalar_text(std::size_t index) const {
  const auto& node = nodes_[index];
  return node.text_escaped ? json_unescaped(node.text) : std::string(node.text);
}

void append_compact(const json_document& document, std::size_t index, std::string& out) {
  const auto& node = document[index];
  switch (node.kind) {
    case json_kind::string:
      out.append("\"").append(node.text).append("\"");
      return;
    case json_kind::array: {
      out += '[';
      for (std::size_t at = index + 1; at < node.next; at = document[at].next) {
        if (at != index + 1) out += ',';
        append_compact(document, at, out);
      }
      out += ']';
      return;
    }
    case json_kind::object: {
      out += '{';
      bool first = true;
      for (const auto at : document.members(index)) {  // of several members of one name the first counts
        if (!first) out += ',';
        first = false;
        out.append("\"").append(document[at].name).append("\":");
        append_compact(document, at, out);
      }
      out += '}';
      return;
    }
    default:
      out.append(node.text);
  }
}

}  // namespace ampspec::amps
