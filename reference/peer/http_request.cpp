// Responses by Beast's parser; one of two sources of the project that know Beast.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/http_request.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ampspec::peer {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::uint32_t largest_head = 64 * 1024;
constexpr std::size_t body_piece = 64 * 1024;

}  // namespace

struct http_request::parser {
  http::response_parser<http::buffer_body> http;
  std::string in;
  std::unique_ptr<bulk::hasher> hash;
  std::uint64_t size = 0;

  /// False if what came is no HTTP.
  bool take(std::string_view bytes) {
    in += bytes;
    std::array<char, 16 * 1024> piece{};
    for (;;) {
      auto& body = http.get().body();
      body.data = piece.data();
      body.size = piece.size();
      body.more = true;
      error_code failed;
      const auto used = http.put(asio::buffer(in), failed);
      in.erase(0, used);
      if (failed && failed != http::error::need_more && failed != http::error::need_buffer) return false;
      const auto got = piece.size() - body.size;
      if (http.is_header_done() && got > 0 && body.data != piece.data()) {
        hash->update({piece.data(), got});
        size += got;
      }
      if (http.is_done() || used == 0 || in.empty()) return true;
    }
  }
};

http_request::http_request(bulk::client_request wanted, bulk::octet_source body, const bulk::hasher_maker& hash)
    : wanted_(std::move(wanted)),
      body_(std::move(body)),
      parser_(std::make_unique<parser>()),
      wants_tls_(wanted_.where.secure) {
  parser_->http.header_limit(largest_head);
  parser_->http.body_limit(boost::none);
  parser_->hash = hash();
  out_ = wanted_.method + " " + wanted_.where.target + " HTTP/1.1\r\nHost: " + wanted_.where.authority() + "\r\n";
  for (const auto& [name, value] : wanted_.headers) out_ += name + ": " + value + "\r\n";
  if (wanted_.method == "PUT") out_ += "Content-Length: " + std::to_string(body_.size) + "\r\n";
  out_ += "Connection: close\r\n\r\n";
}

http_request::~http_request() = default;

std::string http_request::begin_tls() {
  wants_tls_ = false;
  return {};
}

void http_request::receive(std::string_view bytes) {
  if (over_) return;
  if (!parser_->take(bytes) || parser_->http.is_done()) over_ = true;
}

void http_request::peer_finished() {
  error_code ignored;
  if (!over_ && parser_->http.got_some()) parser_->http.put_eof(ignored);
  over_ = true;
}

std::string_view http_request::output() const {
  if (wants_tls_ || over_) return {};
  return std::string_view(out_).substr(done_);
}

void http_request::sent(std::size_t count) {
  done_ += count;
  if (done_ == out_.size()) refill();
}

void http_request::refill() {
  out_.clear();
  done_ = 0;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_piece, body_.size - body_done_));
  if (size == 0) return;
  out_.resize(size);
  body_.read(body_done_, std::span(out_.data(), size));
  body_done_ += size;
}

http_outcome http_request::outcome() const {
  http_outcome made;
  if (!parser_->http.is_header_done()) return made;
  const auto& message = parser_->http.get();
  made.status = static_cast<int>(message.result_int());
  for (const auto& field : message) made.headers.emplace_back(field.name_string(), field.value());
  made.complete = parser_->http.is_done();
  made.size = parser_->size;
  made.sha256 = parser_->hash->finish();
  return made;
}

}  // namespace ampspec::peer
