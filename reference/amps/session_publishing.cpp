// publish, delta_publish and sow_delete: checks, effects, and the acks that tell a publisher what is safe.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_session.hpp"
#include "reference/amps/header_writer.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::amps {

namespace {

constexpr std::string_view several_forms =
    "sow_delete command only supports one of: filter, sow_keys, bookmark, or data";

/// The key that the publisher gives is one that comes back unchanged, and can stand in a list of keys.
std::optional<std::string> given_key(std::string_view key) {
  if (key.empty() || !is_correlation_id(key)) return std::nullopt;
  return std::string(key);
}

std::optional<std::string> key_of(const topic_config& topic, std::string_view given, const record_view& body) {
  return topic.key_fields.empty() ? given_key(given) : generated_key(topic.name, topic.key_fields, body);
}

template <class T>
std::optional<std::string_view> view_of(const std::optional<T>& text) {
  return text ? std::optional(std::string_view(*text)) : std::nullopt;
}

}  // namespace

/// Absent, 0 or no number: none.
std::optional<std::uint64_t> broker_session::sequence_of(const request& r) const {
  const auto read = r.header.read_number(field::sequence);
  return read.good() && read.value > 0 ? std::optional(read.value) : std::nullopt;
}

bool broker_session::is_duplicate(const topic_state* topic, std::optional<std::uint64_t> sequence) const {
  if (topic == nullptr || !topic->config->logged || !sequence) return false;
  const auto known = broker_->clients_.find(client_);
  return known != broker_->clients_.end() && *sequence <= known->second.highest;  // AMPS-PUB-013
}

std::string broker_session::bookmark_of(std::optional<std::uint64_t> sequence) {
  if (sequence) return name_hash_ + "|" + std::to_string(*sequence) + "|";
  // AMPS-PUB-028: a publisher of the server's own, so that no client sequence can be met.
  const auto number = ++broker_->clients_[client_].unnumbered;
  return fnv1a().add(client_).add("\x1F").add("loopback").text() + "|" + std::to_string(number) + "|";
}

void broker_session::publish(const request& r, payload body) {
  auto& b = *broker_;
  const auto& h = r.header;
  const auto expiration = h.read_number(field::expiration);
  const auto correlation_id = h.find(field::correlation_id);
  const auto topic = h[field::topic];
  if (expiration.bad() || h.read_number(field::sequence).bad()) return fail(r, "invalid options");
  if (correlation_id && !is_correlation_id(*correlation_id)) return fail(r, "invalid options");
  if (topic.empty()) return fail(r, "no topic");  // AMPS-PUB-007
  // AMPS-PUB-022: a topic is a name here, whatever it looks like. AMPS-PUB-035, AMPS-PUB-008.
  if (topic.starts_with(reserved_topics) || b.is_denied(topic, user_)) return fail(r, "not entitled");
  const bool is_json = type_ == "json";
  auto* const state = b.find_topic(type_, topic);
  const bool keeps = state != nullptr && state->config->sow, logged = state != nullptr && state->config->logged;
  std::optional<std::string> key;
  if (keeps) {
    key = key_of(*state->config, h[field::sow_key], record_view(octets_of(body)));
    if (!key) return fail(r, "bad sow key");  // AMPS-SOW-039, AMPS-SOW-054
  }
  const auto sequence = sequence_of(r);
  const bool duplicate = is_duplicate(state, sequence);
  auto* record = keeps ? state->store.find(*key) : nullptr;
  if (r.what == command::delta_publish && record != nullptr && !duplicate) {  // AMPS-PUB-019, 020, 031
    body = make_payload(merged(octets_of(record->body), octets_of(body)));
  }
  if ((keeps || logged) && !b.has_room(octets_of(body).size())) {
    return fail(r, keeps ? "sow store failed" : "tx store failure");
  }
  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);
  if (duplicate) {  // as a success but for its effect
    if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);
    if (r.wants(ack_type::persisted)) send_persisted(r, sequence, "duplicate");  // AMPS-PUB-014
    return;
  }

  std::optional<std::string> inherited;  // AMPS-HDR-036
  if (correlation_id) {
    inherited = *correlation_id;
  } else if (r.what == command::delta_publish && record != nullptr) {
    inherited = record->correlation_id;
  }
  std::string bookmark;
  if (logged) {
    bookmark = bookmark_of(sequence);
    if (sequence) b.clients_[client_].highest = *sequence;
    b.append_log({bookmark, std::string(topic), body, key, inherited, b.now_});
  }
  if (state != nullptr && state->queue) {
    state->queue->add({bookmark, body, inherited, b.now_});
  }
  const payload body_before = record != nullptr ? record->body : nullptr;
  const auto correlation_before = record != nullptr ? record->correlation_id : std::nullopt;
  const record_view before(octets_of(body_before), is_json), after(octets_of(body), is_json);
  change c{.type = type_, .topic = topic, .state = state};
  if (record != nullptr) c.before = &before;
  c.after = &after;
  c.body_before = body_before;
  c.body_after = body;
  c.key = view_of(key);
  c.correlation_before = view_of(correlation_before);
  c.correlation_after = view_of(inherited);
  c.bookmark = bookmark;
  c.at = b.now_;
  if (keeps) {  // AMPS-SOW-012
    if (record == nullptr) record = &state->store.of(*key);
    state->store.replace_body(*record, body);
    record->correlation_id = inherited;
    record->updated = b.now_;
    b.arm_expiration(*state, *record, expiration.good() ? std::optional(expiration.value) : std::nullopt);
  }
  b.deliver(c);
  if (state != nullptr && state->queue) b.distribute(*state->queue);
  if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);
  if (r.wants(ack_type::persisted)) persist(r, sequence, logged);
}

