// Waits on four ports at once.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/https_side.hpp"

#include "runner/subjects/tls.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <poll.h>

namespace ampspec::runner {

namespace {
using clock = std::chrono::steady_clock;
}

https_side::https_side()
    : trusted_(std::make_shared<const peer::tls_identity>()),
      untrusted_(std::make_shared<const peer::tls_identity>()) {}

std::vector<std::pair<std::string, std::string>> https_side::origins() const {
  const auto at = [](const char* scheme, const loopback_listener& listener) {
    return scheme + std::to_string(listener.port());
  };
  return {{"main", at("https://127.0.0.1:", main_)},
          {"other", at("https://127.0.0.1:", other_)},
          {"untrusted", at("https://127.0.0.1:", untrusted_port_)},
          {"plain", at("http://127.0.0.1:", plain_)}};
}

conformance::client_subject::accepted_http https_side::accept(millis deadline) {
  const auto until = clock::now() + deadline;
  const std::array listeners{&main_, &other_, &untrusted_port_, &plain_};
  std::array<pollfd, 4> watched{};
  for (std::size_t i = 0; i < watched.size(); ++i) watched[i] = {listeners[i]->fd(), POLLIN, 0};
  while (true) {
    const auto left = std::chrono::ceil<millis>(until - clock::now()).count();
    const int shown =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    for (std::size_t i = 0; shown > 0 && i < watched.size(); ++i) {
      if ((watched[i].revents & POLLIN) == 0) continue;
      auto socket = listeners[i]->accept(millis(0));
      if (!socket) continue;
      const auto name = origins()[i].first;
      auto link = with_tls(adopt_socket(std::move(socket)), name == "untrusted" ? untrusted_ : trusted_);
      // A client that does not go through with it has sent nothing: the connection ends, or stays silent.
      if (name != "plain") link->start_tls({}, std::max(std::chrono::ceil<millis>(until - clock::now()), millis(500)));
      return {std::move(link), name};
    }
    if (clock::now() >= until) return {};
  }
}

}  // namespace ampspec::runner
