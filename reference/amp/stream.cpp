// What is done with each stream command, and when a writer sends its next one.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/stream.hpp"

#include "reference/amp/types.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace ampspec::amp {

namespace {

constexpr std::string_view key_id = "streamId", key_data = "data", key_reason = "reason";

/// The id in canonical digits; nothing if the text is no Integer (STREAM-026).
std::optional<std::string> id_of(std::string_view text) {
  auto digits = parse_integer(text);
  if (!digits) return std::nullopt;
  return *std::move(digits);
}

}  // namespace

// --- receiver --------------------------------------------------------------------------------------------------------

stream_receiver::stream_receiver(session& s, stream_limits limits) : session_(s), limits_(limits) {}

bool stream_receiver::serve(const request_received& request) {
  if (request.command == "StreamOpen") {
    open(request);
  } else if (request.command == "StreamWrite") {
    write(request);
  } else if (request.command == "StreamClose") {
    close(request);
  } else if (request.command == "StreamAbort") {
    give_up(request);
  } else {
    return false;
  }
  return true;
}

void stream_receiver::open(const request_received& request) {
  if (streams_.size() >= limits_.streams) {  // STREAM-025
    return session_.fail(request.id, code_stream_limit, "too many streams are open");
  }
  // STREAM-004, -005: counted up, so never the same again.
  const auto id = std::to_string(next_id_++);
  streams_.emplace(id, stream());
  const pair_view pair{key_id, id};
  session_.answer(request.id, box_view({&pair, 1}));  // STREAM-001
}

stream_receiver::table::iterator stream_receiver::named(const request_received& request) {
  const auto text = request.arguments.find(key_id);
  const auto id = text ? id_of(*text) : std::nullopt;
  if (!id) {
    session_.fail_unknown(request.id);  // STREAM-026: a bad argument like any other (AMP1-CONV-016)
    return streams_.end();
  }
  const auto found = streams_.find(*id);
  if (found != streams_.end() && !found->second.closed) return found;
  // STREAM-018, -019, -020, -022: never opened, taken, aborted, closed, or of the other direction
  session_.fail(request.id, code_stream_unknown, "no such stream");
  return streams_.end();
}

bool stream_receiver::is_too_much(const stream& s, std::size_t more) const {
  if (s.withheld.size() >= limits_.chunks) return true;
  if (s.consumed) return false;
  return s.held + more > limits_.held || held_ + more > limits_.all_held || s.chunks.size() >= limits_.chunks;
}

void stream_receiver::write(const request_received& request) {
  const auto data = request.arguments.find(key_data);
  if (!data) return session_.fail_unknown(request.id);
  const auto found = named(request);
  if (found == streams_.end()) return;
  auto& s = found->second;
  if (is_too_much(s, data->size()) || (s.consumed && !s.sink->take(*data))) {
    // What follows would have a hole in front of it, so nothing of the stream is of use any more.
    discard(found);
    return session_.fail(request.id, code_stream_limit, "the receiver holds too much");
  }
  if (!s.consumed) keep(s, *data);
  ++s.count;
  s.size += data->size();
  const bool has_room = s.held <= limits_.answered;                    // STREAM-016
  if (!s.stalled && has_room) return session_.answer(request.id, {});  // STREAM-002
  if (request.ask) s.withheld.push_back(request.id);                   // STREAM-028: else nobody waits
}

void stream_receiver::keep(stream& s, std::string_view chunk) {
  s.chunks.emplace_back(chunk);  // STREAM-007, -008, -009: the octets as they came, one item for each write
  s.held += chunk.size();
  held_ += chunk.size();
}

void stream_receiver::close(const request_received& request) {
  const auto found = named(request);
  if (found == streams_.end()) return;
  auto& s = found->second;
  s.closed = true;
  answer_withheld(s);  // STREAM-030: they were applied when they came
  if (s.sink) std::exchange(s.sink, nullptr)->end(stream_end::complete);
  session_.answer(request.id, {});
}

void stream_receiver::give_up(const request_received& request) {
  const auto reason = request.arguments.find(key_reason);
  if (!reason || !parse_text(*reason)) return session_.fail_unknown(request.id);
  const auto found = named(request);
  if (found == streams_.end()) return;
  discard(found);  // STREAM-029
  session_.answer(request.id, {});
}

void stream_receiver::answer_withheld(stream& s) {
  for (const auto request : std::exchange(s.withheld, {})) session_.answer(request, {});
}

void stream_receiver::discard(table::iterator found) {
  answer_withheld(found->second);
  abort(found);
}

void stream_receiver::abort(table::iterator found) {
  auto& s = found->second;
  held_ -= s.held;
  if (s.sink) s.sink->end(stream_end::aborted);
  streams_.erase(found);
}

// What is withheld stays unanswered: nobody is to think that it was of use.
void stream_receiver::abort_all() {
  while (!streams_.empty()) abort(streams_.begin());
}

