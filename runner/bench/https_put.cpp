// One HTTPS PUT with a one-time token, on a connection of its own, that never blocks.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/https_put.hpp"

#include "runner/subjects/tcp.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>

namespace ampspec::runner::bench {

namespace {

constexpr std::size_t most_at_a_time = 64u << 10;  ///< octets that one `ready` encrypts
constexpr std::size_t longest_answer = 64u << 10;

struct place {
  tcp_address address;
  std::string host, path;
};

place place_of(const std::string& url) {
  constexpr std::string_view scheme = "https://";
  const auto slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || slash == url.npos)
    throw broken("BulkOpen answered the url " + url + ", which is not https://");
  const auto host = url.substr(scheme.size(), slash - scheme.size());
  const auto address = parse_tcp_uri("tcp://" + host);
  if (!address) throw broken("BulkOpen answered the url " + url + ", which names no ADDRESS:PORT");
  return {*address, host, url.substr(slash)};
}

/// Made once, since that takes as long as many small calls.
SSL_CTX* client_context() {
  static const auto context = [] {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> made(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    return made;
  }();
  return context.get();
}

std::string last_error() {
  char text[256];
  const auto code = ERR_get_error();
  if (code == 0) return errno != 0 ? std::generic_category().message(errno) : "it closed the connection";
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

}  // namespace

https_put::https_put(const std::string& url, const std::string& token, const payload& value) : value_(value) {
  const auto where = place_of(url);
  std::string why;
  socket_ = try_connect(where.address, std::chrono::seconds(5), &why);
  if (!socket_) throw broken("no connection with " + url + ": " + why);
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
  ssl_.reset(SSL_new(client_context()));
  SSL_set_fd(ssl_.get(), socket_.get());
  SSL_set_connect_state(ssl_.get());
  head_ = "PUT " + where.path + " HTTP/1.1\r\nHost: " + where.host + "\r\nAuthorization: Bearer " + token +
          "\r\nContent-Length: " + std::to_string(value.size()) + "\r\nConnection: close\r\n\r\n";
}

pollfd https_put::watched() const { return {socket_.get(), waits_for_, 0}; }

bool https_put::progress(int result) {
  if (result > 0) return true;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      waits_for_ = POLLIN;
      return false;
    case SSL_ERROR_WANT_WRITE:
      waits_for_ = POLLOUT;
      return false;
    default:
      throw broken("the HTTPS server broke off: " + last_error());
  }
}

void https_put::ready() {
  const auto before = sent_;
  errno = 0;
  ERR_clear_error();
  while (!done_ && sent_ - before < most_at_a_time && step()) {
  }
  // More could be written at once; the caller looks at the socket and comes back.
  if (stage_ == stage::body && sent_ - before >= most_at_a_time) waits_for_ = POLLOUT;
}

/// False if the socket must be waited for.
bool https_put::step() {
  switch (stage_) {
    case stage::handshake:
      return shake_hands();
    case stage::head:
      return send_head();
    case stage::body:
      return send_body();
    case stage::answer:
      return read_answer();
  }
  return false;
}

bool https_put::shake_hands() {
  if (!progress(SSL_do_handshake(ssl_.get()))) return false;
  stage_ = stage::head;
  return true;
}

bool https_put::send_head() {
  const auto put = SSL_write(ssl_.get(), head_.data() + head_sent_, static_cast<int>(head_.size() - head_sent_));
  if (!progress(put)) return false;
  head_sent_ += static_cast<std::size_t>(put);
  if (head_sent_ == head_.size()) stage_ = stage::body;
  return true;
}

bool https_put::send_body() {
  const auto run = value_.at(sent_, 16u << 10);  // one record
  if (run.empty()) {
    stage_ = stage::answer;
    return true;
  }
  const auto put = SSL_write(ssl_.get(), run.data(), static_cast<int>(run.size()));
  if (!progress(put)) return false;
  sent_ += static_cast<std::uint64_t>(put);
  return true;
}

bool https_put::read_answer() {
  char piece[4096];
  const auto got = SSL_read(ssl_.get(), piece, sizeof piece);
  if (!progress(got)) return false;
  answer_.append(piece, static_cast<std::size_t>(got));
  if (answer_.size() > longest_answer) throw broken("the HTTPS server answers without an end");
  const auto line = answer_.find("\r\n");
  if (answer_.find("\r\n\r\n") == answer_.npos) return true;
  // `HTTP/1.1 201 Created`
  const auto space = answer_.find(' ');
  if (!answer_.starts_with("HTTP/1.") || space > line || answer_[space + 1] != '2') {
    throw broken("the HTTPS server answered: " + answer_.substr(0, line));
  }
  done_ = true;
  return true;
}

}  // namespace ampspec::runner::bench
