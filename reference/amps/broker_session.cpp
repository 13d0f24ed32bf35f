// Takes commands apart, answers those that concern the connection itself, and keeps its output.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_session.hpp"

#include "reference/amps/frame_encoder.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ampspec::amps {

namespace {

constexpr std::size_t message_overhead = 128;  ///< what an output costs besides its octets, about

std::size_t head_octets(const outgoing_message& m) {
  auto all = m.head.size() + message_overhead;
  for (const auto& record : m.records) all += record.header.size() + message_overhead;
  return all;
}

}  // namespace

broker_session::broker_session(std::shared_ptr<broker> owner, std::string_view message_type)
    : broker_(std::move(owner)),
      number_(++broker_->last_session_),
      type_(message_type.empty() ? "json" : message_type),
      type_is_fixed_(!message_type.empty()),
      interval_(broker_->config_.ack_conflation),
      written_at_(broker_->now_) {
  broker_->sessions_.emplace(number_, this);
}

broker_session::~broker_session() {
  lost();
  broker_->sessions_.erase(number_);
  std::erase(broker_->touched_, this);
  std::erase(broker_->doomed_, this);
  std::erase(broker_->waiting_publishers_, this);
}

// --- commands --------------------------------------------------------------------------------------------------------

bool broker_session::publishes(const header_view& header) {
  const auto what = header.what();
  return what == command::publish || what == command::delta_publish || what == command::sow_delete;
}

broker_session::request broker_session::request_of(const header_view& header) {
  request r{header, header.what(), header.find(field::command_id), {}, {}, ack_types_from(header[field::ack_type])};
  const auto id_or_auto = [&] {
    return r.id && !r.id->empty() ? std::string(*r.id) : "auto-" + std::to_string(++last_auto_);
  };
  switch (r.what) {
    case command::subscribe:
    case command::delta_subscribe:
      r.sub_id = header[field::subscription_id];
      if (r.sub_id.empty()) r.sub_id = id_or_auto();  // AMPS-SUB-003
      break;
    case command::sow_and_subscribe:
    case command::sow_and_delta_subscribe:
      r.sub_id = header[field::subscription_id];
      if (r.sub_id.empty()) r.sub_id = id_or_auto();
      r.query_id = header[field::query_id];
      if (r.query_id.empty()) r.query_id = r.id && !r.id->empty() ? std::string(*r.id) : r.sub_id;
      break;
    case command::sow:
      r.sub_id = header[field::subscription_id];
      r.query_id = header[field::query_id];
      if (r.query_id.empty()) r.query_id = id_or_auto();  // AMPS-SOW-002
      break;
    case command::sow_delete:  // AMPS-ACK-023
      r.sub_id = header[field::subscription_id];
      r.query_id = header[field::query_id];
      break;
    default:
      break;  // AMPS-ACK-014
  }
  return r;
}

void broker_session::receive(const header_view& header, payload body) {
  if (ending_ != ending::none) return;
  broker_->timers_.cancel(beat_deadline_);  // AMPS-HB-008
  const auto r = request_of(header);
  const auto receive_ack = [&] {
    if (!r.wants(ack_type::received)) return;
    if (r.what == command::logon) {  // AMPS-LOGON-025
      send_ack(r, ack_type::received, {},
               [&](outgoing_header& h) { h.set(field::client_name, header[field::client_name]); });
    } else {
      send_ack(r, ack_type::received);
    }
  };
  switch (r.what) {
    case command::start_timer:
    case command::stop_timer:
    case command::logon:
    case command::publish:
    case command::delta_publish:
    case command::subscribe:
    case command::delta_subscribe:
    case command::unsubscribe:
    case command::sow:
    case command::sow_and_subscribe:
    case command::sow_and_delta_subscribe:
    case command::sow_delete:
    case command::flush:
    case command::heartbeat:
      break;
    default:
      return refuse();  // AMPS-ERR-001, AMPS-ERR-005, AMPS-HDR-018
  }
  const bool is_timer = r.what == command::start_timer || r.what == command::stop_timer;
  if (!is_timer) receive_ack();
  if (r.what == command::logon) {
    logon(r);
  } else if (!logged_on_) {
    fail(r, "logon required");  // AMPS-LOGON-011
  } else if (is_timer) {
    if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);
    if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);
  } else {
    switch (r.what) {
      case command::publish:
      case command::delta_publish:
        publish(r, std::move(body));
        break;
      case command::sow_delete:
        delete_records(r, body);
        break;
      case command::sow:
        sow(r);
        break;
      case command::unsubscribe:
        unsubscribe(r);
        break;
      case command::flush:
        flush(r);
        break;
      case command::heartbeat:
        beat(r);
        break;
      default:
        subscribe(r);
        break;
    }
  }
  broker_->settle();
}

void broker_session::refuse() {
  end(ending::protocol);
  broker_->settle();
}

