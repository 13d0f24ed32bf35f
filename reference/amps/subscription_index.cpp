// Buckets of values: numbers by their double, so that a bucket holds at least all that compare equal.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/subscription_index.hpp"

#include "reference/amps/broker_session.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace ampspec::amps {

namespace {

bool comes_before(const subscription* a, const subscription* b) {
  return std::pair(a->owner->number(), a->place) < std::pair(b->owner->number(), b->place);
}

std::string bucket_of(const scalar& s) {
  const auto number = s.is_text() ? scalar::of_number(s.text) : std::optional(s);
  if (!number) return "t" + std::string(s.text);
  const double real = number->as_real();
  return "n" + std::to_string(std::bit_cast<std::uint64_t>(real == 0 ? 0.0 : real));
}

void insert(std::vector<subscription*>& list, subscription& s) {
  list.insert(std::upper_bound(list.begin(), list.end(), &s, comes_before), &s);
}

const filter::equality* needs_of(const subscription& s) { return s.terms.test ? s.terms.test->needs() : nullptr; }

}  // namespace

subscription_index::entry& subscription_index::entry_of(const topic_pattern& topic) {
  auto& made = topic.is_literal() ? names_[topic.text()] : patterns_[topic.text()];
  if (made.topic.text().empty()) made.topic = topic;
  return made;
}

void subscription_index::add(subscription& s) {
  auto& at = entry_of(s.terms.topic);
  const auto* needs = needs_of(s);
  if (needs == nullptr) return insert(at.any, s);
  auto values = std::ranges::find(at.values, needs->where->text, [](const by_value& v) { return v.where.text; });
  if (values == at.values.end()) values = at.values.insert(values, by_value{*needs->where, {}});
  insert(values->lists[bucket_of(needs->what)], s);
}

void subscription_index::remove(const subscription& s) {
  auto& at = entry_of(s.terms.topic);
  if (const auto* needs = needs_of(s)) {
    const auto values =
        std::ranges::find(at.values, needs->where->text, [](const by_value& v) { return v.where.text; });
    if (values == at.values.end()) return;
    const auto bucket = values->lists.find(bucket_of(needs->what));
    if (bucket == values->lists.end()) return;
    std::erase(bucket->second, &s);
    if (bucket->second.empty()) values->lists.erase(bucket);
    if (values->lists.empty()) at.values.erase(values);
  } else {
    std::erase(at.any, &s);
  }
  if (!at.any.empty() || !at.values.empty()) return;
  const std::string text = s.terms.topic.text();
  if (s.terms.topic.is_literal()) {
    names_.erase(text);
  } else {
    patterns_.erase(text);
  }
}

void subscription_index::take(const entry& from, const record_view* before, const record_view* after) {
  const auto add = [&](const list& some) {
    if (some.empty()) return;
    found_.insert(found_.end(), some.begin(), some.end());
    ++sources_;
  };
  add(from.any);
  for (const auto& values : from.values) {
    for (const auto* record : {before, after}) {
      if (record == nullptr) continue;
      for (const auto& value : record->at(values.where)) {
        if (const auto bucket = values.lists.find(bucket_of(value)); bucket != values.lists.end()) add(bucket->second);
      }
    }
  }
}

const std::vector<subscription*>& subscription_index::candidates(std::string_view topic, bool by_name,
                                                                 const record_view* before, const record_view* after) {
  found_.clear();
  sources_ = 0;
  if (const auto named = names_.find(topic); named != names_.end()) take(named->second, before, after);
  for (const auto& [text, pattern] : patterns_) {
    if (!by_name && pattern.topic.matches(topic)) take(pattern, before, after);
  }
  if (sources_ > 1) {
    std::ranges::sort(found_, comes_before);
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  }
  return found_;
}

}  // namespace ampspec::amps
