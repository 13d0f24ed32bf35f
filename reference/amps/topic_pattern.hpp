// What a topic of a subscription, query or deletion selects: one name, or every name that a pattern is found in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/regex.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// Topics that begin so are the server's own.
inline constexpr std::string_view reserved_topics = "/AMPS";

class topic_pattern {
 public:
  /// `literal`: the topic is a name whatever it looks like (AMPS-SUB-019). Nothing, with the reason in `wrong`, if it
  /// looks like a pattern and is malformed (AMPS-SUB-020).
  static std::optional<topic_pattern> parse(std::string_view topic, bool literal, syntax_error& wrong);
  /// True if it holds a character that makes a topic a pattern (AMPS-SUB-018).
  static bool looks_like_pattern(std::string_view topic);

  const std::string& text() const { return text_; }
  /// Octets that it takes in memory, about.
  std::size_t octets() const { return text_.size() + (pattern_ ? pattern_->octets() : 0); }
  bool is_literal() const { return pattern_ == nullptr; }
  /// Names compare octet by octet (AMPS-SUB-017). A pattern matches none of the server's own topics unless it names
  /// them.
  bool matches(std::string_view topic) const;

 private:
  std::string text_;
  std::shared_ptr<const regex> pattern_;  ///< null: a name
};

}  // namespace ampspec::amps
