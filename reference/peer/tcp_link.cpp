// The socket loop: writes are tried at once and wait only when the kernel is full.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/tcp_link.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include <charconv>
#include <chrono>
#include <utility>

namespace ampspec::peer {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr std::size_t first_read = 4096, largest_read = 65536;
constexpr std::size_t protected_at_once = 65536;
/// How long octets that nobody wants any more are read away after our FIN, so that they do not turn it into a reset
/// that eats the last answers on their way to the peer.
constexpr std::chrono::milliseconds linger_time{1000};
}  // namespace

std::optional<tcp::endpoint> endpoint_of(std::string_view uri, std::string& why) {
  constexpr std::string_view scheme = "tcp://";
  const auto usage = "'" + std::string(uri) + "' is not tcp://ADDRESS:PORT";
  const auto colon = uri.rfind(':');
  if (!uri.starts_with(scheme) || colon < scheme.size()) {
    why = usage;
    return std::nullopt;
  }
  auto host = std::string(uri.substr(scheme.size(), colon - scheme.size()));
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto port_text = uri.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, bad] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  if (failed || bad != std::errc{} || end != port_text.data() + port_text.size()) {
    why = usage + " (ADDRESS is numeric or localhost)";
    return std::nullopt;
  }
  return tcp::endpoint(address, port);
}

std::string uri_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return "tcp://" + (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

tcp_link::tcp_link(tcp::socket socket, std::shared_ptr<behaviour::conversation> talk, tls_side tls,
                   std::function<void()> progressed)
    : socket_(std::move(socket)),
      talk_(std::move(talk)),
      tls_side_(tls),
      progressed_(std::move(progressed)),
      patience_(socket_.get_executor()),
      in_(first_read) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}

void tcp_link::read_more() {
  if (reading_ || stage_ == stage::ended) return;
  reading_ = true;
  if (peer_finished_) {  // nothing more comes; but the end of the whole connection must be seen
    socket_.async_wait(tcp::socket::wait_error, [self = shared_from_this()](const error_code&) { self->end(); });
    return;
  }
  if (read_was_full_ && in_.size() < largest_read) in_.resize(in_.size() * 4);
  socket_.async_read_some(asio::buffer(in_), [self = shared_from_this()](const error_code& failed, std::size_t count) {
    self->reading_ = false;
    self->have_read(failed, count);
  });
}

void tcp_link::have_read(const error_code& failed, std::size_t count) {
  if (stage_ == stage::ended) return;
  if (failed == asio::error::eof) {
    peer_finished_ = true;
    if (tls_) tls_->finish();
    if (stage_ == stage::talking && !tls_ && !std::exchange(told_finished_, true)) talk_->peer_finished();
  } else if (failed) {
    return end();
  } else if (stage_ == stage::talking) {
    if (tls_) {
      tls_->receive({in_.data(), count});
    } else {
      talk_->receive({in_.data(), count});
    }
    read_was_full_ = count == in_.size();
  }
  step();
  if (progressed_) progressed_();
}

/// False if the connection ended over it.
bool tcp_link::write_out() {
  while (!waiting_to_write_) {
    if (tls_ && tls_->established() && !tls_->failed() && tls_->output().empty() && !talk_->output().empty()) {
      const auto piece = talk_->output().substr(0, protected_at_once);
      tls_->send(piece);
      talk_->sent(piece.size());
    }
    error_code failed;
    const auto out = tls_ ? tls_->output() : talk_->output();
    if (out.empty()) break;
    const auto count = socket_.write_some(asio::buffer(out.data(), out.size()), failed);
    if (failed == asio::error::would_block || failed == asio::error::try_again) {
      waiting_to_write_ = true;
      socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code&) {
        self->waiting_to_write_ = false;
        self->step();
        if (self->progressed_) self->progressed_();
      });
    } else if (failed) {
      end();
      return false;
    } else {
      if (tls_) {
        tls_->sent(count);
      } else {
        talk_->sent(count);
      }
    }
  }
  return true;
}

void tcp_link::begin_tls() {
  if (const auto client = talk_->is_tls_client()) tls_side_ = *client ? tls_side::client : tls_side::server;
  tls_ = std::make_unique<tls_engine>(tls_side_, false, identity_, talk_->trusted());
  tls_->receive(talk_->begin_tls());
  if (peer_finished_) tls_->finish();
}

/// Hands over what is inside, record by record. True if there was any.
bool tcp_link::deliver_plain() {
  bool any = false;
  while (talk_->wants_input()) {
    auto piece = tls_->next_plain();
    if (!piece) break;
    plain_ = *std::move(piece);
    talk_->receive(plain_);
    any = true;
  }
  if (tls_->peer_closed() && !std::exchange(told_finished_, true)) {
    talk_->peer_finished();
    any = true;
  }
  return any;
}

/// True if nothing of ours is still on its way into the socket; inside TLS our farewell too.
bool tcp_link::said_all() {
  if (!talk_->output().empty()) return false;
  if (!tls_) return true;
  tls_->close();
  return tls_->said_farewell() && tls_->output().empty();
}

void tcp_link::step() {
  if (stage_ == stage::talking) {
    bool again = true;
    while (again) {
      if (!write_out()) return;
      again = tls_ && !waiting_to_write_ && deliver_plain();
      if (!tls_ && talk_->wants_tls() && talk_->output().empty()) {
        begin_tls();
        again = true;
      }
    }
    if (tls_ && tls_->failed()) {
      if (tls_->output().empty()) linger();
      return;
    }
    const bool closing = talk_->wants_close();
    if (closing && !said_all() && !write_out()) return;
    if (closing && said_all()) return linger();
    const bool shaking_hands = tls_ && !tls_->established();
    if (shaking_hands || (!closing && talk_->wants_input())) read_more();
  } else if (stage_ == stage::lingering) {
    if (peer_finished_) return end();
    read_more();
  }
}

void tcp_link::linger() {
  stage_ = stage::lingering;
  error_code failed;
  socket_.shutdown(tcp::socket::shutdown_send, failed);
  tell_lost();
  if (failed || peer_finished_) return end();
  patience_.expires_after(linger_time);
  patience_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->end();
  });
  step();
}

void tcp_link::close() {
  if (stage_ == stage::talking && write_out()) linger();
}

void tcp_link::end() {
  if (stage_ == stage::ended) return;
  stage_ = stage::ended;
  error_code ignored;
  socket_.close(ignored);
  patience_.cancel();
  tell_lost();
}

void tcp_link::tell_lost() {
  if (std::exchange(told_lost_, true)) return;
  talk_->lost();
  if (progressed_) progressed_();
}

}  // namespace ampspec::peer
