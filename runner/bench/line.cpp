// One AMP connection of a measurement: calls go out, their ends come in, and nothing blocks.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/line.hpp"

#include "reference/amp/box_encoder.hpp"

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace ampspec::runner::bench {

namespace {

constexpr std::size_t most_at_a_time = 256u << 10;  ///< octets that one `write` or `read` moves
constexpr std::size_t read_size = 64u << 10;

}  // namespace

void reply::must_be_answer() const {
  if (!answered) throw broken("a call failed with " + std::string(code) + ": " + std::string(description));
}

std::string_view reply::value(std::string_view key) const {
  must_be_answer();
  if (const auto found = values.find(key)) return *found;
  throw broken("an answer has no value " + std::string(key));
}

line::line(unique_fd socket) : socket_(std::move(socket)), in_(read_size) {
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
}

void line::call(std::string_view command, amp::box_view arguments, ended then) {
  const auto tag = next_tag();
  std::vector<amp::pair_view> pairs{{"_ask", tag}, {"_command", command}};
  pairs.insert(pairs.end(), arguments.begin(), arguments.end());
  std::string octets;
  if (const auto failure = amp::encode(pairs, octets))
    throw broken("a request can't be sent: " + failure->code.message());
  waiting_.emplace_back(std::move(octets));
  pending_.emplace(tag, std::move(then));
  ++last_tag_;
}

void line::call(supply octets, ended then) {
  waiting_.emplace_back(std::move(octets));
  pending_.emplace(next_tag(), std::move(then));
  ++last_tag_;
}

/// Puts the next octets into `now_`, if there are any.
void line::refill() {
  while (now_.empty() && !waiting_.empty()) {
    if (auto* more = std::get_if<supply>(&waiting_.front())) {
      now_ = (*more)();
      if (now_.empty()) waiting_.pop_front();
    } else {
      now_ = std::get<std::string>(waiting_.front());
    }
  }
}

void line::write() {
  std::size_t written = 0;
  for (refill(); !now_.empty() && written < most_at_a_time; refill()) {
    const auto put = ::send(socket_.get(), now_.data(), now_.size(), MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      throw broken("the connection ended: " + std::generic_category().message(errno));
    }
    written += static_cast<std::size_t>(put);
    moved_ += static_cast<std::uint64_t>(put);
    now_.remove_prefix(static_cast<std::size_t>(put));
    if (now_.empty() && std::holds_alternative<std::string>(waiting_.front())) waiting_.pop_front();
  }
}

void line::read() {
  for (std::size_t taken = 0; taken < most_at_a_time;) {
    const auto got = ::recv(socket_.get(), in_.data(), in_.size(), 0);
    if (got < 0) {
      if (errno == EAGAIN || errno == EINTR) return;
      throw broken("the connection ended: " + std::generic_category().message(errno));
    }
    if (got == 0) throw broken("the target closed the connection");
    taken += static_cast<std::size_t>(got);
    moved_ += static_cast<std::uint64_t>(got);
    decoder_.feed(std::string_view(in_.data(), static_cast<std::size_t>(got)));
    while (const auto box = decoder_.next()) take(*box);
    if (decoder_.error()) throw broken("the target's octets are no boxes: " + decoder_.error()->code.message());
    if (static_cast<std::size_t>(got) < in_.size()) return;
  }
}

void line::take(amp::box_view box) {
  reply end;
  auto tag = box.find("_answer");
  end.answered = tag.has_value();
  if (!tag) tag = box.find("_error");
  const auto call = tag ? pending_.find(std::string(*tag)) : pending_.end();
  if (call == pending_.end()) throw broken("the target sent a box that answers no call");
  end.values = box;
  end.code = box.find("_error_code").value_or("");
  end.description = box.find("_error_description").value_or("");
  const auto then = std::move(call->second);
  pending_.erase(call);
  then(end);
}

}  // namespace ampspec::runner::bench
