// What a change looks like to one connection: one copy for its plain subscriptions, own copies for the others.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/session_delivery.hpp"

#include "reference/amps/broker_session.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace ampspec::amps {

namespace {

enum class scope : std::uint8_t { nothing, full, delta, oof };

bool passes(const subscription& s, const record_view& record) { return !s.terms.test || s.terms.test->matches(record); }

const delta* delta_in(const change& c, change_scratch& scratch) {
  if (!scratch.looked) {
    scratch.looked = true;
    if (c.state != nullptr && c.state->config->sow && c.before != nullptr && c.after != nullptr) {
      scratch.difference = delta_of(*c.before, *c.after, c.state->config->key_fields);
      if (scratch.difference) scratch.delta_body = make_payload(scratch.difference->body);
    }
  }
  return scratch.difference ? &*scratch.difference : nullptr;
}

/// What the change is to a subscription whose topic matches.
scope scope_of(const subscription& s, const change& c, change_scratch& scratch) {
  if (s.terms.forbidden) return scope::nothing;
  if (c.after != nullptr && passes(s, *c.after)) {
    if (!s.terms.delta || c.before == nullptr) return scope::full;
    if (!passes(s, *c.before)) return scope::full;  // AMPS-SUB-050
    return delta_in(c, scratch) != nullptr ? scope::delta : scope::full;
  }
  // AMPS-SOW-025 to 028, 048: only what matched before can leave.
  const bool leaves = s.terms.oof && c.before != nullptr && passes(s, *c.before);
  return leaves ? scope::oof : scope::nothing;
}

void add_id(std::string& ids, const std::string& id) {
  if (!ids.empty()) ids += ',';
  ids += id;
}

}  // namespace

std::string conflation_key_of(const subscription_terms& terms, std::string_view sow_key, const record_view* record) {
  if (terms.conflation_key.empty()) return std::string(sow_key);
  std::string key;
  for (const auto& field : terms.conflation_key) {
    const auto text = record != nullptr ? record->first_text(field) : std::nullopt;
    key.append(text.value_or(std::string_view())).append(1, '\0');
  }
  return key;
}

// AMPS-PUB-003, AMPS-SUB-021: one copy names every plain subscription that it is for, and holds what any of them asked.
void broker_session::tell(std::span<subscription* const> matching, const change& c, change_scratch& scratch) {
  std::string told, left;
  bool full = false, key = false, left_key = false, timestamp = false, bookmark = false;
  bool own_copies = false;
  if (broker_->is_denied(c.topic, user_)) return;  // AMPS-SUB-023
  for (const auto* s : matching) {
    if (s->needs_own_copy()) {
      own_copies = true;
      continue;
    }
    const auto what = scope_of(*s, c, scratch);
    if (what == scope::nothing) continue;
    if (what == scope::oof) {
      add_id(left, s->id);
      left_key |= !s->terms.no_sowkey;
      continue;
    }
    if (what == scope::delta && s->terms.no_empties && !scratch.difference->changed) continue;  // AMPS-SUB-031
    add_id(told, s->id);
    full |= what == scope::full;  // AMPS-SUB-041
    key |= !s->terms.no_sowkey;
    timestamp |= s->terms.timestamp;
    bookmark |= s->terms.bookmark;
  }
  if (!told.empty()) {
    delivery d{.topic = c.topic, .subscriptions = told};
    if (key) d.key = c.key;
    d.correlation_id = c.correlation_after;
    if (timestamp) d.timestamp = c.at;      // AMPS-HDR-024
    if (bookmark) d.bookmark = c.bookmark;  // AMPS-SUB-040
    d.body = full ? c.body_after : scratch.delta_body;
    send(d);
  }
  if (!left.empty()) {
    delivery d{.oof = true, .topic = c.topic, .subscriptions = left};
    if (left_key) d.key = c.key;
    d.correlation_id = c.after != nullptr ? c.correlation_after : c.correlation_before;
    d.reason = c.after != nullptr ? "match" : c.reason;
    d.body = c.after != nullptr ? c.body_after : c.body_before;
    send(d);
  }
  if (!own_copies) return;
  for (auto* s : matching) {
    if (s->needs_own_copy()) tell_own(*s, c, scratch);
  }
}

