// What each command about streams does, and where a fault of streams acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/streams.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::naive {

using enum fault;
using how = reply::how;

namespace {

// What one side may make us hold: docs/test-service.md.
constexpr std::size_t most_streams = 256, most_chunks = 65536, most_outcomes = 1024;
constexpr std::uint64_t answered = 1u << 20, most_held = 2u << 20;
constexpr std::int64_t largest_order = std::int64_t{1} << 32;

reply answer(box values) { return {how::answer, std::move(values), "", ""}; }
reply bad_argument() { return {how::bad_argument, {}, "", "undecodable"}; }
reply unknown_stream() { return {how::declared, {}, "STREAM_UNKNOWN", "there is no such stream"}; }
reply over_limit() { return {how::declared, {}, "STREAM_LIMIT", "too much"}; }
reply later() { return {how::later, {}, "", ""}; }

std::string list_of(const std::vector<std::string>& chunks) {
  std::string list;
  for (const std::string& chunk : chunks) {
    list += static_cast<char>(chunk.size() / 256);
    list += static_cast<char>(chunk.size() % 256);
    list += chunk;
  }
  return list;
}

std::string joined(const std::vector<std::string>& chunks) {
  std::string all;
  for (const std::string& chunk : chunks) all += chunk;
  return all;
}

}  // namespace

std::optional<reply> streams::execute(const std::string& command, const box& arguments, std::uint64_t request) {
  if (command == "StreamOpen") return open();
  if (command == "StreamWrite") return write(arguments, request);
  if (command == "StreamOutcome") return outcome(arguments);
  if (command == "StreamSend") return send(arguments, request);
  static const std::set<std::string> named = {"StreamClose",   "StreamAbort", "StreamTake",
                                              "StreamConsume", "StreamStall", "StreamResume"};
  if (named.count(command) == 0) return std::nullopt;
  const auto text = find(arguments, "streamId");
  const auto id = text ? integer(*text) : std::nullopt;
  if (!id) return bad_argument();  // STREAM-026
  reply r;
  if (command == "StreamClose") r = close(*id);
  if (command == "StreamAbort") r = find(arguments, "reason") ? abort(*id) : bad_argument();
  if (command == "StreamTake") r = take(arguments, *id);
  if (command == "StreamConsume") r = consume(arguments, *id);
  if (command == "StreamStall") r = stall(*id);
  if (command == "StreamResume") r = resume(*id);
  let_go();
  return r;
}

reply streams::open() {
  if (open_.size() >= most_streams && on(stream_limit_closes)) return {how::failure, {}, "", ""};
  if (open_.size() >= most_streams && !on(stream_limit_missing)) return over_limit();  // STREAM-025
  std::int64_t id = last_id_ += 3;  // STREAM-005; ids need not follow each other
  if (on(stream_ids_equal)) id = 3;
  if (on(stream_ids_reused)) {
    for (id = 0; open_.count(id) > 0;) ++id;
  }
  open_[id] = {};
  latest_ = id;
  return answer({{"streamId", (on(stream_open_id_is_no_integer) ? "s" : "") + std::to_string(id)}});  // STREAM-001
}

