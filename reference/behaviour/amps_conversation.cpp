// Shows the pieces of the stream's output one after the other.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amps_conversation.hpp"

#include <array>

namespace ampspec::behaviour {

std::string_view amps_conversation::output() const {
  std::array<std::string_view, 1> first;
  return stream_.pieces(first) == 0 ? std::string_view() : first[0];
}

void amps_conversation::sent(std::size_t count) {
  stream_.sent(count);
  stream_.resume();
}

}  // namespace ampspec::behaviour
