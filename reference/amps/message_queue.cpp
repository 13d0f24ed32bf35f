// One pass over what is available hands out all that can be: room only shrinks on the way.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/message_queue.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::amps {

std::uint32_t message_queue::granted(std::optional<std::uint32_t> asked) const {
  return std::min(std::max(asked.value_or(1), 1u), config_.max_backlog);
}

void message_queue::add(queue_message message) {
  const auto number = ++last_;
  by_bookmark_.emplace(message.bookmark, number);
  messages_.emplace(number, std::move(message));
  available_.insert(number);
}

void message_queue::subscribe(subscription& s) {
  const auto older = [](const subscription* a, const subscription* b) { return a->place < b->place; };
  takers_.insert(std::upper_bound(takers_.begin(), takers_.end(), &s, older), &s);
}

void message_queue::unsubscribe(const subscription& s) { std::erase(takers_, &s); }

void message_queue::release(subscription& s) {
  for (auto& [number, message] : messages_) {
    if (message.holder == &s) take_back(number, message);
  }
}

std::vector<std::uint64_t> message_queue::matching(const filter& test) const {
  std::vector<std::uint64_t> found;
  for (const auto& [number, message] : messages_) {
    if (test.matches(record_view(octets_of(message.body)))) found.push_back(number);
  }
  return found;
}

std::optional<std::uint64_t> message_queue::find(std::string_view bookmark) const {
  const auto found = by_bookmark_.find(std::string(bookmark));
  return found == by_bookmark_.end() ? std::nullopt : std::optional(found->second);
}

void message_queue::take_back(std::uint64_t number, queue_message& message) {
  timers_.cancel(message.lease);
  if (auto* holder = std::exchange(message.holder, nullptr)) --holder->leased;
  available_.insert(number);
}

void message_queue::remove(std::uint64_t number) {
  const auto found = messages_.find(number);
  if (found == messages_.end()) return;
  take_back(number, found->second);
  available_.erase(number);
  by_bookmark_.erase(found->second.bookmark);
  messages_.erase(found);
}

void message_queue::cancel(std::uint64_t number) {
  if (const auto found = messages_.find(number); found != messages_.end()) take_back(number, found->second);
}

void message_queue::distribute(moment now, const hand_over& give, const std::function<void()>& lease_ended) {
  const auto has_room = [](const subscription* s) { return !s->terms.forbidden && s->leased < s->terms.granted; };
  for (auto at = available_.begin(); at != available_.end();) {
    if (std::ranges::none_of(takers_, has_room)) return;
    auto& message = messages_.at(*at);
    const record_view record(octets_of(message.body));
    subscription* best = nullptr;
    for (auto* s : takers_) {
      if (!has_room(s) || (s->terms.test && !s->terms.test->matches(record))) continue;
      // leased/granted below the best so far, without division.
      if (best == nullptr ||
          std::uint64_t{s->leased} * best->terms.granted < std::uint64_t{best->leased} * s->terms.granted)
        best = s;
    }
    if (best == nullptr) {
      ++at;
      continue;
    }
    const auto number = *at;
    at = available_.erase(at);
    message.holder = best;
    ++best->leased;
    const auto end = now + config_.lease;
    message.lease = timers_.add(end, [this, number, lease_ended] {
      auto& held = messages_.at(number);
      held.lease = timer_queue::none;
      take_back(number, held);
      lease_ended();
    });
    give(*best, message, end);
  }
}

}  // namespace ampspec::amps
