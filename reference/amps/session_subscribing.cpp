// subscribe, its delta and querying forms, unsubscribe, and the replay of the log.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/session_requests.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::amps {

void broker_session::subscribe(const request& r) {
  subscribing s;
  s.is_query = r.what == command::sow_and_subscribe || r.what == command::sow_and_delta_subscribe;
  // AMPS-SUB-053: whatever fails has changed nothing.
  if (const auto reason = read_terms(r, s); !reason.empty()) return fail(r, reason);
  if (broker_->subscribed_octets_ > broker_->config_.max_subscribed) return fail(r, "not supported");

  auto& b = *broker_;
  std::optional<subscription_terms> old_terms;
  subscription* made = s.replaced;
  if (made != nullptr) {  // AMPS-SUB-012, AMPS-SUB-013
    release_all_held(*made);
    b.remove_subscription(*made);
    old_terms = std::move(made->terms);
    made->shown.clear();
  } else {
    auto& room = subscriptions_[r.sub_id];
    room = std::make_unique<subscription>();
    made = room.get();
    made->owner = this;
    made->id = r.sub_id;
    made->place = ++b.last_subscription_;
  }
  if (r.wants(ack_type::processed)) {  // AMPS-SUB-001, AMPS-ACK-012
    if (s.terms.queue != nullptr) {
      const auto granted = "max_backlog=" + std::to_string(s.terms.granted);  // AMPS-QUEUE-004
      send_ack(r, ack_type::processed, {}, [&](outgoing_header& h) { h.set(field::options, granted); });
    } else {
      send_ack(r, ack_type::processed);
    }
  }
  auto* const queue = s.terms.queue;
  const bool replays = s.terms.replays;
  made->remaining = replays && s.query.top_n ? std::optional<std::uint64_t>(*s.query.top_n) : std::nullopt;
  made->reports = replays && r.wants(ack_type::persisted);
  made->terms = std::move(s.terms);
  if (s.is_query) query_and_subscribe(r, s, old_terms ? &*old_terms : nullptr, *made);
  if (replays) replay(*made, s.start);
  b.add_subscription(*made);
  if (replays) {
    made->reported = b.log_.last_bookmark();
    made->reported_at = b.now_;
    if (r.wants(ack_type::completed)) {  // AMPS-SUB-028, AMPS-ACK-024
      send_ack(r, ack_type::completed, {}, [&](outgoing_header& h) { h.set(field::bookmark, made->reported); });
    }
  }
  if (r.what == command::delta_subscribe && r.wants(ack_type::stats)) send_counts(r, {});
  if (queue != nullptr || (old_terms && old_terms->queue != nullptr)) b.distribute_all();
}

/// The reason why the command fails, or nothing; in the order in which failures are reported.
std::string_view broker_session::read_terms(const request& r, subscribing& s) {
  s.bookmark = s.is_query ? std::string_view() : r.header[field::bookmark];
  if (const auto reason = read_options(r, s); !reason.empty()) return reason;

  if (r.sub_id == "all" || r.sub_id.find(',') != std::string::npos) return "invalid subid";  // AMPS-SUB-051
  if (const auto known = subscriptions_.find(r.sub_id); known != subscriptions_.end()) {
    if (!s.replace) return "subid in use";  // AMPS-SUB-011
    s.replaced = known->second.get();
  }
  if (const auto reason = read_topic(r, s); !reason.empty()) return reason;

  syntax_error wrong;
  s.terms.test = filter::parse(r.header[field::filter], wrong);
  if (!s.terms.test) return "bad filter";  // AMPS-SUB-015
  if (s.is_query) {
    if (const auto reason = read_order(r, s.query); !reason.empty()) return reason;
  }
  if (s.bookmark.empty()) return {};
  return read_bookmark(r, s);
}

