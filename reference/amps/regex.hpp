// Regular expressions of the documented dialect that a search needs linear time for: no back-references, no lookaround.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// What is wrong with a text, and where (octets from its beginning).
struct syntax_error {
  std::size_t offset = 0;
  std::string_view what = {};
};

/// Searches octets, case-sensitively, unanchored. The syntax is the part of PCRE's that describes regular languages:
/// `. [..] [^..] ( ) (?: ) | * + ? {m} {m,} {m,n} ^ $`, lazy quantifiers, `\d \w \s \b` and their opposites, `\n \xHH`
/// and the like, classes such as `[:alpha:]`, a leading `(?i)`. What PCRE has beyond that is refused like a malformed
/// pattern.
class regex {
 public:
  /// Instructions of a compiled pattern; repetitions multiply them.
  static constexpr std::size_t max_size = 4096;
  static constexpr int max_depth = 100;  ///< groups inside each other
  /// Steps of one search; one that takes more has found nothing.
  static constexpr std::size_t max_steps = 100'000'000;

  /// Null, with the reason in `wrong`, if the pattern is malformed or too large.
  static std::shared_ptr<const regex> compile(std::string_view pattern, syntax_error& wrong);

  /// True if some part of `text` matches.
  bool found_in(std::string_view text) const;
  /// Octets that it takes in memory, about.
  std::size_t octets() const { return program_.size() * sizeof(instruction) + sets_.size() * sizeof(sets_.front()); }

 private:
  enum class op : std::uint8_t { octet, set, any, split, jump, begin, end, border, no_border, done };
  struct instruction {
    op what;
    std::uint8_t value = 0;           ///< of octet
    std::uint32_t to = 0, or_to = 0;  ///< of split and jump; of set: its index
  };
  class compiler;
  friend class compiler;

  bool search(std::string_view text) const;

  std::vector<instruction> program_;
  std::vector<std::bitset<256>> sets_;
  std::string literal_;  ///< if the pattern is nothing but this text
  bool is_literal_ = false, at_begin_ = false, at_end_ = false;
};

}  // namespace ampspec::amps
