// TCP with plain sockets: every wait has an end, and what the peer has read can be seen.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/tcp.hpp"

#include "runner/subjects/tls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>

namespace ampspec::runner {

namespace {

using clock = std::chrono::steady_clock;
using conformance::arrival;
using conformance::mishap;

/// What a peer may send unread while we write; beyond it we stop reading, so that a flood costs us no memory.
constexpr std::size_t most_kept = 16u << 20;

int millis_until(clock::time_point until) {
  const auto left = std::chrono::ceil<millis>(until - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

/// Waits for `events`; what happened, 0 if nothing did in time.
short wait_for(int fd, short events, clock::time_point until) {
  while (true) {
    pollfd watched{fd, events, 0};
    const int shown = ::poll(&watched, 1, millis_until(until));
    if (shown > 0) return watched.revents;
    if (shown == 0 || errno != EINTR) return 0;
  }
}

struct endpoint {
  sockaddr_storage address{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address); }
};

/// Fills one side of the lookup. A peer that listens on `::` is found by its IPv4 addresses too.
void put(const endpoint& from, __be16& port, __be32 (&address)[4]) {
  if (from.address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from.address);
    port = v4.sin_port;
    address[0] = v4.sin_addr.s_addr;
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from.address);
    port = v6.sin6_port;
    std::memcpy(address, &v6.sin6_addr, sizeof address);
  }
}

/// Octets that the kernel holds for the peer's socket and that the peer has not read; nothing if its socket can't be
/// seen.
std::optional<std::uint32_t> unread_by_peer(const endpoint& ours, const endpoint& peers) {
  thread_local const unique_fd netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  thread_local std::uint32_t sequence = 0;
  if (!netlink) return std::nullopt;
  struct {
    nlmsghdr head;
    inet_diag_req_v2 body;
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  request.head.nlmsg_seq = ++sequence;
  request.body.sdiag_family = static_cast<std::uint8_t>(peers.address.ss_family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = ~0U;
  put(peers, request.body.id.idiag_sport, request.body.id.idiag_src);
  put(ours, request.body.id.idiag_dport, request.body.id.idiag_dst);
  request.body.id.idiag_cookie[0] = request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (::send(netlink.get(), &request, sizeof request, 0) != sizeof request) return std::nullopt;
  alignas(nlmsghdr) char answer[4096];
  while (wait_for(netlink.get(), POLLIN, clock::now() + millis(50)) != 0) {
    const auto got = ::recv(netlink.get(), answer, sizeof answer, 0);
    const auto* head = reinterpret_cast<const nlmsghdr*>(answer);
    if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
    if (head->nlmsg_seq != sequence) continue;
    if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
    return static_cast<const inet_diag_msg*>(NLMSG_DATA(head))->idiag_rqueue;
  }
  return std::nullopt;
}

class tcp_connection : public conformance::connection {
 public:
  explicit tcp_connection(unique_fd socket) : socket_(std::move(socket)) {
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
    ::getsockname(socket_.get(), ours_.raw(), &ours_.size);
    ::getpeername(socket_.get(), peers_.raw(), &peers_.size);
  }

  void send(std::string_view bytes, millis deadline) override {
    auto until = clock::now() + deadline;
    while (!bytes.empty() && socket_ && !write_failed_) {
      const auto put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        until = clock::now() + deadline;
      } else if (errno == EAGAIN) {
        const bool may_read = !ended_ && kept_.size() < most_kept;
        const short seen = wait_for(socket_.get(), static_cast<short>(POLLOUT | (may_read ? POLLIN : 0)), until);
        if (seen == 0 || clock::now() >= until) {
          throw mishap(mishap::kind::timeout, "read",
                       "it has read nothing for " + std::to_string(deadline.count()) + " ms while " +
                           std::to_string(bytes.size()) + " octets waited to be sent");
        }
        if (may_read) read_available();
      } else if (errno != EINTR) {
        // The error is told once only, so it has to be kept for `receive`.
        was_reset_ = was_reset_ || errno == ECONNRESET;
        write_failed_ = true;
      }
    }
  }

  void settle() override {
    // Each look costs a few system calls: for a slow peer it comes when the last one that was waited for had read.
    thread_local clock::duration took{};
    const auto began = clock::now();
    auto pause = std::clamp<clock::duration>(took / 2, shortest_pause, longest_pause);
    while (socket_ && !write_failed_) {
      int on_the_way = 0;  // not yet sent; what is sent but not acknowledged may be read all the same
      ::ioctl(socket_.get(), SIOCOUTQNSD, &on_the_way);
      const auto unread = unread_by_peer(ours_, peers_);
      if (!unread) {
        if (!seen_) std::this_thread::sleep_for(millis(1));  // another host or kernel: a pause must do
        return;
      }
      seen_ = true;
      if (on_the_way == 0 && *unread == 0) {
        patience_ = full_patience;
        took = clock::now() - began;
        return;
      }
      if (clock::now() - began > patience_) {
        patience_ = std::max(patience_ / 4, millis(5));  // it does not read: don't wait that long at every cut
        return;
      }
      if (kept_.size() < most_kept) read_available();  // it may be waiting for us to read
      std::this_thread::sleep_for(pause);
      pause = std::min<clock::duration>(2 * pause, longest_pause);
    }
  }

  arrival receive(millis deadline) override {
    const auto until = clock::now() + deadline;
    constexpr std::size_t most_at_once = 256U << 10U;  // what is to be checked as it comes need not pile up here
    while (kept_.empty() && !ended_ && socket_) {
      read_available(most_at_once);
      if (!kept_.empty() || ended_) break;
      if (wait_for(socket_.get(), POLLIN, until) == 0) return {};
    }
    if (kept_.size() > most_at_once) {  // read while something was sent
      arrival piece{arrival::kind::octets, kept_.substr(0, most_at_once), false};
      kept_.erase(0, most_at_once);
      return piece;
    }
    if (!kept_.empty()) return {arrival::kind::octets, std::exchange(kept_, {}), false};
    return {arrival::kind::closed, {}, was_reset_};
  }

  void half_close() override {
    if (socket_) ::shutdown(socket_.get(), SHUT_WR);
  }

  void close() override {
    if (!socket_) return;
    read_available();  // closing with unread octets would be a reset
    socket_.reset();
  }

  void reset() override {
    const linger at_once{1, 0};
    if (socket_) ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
  }

 private:
  void read_available(std::size_t most = most_kept) {
    char piece[64 * 1024];
    while (!ended_ && kept_.size() < most) {
      const auto got = ::recv(socket_.get(), piece, sizeof piece, 0);
      if (got > 0) {
        kept_.append(piece, static_cast<std::size_t>(got));
        // A peer with Nagle's algorithm holds its next small write back until this one is acknowledged: a delayed
        // acknowledgement would cost 40 ms a time. The kernel forgets the option, so it is set again and again.
        const int now = 1;
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
      } else if (got < 0 && errno == EAGAIN) {
        return;
      } else if (got == 0 || errno != EINTR) {
        was_reset_ = was_reset_ || (got < 0 && errno == ECONNRESET);
        ended_ = true;
      }
    }
  }

  static constexpr millis full_patience{200};
  static constexpr std::chrono::microseconds shortest_pause{20}, longest_pause{2000};

  unique_fd socket_;
  endpoint ours_, peers_;
  std::string kept_;
  bool ended_ = false;  ///< the peer sends no more
  bool was_reset_ = false;
  bool write_failed_ = false;
  bool seen_ = false;  ///< the peer's socket can be looked at
  millis patience_ = full_patience;
};

}  // namespace

std::optional<tcp_address> parse_tcp_uri(std::string_view uri) {
  constexpr std::array<std::string_view, 4> schemes{"tcp://", "tcps://", "ws://", "wss://"};
  const auto scheme = std::find_if(schemes.begin(), schemes.end(), [&](auto s) { return uri.starts_with(s); });
  if (scheme == schemes.end()) return std::nullopt;
  uri.remove_prefix(scheme->size());
  const auto colon = uri.rfind(':');
  if (colon == uri.npos || colon == 0) return std::nullopt;
  const auto digits = uri.substr(colon + 1);
  tcp_address address;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  auto host = uri.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  address.host = host;
  return address;
}

std::unique_ptr<conformance::connection> adopt_socket(unique_fd socket) {
  return with_tls(std::make_unique<tcp_connection>(std::move(socket)));
}

unique_fd try_connect(const tcp_address& address, millis deadline, std::string* why) {
  const auto until = clock::now() + deadline;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found)) {
    *why = ::gai_strerror(error);
    return {};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    unique_fd socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    int error = 0;
    if (!socket || (::connect(socket.get(), one->ai_addr, one->ai_addrlen) != 0 && errno != EINPROGRESS)) {
      error = errno;
    } else if (wait_for(socket.get(), POLLOUT, until) == 0) {
      error = ETIMEDOUT;
    } else {
      socklen_t size = sizeof error;
      ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) return socket;
    *why = std::generic_category().message(error);
  }
  return {};
}

loopback_listener::loopback_listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (!socket_ || ::bind(socket_.get(), raw, size) != 0 || ::listen(socket_.get(), 64) != 0 ||
      ::getsockname(socket_.get(), raw, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
}

unique_fd loopback_listener::accept(millis deadline) const {
  if (wait_for(socket_.get(), POLLIN, clock::now() + deadline) == 0) return {};
  return unique_fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

std::uint16_t free_loopback_port() { return loopback_listener().port(); }

}  // namespace ampspec::runner