void broker_session::lost() {
  if (ending_ == ending::none) ending_ = ending::ended;
  while (!output_.empty()) pop_front();
  leave();
}

// --- acks ------------------------------------------------------------------------------------------------------------

void broker_session::send_ack(const request& r, ack_type type, std::string_view failure, ack_fields more) {
  outgoing_header h("ack");
  if (r.id) h.set(field::command_id, *r.id);  // AMPS-ACK-003, AMPS-ACK-028
  if (!r.query_id.empty()) h.set(field::query_id, r.query_id);
  if (!r.sub_id.empty()) h.set(field::subscription_id, r.sub_id);
  h.set(field::ack_type, word_of(type));  // AMPS-ACK-007
  h.set(field::status, failure.empty() ? "success" : "failure");
  if (!failure.empty()) h.set(field::reason, failure);
  if (more) more(h);
  write(h, outgoing_message::form::bare);
}

void broker_session::send_ack(const request& r, ack_type type, std::string_view failure) {
  send_ack(r, type, failure, {});
}

void broker_session::fail(const request& r, std::string_view reason) {
  if (r.wants(ack_type::processed)) {  // AMPS-ACK-006
    if (r.what == command::logon) {
      send_ack(r, ack_type::processed, reason,
               [&](outgoing_header& h) { h.set(field::client_name, r.header[field::client_name]); });
    } else {
      send_ack(r, ack_type::processed, reason);
    }
  }
  if (publishes(r.header) && r.wants(ack_type::persisted))
    send_persisted(r, sequence_of(r), reason);  // AMPS-ACK-021, 022
}

// --- logon, flush, heartbeat -----------------------------------------------------------------------------------------

void broker_session::logon(const request& r) {
  if (logged_on_) return fail(r, "duplicate logon attempt");  // AMPS-LOGON-010
  std::string_view reason;
  if (!can_log_on(r, reason)) {
    fail(r, reason);
    return end(ending::ended);  // AMPS-LOGON-008
  }
  auto& b = *broker_;
  if (b.any_logged()) {
    if (const auto rival = b.names_.find(client_); rival != b.names_.end()) {  // AMPS-LOGON-013
      auto& older = *rival->second;
      older.end(ending::ended);
      older.leave();
    }
    b.names_.emplace(client_, this);
  }
  logged_on_ = true;
  name_hash_ = fnv1a().add(client_).text();
  if (!r.wants(ack_type::processed)) return;
  const auto known = b.clients_.find(client_);
  const auto highest = known == b.clients_.end() ? 0 : known->second.highest;  // AMPS-PUB-015
  const auto bookmark = bookmark_of(highest);
  send_ack(r, ack_type::processed, {}, [&](outgoing_header& h) {  // AMPS-LOGON-002 to 005
    h.set(field::client_name, client_).set(field::sequence, highest).set(field::bookmark, bookmark);
    if (!b.config_.authentication) h.set(field::reason, "authentication disabled");
    h.set(field::version, b.config_.version);
  });
}

bool broker_session::can_log_on(const request& r, std::string_view& reason) {
  auto& b = *broker_;
  const auto refuse_with = [&](std::string_view why) {
    reason = why;
    return false;
  };
  const option_list options(r.header[field::options]);
  const auto pretty = options.text("pretty").value_or("");
  const auto conflation = options.text("ack_conflation");
  const auto interval =
      conflation ? interval_of(*conflation) : std::optional(b.config_.ack_conflation);  // AMPS-LOGON-022
  if (!interval || !(pretty.empty() || pretty == "true")) return refuse_with("invalid options");
  const auto name = r.header[field::client_name];
  if (name.empty()) return refuse_with("no client name");  // AMPS-LOGON-018
  if (const auto type = r.header[field::message_type]; !type.empty()) {
    if (std::ranges::find(b.config_.message_types, type) == b.config_.message_types.end()) {
      return refuse_with("invalid message type");  // AMPS-LOGON-017
    }
    if (!type_is_fixed_) type_ = type;
  }
  const auto user = r.header[field::user_id], password = r.header[field::password];
  if (b.config_.authentication && !(user.empty() && password.empty())) {
    const auto known = std::ranges::find(b.config_.users, user, &user_config::name);
    if (known == b.config_.users.end() || known->password != password) {
      return refuse_with("auth failure");  // AMPS-LOGON-007
    }
  }
  if (b.any_logged()) {
    const auto rival = b.names_.find(std::string(name));
    if (rival != b.names_.end() && rival->second->user_ != user) return refuse_with("name in use");  // AMPS-LOGON-014
  }
  client_ = name;
  user_ = user;
  interval_ = *interval;
  return true;
}

