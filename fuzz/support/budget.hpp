// What the code under test costs, counted and not timed: octets of the heap that are in use, and work done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ampspec::fuzz {

/// Octets that `new` has given and that were not given back; only differences mean something, since blocks from before
/// the count began may be among those given back.
std::uint64_t live_octets();

/// The most octets that were live since it was made, less those that were live then.
class heap_watch {
 public:
  heap_watch();
  std::uint64_t peak() const;

 private:
  std::uint64_t before_;
};

/// Basic blocks of the codecs passed, and octets moved by memmove, memcpy and memset, since the process began. Stays 0
/// in a build without instrumentation (see fuzz/CMakeLists.txt), where no budget of work can be exceeded.
std::uint64_t work();

}  // namespace ampspec::fuzz
