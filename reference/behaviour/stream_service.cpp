// What each command about streams does, and how what arrives is consumed.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/stream_service.hpp"

#include "reference/amp/types.hpp"
#include "reference/behaviour/sha256.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ampspec::behaviour {

namespace {

constexpr std::size_t most_outcomes = 1024, longest_name = 1024;
constexpr std::size_t most_writings = 256;
/// What a stream that we are asked to write may have at most.
constexpr std::int64_t most_octets = std::int64_t{1} << 32;
constexpr std::string_view code_failed = "STREAM_FAILED";

/// Consumes a stream as it comes: hashes it, or keeps it in a file and hashes that.
class recorder final : public amp::stream_sink {
 public:
  recorder(std::shared_ptr<stream_outcome> outcome, std::unique_ptr<temporary_file> file)
      : outcome_(std::move(outcome)), file_(std::move(file)) {}

  bool take(std::string_view chunk) override {
    if (file_ && !file_->write(chunk)) return false;
    if (!file_) hash_.add(chunk);
    ++outcome_->count;
    outcome_->size += chunk.size();
    return true;
  }
  void end(amp::stream_end how) override {
    const bool whole = how == amp::stream_end::complete &&
                       (!file_ || file_->read([this](std::string_view piece) { hash_.add(piece); }));
    outcome_->how = whole ? "complete" : "aborted";
    if (whole) outcome_->sha256 = hash_.hex();
  }

 private:
  std::shared_ptr<stream_outcome> outcome_;
  std::unique_ptr<temporary_file> file_;
  sha256 hash_;
};

/// A pattern repeated to a size, cut as it is asked for.
class repeated {
 public:
  repeated(std::string pattern, std::uint64_t size) : pattern_(std::move(pattern)), left_(size) {}

  std::optional<std::string_view> operator()(std::size_t most) {
    if (left_ == 0) return std::nullopt;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, most));
    chunk_.clear();
    while (chunk_.size() < size) {
      const auto more = std::min(size - chunk_.size(), pattern_.size() - at_);
      chunk_.append(pattern_, at_, more);
      at_ = (at_ + more) % pattern_.size();
    }
    left_ -= size;
    return chunk_;
  }

 private:
  std::string pattern_, chunk_;
  std::size_t at_ = 0;  ///< in the pattern
  std::uint64_t left_;
};

std::optional<amp::stream_writing::ending> ending_of(std::string_view word) {
  using enum amp::stream_writing::ending;
  if (word == "leave") return leave;
  if (word == "close") return close;
  if (word == "abort") return abort;
  return std::nullopt;
}

/// A ListOf(bytes): each element behind its length of two octets.
std::optional<std::string> list_of(const std::vector<std::string>& chunks) {
  std::string out;
  for (const auto& chunk : chunks) {
    out += static_cast<char>(chunk.size() >> 8);
    out += static_cast<char>(chunk.size() & 0xff);
    out += chunk;
    if (out.size() > amp::max_value) return std::nullopt;
  }
  return out;
}

std::string whole_of(const std::vector<std::string>& chunks) {
  std::string out;
  for (const auto& chunk : chunks) {
    if (out.size() <= amp::max_value) out += chunk;  // more than that is refused all the same
  }
  return out;
}

}  // namespace

stream_service::stream_service(std::shared_ptr<amp::session> session, std::shared_ptr<stream_state> state)
    : session_(std::move(session)), state_(std::move(state)), receiver_(*session_) {}

bool stream_service::serve(const amp::request_received& request) {
  if (receiver_.serve(request)) return true;
  if (request.command == "StreamTake") {
    take(request);
  } else if (request.command == "StreamConsume") {
    consume(request);
  } else if (request.command == "StreamOutcome") {
    tell_outcome(request);
  } else if (request.command == "StreamStall") {
    hold(request, true);
  } else if (request.command == "StreamResume") {
    hold(request, false);
  } else if (request.command == "StreamSend") {
    send(request);
  } else {
    return false;
  }
  return true;
}

void stream_service::fail_unknown_stream(amp::request_id request) {
  session_->fail(request, amp::code_stream_unknown, "no such stream");
}

void stream_service::take(const amp::request_received& request) {
  const auto id = request.arguments.find("streamId"), as = request.arguments.find("as");
  if (!id || !as || !amp::parse_integer(*id)) return session_->fail_unknown(request.id);  // STREAM-026
  const bool digested = *as == "digest" || *as == "file";
  if (!digested && *as != "chunks" && *as != "whole") return session_->fail_unknown(request.id);
  if (!digested && receiver_.is_consumed(*id)) return session_->fail_unknown(request.id);
  // A file holds what was held; of a stream with a consumer nothing is held, and its end is told by the consumer.
  const auto outcome = std::make_shared<stream_outcome>();
  std::unique_ptr<temporary_file> file;
  if (*as == "file") {
    file = state_->make_file ? state_->make_file() : nullptr;
    if (!file) return session_->fail_unknown(request.id);
  }
  if (digested) receiver_.consume(*id, std::make_unique<recorder>(outcome, std::move(file)));
  const auto content = receiver_.take(*id);
  if (!content) return fail_unknown_stream(request.id);  // STREAM-023
  amp::box values;
  values.add("count", std::to_string(content->count));
  values.add("size", std::to_string(content->size));
  if (*as == "chunks") {
    const auto chunks = list_of(content->chunks);
    if (!chunks) return session_->fail_unknown(request.id);  // AMP1-CONV-017: more than a value can hold
    values.add("chunks", *chunks);
  } else if (*as == "whole") {
    values.add("data", whole_of(content->chunks));
  } else if (!outcome->sha256.empty()) {
    values.add("sha256", outcome->sha256);
  }
  session_->answer(request.id, values);
}

