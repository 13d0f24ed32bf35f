// Moves octets between a conversation and whoever plays its peer.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/memory_http.hpp"

#include <utility>

namespace ampspec::runner {

namespace {

using conformance::arrival;
using conformance::millis;

class memory_end final : public conformance::connection {
 public:
  explicit memory_end(std::shared_ptr<behaviour::conversation> side) : side_(std::move(side)) {}
  ~memory_end() override { end(); }
  memory_end(const memory_end&) = delete;
  memory_end& operator=(const memory_end&) = delete;

  void send(std::string_view bytes, millis) override {
    if (ended_ || finished_) return;
    side_->receive(bytes);
    close_if_wanted();
  }
  void settle() override {}
  /// A piece at a time, so that a large body is never held as a whole.
  arrival receive(millis) override {
    if (!ended_ && !side_->output().empty()) {
      std::string piece(side_->output());
      side_->sent(piece.size());
      close_if_wanted();
      return {arrival::kind::octets, std::move(piece), false};
    }
    return {ended_ ? arrival::kind::closed : arrival::kind::nothing, {}, false};
  }
  void half_close() override {
    if (ended_ || std::exchange(finished_, true)) return;
    side_->peer_finished();
    close_if_wanted();
  }
  void close() override { end(); }
  void reset() override { end(); }

 private:
  void close_if_wanted() {
    if (!ended_ && side_->output().empty() && side_->wants_close()) end();
  }
  void end() {
    if (!std::exchange(ended_, true)) side_->lost();
  }

  std::shared_ptr<behaviour::conversation> side_;
  bool ended_ = false, finished_ = false;
};

}  // namespace

bulk::octet_source source_of(const vectors::octets& bytes) {
  return {bytes.size(), [bytes](std::uint64_t at, std::span<char> out) { bytes.read(at, out); }};
}

behaviour::plain_box memory_transfers::start(std::uint64_t number, bool upload, const std::string& resource,
                                             const vectors::octets& body) {
  const auto way = upload ? bulk::direction::upload : bulk::direction::download;
  const auto [made, fresh] =
      transfers_.try_emplace(number, number, own_->transfer(way), way, resource, source_of(body));
  return made->second.arguments();
}

bool memory_transfers::take(const behaviour::call_end& end) {
  const auto found = transfers_.find(end.number);
  if (found == transfers_.end()) return false;
  found->second.opened(end);
  return true;
}

std::optional<behaviour::call_end> memory_transfers::next_end() {
  for (auto& [number, transfer] : transfers_) {
    transfer.look();
    if (auto end = transfer.next_end()) return end;
  }
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> memory_transfers::origins() {
  return {{"main", "https://127.0.0.1:1001"},
          {"other", "https://127.0.0.1:1002"},
          {"untrusted", "https://127.0.0.1:1003"},
          {"plain", "http://127.0.0.1:1004"}};
}

conformance::client_subject::accepted_http memory_transfers::accept() {
  for (auto& [number, transfer] : transfers_) {
    transfer.look();
    const auto request = transfer.next_request();
    if (!request) continue;
    const auto& where = request->wanted().where;
    const auto origin = (where.secure ? "https://" : "http://") + where.authority();
    for (const auto& [name, known] : origins()) {
      if (known != origin) continue;
      if (name == "untrusted" && request->wanted().verify) break;
      if (where.secure) request->begin_tls();
      return {connection_with(request), name};
    }
    transfer.not_connected("nobody trustworthy is at " + origin);
  }
  return {};
}

std::unique_ptr<conformance::connection> connection_with(std::shared_ptr<behaviour::conversation> side) {
  return std::make_unique<memory_end>(std::move(side));
}

}  // namespace ampspec::runner
