// JSON bodies a second time: a plain tree of copies, by RFC 8259, and what a path finds in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

struct json_member;

struct json {
  enum class form { null, boolean, number, string, array, object };
  form is = form::null;
  std::string text;                  ///< a string without its escapes, other scalars as written
  std::vector<json_member> members;  ///< of an object all of them; of an array its elements, without names
};

struct json_member {
  std::string name;
  json value;
};

/// The value that a text is, with blanks around it; nothing if it is none, or one with more than `most_depth` arrays
/// and objects inside each other.
std::optional<json> read_json(std::string_view text, std::size_t most_depth = 128);

/// One name of a path, and the element that is taken of what is found there (AMPS-FILTER-014).
struct json_step {
  std::string name;
  std::optional<std::size_t> element;
};

/// The scalars at a path, each as text: of an array those of its elements; null and the empty string are none
/// (AMPS-FILTER-011).
std::vector<std::string> scalars_at(const json&, const std::vector<json_step>&, std::size_t step = 0);

}  // namespace ampspec::naive