// --- persisted acks --------------------------------------------------------------------------------------------------

void broker_session::persist(const request& r, std::optional<std::uint64_t> sequence, bool logged) {
  if (!logged || !sequence) return send_persisted(r, sequence, {});  // AMPS-PUB-009, AMPS-PUB-037
  // AMPS-PUB-010: told later, for all up to this one.
  pending_ = std::max(pending_.value_or(0), *sequence);
  if (interval_ == duration::zero()) return send_conflated();
  if (pending_timer_ != timer_queue::none) return;
  pending_timer_ = broker_->timers_.add(broker_->now_ + interval_, [this] {  // AMPS-PUB-024
    pending_timer_ = timer_queue::none;
    send_conflated();
  });
}

/// About this command alone.
void broker_session::send_persisted(const request& r, std::optional<std::uint64_t> sequence, std::string_view failure) {
  if (sequence) send_conflated();  // AMPS-PUB-012, AMPS-PUB-038: what it does not cover goes first
  const auto bookmark = sequence && failure.empty() ? bookmark_of(sequence) : std::string();
  send_ack(r, ack_type::persisted, failure, [&](outgoing_header& h) {
    if (sequence) h.set(field::sequence, *sequence);
    if (!bookmark.empty()) h.set(field::bookmark, bookmark);
  });
}

void broker_session::send_conflated() {
  broker_->timers_.cancel(pending_timer_);
  if (!pending_) return;
  const auto bookmark = bookmark_of(*pending_);
  outgoing_header h("ack");
  h.set(field::sequence, *std::exchange(pending_, std::nullopt)).set(field::bookmark, bookmark);
  h.set(field::ack_type, "persisted").set(field::status, "success");
  write(h, outgoing_message::form::bare);
}

// --- sow_delete ------------------------------------------------------------------------------------------------------