std::string_view broker_session::read_options(const request& r, subscribing& s) {
  auto& t = s.terms;
  option_list o(r.header[field::options]);
  const bool is_delta = r.what == command::delta_subscribe || r.what == command::sow_and_delta_subscribe;
  const bool replays = r.what == command::subscribe && !s.bookmark.empty();
  t.delta = is_delta;
  s.replace = o.flag("replace");
  t.oof = o.flag("oof");
  t.timestamp = o.flag("timestamp");
  t.no_sowkey = o.flag("no_sowkey");
  t.bookmark = o.flag("bookmark");
  t.no_empties = is_delta && o.flag("no_empties");
  for (const auto* name : {"send_keys", "live", "fully_durable", "non_regex_topic"}) o.flag(name);
  // AMPS-ERR-009: documented, and not built.
  if (o.has_any({"pause", "resume", "rate", "rate_max_gap", "grouping", "projection"})) o.refuse();
  if (s.is_query) {
    if (o.has("skip_n")) o.refuse();
    if (const auto reason = read_numbers(r, o, s.query); !reason.empty()) return reason;
  } else {
    s.max_backlog = o.number("max_backlog");
    if (replays) {
      s.query.top_n = o.number("top_n");
      if (const auto start = o.value("bookmark_not_found")) {
        s.bookmark_not_found = *start;
        if (*start != "epoch" && *start != "now" && *start != "fail") o.refuse();
      }
    }
    if (const auto top = r.header.read_number(field::top_n); top.bad()) {
      o.refuse();
    } else if (top.good() && replays) {
      s.query.top_n = static_cast<std::uint32_t>(top.value);
    }
  }
  if (const auto inside = o.bracketed("select")) {
    t.select = selection::parse(*inside);
    if (!t.select) o.refuse();
  }
  const auto conflation = o.value("conflation");
  if (conflation && *conflation != "none" && *conflation != "auto") {
    const auto interval = interval_of(*conflation);
    if (!interval) o.refuse();
    if (interval.value_or(duration{0}) > duration{0}) t.conflation = interval;
  }
  if (const auto inside = o.bracketed("conflation_key")) {
    for (const auto name : items_of(*inside)) {
      auto field = path::of(name);
      if (!field) o.refuse();
      if (field) t.conflation_key.push_back(std::move(*field));
    }
    if (t.conflation_key.empty() || !conflation) o.refuse();  // AMPS-SUB-055
  }
  if (t.conflation && replays) o.refuse();
  return o.malformed() ? "invalid options" : "";
}

std::string_view broker_session::read_topic(const request& r, subscribing& s) {
  auto& b = *broker_;
  auto& t = s.terms;
  const auto topic = r.header[field::topic];
  if (topic.empty()) return "no topic";  // AMPS-SUB-034
  syntax_error wrong;
  const option_list o(r.header[field::options]);
  const auto pattern = topic_pattern::parse(topic, o.has("non_regex_topic"), wrong);
  if (!pattern) return "bad regex topic";
  t.topic = *pattern;
  if (pattern->is_literal() && b.is_denied(topic, user_)) {
    if (s.replaced == nullptr) return "not entitled";  // AMPS-SUB-023
    t.forbidden = true;                                // AMPS-SUB-035
  }
  const auto* state = pattern->is_literal() ? b.find_topic(type_, topic) : nullptr;
  t.replays = !s.bookmark.empty();
  if (t.replays && pattern->is_literal() && (state == nullptr || !state->config->logged)) return "invalid topic";
  if (state != nullptr && state->queue && !t.replays) {
    t.queue = state->queue.get();
    t.granted = t.queue->granted(s.max_backlog);
  }
  const bool is_sow = state != nullptr && state->config->sow;
  if (t.conflation) {
    if (t.queue != nullptr || (t.conflation_key.empty() && !is_sow)) return "invalid options";
  }
  if (t.oof && !t.conflation_key.empty() && is_sow) {
    const auto& keys = state->config->key_fields;
    if (!std::ranges::equal(t.conflation_key, keys, {}, &path::text, &path::text)) return "invalid options";
  }
  return {};
}