reply streams::write(const box& arguments, std::uint64_t request) {
  const auto text = find(arguments, "streamId"), data = find(arguments, "data");
  auto id = text ? integer(*text) : std::nullopt;
  if (!id && on(stream_bad_id_lands)) id = latest_;
  if (!id || !data) return bad_argument();  // STREAM-026
  if (!is_open(*id) && on(stream_unknown_lands)) id = latest_;
  const bool was_closed = open_.count(*id) > 0 && open_[*id].closed;
  if (!is_open(*id) && on(stream_unknown_accepted)) return answer({});
  if (was_closed && !on(stream_write_after_close_accepted)) return unknown_stream();  // STREAM-020
  // An id that never was is treated as disttrial does: also right (STREAM-018).
  if (open_.count(*id) == 0) return *id > 0 && *id <= last_id_ ? unknown_stream() : reply{how::failure, {}, "", ""};
  if (data->empty() && on(stream_zero_length_refused)) return {how::failure, {}, "", ""};
  if (data->size() == max_value && on(stream_data_65535_refused)) return over_limit();
  if (on(stream_chunks_into_latest)) id = latest_;

  stream& s = open_[*id];
  const bool too_much = s.held + data->size() > most_held || s.chunks.size() >= most_chunks;
  if ((!s.consumer && too_much && !on(stream_never_withholds)) || s.waiting.size() >= most_chunks) {
    answer_waiting(s);
    finish(s, "aborted");
    open_.erase(*id);
    return over_limit();
  }
  keep(s, *data);
  if (data->empty() && on(stream_zero_length_ends)) s.closed = true;
  bool withheld = s.stalled || (s.held > answered && !on(stream_never_withholds));  // STREAM-015, STREAM-016
  for (const auto& [other, there] : open_) withheld = withheld || (there.stalled && on(stream_stall_stops_streams));
  if (!withheld) return answer(on(stream_write_answers_size) ? box{{"size", std::to_string(s.size)}} : box{});  // 002
  s.waiting.push_back(request);
  return later();
}

void streams::keep(stream& s, std::string data) {
  ++s.count;
  s.size += data.size();
  if (on(stream_loses_100th_chunk) && s.count == 100) return;
  if (on(stream_zero_length_dropped) && data.empty()) return;
  if (on(stream_data_as_text)) data = with_replacements(data);
  if (on(stream_data_cut_at_nul)) data = up_to_nul(data);
  if (s.consumer) {
    s.consumer->hash.add(data);
    s.consumer->count = s.count;
    s.consumer->size = s.size;
    return;
  }
  s.held += data.size();
  if (on(stream_chunks_merged) && !s.chunks.empty()) {
    s.chunks.back() += data;
    return;
  }
  const bool in_front = on(stream_chunks_in_reverse) || (on(stream_pipelined_in_reverse) && !s.waiting.empty());
  s.chunks.insert(in_front ? s.chunks.begin() : s.chunks.end(), std::move(data));  // STREAM-009, STREAM-017
}

void streams::finish(stream& s, const std::string& end) {
  if (s.consumer && s.consumer->how == "running") s.consumer->how = end;
}

void streams::answer_waiting(stream& s) {
  for (const std::uint64_t request : std::exchange(s.waiting, {})) hands_.finish(request, answer({}));
}

reply streams::close(std::int64_t id) {
  if (open_.count(id) > 0 && open_[id].closed && on(stream_second_close_accepted)) return answer({});
  if (!is_open(id)) return unknown_stream();  // STREAM-022
  stream& s = open_[id];
  if (on(stream_close_overtakes_write) && !s.chunks.empty()) s.chunks.pop_back(), --s.count;
  if (on(stream_close_aborts)) return abort(id);
  answer_waiting(s);
  s.closed = true;
  finish(s, "complete");
  return answer({});
}

reply streams::abort(std::int64_t id) {
  if (!is_open(id)) return unknown_stream();
  answer_waiting(open_[id]);
  if (on(stream_abort_keeps)) return answer({});
  finish(open_[id], "aborted");  // STREAM-029
  open_.erase(id);
  return answer({});
}

reply streams::take(const box& arguments, std::int64_t id) {
  const std::string as = find(arguments, "as").value_or("");
  const bool digested = as == "digest" || as == "file";  // its file is the memory
  if (as != "chunks" && as != "whole" && !digested) return bad_argument();
  if (on(stream_second_take_succeeds) && open_.count(id) == 0 && taken_.count(id) > 0) open_[id] = taken_[id];
  if (open_.count(id) == 0) return unknown_stream();  // STREAM-023
  stream s = open_[id];
  if (on(stream_empty_unknown) && s.count == 0) return unknown_stream();
  if (s.consumer && !digested) return bad_argument();
  open_.erase(id);
  if (on(stream_second_take_succeeds)) taken_[id] = s;
  answer_waiting(s);
  finish(s, "complete");
  // A chunk that a fault has dropped or merged is not counted either.
  const std::uint64_t count = s.consumer ? s.count : s.chunks.size();
  box values = {{"count", std::to_string(count)}};
  const std::string data = joined(s.chunks);
  values.emplace_back("size", std::to_string(s.consumer ? s.size : data.size()));
  if (as == "chunks") values.emplace_back("chunks", list_of(s.chunks));
  if (as == "whole") values.emplace_back("data", data);
  if (digested && !s.consumer) {
    sha256 hash;
    hash.add(data);
    values.emplace_back("sha256", hash.hex());
  }
  return answer(values);
}

