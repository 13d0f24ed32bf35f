// Which acks the client asks for and what they end, where messages go, and the places where a fault of it acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_client.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ampspec::naive {

using enum fault;

namespace {

std::string get(const box& fields, std::string_view name) { return find(fields, name).value_or(""); }

void put(box& fields, const std::string& name, const std::string& value) {
  for (auto& [key, old] : fields) {
    if (key == name) {
      old = value;
      return;
    }
  }
  fields.emplace_back(name, value);
}

std::string take_out(box& fields, std::string_view name) {
  const std::string value = get(fields, name);
  std::erase_if(fields, [&](const auto& pair) { return pair.first == name; });
  return value;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> items;
  std::string item;
  for (const char c : list + ",") {
    if (c != ',') {
      item += c;
    } else if (!item.empty()) {
      items.push_back(std::exchange(item, ""));
    }
  }
  return items;
}

std::string joined(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ",") + item;
  return list;
}

void add(std::vector<std::string>& list, const std::string& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::uint64_t number(const std::string& digits) { return std::strtoull(digits.c_str(), nullptr, 10); }

bool subscribes(const std::string& c) { return c.ends_with("subscribe") && c != "unsubscribe"; }
bool queries(const std::string& c) { return c.starts_with("sow") && c != "sow_delete"; }
bool publishes(const std::string& c) { return c == "publish" || c == "delta_publish"; }

}  // namespace

std::string amps_client::output() {
  if (ws_) out_ += ws_->output();
  return std::exchange(out_, "");
}

std::vector<amps_told> amps_client::events() { return std::exchange(events_, {}); }

void amps_client::tell(std::string how, std::uint64_t call, std::string reason, box values) {
  if (call == 0) return;  // nobody made it: the logon on a further connection
  if (on(amps_client_ends_twice) && how == "answer") events_.push_back({how, call, values, reason});
  events_.push_back({std::move(how), call, std::move(values), std::move(reason)});
}

// False: refused, and nothing was written.
bool amps_client::send(std::uint64_t call, amps_message message) {
  const encoded made = encode_amps(message, {.broken = options_.broken});
  if (made.refused.empty() && ws_) {
    const std::string body = get(message, "body");
    ws_->send(made.bytes.substr(4, made.bytes.size() - 4 - body.size()), body);
    return true;
  }
  if (made.refused.empty()) {
    if (on(amps_client_interleaves) && made.bytes.size() > 1000 && half_.empty()) {  // AMPS-FRAME-016
      out_ += made.bytes.substr(0, made.bytes.size() / 2);
      half_ = made.bytes.substr(made.bytes.size() / 2);
      return true;
    }
    out_ += made.bytes + std::exchange(half_, "");
    return true;
  }
  tell("refused", call, made.refused);  // AMPS-LIMIT-006
  return false;
}

void amps_client::connected() {
  reader_ = amps_reader({.broken = options_.broken});
  if (!options_.path.empty()) {
    ws_.emplace(options_.broken, options_.host, options_.path,
                options_.user.empty() ? "" : options_.user + ":" + options_.password);
  }
  here_ = true;
  ready_ = failed_ = asked_ = closing_ = beats_ = false;
  out_ = on(amps_client_writes_preamble) ? "AMPS" : "";  // AMPS-FRAME-015
  if (logon_ != 0) log_on(0);
}

void amps_client::lost() {
  if (!here_) return;
  for (const auto& message : reader_.finish()) take(message);  // none, unless by a fault (AMPS-FRAME-011)
  here_ = ready_ = false;
  for (const auto& [id, w] : std::exchange(waiting_, {})) {
    if (on(amps_client_calls_hang)) continue;
    tell("lost", w.call);
  }
  if (!options_.reconnects) subscribed_.clear();
  std::erase_if(routes_, [&](const auto& r) { return std::ranges::find(subscribed_, r.first) == subscribed_.end(); });
}

// --- calls -----------------------------------------------------------------------------------------------------------

