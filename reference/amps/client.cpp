// What a client does: which acks it asks for, what they end, where messages go, what it keeps until it is persisted.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/client.hpp"

#include "reference/amps/frame_encoder.hpp"
#include "reference/amps/sow_batch.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ampspec::amps {
namespace {

using kind = client_event::kind;

constexpr std::string_view own_version = "5.3.5.0.ampspec:c++";
constexpr std::string_view default_batch = "10";

ack_types types(std::initializer_list<ack_type> list) {
  ack_types made;
  for (const auto t : list) made.add(t);
  return made;
}

// What a call waits for, whatever its caller wants besides.
ack_types awaited_by(command c) {
  using enum ack_type;
  switch (c) {
    case command::publish:
    case command::delta_publish:
      return {};
    case command::sow:
      return types({processed, completed});
    case command::sow_delete:
      return types({processed, stats});
    default:
      return types({processed});
  }
}

bool is_subscribing(command c) {
  using enum command;
  return c == subscribe || c == delta_subscribe || c == sow_and_subscribe || c == sow_and_delta_subscribe;
}
bool is_querying(command c) {
  using enum command;
  return c == sow || c == sow_and_subscribe || c == sow_and_delta_subscribe;
}
bool is_publishing(command c) { return c == command::publish || c == command::delta_publish; }

constexpr std::array all_types{ack_type::received, ack_type::processed, ack_type::completed, ack_type::persisted,
                               ack_type::stats};

std::string list_of(const ack_types& asked) {
  std::string list;
  for (const auto t : all_types) {
    if (asked.has(t)) list.append(list.empty() ? "" : ",").append(word_of(t));
  }
  return list;
}

// `asked` without `t`.
ack_types without(const ack_types& asked, ack_type t) {
  ack_types rest;
  for (const auto each : all_types) {
    if (each != t && asked.has(each)) rest.add(each);
  }
  return rest;
}

std::string without_option(std::string_view options, std::string_view name) {
  std::string rest;
  for (const auto& [n, value] : options_from(options)) {
    if (n == name) continue;
    rest.append(rest.empty() ? "" : ",").append(n);
    if (value) rest.append("=").append(*value);
  }
  return rest;
}

// The seconds of `start,N`; 0: none.
std::uint64_t interval_of(std::string_view options) {
  constexpr std::string_view start = "start,";
  std::uint64_t n = 0;
  if (options.starts_with(start)) std::from_chars(options.data() + start.size(), options.data() + options.size(), n);
  return n;
}

}  // namespace

client::client(client_options options)
    : options_(std::move(options)), user_(options_.user), password_(options_.password) {}

void client::sent(std::size_t count) {
  sent_ += count;
  if (sent_ < out_.size()) return;
  out_.clear();
  sent_ = 0;
}

std::optional<client_event> client::next_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void client::end(std::uint64_t number, kind how, std::string_view reason, const header_view* ack) {
  if (number == 0) return;
  client_event event;
  event.what = how;
  event.number = number;
  event.reason = reason;
  if (ack != nullptr) event.header = header(*ack);
  events_.push_back(std::move(event));
}

// Nothing is written of what is refused (AMPS-LIMIT-006).
bool client::write(std::uint64_t number, const header_view& fields, std::string_view body) {
  const auto refused = put(fields, body);
  if (refused) end(number, kind::refused, refused->code.message());
  return !refused;
}

std::optional<wire::failure> client::put(const header_view& fields, std::string_view body) {
  if (!options_.websocket) return encode(fields, body, out_, options_.limit);
  const std::span<const std::string_view> bodies(&body, body.empty() ? 0 : 1);
  const bool is_text = ws_mode_message(options_.message_type).octets == "text";
  return ws_command(fields, bodies, is_text ? ws_kind::text : ws_kind::binary, messages_,
                    {.max_message = options_.limit});
}

void client::connected() {
  auto again = logon_;
  again.number = 0;  // nobody waits for it
  out_.clear();
  sent_ = 0;
  messages_.clear();
  close_code_ = 1000;
  if (options_.websocket) {
    deliveries_.emplace(ws_limits{.max_message = options_.limit});
    messages_.push_back(ws_mode_message(options_.message_type));  // AMPS-WS-003
  } else {
    decoder_.emplace(decoder_limits{.max_frame = options_.limit});
  }
  closing_ = beats_ = false;
  state_ = state::connected;
  if (logon_.number != 0) log_on(again);
}

void client::lost() {
  if (state_ == state::away) return;
  state_ = state::away;
  decoder_.reset();
  deliveries_.reset();
  for (auto& [id, waiting] : std::exchange(pending_, {})) {
    if (std::find(entered_.begin(), entered_.end(), waiting.id) == entered_.end()) forget(waiting);
    end(waiting.call.number, kind::lost);
  }
  if (options_.reconnects) return;
  subscriptions_.clear();
  entered_.clear();
}

