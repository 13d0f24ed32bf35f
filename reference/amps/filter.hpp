// Content filters: a test of one message body, parsed once and evaluated often.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/record.hpp"
#include "reference/amps/regex.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

/// The documented expression language as far as the broker speaks it. Every test is true or false: a comparison with
/// nothing (a missing field, null, "") is false, and NOT turns that round (AMPS-FILTER-008).
class filter {
 public:
  static constexpr std::size_t max_size = 1u << 20;  ///< octets; a longer text is no filter
  static constexpr int max_depth = 100;              ///< parentheses and NOTs inside each other
  /// Pairs of elements that one comparison of two arrays looks at; behind them nothing is found.
  static constexpr std::size_t max_pairs = 4'000'000;

  /// Null, with the reason in `wrong`, if the text is no filter (AMPS-FILTER-016). A blank text is a filter that
  /// everything passes (AMPS-SUB-016).
  static std::shared_ptr<const filter> parse(std::string_view text, syntax_error& wrong);

  bool matches(const record_view&) const;
  /// True if everything passes.
  bool passes_all() const { return tests_.empty(); }
  const std::string& text() const { return text_; }
  /// Octets that it takes in memory, about.
  std::size_t octets() const;

  /// If the filter can only be true where a path has exactly one of these texts as a string or number, that path and
  /// the literal: what an index of many filters goes by. Null if there is none.
  struct equality {
    const path* where;
    scalar what;
  };
  const equality* needs() const { return needs_ ? &*needs_ : nullptr; }

 private:
  enum class test_kind : std::uint8_t { any_of, all_of, negation, comparison, between, among, like, is_null };
  enum class comparison : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };
  enum class value_kind : std::uint8_t { literal, null, path, negated, sum };

  using index = std::uint32_t;
  struct value {
    value_kind what;
    scalar literal = {};
    index first = 0;                                ///< of a path: in paths_; negated, sum: in values_
    std::vector<std::pair<char, index>> then = {};  ///< of a sum (or product): operator and operand, left to right
  };
  struct test {
    test_kind what;
    comparison how = comparison::equal;
    index left = 0;                ///< a value; of a negation: a test
    std::vector<index> with = {};  ///< values (comparison, between, among) or tests (any_of, all_of)
    std::shared_ptr<const regex> pattern = {};
    std::string raw = {};  ///< LIKE r'..': the text itself
  };
  class parser;

  bool holds(const test&, const record_view&) const;
  /// What a value yields; `one` is room for a single one.
  const scalar* list_of(index, const record_view&, scalar& one, std::size_t& count) const;
  bool first_of(index, const record_view&, scalar&) const;
  bool compared(index left, comparison, index right, const record_view&) const;

  std::string text_;
  std::deque<std::string> literals_;
  std::vector<path> paths_;
  std::vector<value> values_;
  std::vector<test> tests_;  // the last is all of it
  std::optional<equality> needs_;
};

}  // namespace ampspec::amps