reply streams::consume(const box& arguments, std::int64_t id) {
  const auto as = find(arguments, "as"), name = find(arguments, "name");
  if (!name || (as != "digest" && as != "file")) return bad_argument();
  if (open_.count(id) == 0 || open_[id].consumer) return unknown_stream();
  stream& s = open_[id];
  s.consumer = std::make_shared<stream_outcome>();
  const auto held = std::exchange(s.chunks, {});
  s.count = s.size = s.held = 0;
  for (const std::string& chunk : held) keep(s, chunk);
  if (!s.stalled) answer_waiting(s);
  if (s.closed) finish(s, "complete");
  if (state_.outcomes.size() >= most_outcomes) state_.outcomes.erase(state_.outcomes.begin());
  state_.outcomes[*name] = s.consumer;
  return answer({});
}

reply streams::outcome(const box& arguments) {
  const auto name = find(arguments, "name");
  if (!name) return bad_argument();
  if (state_.outcomes.count(*name) == 0) return unknown_stream();
  const stream_outcome& o = *state_.outcomes[*name];
  box values = {{"how", o.how}, {"count", std::to_string(o.count)}, {"size", std::to_string(o.size)}};
  if (o.how == "complete") values.emplace_back("sha256", o.hash.hex());
  return answer(values);
}

reply streams::stall(std::int64_t id) {
  if (open_.count(id) == 0) return unknown_stream();
  open_[id].stalled = true;
  return answer({});
}

reply streams::resume(std::int64_t id) {
  if (open_.count(id) == 0) return unknown_stream();
  open_[id].stalled = false;
  for (auto& [other, s] : open_) {
    if ((other == id && s.held <= answered) || on(stream_stall_stops_streams)) answer_waiting(s);
  }
  return answer({});
}

void streams::ended() {
  for (auto& [id, s] : open_) finish(s, on(stream_loss_is_complete) ? "complete" : "aborted");  // STREAM-024
  open_.clear();
}

bool streams::holds_back(std::uint64_t request, const reply& r) {
  const bool stalled = std::any_of(open_.begin(), open_.end(), [](const auto& e) { return e.second.stalled; });
  const bool running = std::any_of(open_.begin(), open_.end(), [](const auto& e) { return !e.second.closed; });
  const bool waits = (on(stream_stall_stops_commands) && stalled) || (on(stream_commands_wait) && running);
  if (waits) held_back_[request] = r;
  return waits;
}

void streams::let_go() {
  if (held_back_.empty()) return;
  for (auto& [request, r] : std::exchange(held_back_, {})) {
    if (!holds_back(request, r)) hands_.finish(request, r);
  }
}

// ---- writing

struct streams::writing {
  stream_order order;
  std::function<void(const called&)> then;
  std::string id = {};
  std::uint64_t at = 0;  // octets that were sent
  std::uint64_t out = 0, count = 0;
  bool ending = false, over = false;

  void end(const called& c) {
    if (!std::exchange(over, true)) then(c);
  }
};

void streams::write(const stream_order& order, std::function<void(const called&)> then) {
  const auto w = std::make_shared<writing>(writing{order, std::move(then)});
  const bool makeable = (order.size == 0 || !order.pattern.empty()) &&
                        (order.end == "leave" || order.end == "close" || order.end == "abort");
  if (!makeable) return w->end({"refused", {}, "", ""});
  if (on(stream_writer_empty_opens_nothing) && order.size == 0) return w->end({"answer", {}, "", ""});
  call(w, "StreamOpen", {});
}