std::optional<stream_content> stream_receiver::take(std::string_view text) {
  const auto id = id_of(text);
  const auto found = id ? streams_.find(*id) : streams_.end();
  if (found == streams_.end()) return std::nullopt;
  auto& s = found->second;
  answer_withheld(s);
  if (s.sink) s.sink->end(stream_end::complete);
  stream_content content{
      {std::make_move_iterator(s.chunks.begin()), std::make_move_iterator(s.chunks.end())}, s.count, s.size};
  held_ -= s.held;
  streams_.erase(found);
  return content;
}

bool stream_receiver::consume(std::string_view text, std::unique_ptr<stream_sink> sink) {
  const auto id = id_of(text);
  const auto found = id ? streams_.find(*id) : streams_.end();
  if (found == streams_.end() || found->second.consumed) return false;
  auto& s = found->second;
  s.consumed = true;
  s.sink = std::move(sink);
  held_ -= std::exchange(s.held, 0);
  for (const auto& chunk : std::exchange(s.chunks, {})) {
    if (s.sink->take(chunk)) continue;
    discard(found);
    return true;
  }
  if (!s.stalled) answer_withheld(s);
  if (s.closed) std::exchange(s.sink, nullptr)->end(stream_end::complete);
  return true;
}

bool stream_receiver::is_consumed(std::string_view text) const {
  const auto id = id_of(text);
  const auto found = id ? streams_.find(*id) : streams_.end();
  return found != streams_.end() && found->second.consumed;
}

bool stream_receiver::stall(std::string_view text) {
  const auto id = id_of(text);
  const auto found = id ? streams_.find(*id) : streams_.end();
  if (found == streams_.end()) return false;
  found->second.stalled = true;
  return true;
}

bool stream_receiver::resume(std::string_view text) {
  const auto id = id_of(text);
  const auto found = id ? streams_.find(*id) : streams_.end();
  if (found == streams_.end()) return false;
  auto& s = found->second;
  s.stalled = false;
  if (s.held <= limits_.answered) answer_withheld(s);
  return true;
}

// --- writer ----------------------------------------------------------------------------------------------------------

stream_writer::stream_writer(session& s, stream_source source, stream_writing with)
    : session_(s), source_(std::move(source)), with_(with) {
  with_.chunk = std::clamp<std::size_t>(with_.chunk, 1, max_value);
  with_.window = std::max<std::size_t>(with_.window, 1);
  call("StreamOpen", {});
}

void stream_writer::call(std::string_view command, box_view arguments) {
  const auto made = session_.call(command, arguments);
  if (made) {
    calls_.insert(*made);
  } else {
    end(made.error().code == errc::not_connected ? stream_written::how::lost : stream_written::how::refused);
  }
}

bool stream_writer::handle(const event& e) {
  if (const auto* answered = std::get_if<answer_received>(&e)) {
    if (calls_.erase(answered->call) == 0) return false;
    if (!ended_) take_answer(answered->values);
    return true;
  }
  if (const auto* refused = std::get_if<error_received>(&e)) {
    if (calls_.erase(refused->call) == 0) return false;
    if (!ended_) take_error(*refused);
    return true;
  }
  if (const auto* failed = std::get_if<call_failed>(&e)) {
    if (calls_.erase(failed->call) == 0) return false;
    if (!ended_) end(stream_written::how::lost);  // STREAM-024
    return true;
  }
  return false;
}

void stream_writer::take_answer(box_view values) {
  switch (stage_) {
    case stage::opening: {
      const auto text = values.find(key_id);
      auto id = text ? id_of(*text) : std::nullopt;
      if (!id || id->starts_with('-')) return end(stream_written::how::undecodable);
      id_ = *std::move(id);  // STREAM-003: any other is as good as 0
      stage_ = stage::writing;
      break;
    }
    case stage::writing:
      ++count_;
      break;
    case stage::ending:
      return end(stream_written::how::done);
  }
  write_on();
}

void stream_writer::take_error(const error_received& refused) {
  // STREAM-021, -029: a peer without the optional command is told by another one that the stream has ended.
  if (stage_ == stage::ending && refused.code == code_unhandled) return end(stream_written::how::done);
  end(stream_written::how::failed, refused.code, refused.description);
}

void stream_writer::write_on() {
  while (!ended_ && !exhausted_ && calls_.size() < with_.window) {  // STREAM-014
    const auto chunk = source_(with_.chunk);                        // STREAM-012
    if (!chunk) {
      exhausted_ = true;
      break;
    }
    const std::array pairs{pair_view{key_id, id_}, pair_view{key_data, *chunk}};
    call("StreamWrite", box_view(pairs.data(), pairs.size()));
  }
  if (ended_ || !exhausted_ || !calls_.empty()) return;
  stage_ = stage::ending;
  const std::array pairs{pair_view{key_id, id_}, pair_view{key_reason, "given up"}};
  switch (with_.end) {
    case stream_writing::ending::leave:
      return end(stream_written::how::done);
    case stream_writing::ending::close:
      return call("StreamClose", box_view(pairs.data(), 1));
    case stream_writing::ending::abort:
      return call("StreamAbort", box_view(pairs.data(), pairs.size()));
  }
}

void stream_writer::end(stream_written::how what, std::string_view code, std::string_view description) {
  ended_ = stream_written{what, id_, count_, std::string(code), std::string(description)};
}

}  // namespace ampspec::amp
