// Typed values as a vector file writes them: names and sizes not yet resolved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/recipe.hpp"
#include "reference/wire/value.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ampspec::vectors {

struct value_recipe;

/// A scalar: an integer, a boolean, a decimal, the words of floats.
struct scalar_recipe {
  text_ref text;
};
/// `{fraction: "1.5"}` of an integer, `{bits: …}` of a float.
struct fraction_recipe {
  text_ref text;
};
struct bits_recipe {
  text_ref hex;
};
struct bytes_recipe {
  recipe bytes;
};
/// Parts of a text: as written, or code points in hex, so many times.
struct text_part {
  text_ref text;
  bool code_points = false;
  std::optional<expression> times;
};
struct text_recipe {
  std::vector<text_part> parts;
};
struct datetime_recipe {
  std::map<std::string, text_ref, std::less<>> fields;
};
struct list_recipe {
  std::vector<value_recipe> items;
  std::optional<expression> repeat;  ///< of the one item
};
struct named_recipe;
using record_recipe = std::vector<named_recipe>;
struct records_recipe {
  std::vector<record_recipe> records;
};

struct value_recipe {
  std::variant<scalar_recipe, fraction_recipe, bits_recipe, bytes_recipe, text_recipe, datetime_recipe, list_recipe,
               records_recipe>
      what;
  source_mark mark;
};

struct named_recipe {
  text_ref name;
  value_recipe is;
};

/// The type with every `$name` in its schemas resolved.
wire::value_type resolve(const wire::value_type&, const scope&);
wire::value_schema resolve(const wire::value_schema&, const scope&);

/// The value; throws load_error where it is none of the (resolved) type. What only a printer may be handed (a number
/// that is not whole, a surrogate, a time without offset or beyond its type, a record that lacks a mandatory name)
/// needs `to_print`.
wire::value make_value(const wire::value_type&, const value_recipe&, const scope&, bool to_print);
wire::record_value make_record(const wire::value_schema&, const record_recipe&, const source_mark&, const scope&,
                               bool to_print);

}  // namespace ampspec::vectors
