// HTTP by Beast's parser, octet by octet; one of two sources of the project that know Beast.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/http_conversation.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace ampspec::peer {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t largest_head = 16 * 1024;
constexpr std::size_t body_piece = 64 * 1024;

}  // namespace

struct http_conversation::parser {
  http::request_parser<http::buffer_body> http;
  std::string in;  ///< not parsed yet: at most an unfinished head or chunk head
  bool begun = false;
};

http_conversation::http_conversation(std::unique_ptr<bulk::http_exchange> exchange, bool secure)
    : exchange_(std::move(exchange)), parser_(std::make_unique<parser>()), secure_(secure), told_apart_(secure) {
  parser_->http.header_limit(largest_head);
  parser_->http.body_limit(boost::none);  // the exchange bounds what it takes
}

http_conversation::~http_conversation() = default;

void http_conversation::receive(std::string_view bytes) {
  if (!told_apart_) {
    held_ += bytes;
    if (held_.empty()) return;
    told_apart_ = true;
    constexpr char handshake = 0x16;  // the content type of the first TLS record
    if (held_.front() == handshake) {
      wants_tls_ = true;
      return;
    }
    return parse(std::exchange(held_, {}));
  }
  if (wants_tls_) {  // not begun yet
    held_ += bytes;
    return;
  }
  parse(bytes);
}

std::string http_conversation::begin_tls() {
  wants_tls_ = false;
  secure_ = true;
  return std::exchange(held_, {});
}

void http_conversation::parse(std::string_view bytes) {
  if (over_) return;  // what is still sent of a refused body
  auto& p = *parser_;
  p.in += bytes;
  std::array<char, 16 * 1024> piece{};
  while (!over_) {
    if (p.begun && p.http.is_done()) return body_complete();
    auto& body = p.http.get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    error_code failed;
    const auto used = p.http.put(asio::buffer(p.in), failed);
    p.in.erase(0, used);
    if (failed == http::error::need_more) failed = {};
    if (failed == http::error::need_buffer) failed = {};
    if (failed) return refuse(400);
    if (!p.begun && p.http.is_header_done()) {
      p.begun = true;
      begin();
    }
    const auto size = piece.size() - body.size;
    if (p.begun && !over_ && size > 0 && body.data != piece.data()) deliver({piece.data(), size});
    if (p.begun && !over_ && p.http.is_done()) return body_complete();
    if (used == 0) return;
    if (p.in.empty()) return;
  }
}

void http_conversation::begin() {
  const auto& message = parser_->http.get();
  bulk::request_head head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  for (const auto& field : message) head.headers.emplace_back(field.name_string(), field.value());
  if (const auto length = parser_->http.content_length()) head.length = *length;
  head.chunked = parser_->http.chunked();
  head.secure = secure_;
  auto begun = exchange_->begin(head);
  if (begun.say_continue) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (begun.answer) answer(std::move(*begun.answer));
}

void http_conversation::deliver(std::string_view piece) {
  if (auto early = exchange_->take(piece)) answer(std::move(*early));
}

void http_conversation::body_complete() {
  if (!over_) answer(exchange_->finish());
}

void http_conversation::refuse(int status) {
  abort();
  answered_ = false;
  bulk::response bad;
  bad.status = status;
  bad.headers = {{"Cache-Control", "no-store"}};
  answer(std::move(bad));
}

void http_conversation::answer(bulk::response made) {
  over_ = answered_ = true;
  const auto status = static_cast<unsigned>(made.status);
  out_ += "HTTP/1.1 " + std::to_string(status) + " " + std::string(http::obsolete_reason(http::int_to_status(status)));
  out_ += "\r\n";
  for (const auto& [name, value] : made.headers) out_ += name + ": " + value + "\r\n";
  const bool bodiless = status == 204;
  if (made.tells_length && !bodiless) {
    out_ += "Content-Length: " + std::to_string(made.body.size + made.missing) + "\r\n";
  }
  out_ += "Connection: close\r\n\r\n";
  if (!made.omits_body && !bodiless) body_ = std::move(made.body);
  refill();
}

void http_conversation::refill() {
  if (body_done_ == body_.size || done_ < out_.size()) {
    if (body_done_ == body_.size || out_.size() - done_ >= body_piece) return;
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_piece, body_.size - body_done_));
  const auto at = out_.size();
  out_.resize(at + size);
  body_.read(body_done_, std::span(out_.data() + at, size));
  body_done_ += size;
}

std::string_view http_conversation::output() const { return std::string_view(out_).substr(done_); }

void http_conversation::sent(std::size_t count) {
  done_ += count;
  if (done_ < out_.size()) return;
  out_.clear();
  done_ = 0;
  refill();
}

bool http_conversation::wants_close() const { return answered_ && done_ == out_.size() && body_done_ == body_.size; }

void http_conversation::abort() {
  if (!std::exchange(over_, true) && parser_->begun) exchange_->aborted();
}

void http_conversation::peer_finished() {
  if (!answered_) abort();
  answered_ = true;
}

void http_conversation::lost() { abort(); }

}  // namespace ampspec::peer
