// Decides whether a topic is a pattern, and searches names for it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/topic_pattern.hpp"

namespace ampspec::amps {

bool topic_pattern::looks_like_pattern(std::string_view topic) {
  return topic.find_first_of("^$.*?()[]{}\\+|") != std::string_view::npos;
}

std::optional<topic_pattern> topic_pattern::parse(std::string_view topic, bool literal, syntax_error& wrong) {
  topic_pattern made;
  made.text_ = topic;
  if (!literal && looks_like_pattern(topic)) {
    made.pattern_ = regex::compile(topic, wrong);
    if (!made.pattern_) return std::nullopt;
  }
  return made;
}

bool topic_pattern::matches(std::string_view topic) const {
  if (is_literal()) return topic == text_;
  if (topic.starts_with(reserved_topics) && text_.find(reserved_topics) == std::string::npos) return false;
  return pattern_->found_in(topic);
}

}  // namespace ampspec::amps
