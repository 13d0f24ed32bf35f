// What a play of some cases showed to be wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ampspec::runner::fuzzing {

struct difference {
  /// Closed words, `expected/got`, such as `close(key-too-long)/open`, `answer(Sum)/close` or `alive/crash:SIGSEGV`:
  /// what differs likewise has the same one, whatever the octets.
  std::string signature;
  std::string expected, got;  ///< a sentence each
  std::string clause;         ///< which it breaks, as far as that can be told
  bool by_waiting = false;    ///< seen by nothing happening in time, so it is believed only if it is seen again
  bool ended = false;         ///< the process is gone
};

/// What became of one connection, or one operation of a codec.
struct played {
  std::size_t cases = 0;  ///< so many of those given were used up
  std::optional<difference> wrong;
  std::vector<std::string> before;  ///< the process had gone already: the cases played before these are to blame
};

}  // namespace ampspec::runner::fuzzing