std::string_view broker_session::read_bookmark(const request& r, subscribing& s) {
  const auto asked = bookmarks_from(s.bookmark);
  if (!asked || asked->range) return "invalid bookmark";
  // AMPS-SUB-037: the earliest member of a list.
  s.start = broker_->log_.entries().size();
  bool unknown = false;
  for (const auto& member : asked->list) {
    s.start = std::min(s.start, log_position(member, s.bookmark_not_found, unknown));
  }
  if (unknown && s.bookmark_not_found == "fail") return "invalid bookmark";  // AMPS-SUB-038
  if (r.what != command::subscribe) return "not supported";                  // AMPS-SUB-036
  return {};
}

/// Index of the first entry that a bookmark asks for.
std::size_t broker_session::log_position(const bookmark& b, std::string_view if_unknown, bool& unknown) const {
  const auto& log = broker_->log_;
  const auto now = log.entries().size();
  switch (b.what) {
    case bookmark::kind::epoch:
      return 0;  // AMPS-SUB-025
    case bookmark::kind::now:
      return now;  // AMPS-SUB-027
    case bookmark::kind::time:
      return log.from(moment(duration(b.at)));  // AMPS-SUB-043
    case bookmark::kind::message:
      break;
  }
  // AMPS-SUB-026: behind the entry of that bookmark.
  if (const auto at = log.behind(bookmark_text(b.publisher, b.sequence))) return *at;
  unknown = true;
  return if_unknown == "epoch" ? 0 : now;
}

void broker_session::replay(subscription& s, std::size_t from) {
  auto& b = *broker_;
  const auto& entries = b.log_.entries();
  for (auto at = from; at < entries.size() && ending_ == ending::none; ++at) {
    const auto& entry = entries[at];
    if (entry.topic.empty() || type_ != "json" || s.terms.forbidden) continue;
    if (!s.terms.topic.matches(entry.topic) || b.is_denied(entry.topic, user_)) continue;
    const auto* state = b.find_topic(type_, entry.topic);
    if (!s.terms.topic.is_literal() && state != nullptr && state->queue) continue;  // no pattern matches a queue
    if (s.terms.test && !s.terms.test->matches(record_view(octets_of(entry.body)))) continue;
    if (s.remaining && *s.remaining == 0) return;
    if (s.remaining) --*s.remaining;
    tell_logged(s, entry);
  }
}

/// A periodic persisted ack, once an interval at most, when something was logged since the last one (AMPS-ACK-025).
void broker_session::arm_report(subscription& s) {
  auto& b = *broker_;
  if (s.report_timer != timer_queue::none) return;
  s.report_timer = b.timers_.add(std::max(b.now_, s.reported_at + interval_), [this, &s] {
    s.report_timer = timer_queue::none;
    s.reported = broker_->log_.last_bookmark();
    s.reported_at = broker_->now_;
    outgoing_header h("ack");
    h.set(field::subscription_id, s.id).set(field::bookmark, s.reported);
    h.set(field::ack_type, "persisted").set(field::status, "success");
    write(h, outgoing_message::form::bare);
  });
}

void broker_session::unsubscribe(const request& r) {
  const auto ids = items_of(r.header[field::subscription_id]);
  if (ids.empty() && r.header[field::query_id].empty()) return fail(r, "invalid subid");  // AMPS-SUB-042
  for (const auto id : ids) {                                                             // AMPS-SUB-006, AMPS-SUB-008
    if (id == "all") {                                                                    // AMPS-SUB-007
      while (!subscriptions_.empty()) forget(subscriptions_.begin());
    } else if (const auto known = subscriptions_.find(std::string(id)); known != subscriptions_.end()) {
      forget(known);
    }  // AMPS-SUB-009: else nothing. AMPS-SOW-040: a query is over when its command is.
  }
  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);  // AMPS-ACK-020
  broker_->distribute_all();                                           // AMPS-QUEUE-011
}

void broker_session::forget(std::map<std::string, std::unique_ptr<subscription>>::iterator at) {
  auto& s = *at->second;
  drop_held(s);
  broker_->remove_subscription(s);
  for (const auto& topic : broker_->topics_) {
    if (topic->queue) topic->queue->release(s);
  }
  subscriptions_.erase(at);
}

}  // namespace ampspec::amps
