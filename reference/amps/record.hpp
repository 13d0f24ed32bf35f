// One message body as filters, keys and orders see it: parsed when first asked for, and each path walked once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/json.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ampspec::amps {

/// A scalar of a message, a literal of a filter, or what arithmetic made of them. `true` and `false` are 1 and 0.
struct scalar {
  enum class form : std::uint8_t {
    whole,           ///< a 64-bit integer in `integer`
    unsigned_whole,  ///< an integer above that, in `natural`
    floating,        ///< in `real`; a NaN makes every comparison false
    text,
  };
  form what = form::text;
  union {
    std::int64_t integer;
    std::uint64_t natural;
    double real;
  };
  std::string_view text = {};  ///< strings decoded, others as written

  scalar() : integer(0) {}
  bool is_text() const { return what == form::text; }
  double as_real() const;

  static scalar of_text(std::string_view);
  static scalar of_integer(std::int64_t);
  static scalar of_natural(std::uint64_t);
  static scalar of_real(double);
  /// `digits [. digits] [e digits]` with or without a minus in front: an integer if it has neither point nor exponent
  /// and fits 64 bits. Nothing if the text is anything else.
  static std::optional<scalar> of_number(std::string_view);
};

/// How two scalars stand to each other (AMPS-FILTER-009, 010, 017).
enum class ordering : std::uint8_t { less, equal, greater, none };
ordering compare(const scalar&, const scalar&);

/// `/a/b[2]/c`: names, each with the element to be taken, if any.
struct path {
  struct step {
    std::string name;
    std::optional<std::size_t> element = {};
  };
  std::string text;  ///< as written
  std::vector<step> steps;

  /// Reads a path at the beginning of `text` and takes it off; nothing, with `text` as it was, if there is none.
  static std::optional<path> take(std::string_view& text, bool subscripts = true);
  /// The whole of `text` is a path.
  static std::optional<path> of(std::string_view text, bool subscripts = true);
};

/// A body seen by paths. Lends views of the body, which must outlive it.
class record_view {
 public:
  /// Bodies of types that are not `json` yield nothing for every path.
  explicit record_view(std::string_view body, bool is_json = true) : body_(body), is_json_(is_json) {}

  std::string_view body() const { return body_; }
  /// Null if the body is no JSON object.
  const json_document* document() const;
  /// What a path yields: the scalar there, or those of an array; null and "" are left out. Valid as long as the record.
  const std::vector<scalar>& at(const path&) const;
  /// The text of the first scalar of the path (strings decoded, numbers as written); nothing if it yields none.
  std::optional<std::string_view> first_text(const path&) const;

 private:
  /// What was found so far.
  struct findings {
    std::optional<json_document> document;
    std::deque<std::string> decoded;
    std::unordered_map<std::string_view, std::vector<scalar>> seen;  // by the path's text, which we hold
  };
  findings& looked_at() const;
  void walk(std::size_t node, const path&, std::size_t step, std::vector<scalar>& into) const;
  void add(std::size_t node, std::vector<scalar>& into) const;

  std::string_view body_;
  bool is_json_;
  mutable std::unique_ptr<findings> found_;  // made when first asked: most bodies are only passed on
};

}  // namespace ampspec::amps