void broker_session::delete_records(const request& r, const payload& body) {
  auto& b = *broker_;
  const auto& h = r.header;
  option_list options(h[field::options]);
  const auto bookmarks = items_of(h[field::bookmark]);
  const bool by_bookmark = !bookmarks.empty();
  const bool cancels = by_bookmark && options.flag("cancel"), expires = by_bookmark && options.flag("expire");
  const bool literal = options.flag("non_regex_topic");
  const bool refused = options.malformed() || options.has("lease_extension");  // AMPS-ERR-009
  if (refused || h.read_number(field::sequence).bad()) return fail(r, "invalid options");

  const auto topic = h[field::topic];
  if (topic.empty()) return fail(r, "no topic");
  syntax_error wrong;
  const auto pattern = topic_pattern::parse(topic, literal, wrong);
  if (!pattern) return fail(r, "bad regex topic");
  if (pattern->is_literal() && (topic.starts_with(reserved_topics) || b.is_denied(topic, user_))) {
    return fail(r, "not entitled");
  }
  const bool by_keys = !h[field::sow_keys].empty(), by_body = !octets_of(body).empty();
  const bool by_filter = h[field::filter].find_first_not_of(" \t\r\n") != std::string_view::npos;
  std::vector<topic_state*> topics;  // AMPS-SOW-044
  auto* const named = pattern->is_literal() ? b.find_topic(type_, topic) : nullptr;
  auto* const queue = named != nullptr ? named->queue.get() : nullptr;
  if (type_ == "json") {
    for (const auto& t : b.topics_) {
      if (t->config->sow && pattern->matches(t->config->name) && !b.is_denied(t->config->name, user_)) {
        topics.push_back(t.get());
      }
    }
  }
  if (queue != nullptr ? by_keys || by_body : topics.empty()) return fail(r, "invalid topic");
  if (queue != nullptr && cancels && expires) return fail(r, "invalid options");

  const auto test = filter::parse(h[field::filter], wrong);
  if (!test) return fail(r, "bad filter");
  const record_view given(octets_of(body));
  std::vector<std::string> body_keys;
  if (by_body) {
    for (const auto* t : topics) {
      auto key = key_of(*t->config, h[field::sow_key], given);
      if (!key) return fail(r, "bad sow key");
      body_keys.push_back(std::move(*key));
    }
  }
  const int forms = int{by_filter} + int{by_keys} + int{by_body} + int{by_bookmark};
  if (forms == 0) return fail(r, "no filter or bookmark");  // AMPS-ERR-007
  if (forms > 1) return fail(r, several_forms);             // AMPS-SOW-034

  const auto sequence = sequence_of(r);
  const auto logged_one = std::ranges::find_if(topics, [](const topic_state* t) { return t->config->logged; });
  const auto* const logged = queue != nullptr ? named : logged_one != topics.end() ? *logged_one : nullptr;
  const bool duplicate = is_duplicate(logged, sequence);
  if (logged != nullptr && !b.has_room(0)) return fail(r, "tx store failure");
  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);

  std::size_t compared = 0, deleted = 0;
  if (!duplicate) {
    if (logged != nullptr && sequence) b.clients_[client_].highest = *sequence;  // AMPS-PUB-030
    if (logged != nullptr) b.append_log({bookmark_of(sequence), {}, nullptr, {}, {}, b.now_});
    if (queue != nullptr) {
      std::vector<std::uint64_t> numbers;
      if (by_filter) {  // AMPS-QUEUE-013
        compared = queue->size();
        numbers = queue->matching(*test);
      } else {
        for (const auto bookmark : bookmarks) {  // AMPS-QUEUE-005, AMPS-QUEUE-010
          if (const auto number = queue->find(bookmark)) numbers.push_back(*number);
        }
        std::ranges::sort(numbers);
        numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
        compared = numbers.size();
      }
      for (const auto number : numbers) {
        if (cancels) {
          queue->cancel(number);
        } else {
          queue->remove(number);
        }
      }
      deleted = numbers.size();
    } else if (!by_bookmark) {
      for (std::size_t i = 0; i < topics.size(); ++i) {
        auto& store = topics[i]->store;
        std::vector<std::string> keys;
        if (by_filter) {  // AMPS-SOW-031
          compared += store.size();
          for (const auto& record : store.records()) {
            if (test->matches(record_view(octets_of(record.body)))) keys.push_back(record.key);
          }
        } else if (by_keys) {  // AMPS-SOW-032
          std::vector<const sow_record*> found;
          for (const auto key : items_of(h[field::sow_keys])) {
            if (const auto* record = store.find(key)) found.push_back(record);
          }
          std::ranges::sort(found, {}, &sow_record::place);
          found.erase(std::unique(found.begin(), found.end()), found.end());
          for (const auto* record : found) keys.push_back(record->key);
        } else if (store.find(body_keys[i]) != nullptr) {  // AMPS-SOW-033
          keys.push_back(body_keys[i]);
        }
        if (!by_filter) compared += keys.size();
        for (const auto& key : keys) b.remove_record(*topics[i], *store.find(key), "deleted");  // AMPS-SOW-026
        deleted += keys.size();
      }
    }
  }

  if (by_filter && r.wants(ack_type::completed)) send_ack(r, ack_type::completed);
  if (r.wants(ack_type::persisted)) {
    if (duplicate) {
      send_persisted(r, sequence, "duplicate");
    } else {
      persist(r, sequence, logged != nullptr);
    }
  }
  if (r.wants(ack_type::stats)) {  // AMPS-ACK-010, AMPS-SOW-035, AMPS-SOW-045
    send_ack(r, ack_type::stats, {}, [&](outgoing_header& out) {
      out.set(field::topic_matches, compared).set(field::matches, deleted).set(field::records_deleted, deleted);
    });
  }
  if (queue != nullptr) b.distribute(*queue);
}

}  // namespace ampspec::amps