void client::break_off(std::uint16_t close_code) {
  closing_ = true;
  close_code_ = close_code;
  decoder_.reset();
  deliveries_.reset();
}

// --- calls -----------------------------------------------------------------------------------------------------------

void client::call(client_call c) {
  const auto number = c.number;
  if (c.what == command::logon) {
    if (state_ != state::connected) {
      return end(number, state_ == state::away ? kind::lost : kind::refused, "there was a logon on this connection");
    }
    logon_ = std::move(c);
    return log_on(logon_);
  }
  const bool kept = options_.store && options_.reconnects && is_publishing(c.what);
  if (state_ == state::away && !kept) return end(number, kind::lost);
  if (state_ != state::ready && state_ != state::away) {
    // A client's first command is logon (AMPS-LOGON-001), and of a failed one nothing is used (AMPS-LOGON-009).
    return end(number, kind::refused, state_ == state::failed ? "the logon failed" : "not logged on");
  }
  if (is_publishing(c.what)) return publish(c);
  command_with_acks(c);
}

void client::log_on(const client_call& c) {
  pending waiting{c, types({ack_type::processed}), 0, {}, {}};
  const auto id = next_id();
  header fields(command::logon);
  fields.set(field::command_id, id).set(field::client_name, options_.name);
  if (!user_.empty()) fields.set(field::user_id, user_);
  if (!password_.empty()) fields.set(field::password, password_);
  fields.set(field::message_type, options_.message_type)
      .set(field::ack_type, word_of(ack_type::processed))
      .set(field::version, own_version);
  if (c.fields.has(field::options)) fields.set(field::options, c.fields[field::options]);
  if (c.fields.has(field::correlation_id)) fields.set(field::correlation_id, c.fields[field::correlation_id]);
  if (!write(c.number, fields, {})) return;
  state_ = state::logging_on;
  pending_.emplace(id, std::move(waiting));
}

void client::publish(client_call& c) {
  const auto wanted = ack_types_from(c.fields[field::ack_type]);
  header fields(c.fields);
  fields.set(field::command, written_word(c.what)).erase(field::ack_type);
  auto asked = wanted;
  std::string id;
  if (!wanted.none()) fields.set(field::command_id, id = next_id());
  if (options_.store) {
    fields.set(field::sequence, next_sequence_);
    asked.add(ack_type::persisted);
  }
  if (!asked.none()) fields.set(field::ack_type, list_of(asked));
  const auto refused = put(fields, c.body);
  if (state_ == state::away) {  // it was tried alone: it goes out on the next connection
    out_.clear();
    messages_.clear();
  }
  if (refused) return end(c.number, kind::refused, refused->code.message());
  const auto sequence = options_.store ? next_sequence_++ : 0;  // AMPS-PUB-018
  if (options_.store) store_.push_back({sequence, fields, c.body});
  if (wanted.none()) return end(c.number, kind::sent);
  c.body.clear();
  pending_.emplace(id, pending{std::move(c), wanted, sequence, {}, {}});
}

void client::command_with_acks(client_call& c) {
  const auto id = next_id();
  header fields(c.fields);
  fields.set(field::command, written_word(c.what)).set(field::command_id, id);
  auto awaited = awaited_by(c.what);
  for (const auto t : all_types) {
    if (ack_types_from(c.fields[field::ack_type]).has(t)) awaited.add(t);
  }
  auto asked = awaited;
  pending waiting{{}, awaited, 0, {}, {}};
  const auto known = c.of ? id_of(*c.of) : std::string();
  if (c.of && known.empty()) return end(c.number, kind::refused, "there is no such subscription");
  const bool routed = is_subscribing(c.what) || is_querying(c.what);
  if (routed) waiting.id = known.empty() ? id : known;  // a subscription that is replaced keeps its id
  if (is_subscribing(c.what)) fields.set(field::subscription_id, waiting.id);
  if (is_querying(c.what)) {
    fields.set(field::query_id, waiting.id);
    if (!fields.has(field::batch_size)) fields.set(field::batch_size, default_batch);
    asked.add(ack_type::completed);
  }
  if (c.what == command::unsubscribe) {
    waiting.id = c.of ? known : "all";
    fields.set(field::subscription_id, waiting.id);
  }
  if (c.what == command::sow_delete && options_.store) {  // AMPS-PUB-018
    waiting.sequence = next_sequence_;
    fields.set(field::sequence, next_sequence_);
    asked.add(ack_type::persisted);
  }
  fields.set(field::ack_type, list_of(asked));
  if (!write(c.number, fields, c.body)) return;
  if (waiting.sequence != 0) {
    ++next_sequence_;
    store_.push_back({waiting.sequence, fields, c.body});
  }
  if (routed && known.empty()) subscriptions_.emplace(waiting.id, subscription{c.number, fields, c.acknowledges, {}});
  if (is_subscribing(c.what)) waiting.entered = std::move(fields);
  c.body.clear();
  waiting.call = std::move(c);
  pending_.emplace(id, std::move(waiting));
}

