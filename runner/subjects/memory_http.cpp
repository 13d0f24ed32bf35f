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

std::unique_ptr<conformance::connection> connection_with(std::shared_ptr<behaviour::conversation> side) {
  return std::make_unique<memory_end>(std::move(side));
}

}  // namespace ampspec::runner