void broker_session::tell_own(subscription& s, const change& c, change_scratch& scratch) {
  if (s.terms.queue != nullptr) return;  // the queue tells it
  delivery d{.topic = c.topic, .subscriptions = s.id};
  if (!s.terms.no_sowkey) d.key = c.key;
  if (s.terms.replays) {
    // AMPS-SUB-039: of topics that are logged; AMPS-SUB-044: without oofs.
    if (c.bookmark.empty() || c.after == nullptr || s.terms.forbidden || !passes(s, *c.after)) return;
    if (s.remaining && (*s.remaining)-- == 0) {  // AMPS-SUB-045
      s.remaining = 0;
      return;
    }
    d.correlation_id = c.correlation_after;
    d.bookmark = c.bookmark;  // AMPS-SUB-029
    if (s.terms.timestamp) d.timestamp = c.at;
    d.body = s.terms.select ? make_payload(s.terms.select->applied(*c.after)) : c.body_after;
    return send(d);
  }
  const auto what = scope_of(s, c, scratch);
  if (what == scope::nothing) return;
  const bool leaves = what == scope::oof;
  const auto* record = c.after != nullptr ? c.after : c.before;
  d.oof = leaves;
  d.correlation_id = c.after != nullptr ? c.correlation_after : c.correlation_before;
  d.body = c.after != nullptr ? c.body_after : c.body_before;
  if (leaves) {
    d.reason = c.after != nullptr ? "match" : c.reason;
  } else {
    if (s.terms.timestamp) d.timestamp = c.at;
    if (s.terms.bookmark) d.bookmark = c.bookmark;
  }
  bool changed = true;
  if (what == scope::delta) {
    d.body = scratch.delta_body;
    changed = scratch.difference->changed;
  }
  if (s.terms.select) {  // AMPS-SUB-046
    if (what == scope::delta) {
      const auto shaped = s.terms.select->applied(record_view(scratch.difference->body));
      const auto left = delta_of(record_view("{}"), record_view(shaped), c.state->config->key_fields);
      changed = left && left->changed;
      d.body = make_payload(shaped);
    } else {
      d.body = make_payload(s.terms.select->applied(*record));
    }
  }
  if (what == scope::delta && s.terms.no_empties && !changed) return;
  if (!s.terms.conflation) return send(d);
  // Messages count as one by the key of the record, whether or not it is told.
  const auto key = conflation_key_of(s.terms, c.key.value_or(std::string_view()), record);
  hold(s, key, d, what == scope::delta);
}

void broker_session::tell_logged(subscription& s, const log_entry& entry) {
  delivery d{.topic = entry.topic, .subscriptions = s.id};
  if (entry.key && !s.terms.no_sowkey) d.key = *entry.key;
  if (entry.correlation_id) d.correlation_id = *entry.correlation_id;
  d.bookmark = entry.bookmark;
  if (s.terms.timestamp) d.timestamp = entry.at;
  d.body = entry.body;
  if (s.terms.select) d.body = make_payload(s.terms.select->applied(record_view(octets_of(entry.body))));
  send(d);
}

// --- conflation ------------------------------------------------------------------------------------------------------

void broker_session::hold(subscription& s, const std::string& key, const delivery& d, bool is_delta) {
  auto [at, fresh] = s.held.try_emplace(key);
  auto& held = at->second;
  auto body = d.body;
  if (!fresh && is_delta && !held.oof) body = make_payload(merged(octets_of(held.body), octets_of(d.body)));
  const auto own = [](std::optional<std::string_view> text) {
    return text ? std::optional(std::string(*text)) : std::nullopt;
  };
  held.oof = d.oof;
  held.topic = d.topic;
  held.bookmark = d.bookmark;
  held.key = own(d.key);
  held.correlation_id = own(d.correlation_id);
  held.timestamp = d.timestamp;
  held.reason = d.reason;
  held.body = std::move(body);
  if (!fresh) return;
  if (s.held.size() > broker_->config_.max_held) return cut_off();
  held.timer = broker_->timers_.add(broker_->now_ + *s.terms.conflation, [this, &s, key] {
    s.held.at(key).timer = timer_queue::none;
    release_held(s, key);
  });
}

void broker_session::release_held(subscription& s, const std::string& key) {
  auto node = s.held.extract(key);
  auto& held = node.mapped();
  broker_->timers_.cancel(held.timer);
  if (held.oof && !s.shown.contains(key)) return;  // it never heard of that key
  if (!held.oof && s.terms.oof) s.shown.insert(key);
  delivery d{.oof = held.oof, .topic = held.topic, .subscriptions = s.id};
  if (held.key) d.key = *held.key;
  if (held.correlation_id) d.correlation_id = *held.correlation_id;
  d.bookmark = held.bookmark;
  d.timestamp = held.timestamp;
  d.reason = held.reason;
  d.body = held.body;
  send(d);
}

void broker_session::release_all_held(subscription& s) {
  // In the order in which their timers were made.
  std::vector<std::pair<timer_queue::id, std::string>> keys;
  for (const auto& [key, held] : s.held) keys.emplace_back(held.timer, key);
  std::ranges::sort(keys);
  for (const auto& [timer, key] : keys) release_held(s, key);
}

void broker_session::drop_held(subscription& s) {
  for (auto& [key, held] : s.held) broker_->timers_.cancel(held.timer);
  s.held.clear();
}

void broker_session::send(const delivery& d) {
  outgoing_header h(d.oof ? "oof" : "p");
  h.set(field::topic, d.topic).set(field::subscription_ids, d.subscriptions);  // AMPS-WS-024
  std::string timestamp, lease_end;
  if (!d.bookmark.empty()) h.set(field::bookmark, d.bookmark);
  if (d.key) h.set(field::sow_key, *d.key);
  if (d.correlation_id) h.set(field::correlation_id, *d.correlation_id);  // AMPS-HDR-021, AMPS-HDR-023
  if (d.timestamp) h.set(field::timestamp, timestamp = timestamp_of(*d.timestamp));
  if (d.lease_end) h.set(field::lease_period, lease_end = timestamp_of(*d.lease_end));  // AMPS-QUEUE-001
  if (d.oof) h.set(field::reason, d.reason);                                            // AMPS-SOW-029
  h.set(field::message_length, octets_of(d.body).size());                               // AMPS-HDR-033
  write(h, outgoing_message::form::with_body, d.body, true);
}

}  // namespace ampspec::amps