void streams::call(const std::shared_ptr<writing>& w, const std::string& command, const box& arguments) {
  hands_.call(command, arguments, [this, w, command](const called& c) { settled(w, command, c); });
}

void streams::settled(const std::shared_ptr<writing>& w, const std::string& command, const called& c) {
  if (command == "StreamWrite") --w->out;
  if (w->over) return;
  // STREAM-021, STREAM-029: these two are optional.
  const bool lacking = c.how == "error" && c.code == "UNHANDLED";
  if (command == "StreamClose" && lacking && on(stream_writer_needs_close)) return w->end(c);
  bool goes_on = c.how == "answer" || (w->ending && lacking);
  if (c.how == "lost" && on(stream_writer_loss_is_done)) return w->end({"answer", {}, "", ""});  // STREAM-024
  if (c.how == "error" && command == "StreamWrite" && on(stream_writer_ignores_refusal)) goes_on = true;
  if (!goes_on) return w->end(c);
  if (command == "StreamOpen") {
    const std::string text = find(c.values, "streamId").value_or("");
    auto id = integer(text);
    if (!id || *id < 0 || (*id == 0 && on(stream_writer_zero_is_no_id))) return w->end({"undecodable", {}, "", ""});
    if (on(stream_writer_small_ids)) id = *id & 0x7fffffff;  // STREAM-003
    w->id = std::to_string(*id);
    if (on(stream_ids_shared_by_directions)) open_[*id] = {};  // STREAM-006
  }
  if (command == "StreamWrite") ++w->count;
  if (w->ending) return w->end({"answer", {{"streamId", w->id}, {"count", std::to_string(w->count)}}, "", ""});
  write_on(w);
}

void streams::write_on(const std::shared_ptr<writing>& w) {
  std::uint64_t window = w->order.window;
  if (on(stream_writer_two_outstanding)) window = std::max<std::uint64_t>(window, 2);
  if (on(stream_writer_never_waits)) window = UINT64_MAX;
  while (!w->over && w->at < w->order.size && w->out < window) {                     // STREAM-014
    std::uint64_t size = std::min<std::uint64_t>(w->order.size - w->at, max_value);  // STREAM-012
    if (on(stream_writer_does_not_split)) size = w->order.size - w->at;
    std::string data;
    const std::uint64_t period = w->order.pattern.size();
    for (std::uint64_t i = 0; i < size; ++i) data += w->order.pattern[static_cast<std::size_t>((w->at + i) % period)];
    if (on(stream_writer_skips_octet) && w->at > 0) data.erase(0, 1);
    w->at += size;
    ++w->out;
    call(w, "StreamWrite", {{"streamId", w->id}, {"data", data}});
  }
  if (w->over || w->at < w->order.size || w->out > 0) return;
  w->ending = true;
  if (w->order.end == "close") return call(w, "StreamClose", {{"streamId", w->id}});
  if (w->order.end == "abort") return call(w, "StreamAbort", {{"streamId", w->id}, {"reason", "no more"}});
  w->end({"answer", {{"streamId", w->id}, {"count", std::to_string(w->count)}}, "", ""});
}

reply streams::send(const box& arguments, std::uint64_t request) {
  const auto text = find(arguments, "size"), pattern = find(arguments, "pattern"), end = find(arguments, "end");
  const auto size = text ? integer(*text) : std::nullopt;
  const bool good = size && pattern && end && *size >= 0 && *size <= largest_order &&
                    (*size == 0 || !pattern->empty()) && (end == "leave" || end == "close" || end == "abort");
  if (!good) return bad_argument();
  write({*pattern, static_cast<std::uint64_t>(*size), 1, *end}, [this, request](const called& c) {
    if (c.how == "answer") return hands_.finish(request, answer(c.values));
    hands_.finish(request, {how::declared, {}, "STREAM_FAILED", c.code});
  });
  return later();
}

}  // namespace ampspec::naive
