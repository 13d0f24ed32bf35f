// Shows the output of the stream: small pieces together, large ones as they are.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amps_conversation.hpp"

#include <array>

namespace ampspec::behaviour {

namespace {
/// Messages are small mostly: each for itself would cost a system call, and the other end a wake-up.
constexpr std::size_t joined_up_to = 65536, large_piece = 16384;
}  // namespace

std::string_view amps_conversation::output() const {
  std::array<std::string_view, 256> pieces;
  if (!joined_.empty()) {
    // What was shown stays, unless the broker has dropped it meanwhile.
    return stream_.pieces(std::span(pieces).first(1)) == 0 ? std::string_view() : joined_;
  }
  const auto count = stream_.pieces(pieces);
  if (count == 0) return {};
  if (count == 1 || pieces[0].size() >= large_piece) return pieces[0];
  for (std::size_t i = 0; i < count && pieces[i].size() < large_piece; ++i) {
    if (joined_.size() + pieces[i].size() > joined_up_to) break;
    joined_ += pieces[i];
  }
  return joined_;
}

void amps_conversation::sent(std::size_t count) {
  joined_.clear();
  stream_.sent(count);
  stream_.resume();
}

}  // namespace ampspec::behaviour