void broker_session::flush(const request& r) {
  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);  // AMPS-ACK-018
  if (r.wants(ack_type::completed)) send_ack(r, ack_type::completed);
  if (!r.wants(ack_type::persisted)) return;
  send_conflated();  // AMPS-ACK-019
  send_ack(r, ack_type::persisted);
}

void broker_session::beat(const request& r) {
  const auto words = items_of(r.header[field::options]);
  std::optional<std::uint64_t> every;
  if (words.size() == 2 && words[0] == "start") every = number_from(words[1], UINT32_MAX);
  const bool starts = every.value_or(0) > 0;
  if (!starts && !(words.size() == 1 && words[0] == "beat")) return fail(r, "invalid options");  // AMPS-HB-010
  if (r.wants(ack_type::processed)) send_ack(r, ack_type::processed);                            // AMPS-HB-005
  if (!starts) return;
  beat_every_ = std::chrono::seconds(*every);  // AMPS-HB-009
  written_at_ = broker_->now_;
  arm_heartbeat(broker_->now_ + beat_every_);
}

void broker_session::arm_heartbeat(moment due) {
  broker_->timers_.cancel(beat_timer_);
  beat_timer_ = broker_->timers_.add(due, [this] {
    beat_timer_ = timer_queue::none;
    heartbeat_due();
  });
}

void broker_session::heartbeat_due() {
  auto& b = *broker_;
  if (b.now_ < written_at_ + beat_every_) return arm_heartbeat(written_at_ + beat_every_);  // something else was sent
  write(outgoing_header("heartbeat"), outgoing_message::form::bare);                        // AMPS-HB-001
  if (beat_deadline_ == timer_queue::none) {
    beat_deadline_ = b.timers_.add(b.now_ + 2 * beat_every_, [this] {  // AMPS-HB-003, AMPS-HB-004
      beat_deadline_ = timer_queue::none;
      end(ending::ended);
    });
  }
  arm_heartbeat(b.now_ + beat_every_);
}

// --- output ----------------------------------------------------------------------------------------------------------

void broker_session::write(const outgoing_header& header, outgoing_message::form form, payload body, bool is_delivery) {
  outgoing_message made{form, is_delivery, {}, std::move(body), {}};
  [[maybe_unused]] const auto refused = encode_head(header.view(), octets_of(made.body).size(), made.head, any_length);
  assert(!refused);
  write(std::move(made));
}

void broker_session::write(outgoing_message message) {
  if (ending_ != ending::none) return;
  auto& b = *broker_;
  const auto heads = head_octets(message), all = heads + octets_of(message.body).size();
  if (waiting_ <= b.config_.small_backlog) looks_in_vain_ = 0;
  waiting_ += all;
  b.waiting_octets_ += heads;
  if (message.body && message.body->waiting_in++ == 0) b.waiting_octets_ += message.body->size();
  if (!message.is_delivery) waiting_answers_ += heads;
  if (message.is_delivery && !output_.empty()) waiting_deliveries_ += all;
  output_.push_back(std::move(message));
  written_at_ = b.now_;
  b.touch(*this);
  if (waiting_deliveries_ > b.config_.max_waiting) return cut_off();
  if (waiting_ > b.config_.small_backlog) b.watch_slow_ones();
}

void broker_session::pop_front() {
  auto& b = *broker_;
  const auto& front = output_.front();
  const auto heads = head_octets(front), all = heads + octets_of(front.body).size();
  waiting_ -= all;
  b.make_room(front.body && --front.body->waiting_in == 0 ? heads + front.body->size() : heads);
  if (!front.is_delivery) waiting_answers_ -= heads;
  output_.pop_front();
  looks_in_vain_ = 0;
  if (output_.empty() || !output_.front().is_delivery) return;
  // What is being written does not count against the one that reads it.
  const auto& next = output_.front();
  waiting_deliveries_ -= head_octets(next) + octets_of(next.body).size();
}

/// No command is looked at any more; what was written before still goes out, unless the client does not take it.
void broker_session::end(ending why) {
  if (ending_ != ending::none) return;
  ending_ = why;
  broker_->touch(*this);
  broker_->doomed_.push_back(this);  // subscriptions end when whatever is at work now is done with them
}

/// Too slow: what waits is dropped.
void broker_session::cut_off() {
  end(ending::ended);
  while (!output_.empty()) pop_front();
}

/// Gives back what the connection had in the broker.
void broker_session::leave() {
  if (std::exchange(has_left_, true)) return;
  auto& b = *broker_;
  b.timers_.cancel(pending_timer_);
  b.timers_.cancel(beat_timer_);
  b.timers_.cancel(beat_deadline_);
  pending_.reset();
  if (const auto named = b.names_.find(client_); named != b.names_.end() && named->second == this)
    b.names_.erase(named);
  while (!subscriptions_.empty()) forget(subscriptions_.begin());
  b.distribute_all();  // AMPS-QUEUE-007
}

}  // namespace ampspec::amps