void stream_service::consume(const amp::request_received& request) {
  const auto id = request.arguments.find("streamId"), as = request.arguments.find("as"),
             name = request.arguments.find("name");
  if (!id || !as || !name || !amp::parse_integer(*id)) return session_->fail_unknown(request.id);
  if ((*as != "digest" && *as != "file") || name->size() > longest_name) return session_->fail_unknown(request.id);
  std::unique_ptr<temporary_file> file;
  if (*as == "file") {
    file = state_->make_file ? state_->make_file() : nullptr;
    if (!file) return session_->fail_unknown(request.id);
  }
  const auto outcome = std::make_shared<stream_outcome>();
  if (!receiver_.consume(*id, std::make_unique<recorder>(outcome, std::move(file)))) {
    return fail_unknown_stream(request.id);
  }
  auto& all = state_->outcomes;
  std::erase_if(all, [&](const auto& entry) { return entry.first == *name; });
  if (all.size() == most_outcomes) all.pop_front();
  all.emplace_back(*name, outcome);
  session_->answer(request.id, {});
}

void stream_service::tell_outcome(const amp::request_received& request) {
  const auto name = request.arguments.find("name");
  if (!name) return session_->fail_unknown(request.id);
  const auto& all = state_->outcomes;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.first == *name; });
  if (found == all.end()) return fail_unknown_stream(request.id);
  const auto& outcome = *found->second;
  amp::box values;
  values.add("how", outcome.how);
  values.add("count", std::to_string(outcome.count));
  values.add("size", std::to_string(outcome.size));
  if (!outcome.sha256.empty()) values.add("sha256", outcome.sha256);
  session_->answer(request.id, values);
}

void stream_service::hold(const amp::request_received& request, bool stalls) {
  const auto id = request.arguments.find("streamId");
  if (!id || !amp::parse_integer(*id)) return session_->fail_unknown(request.id);
  const bool done = stalls ? receiver_.stall(*id) : receiver_.resume(*id);
  if (!done) return fail_unknown_stream(request.id);
  session_->answer(request.id, {});
}

// --- streams that we write -------------------------------------------------------------------------------------------

void stream_service::send(const amp::request_received& request) {
  const auto size_text = request.arguments.find("size"), pattern = request.arguments.find("pattern"),
             end = request.arguments.find("end");
  if (!size_text || !pattern || !end || !ending_of(*end)) return session_->fail_unknown(request.id);
  const auto digits = amp::parse_integer(*size_text);
  const auto size = digits ? amp::to_int64(*digits) : amp::to_int64("-1");
  const bool is_makeable = size && *size >= 0 && *size <= most_octets && (*size == 0 || !pattern->empty());
  if (!is_makeable || writings_.size() == most_writings) return session_->fail_unknown(request.id);
  begin({nullptr, request.id, 0}, {std::string(*pattern), static_cast<std::uint64_t>(*size), 1, std::string(*end)});
}

void stream_service::write(std::uint64_t number, const stream_order& order) {
  if (!ending_of(order.end) || (order.size > 0 && order.pattern.empty())) {
    call_end end;
    end.number = number;
    end.how = "refused";
    end.text = "no such stream can be written";
    return ended_.push_back(std::move(end));
  }
  begin({nullptr, 0, number}, order);
}

void stream_service::begin(writing made, const stream_order& order) {
  made.writer =
      std::make_unique<amp::stream_writer>(*session_, repeated(order.pattern, order.size),
                                           amp::stream_writing{order.window, amp::max_value, *ending_of(order.end)});
  writings_.push_back(std::move(made));
  settle();
}

bool stream_service::handle(const amp::event& event) {
  for (auto& each : writings_) {
    if (!each.writer->handle(event)) continue;
    settle();
    return true;
  }
  return false;
}

/// Tells of writers that have ended, and lets go those that nothing more can come for.
void stream_service::settle() {
  using how = amp::stream_written::how;
  for (auto& each : writings_) {
    const auto& written = each.writer->ended();
    if (!written || (each.request == 0 && each.number == 0)) continue;
    amp::box values;
    if (written->what == how::done) {
      values.add("streamId", written->id);
      values.add("count", std::to_string(written->count));
    }
    if (each.request != 0) {
      if (written->what == how::done) {
        session_->answer(each.request, values);
      } else {
        session_->fail(each.request, code_failed, written->code);
      }
      each.request = 0;
      continue;
    }
    call_end end;
    end.number = std::exchange(each.number, 0);
    if (written->what == how::done) {
      end.how = "answer";
      for (const auto& [key, value] : values) end.box.emplace_back(key, value);
    } else if (written->what == how::lost) {
      end.how = "lost";
    } else if (written->what == how::refused) {
      end.how = "refused";
    } else {
      end.how = "error";
      const bool declared = written->code == amp::code_stream_unknown || written->code == amp::code_stream_limit;
      end.kind = written->what == how::undecodable      ? "undecodable"
                 : declared                             ? "declared"
                 : written->code == amp::code_unhandled ? "unhandled"
                                                        : "unknown";
      if (written->what == how::failed) {
        end.code = written->code;
        end.description = written->description;
      }
    }
    ended_.push_back(std::move(end));
  }
  writings_.remove_if([](const writing& each) { return each.writer->idle(); });
}

std::optional<call_end> stream_service::next_end() {
  if (ended_.empty()) return std::nullopt;
  auto first = std::move(ended_.front());
  ended_.pop_front();
  return first;
}

}  // namespace ampspec::behaviour