void amps_client::call(std::uint64_t call_number, const std::string& command, const box& arguments) {
  if (command == "logon") {
    if (!here_) return tell("lost", call_number);
    if (asked_) return tell("refused", call_number, "only one logon");
    logon_ = call_number;
    return log_on(logon_);
  }
  const bool kept_for_later = options_.store && options_.reconnects && publishes(command);
  if (!here_ && !kept_for_later) return tell("lost", call_number);
  if (here_ && !ready_ && !on(amps_client_first_command_is_any)) return tell("refused", call_number, "not logged on");
  if (failed_ && !on(amps_client_uses_failed_logon)) return tell("refused", call_number, "the logon failed");

  box fields{{"c", command}};
  for (const auto& pair : arguments) fields.push_back(pair);
  if (publishes(command)) return publish(call_number, command, fields);

  const std::string of = take_out(fields, "of"), auto_ack = take_out(fields, "auto_ack");
  std::vector<std::string> wanted = split(take_out(fields, "a"));
  waiting w{call_number, command, {}, "", "", {}};
  if (command == "sow") w.acks = {"processed", "completed"};
  if (command == "sow_delete") w.acks = {"stats"};
  if (command == "flush") w.acks = {"completed"};
  if (command == "heartbeat") {
    w.acks = {"received"};
    interval_ = number(get(fields, "opts").substr(std::min<std::size_t>(6, get(fields, "opts").size())));  // `start,N`
  }
  if (subscribes(command)) w.acks = {"processed"};
  for (const std::string& ack : wanted) add(w.acks, ack);

  const std::string cid = "c" + std::to_string(++ids_);
  std::string known;
  for (const auto& [id, r] : routes_) {
    if (!of.empty() && r.call == number(of)) known = id;
  }
  if (subscribes(command) || queries(command)) w.id = known.empty() ? "s" + cid : known;
  if (subscribes(command)) put(fields, "sub_id", w.id);
  if (queries(command)) put(fields, "query_id", w.id);
  if (command == "unsubscribe") {
    if (!of.empty() && known.empty()) return tell("refused", call_number, "no such subscription");
    w.id = of.empty() ? "all" : known;
    put(fields, "sub_id", w.id);
    if (on(amps_client_unsubscribes_all)) put(fields, "sub_id", "all");
  }
  std::vector<std::string> asked = w.acks;
  if (command == "sow_delete" && options_.store) {  // AMPS-PUB-018
    w.sequence = on(amps_client_deletes_under_last_sequence) ? std::to_string(sequence_) : next_sequence();
    put(fields, "s", w.sequence);
    add(asked, "persisted");
  }
  put(fields, "cid", cid);
  if (!asked.empty()) put(fields, "a", joined(asked));
  if (on(amps_client_asks_for_no_ack)) take_out(fields, "a");
  if (!send(call_number, fields)) return;
  if (!w.sequence.empty()) store_.push_back({number(w.sequence), fields});
  if (subscribes(command)) w.entered = fields;
  if ((subscribes(command) || queries(command)) && known.empty()) {
    routes_[w.id] = {call_number, w.entered, "", !auto_ack.empty()};
  }
  if (w.acks.empty()) {  // unsubscribe without an ack that is wanted
    if (w.id == "all") routes_.clear(), subscribed_.clear();
    if (!on(amps_client_delivers_after_unsubscribe)) routes_.erase(w.id);
    std::erase(subscribed_, w.id);
    return tell("sent", call_number);
  }
  waiting_[cid] = std::move(w);
}

void amps_client::log_on(std::uint64_t call_number) {
  asked_ = true;
  const std::string cid = "c" + std::to_string(++ids_);
  box fields{
      {"c", "logon"}, {"cid", cid}, {"client_name", options_.name}, {"a", "processed"}, {"version", "1.0.0.0:naive"}};
  if (!user_.empty()) fields.emplace_back("user_id", user_);
  if (!password_.empty()) fields.emplace_back("pw", password_);
  if (on(amps_client_logon_without_name)) take_out(fields, "client_name");
  if (on(amps_client_logon_asks_for_nothing)) take_out(fields, "a");
  if (on(amps_client_logon_without_user)) take_out(fields, "user_id");
  send(call_number, fields);
  waiting_[cid] = {call_number, "logon", {"processed"}, "", "", {}};
}

std::string amps_client::next_sequence() {
  if (!on(amps_client_sequence_repeats) || sequence_ % 2 == 0) ++sequence_;  // AMPS-PUB-018
  return std::to_string(sequence_);
}

