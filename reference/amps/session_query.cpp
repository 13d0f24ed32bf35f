// Queries of the stored records: which, in which order, in which batches.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_encoder.hpp"
#include "reference/amps/header_writer.hpp"
#include "reference/amps/session_delivery.hpp"
#include "reference/amps/session_requests.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace ampspec::amps {

namespace {
constexpr std::uint32_t max_batch = 10'000;  // AMPS-SOW-007
}

std::string_view broker_session::read_numbers(const request& r, option_list& o, query& q) {
  q.top_n = o.number("top_n");
  const auto batch = r.header.read_number(field::batch_size), top = r.header.read_number(field::top_n);
  if (batch.bad() || top.bad() || o.malformed() || batch.value > max_batch) return "invalid options";
  if (batch.good()) q.batch_size = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(batch.value));
  if (top.good()) q.top_n = static_cast<std::uint32_t>(top.value);  // AMPS-SOW-015
  if (const auto keys = items_of(r.header[field::sow_keys]); !keys.empty()) q.keys.emplace(keys.begin(), keys.end());
  return {};
}

std::string_view broker_session::read_order(const request& r, query& q) {
  const auto order = r.header[field::order_by];
  if (order.empty()) return q.skip_n ? "orderby required" : "";
  q.order = order_by::parse(order);
  return q.order ? "" : "invalid order by";
}

void broker_session::sow(const request& r) {
  auto& b = *broker_;
  query q;
  subscription_terms t;
  option_list o(r.header[field::options]);
  t.timestamp = o.flag("timestamp");
  t.no_sowkey = o.flag("no_sowkey");
  o.flag("send_keys");
  const bool literal = o.flag("non_regex_topic");
  if (o.has_any({"pause", "resume", "rate", "rate_max_gap", "grouping", "projection"})) o.refuse();  // AMPS-ERR-009
  if (const auto inside = o.bracketed("select")) {
    t.select = selection::parse(*inside);
    if (!t.select) o.refuse();
  }
  q.skip_n = o.number("skip_n");
  if (const auto reason = read_numbers(r, o, q); !reason.empty()) return fail(r, reason);
  if (q.skip_n && !q.top_n) return fail(r, "invalid options");  // AMPS-SOW-016

  const auto topic = r.header[field::topic];
  if (topic.empty()) return fail(r, "no topic");
  syntax_error wrong;
  const auto pattern = topic_pattern::parse(topic, literal, wrong);
  if (!pattern) return fail(r, "bad regex topic");
  if (pattern->is_literal() && b.is_denied(topic, user_)) return fail(r, "not entitled");
  const bool any = type_ == "json" && std::ranges::any_of(b.topics_, [&](const auto& state) {
                     return state->config->sow && pattern->matches(state->config->name);
                   });
  if (!any) return fail(r, "invalid topic");  // AMPS-SOW-018, AMPS-SOW-052
  t.topic = *pattern;
  t.test = filter::parse(r.header[field::filter], wrong);
  if (!t.test) return fail(r, "bad filter");
  if (const auto reason = read_order(r, q); !reason.empty()) return fail(r, reason);

  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);
  const auto result = run(q, t.topic, *t.test);
  send_group(r, q, t, result);
  if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);  // AMPS-SOW-019
  if (r.wants(ack_type::stats)) send_counts(r, result);                // AMPS-SOW-020
}

broker_session::query_result broker_session::run(const query& q, const topic_pattern& pattern, const filter& test) {
  auto& b = *broker_;
  query_result result;
  if (type_ != "json") return result;
  for (const auto& topic : b.topics_) {  // AMPS-SOW-041, AMPS-SOW-042
    if (!topic->config->sow || !pattern.matches(topic->config->name) || b.is_denied(topic->config->name, user_))
      continue;
    struct found {
      query_result::row row;
      record_view view;
    };
    std::vector<found> passing;
    for (const auto& record : topic->store.records()) {
      if (q.keys && !q.keys->contains(record.key)) continue;  // AMPS-SOW-017, AMPS-SOW-047
      ++result.topic_matches;
      record_view view(octets_of(record.body));
      if (test.matches(view)) passing.push_back({{topic.get(), &record}, std::move(view)});  // AMPS-SOW-013
    }
    if (q.order) {  // AMPS-SOW-014
      std::ranges::stable_sort(passing,
                               [&](const found& x, const found& y) { return q.order->before(x.view, y.view); });
    }
    for (const auto& f : passing) result.rows.push_back(f.row);
  }
  result.matches = result.rows.size();
  auto& rows = result.rows;
  const auto skipped = std::min<std::size_t>(q.skip_n.value_or(0), rows.size());
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (q.top_n && rows.size() > *q.top_n) rows.resize(*q.top_n);  // AMPS-SOW-051
  return result;
}

