// One HTTPS PUT with a one-time token, on a connection of its own, that never blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/mover.hpp"
#include "runner/subjects/fd.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <poll.h>
#include <string>
#include <string_view>

namespace ampspec::runner::bench {

/// Order of calls: whenever `watched` is ready, `ready`, until `done`. Functions throw broken. The certificate is not
/// verified: what is measured is a server that this program has started, reached over loopback.
class https_put {
 public:
  /// Connects to the host of `url` (`https://ADDRESS:PORT/PATH`, an address of this machine). `value` outlives it.
  https_put(const std::string& url, const std::string& token, const payload& value);
  https_put(const https_put&) = delete;
  https_put& operator=(const https_put&) = delete;

  pollfd watched() const;
  /// Does what can be done at once, and no more than a part of it, so that other work gets its turn.
  void ready();
  /// The server has answered 2xx.
  bool done() const { return done_; }
  std::uint64_t octets_moved() const { return sent_; }

 private:
  enum class stage { handshake, head, body, answer };

  bool step();
  bool shake_hands();
  bool send_head();
  bool send_body();
  bool read_answer();
  /// True if `result` of an OpenSSL call shows progress; false if the socket must be waited for.
  bool progress(int result);

  struct free_ssl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  const payload& value_;
  unique_fd socket_;
  std::unique_ptr<SSL, free_ssl> ssl_;
  std::string head_, answer_;
  std::size_t head_sent_ = 0;
  std::uint64_t sent_ = 0;
  stage stage_ = stage::handshake;
  short waits_for_ = POLLOUT;
  bool done_ = false;
};

}  // namespace ampspec::runner::bench
