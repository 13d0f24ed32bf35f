// Keeps what connections share, and finds for each change the connections that it concerns.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker.hpp"

#include "reference/amps/broker_session.hpp"
#include "reference/amps/session_delivery.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ampspec::amps {

broker::broker(broker_config config, moment start) : config_(std::move(config)), now_(start) {
  for (const auto& topic : config_.topics) {
    auto& made = topics_.emplace_back(std::make_unique<topic_state>(topic_state{&topic}));
    if (topic.queue) made->queue = std::make_unique<message_queue>(*topic.queue, timers_);
    topic_names_.emplace(topic.name, made.get());
  }
}

broker::~broker() { assert(sessions_.empty()); }

void broker::advance(moment to) {
  ++advances_;
  while (const auto due = timers_.next_due()) {
    if (*due > to) break;
    now_ = std::max(now_, *due);  // a timer's own output carries its due time
    timers_.take_next()();
    settle();
  }
  now_ = std::max(now_, to);
}

broker_session* broker::next_touched() {
  if (touched_.empty()) return nullptr;
  auto* first = touched_.front();
  touched_.pop_front();
  first->is_touched_ = false;
  return first;
}

void broker::touch(broker_session& session) {
  if (!std::exchange(session.is_touched_, true)) touched_.push_back(&session);
}

void broker::await_room(broker_session& session) {
  if (std::ranges::find(waiting_publishers_, &session) == waiting_publishers_.end()) {
    waiting_publishers_.push_back(&session);
  }
}

/// So many octets wait no longer.
void broker::make_room(std::size_t octets) {
  waiting_octets_ -= octets;
  if (waiting_publishers_.empty() || congested()) return;
  for (auto* session : waiting_publishers_) touch(*session);
  waiting_publishers_.clear();
}

topic_state* broker::find_topic(std::string_view type, std::string_view name) {
  if (type != "json") return nullptr;  // a topic is the pair of message type and name (AMPS-SUB-048)
  const auto found = topic_names_.find(name);
  return found == topic_names_.end() ? nullptr : found->second;
}

bool broker::any_logged() const {
  return std::ranges::any_of(config_.topics, [](const topic_config& t) { return t.logged; });
}

bool broker::is_denied(std::string_view topic, std::string_view user) const {
  return std::ranges::any_of(config_.denials, [&](const denial& d) { return d.topic == topic && d.user == user; });
}

bool broker::has_room(std::size_t octets) const {
  constexpr std::size_t overhead = 256;  // what a record or an entry costs besides its body, about
  auto stored = log_.octets() + log_.entries().size() * overhead + octets;
  for (const auto& topic : topics_) stored += topic->store.octets() + topic->store.size() * overhead;
  return stored <= config_.max_stored;
}

void broker::append_log(log_entry entry) {
  log_.append(std::move(entry));
  for (auto* s : reporters_) s->owner->arm_report(*s);
}

// --- subscriptions ---------------------------------------------------------------------------------------------------

void broker::add_subscription(subscription& s) {
  subscribed_octets_ += s.octets();
  indexes_[s.owner->type_].add(s);
  if (s.terms.queue != nullptr) s.terms.queue->subscribe(s);
  if (s.reports) reporters_.push_back(&s);
}

void broker::remove_subscription(subscription& s) {
  subscribed_octets_ -= s.octets();
  indexes_[s.owner->type_].remove(s);
  if (s.terms.queue != nullptr) s.terms.queue->unsubscribe(s);
  std::erase(reporters_, &s);
  timers_.cancel(s.report_timer);
}

void broker::deliver(const change& c) {
  const auto index = indexes_.find(c.type);
  if (index == indexes_.end()) return;
  const bool is_queue = c.state != nullptr && c.state->queue;  // no pattern matches a queue
  const auto& found = index->second.candidates(c.topic, is_queue, c.before, c.after);
  if (found.empty()) return;
  change_scratch scratch;
  for (std::size_t begin = 0; begin < found.size();) {
    auto end = begin + 1;
    while (end < found.size() && found[end]->owner == found[begin]->owner) ++end;
    found[begin]->owner->tell(std::span(found).subspan(begin, end - begin), c, scratch);
    begin = end;
  }
}

// --- records ---------------------------------------------------------------------------------------------------------

void broker::remove_record(topic_state& topic, sow_record& record, std::string_view reason) {
  timers_.cancel(record.expiration);
  const record_view before(octets_of(record.body));
  change c{.type = "json", .topic = topic.config->name, .state = &topic};
  c.before = &before;
  c.body_before = record.body;
  const auto key = record.key;
  const auto correlation_id = record.correlation_id;
  c.key = key;
  if (correlation_id) c.correlation_before = *correlation_id;
  c.at = now_;
  c.reason = reason;
  topic.store.erase(record);
  deliver(c);
}

void broker::arm_expiration(topic_state& topic, sow_record& record, std::optional<std::uint64_t> seconds) {
  timers_.cancel(record.expiration);      // AMPS-PUB-026: every update begins a new life
  if (!topic.config->expiration) return;  // AMPS-PUB-027
  if (!seconds && topic.config->life) seconds = static_cast<std::uint64_t>(topic.config->life->count());
  if (seconds.value_or(0) == 0) return;  // AMPS-PUB-025
  record.expiration = timers_.add(now_ + std::chrono::seconds(*seconds), [this, &topic, key = record.key] {
    auto* due = topic.store.find(key);
    due->expiration = timer_queue::none;
    remove_record(topic, *due, "expired");
  });
}

void broker::distribute(message_queue& queue) {
  queue.distribute(
      now_,
      [](subscription& s, const queue_message& message, moment lease_end) {
        delivery d{.topic = s.terms.topic.text(), .subscriptions = s.id};
        if (message.correlation_id) d.correlation_id = *message.correlation_id;
        d.bookmark = message.bookmark;
        d.lease_end = lease_end;
        if (s.terms.timestamp) d.timestamp = message.published;
        d.body = message.body;
        if (s.terms.select) d.body = make_payload(s.terms.select->applied(record_view(octets_of(message.body))));
        s.owner->send(d);
      },
      [this, &queue] { distribute(queue); });
}

void broker::distribute_all() {
  for (const auto& topic : topics_) {
    if (topic->queue) distribute(*topic->queue);
  }
}

// --- slow subscribers ------------------------------------------------------------------------------------------------

void broker::settle() {
  while (!doomed_.empty()) {
    auto* session = doomed_.back();
    doomed_.pop_back();
    session->leave();
  }
}

/// Looks from time to time at those who have much waiting, as long as there are any. Looks are counted, one for each
/// time that the clock was moved: whoever owns a broker may have had no processor for long, and written nothing.
void broker::watch_slow_ones() {
  if (slow_watch_ != timer_queue::none) return;
  slow_watch_ = timers_.add(now_ + config_.slow_after / 2, [this] {
    slow_watch_ = timer_queue::none;
    bool more = false;
    for (const auto& [number, session] : sessions_) {
      if (session->ending_ != broker_session::ending::none || session->waiting_ <= config_.small_backlog) continue;
      if (std::exchange(session->looked_at_, advances_) != advances_) ++session->looks_in_vain_;
      if (session->looks_in_vain_ >= 2) {
        session->cut_off();
      } else {
        more = true;
      }
    }
    if (more) watch_slow_ones();
  });
}

}  // namespace ampspec::amps
