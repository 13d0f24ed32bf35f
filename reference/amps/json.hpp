// JSON bodies as a flat list of nodes over the caller's octets: what filters, keys, merges and selections need.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

/// One value. Views point into the text that was parsed.
struct json_node {
  json_kind kind = json_kind::null;
  bool name_escaped = false;   ///< the name holds a backslash
  bool text_escaped = false;   ///< a string that holds a backslash
  std::uint32_t next = 0;      ///< index of the first node behind this one and all that it holds
  std::string_view name = {};  ///< of a member, between its quotes, as written
  std::string_view text = {};  ///< between the quotes of a string; else as written, brackets included
};

/// The text of a string between its quotes, with its escapes decoded: \u to UTF-8, surrogate pairs to one character, a
/// lone surrogate to the three octets of its code.
std::string json_unescaped(std::string_view raw);

/// A parsed text. Nodes stand in the order of the text, an array's or object's before what it holds; the first is all
/// of it.
class json_document {
 public:
  /// Deeper texts are no JSON to us.
  static constexpr std::size_t max_depth = 128;

  /// Nothing if `text` is not one JSON value with white space around it (octets of 0x80 and above are not looked at).
  /// `text` must outlive the document.
  static std::optional<json_document> parse(std::string_view text);

  const std::vector<json_node>& nodes() const { return nodes_; }
  const json_node& operator[](std::size_t index) const { return nodes_[index]; }
  bool is_object() const { return nodes_.front().kind == json_kind::object; }

  /// Index of the member of that name (octets, decoded); nothing if there is none or the node is no object. Of several
  /// the first counts.
  std::optional<std::size_t> member(std::size_t object, std::string_view name) const;
  /// Indexes of the members of an object, without those whose name stood before.
  std::vector<std::size_t> members(std::size_t object) const;
  /// Indexes of what an array holds.
  std::vector<std::size_t> elements(std::size_t array) const;

  /// A member's name, decoded.
  std::string name(std::size_t index) const;
  /// The text of a scalar: strings decoded, others as written.
  std::string scalar_text(std::size_t index) const;

 private:
  std::vector<json_node> nodes_;
};

/// Appends the value without white space between its tokens.
void append_compact(const json_document&, std::size_t index, std::string& out);

}  // namespace ampspec::amps