void amps_client::publish(std::uint64_t call_number, const std::string& command, box fields) {
  std::vector<std::string> acks = split(take_out(fields, "a")), asked = acks;
  waiting w{call_number, command, acks, "", "", {}};
  const std::string cid = "c" + std::to_string(++ids_);
  if (!acks.empty()) put(fields, "cid", cid);
  if (options_.store) {
    w.sequence = next_sequence();
    put(fields, "s", w.sequence);
    add(asked, "persisted");
  }
  if (!asked.empty()) put(fields, "a", joined(asked));
  if (on(amps_client_asks_for_no_ack)) take_out(fields, "a");
  if (here_ && !send(call_number, fields)) return;
  const bool forgets = on(amps_client_store_forgets);
  if (options_.store && !forgets) store_.push_back({number(w.sequence), fields});  // AMPS-PUB-016
  if (acks.empty()) return tell("sent", call_number);
  waiting_[cid] = std::move(w);
}

// --- what comes ------------------------------------------------------------------------------------------------------

void amps_client::receive(std::string_view octets) {
  if (closing_) return;
  std::string came(octets);
  if (ws_) came = ws_->receive(octets);
  for (const auto& message : reader_.feed(came)) take(message);
  if (ws_ && ws_->over()) closing_ = true;
  // AMPS-FRAME-014, AMPS-LIMIT-004
  if (reader_.end() == ending::rejected && !on(amps_client_stays_after_bad_frame)) closing_ = true;
}

void amps_client::take(const amps_message& message) {
  const std::string command = get(message, "c");
  if (command == "ack") return take_ack(message);
  if (command == "publish" || command == "oof") {
    if (command == "oof" && on(amps_client_drops_oof)) return;
    std::vector<std::string> ids = split(get(message, "sids"));  // AMPS-SUB-022
    if (on(amps_client_first_sid_only) && ids.size() > 1) ids.resize(1);
    for (const std::string& id : ids) deliver(id, message);
  }
  if (command == "sow") deliver(get(message, "query_id"), message);
  if (command == "heartbeat" && (beats_ || on(amps_client_beats_unstarted)) && !on(amps_client_never_beats)) {
    send(0, {{"c", "heartbeat"}, {"opts", on(amps_client_beats_wrongly) ? "bea" : "beat"}});  // AMPS-HB-002
  }
}

void amps_client::deliver(const std::string& id, const amps_message& message) {
  const auto found = routes_.find(id);
  if (found == routes_.end()) {
    if (on(amps_client_unknown_sid_closes)) closing_ = true;
    return;  // AMPS-ERR-006
  }
  route& r = found->second;
  if (!on(amps_client_loses_messages)) tell("message", r.call, "", message);
  if (on(amps_client_delivers_twice)) tell("message", r.call, "", message);
  const std::string bookmark = get(message, "bm");
  if (bookmark.empty()) return;
  r.bookmark = bookmark;
  if (r.acknowledges && find(message, "lp") && !on(amps_client_never_acks_queue)) {
    send(0, {{"c", "sow_delete"}, {"t", get(message, "t")}, {"bm", bookmark}});  // AMPS-QUEUE-008
  }
}

void amps_client::take_ack(const amps_message& ack) {
  const std::string cid = get(ack, "cid"), type = get(ack, "a"), status = get(ack, "status"), s = get(ack, "s");
  const bool reason_is_failure = on(amps_client_reason_is_failure) && !get(ack, "reason").empty();
  const bool success = (status == "success" && !reason_is_failure) || on(amps_client_failure_is_success);
  auto found = waiting_.find(cid);
  if (cid.empty() && on(amps_client_first_ack_of_any)) {
    found = waiting_.begin();
    if (found != waiting_.end()) found->second.acks = {type};
  }
  if (on(amps_client_expects_acks_in_order) && found != waiting_.end() && found != waiting_.begin()) {
    closing_ = true;  // AMPS-ACK-015
    return;
  }
  if (found == waiting_.end() && !cid.empty() && on(amps_client_unknown_ack_closes)) closing_ = true;
  if (found != waiting_.end() && found->second.command == "logon") {
    if (type != "processed") return;
    const std::uint64_t call_number = found->second.call;
    waiting_.erase(found);
    if (success) return logged_on(call_number, ack);
    if (status == "retry" && !on(amps_client_retry_is_failure)) {  // AMPS-LOGON-012
      if (find(ack, "user_id")) user_ = get(ack, "user_id");
      if (!on(amps_client_retries_unchanged)) password_ = get(ack, "pw") + "-answered";
      return log_on(call_number);
    }
    failed_ = true;  // AMPS-LOGON-009
    closing_ = !on(amps_client_uses_failed_logon);
    ready_ = on(amps_client_uses_failed_logon);
    return tell("error", call_number, on(amps_client_loses_reason) ? "" : get(ack, "reason"), ack);
  }
  if (type == "persisted") {
    std::string sequence = s;
    if (sequence.empty() && found != waiting_.end()) sequence = found->second.sequence;
    if (!sequence.empty()) settle(number(sequence), success, ack);
    found = waiting_.find(cid);
  }
  if (found == waiting_.end()) return;  // AMPS-ACK-017
  waiting& w = found->second;
  if (!success) {
    if (std::ranges::find(w.acks, type) == w.acks.end() && type != "processed") return;
    if (w.entered.empty() || !std::ranges::count(subscribed_, w.id)) routes_.erase(w.id);
    const std::string reason = on(amps_client_loses_reason) ? "" : get(ack, "reason");  // AMPS-ERR-003
    tell("error", w.call, reason, ack);
    waiting_.erase(found);
    return;
  }
  std::erase(w.acks, type);
  if (!w.acks.empty() && !on(amps_client_first_ack_ends)) return;
  if (w.command == "heartbeat") beats_ = true;
  if (w.command == "sow") routes_.erase(w.id);
  if (w.command == "unsubscribe") {
    if (w.id == "all") routes_.clear(), subscribed_.clear();
    if (!on(amps_client_delivers_after_unsubscribe)) routes_.erase(w.id);
    std::erase(subscribed_, w.id);
  }
  if (!w.entered.empty()) {
    route& r = routes_[w.id];
    r.call = w.call;
    r.entered = w.entered;
    add(subscribed_, w.id);
  }
  tell("answer", w.call, "", ack);
  waiting_.erase(found);
}