std::optional<std::uint64_t> client::patience() const {
  if (!beats_ || interval_ == 0 || state_ != state::ready || closing_) return std::nullopt;
  return 2 * interval_;  // one may be late
}

void client::beat() {
  header fields(command::heartbeat);
  fields.set(field::options, "beat");
  [[maybe_unused]] const auto refused = put(fields, {});
}

// --- what comes ------------------------------------------------------------------------------------------------------

void client::receive(std::string_view octets) {
  if (!decoder_) return;
  decoder_->feed(octets);
  while (decoder_) {
    const auto frame = decoder_->next();
    if (!frame) break;
    take(*frame);
  }
  // AMPS-FRAME-014, AMPS-LIMIT-004
  if (decoder_ && decoder_->error()) break_off();
}

void client::receive(ws_kind kind_of_message, std::string_view message) {
  if (!deliveries_) return;
  if (const auto frame = deliveries_->receive(kind_of_message, message)) take(*frame);
  if (deliveries_ && deliveries_->error()) break_off(ws_close_code(deliveries_->error()->code));
}

void client::take(const frame_view& frame) {
  const auto& fields = frame.header;
  switch (fields.what()) {
    case command::ack:
      return take_ack(fields);
    case command::publish:
    case command::oof: {
      // Once for each id that is ours (AMPS-SUB-022); those that are not are passed over (AMPS-ERR-006).
      for (const auto id : items_of(fields[field::subscription_ids])) deliver(id, fields, frame.body);
      return;
    }
    case command::sow: {
      if (options_.websocket) {  // each record comes by itself (AMPS-WS-012); of none nothing but the batch
        if (fields.read_number(field::batch_size).value > 0) deliver(fields[field::query_id], fields, frame.body);
        return;
      }
      sow_reader records(fields, frame.body);  // AMPS-SOW-010
      while (const auto record = records.next()) deliver(fields[field::query_id], record->header, record->body);
      if (records.error()) break_off();  // AMPS-SOW-056
      return;
    }
    case command::heartbeat:
      if (beats_) beat();  // AMPS-HB-002, AMPS-HB-006
      return;
    default:
      return;  // group_begin and group_end bear no message; what else a server may say is nothing to us
  }
}

void client::deliver(std::string_view id, const header_view& fields, std::string_view body) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  auto& s = found->second;
  client_event event;
  event.what = kind::message;
  event.number = s.number;
  event.header = header(fields);
  event.body = body;
  events_.push_back(std::move(event));
  if (!fields.has(field::bookmark)) return;
  s.last_bookmark = fields[field::bookmark];
  if (!s.acknowledges || !fields.has(field::lease_period)) return;
  header done(command::sow_delete);
  done.set(field::topic, fields[field::topic]).set(field::bookmark, s.last_bookmark);
  [[maybe_unused]] const auto refused = put(done, {});
}

void client::take_ack(const header_view& fields) {
  const auto type = ack_types_from(fields[field::ack_type]);
  const bool success = fields[field::status] == "success";
  const auto found = pending_.find(fields[field::command_id]);
  if (found != pending_.end() && found->second.call.what == command::logon) return take_logon_ack(found, fields);

  if (type.has(ack_type::persisted)) {
    const auto s = fields.read_number(field::sequence);
    const bool of_one = found != pending_.end() && found->second.sequence != 0;
    if (s.good() || of_one) settle(s.good() ? s.value : found->second.sequence, success, fields[field::reason], fields);
  }
  const auto waiting = pending_.find(fields[field::command_id]);  // settling may have ended it
  if (waiting == pending_.end()) return;                          // AMPS-ACK-017
  auto& call = waiting->second;
  const auto number = call.call.number;
  if (!success) {
    const bool replaces =
        is_subscribing(call.call.what) && std::find(entered_.begin(), entered_.end(), call.id) != entered_.end();
    const bool matters =
        std::any_of(all_types.begin(), all_types.end(), [&](ack_type t) { return type.has(t) && call.awaited.has(t); });
    if (!matters) return;
    // Of a replace that failed the subscription stays as it was; an unsubscribe that failed ends nothing.
    if (!replaces && call.call.what != command::unsubscribe) forget(call);
    end(number, kind::failed, fields[field::reason], &fields);
    pending_.erase(waiting);
    return;
  }
  for (const auto t : all_types) {
    if (type.has(t)) call.awaited = without(call.awaited, t);
  }
  if (!call.awaited.none()) return;
  if (call.call.what == command::heartbeat) {
    beats_ = true;
    interval_ = interval_of(call.call.fields[field::options]);
  }
  if (call.call.what == command::unsubscribe) {
    if (call.id == "all") {
      subscriptions_.clear();
      entered_.clear();
    } else {
      forget(call);
    }
  }
  if (is_subscribing(call.call.what)) {
    auto& s = subscriptions_[call.id];
    s.number = number;
    s.fields = call.entered;
    s.acknowledges = call.call.acknowledges;
    if (std::find(entered_.begin(), entered_.end(), call.id) == entered_.end()) entered_.push_back(call.id);
  } else if (call.call.what == command::sow) {
    forget(call);
  }
  end(number, kind::answered, {}, &fields);
  pending_.erase(waiting);
}