void broker_session::send_group(const request& r, const query& q, const subscription_terms& t,
                                const query_result& result) {
  outgoing_header begin("group_begin");
  begin.set(field::query_id, r.query_id);
  write(begin, outgoing_message::form::bare);

  std::uint64_t batches = 0;
  std::vector<outgoing_record> batch;
  std::size_t octets = 0;
  const query_result::row* first = nullptr;
  const auto send_batch = [&] {
    if (batch.empty()) return;
    outgoing_header h("sow");
    h.set(field::topic, first->topic->config->name).set(field::query_id, r.query_id);
    h.set(field::group_sequence, ++batches).set(field::batch_size, batch.size());
    outgoing_message made{outgoing_message::form::batch, false, {}, nullptr, {}};
    [[maybe_unused]] const auto refused = encode_head(h.view(), octets, made.head, any_length);
    assert(!refused);
    made.records = std::exchange(batch, {});
    octets = 0;
    write(std::move(made));
  };
  constexpr std::size_t room_for_head = 512;  // the ids of the header may be longer; then so is the frame
  for (const auto& row : result.rows) {
    outgoing_record made;
    made.body = row.record->body;
    if (t.select) made.body = make_payload(t.select->applied(record_view(octets_of(row.record->body))));
    outgoing_header h;
    std::string timestamp;
    if (!t.no_sowkey) h.set(field::sow_key, row.record->key);  // AMPS-SOW-011
    if (row.record->correlation_id) h.set(field::correlation_id, *row.record->correlation_id);
    if (t.timestamp) h.set(field::timestamp, timestamp = timestamp_of(row.record->updated));
    h.set(field::message_length, octets_of(made.body).size());  // AMPS-SOW-008
    [[maybe_unused]] const auto refused = write_object(h.view(), made.header);
    assert(!refused);
    const auto size = made.header.size() + octets_of(made.body).size();
    // AMPS-SOW-005, AMPS-SOW-041, AMPS-SOW-055, AMPS-SOW-053
    if (!batch.empty() && (batch.size() == q.batch_size || first->topic != row.topic ||
                           first->record->correlation_id.has_value() != row.record->correlation_id.has_value() ||
                           octets + size + room_for_head + r.query_id.size() > broker_->config_.max_frame)) {
      send_batch();
    }
    if (batch.empty()) first = &row;
    octets += size;
    batch.push_back(std::move(made));
  }
  send_batch();

  outgoing_header end("group_end");
  end.set(field::query_id, r.query_id);
  write(end, outgoing_message::form::bare);
}

void broker_session::send_counts(const request& r, const query_result& result) {
  send_ack(r, ack_type::stats, {}, [&](outgoing_header& h) {  // AMPS-ACK-009, AMPS-ACK-011
    h.set(field::topic_matches, result.topic_matches).set(field::matches, result.matches);
    h.set(field::records_returned, result.rows.size());
  });
}

/// The query part of sow_and_subscribe: nothing happens between it and the live part (AMPS-SOW-021, AMPS-SOW-022).
void broker_session::query_and_subscribe(const request& r, subscribing& s, const subscription_terms* replaced,
                                         subscription& made) {
  const auto& t = made.terms;
  query_result result;
  if (!t.forbidden) result = run(s.query, t.topic, *t.test);
  const auto passes_old = [&](const query_result::row& row) {
    return replaced != nullptr && !replaced->forbidden && replaced->topic.matches(row.topic->config->name) &&
           (!replaced->test || replaced->test->matches(record_view(octets_of(row.record->body))));
  };
  std::erase_if(result.rows, passes_old);  // AMPS-SOW-037
  send_group(r, s.query, t, result);
  if (t.conflation && t.oof) {
    for (const auto& row : result.rows) {
      const record_view view(octets_of(row.record->body));
      made.shown.insert(conflation_key_of(t, row.record->key, &view));
    }
  }
  if (replaced != nullptr && t.oof) {  // AMPS-SOW-046
    const filter everything;
    for (const auto& row : run({}, replaced->topic, replaced->test ? *replaced->test : everything).rows) {
      const bool still = t.topic.matches(row.topic->config->name) && !t.forbidden &&
                         t.test->matches(record_view(octets_of(row.record->body)));
      if (still || replaced->forbidden) continue;
      delivery d{.oof = true, .topic = row.topic->config->name, .subscriptions = made.id};
      if (!t.no_sowkey) d.key = row.record->key;
      if (row.record->correlation_id) d.correlation_id = *row.record->correlation_id;
      d.reason = "match";
      d.body = row.record->body;
      if (t.select) d.body = make_payload(t.select->applied(record_view(octets_of(row.record->body))));
      send(d);
    }
  }
  if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);  // AMPS-ACK-030
  if (r.wants(ack_type::stats)) send_counts(r, result);
}

}  // namespace ampspec::amps