// AMPS-LOGON-016, AMPS-PUB-017, AMPS-SUB-024
void amps_client::logged_on(std::uint64_t call_number, const amps_message& ack) {
  ready_ = true;
  tell("answer", call_number, "", ack);
  if (on(amps_client_beats_unasked)) send(0, {{"c", "heartbeat"}, {"opts", "beat"}});  // AMPS-HB-006
  std::uint64_t persisted = number(get(ack, "s"));
  if (on(amps_client_ignores_logon_sequence)) persisted = 0;
  std::erase_if(store_, [&](const kept& k) { return k.sequence <= persisted; });
  sequence_ = std::max(sequence_, persisted);
  if (on(amps_client_drops_store)) store_.clear();
  std::vector<box> again;
  for (const std::string& id : subscribed_) {
    if (on(amps_client_subscribes_not_again)) break;
    box fields = routes_[id].entered;
    const std::string cid = "c" + std::to_string(++ids_);
    put(fields, "cid", cid);
    std::vector<std::string> options = split(take_out(fields, "opts"));
    if (!on(amps_client_replaces_again)) std::erase(options, "replace");
    if (on(amps_client_replaces_again)) add(options, "replace");
    if (!options.empty()) put(fields, "opts", joined(options));
    if (find(fields, "bm") && !routes_[id].bookmark.empty()) put(fields, "bm", routes_[id].bookmark);
    if (on(amps_client_subscribes_under_new_id)) put(fields, "sub_id", cid);
    again.push_back(fields);
  }
  std::vector<box> stored;
  for (kept& k : store_) {
    if (on(amps_client_replays_with_new_sequence)) put(k.message, "s", next_sequence());
    stored.push_back(k.message);
  }
  if (on(amps_client_replays_backwards)) std::ranges::reverse(stored);
  for (const box& fields : again) send(0, fields);
  for (const box& message : stored) send(0, message);
}

void amps_client::settle(std::uint64_t sequence, bool success, const amps_message& ack) {
  const auto covered = [&](std::uint64_t s) {
    return on(amps_client_acks_not_cumulative) ? s == sequence : s <= sequence;
  };
  for (const kept& k : store_) {
    if (!success && k.sequence == sequence && !on(amps_client_swallows_unwritten)) {
      tell("unwritten", k.sequence, get(ack, "reason"), k.message);
    }
  }
  if (!on(amps_client_store_never_empties)) std::erase_if(store_, [&](const kept& k) { return covered(k.sequence); });
  std::vector<std::string> done;
  for (auto& [cid, w] : waiting_) {
    if (w.sequence.empty() || !(success ? covered(number(w.sequence)) : number(w.sequence) == sequence)) continue;
    if (std::erase(w.acks, "persisted") == 0) continue;
    if (success && !w.acks.empty()) continue;
    tell(success ? "answer" : "error", w.call, get(ack, "reason"), ack);
    done.push_back(cid);
  }
  for (const std::string& cid : done) waiting_.erase(cid);
}

}  // namespace ampspec::naive