std::string client::id_of(std::uint64_t number) const {
  for (const auto& [id, s] : subscriptions_) {
    if (s.number == number) return id;
  }
  return {};
}

// Its route ends with it.
void client::forget(const pending& call) {
  if (call.id.empty()) return;
  subscriptions_.erase(call.id);
  std::erase(entered_, call.id);
}

void client::take_logon_ack(std::map<std::string, pending, std::less<>>::iterator waiting, const header_view& fields) {
  if (fields[field::ack_type] != word_of(ack_type::processed)) return;
  const auto call = std::move(waiting->second.call);
  pending_.erase(waiting);
  const auto number = call.number;
  if (fields[field::status] == "success") {  // whatever its reason (AMPS-LOGON-015)
    state_ = state::ready;
    auto persisted = fields.read_number(field::sequence).value;
    if (!fields.has(field::sequence)) {
      const auto mark = bookmark_from(fields[field::bookmark]);
      if (mark && mark->what == bookmark::kind::message) persisted = mark->sequence;
    }
    end(number, kind::answered, {}, &fields);
    return go_on(persisted);
  }
  if (fields[field::status] == "retry" && options_.authenticate) {  // AMPS-LOGON-012
    if (fields.has(field::user_id)) user_ = fields[field::user_id];
    password_ = options_.authenticate(fields[field::password]);
    return log_on(call);
  }
  end(number, kind::failed, fields[field::reason], &fields);
  state_ = state::failed;  // AMPS-LOGON-009
  closing_ = true;
}

// After a logon: what the server has persisted is dropped, subscriptions are entered again, the rest is sent again
// (AMPS-LOGON-016, AMPS-PUB-017, AMPS-SUB-024).
void client::go_on(std::uint64_t persisted) {
  while (!store_.empty() && store_.front().sequence <= persisted) store_.pop_front();
  if (persisted < std::numeric_limits<std::uint64_t>::max()) next_sequence_ = std::max(next_sequence_, persisted + 1);
  for (const auto& id : entered_) {
    auto& s = subscriptions_.at(id);
    header fields(s.fields);
    fields.set(field::command_id, next_id());
    const auto options = without_option(fields[field::options], "replace");
    if (options.empty()) {
      fields.erase(field::options);
    } else {
      fields.set(field::options, options);
    }
    if (fields.has(field::bookmark) && !s.last_bookmark.empty()) fields.set(field::bookmark, s.last_bookmark);
    [[maybe_unused]] const auto refused = put(fields, {});
  }
  for (const auto& m : store_) {
    [[maybe_unused]] const auto refused = put(m.header, m.body);
  }
}

// An ack that names `sequence`: a success covers every lower one as well (cumulative); of a failure all lower ones have
// been reported before.
void client::settle(std::uint64_t sequence, bool success, std::string_view reason, const header_view& fields) {
  while (!store_.empty() && store_.front().sequence <= sequence) {
    auto& m = store_.front();
    if (!success && m.sequence == sequence) {
      client_event event;
      event.what = kind::unwritten;
      event.number = sequence;
      event.reason = reason;
      event.header = m.header;
      event.body = std::move(m.body);
      events_.push_back(std::move(event));
    }
    store_.pop_front();
  }
  for (auto it = pending_.begin(); it != pending_.end();) {
    auto& call = it->second;
    const bool covered = success ? call.sequence <= sequence : call.sequence == sequence;
    if (call.sequence == 0 || !covered || !call.awaited.has(ack_type::persisted)) {
      ++it;
      continue;
    }
    call.awaited = without(call.awaited, ack_type::persisted);
    if (success && !call.awaited.none()) {
      ++it;
      continue;
    }
    end(call.call.number, success ? kind::answered : kind::failed, reason, &fields);
    it = pending_.erase(it);
  }
}

}  // namespace ampspec::amps
