// Octets that a callee may look at during a call, and never again.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/lent.hpp"

#include "fuzz/support/address_sanitizer.hpp"

#include <cstddef>

#ifdef AMPSPEC_FUZZ_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace ampspec::fuzz {
namespace {

#ifdef AMPSPEC_FUZZ_ADDRESS_SANITIZER
constexpr std::size_t granule = 8;  // of the sanitizer: only the end of one can be poisoned alone
constexpr std::size_t most_small = 256, least_large = std::size_t{1} << 16;

// The targets have one thread.
template <std::size_t size>
class poisoned_room {
 public:
  poisoned_room() { __asan_poison_memory_region(room_, sizeof room_); }

  char* lend(std::string_view octets) {
    const std::size_t taken = (octets.size() / granule + 2) * granule;  // the last granule stays poisoned
    if (sizeof room_ - next_ < taken) next_ = granule;
    char* const at = room_ + next_;
    next_ += taken;
    __asan_unpoison_memory_region(at, octets.size());
    octets.copy(at, octets.size());
    return at;
  }

 private:
  alignas(granule) char room_[size];
  std::size_t next_ = granule;
};

// The place for so many octets, or none where they are a block of the heap.
char* place_for(std::string_view octets) {
  static poisoned_room<std::size_t{1} << 16> small;
  static poisoned_room<std::size_t{9} << 18> large;  // for two of 1 MiB
  if (octets.size() <= most_small) return small.lend(octets);
  if (octets.size() < least_large || octets.size() > std::size_t{17} << 16) return nullptr;
  return large.lend(octets);
}
#endif

}  // namespace

lent::lent(std::string_view octets) {
#ifdef AMPSPEC_FUZZ_ADDRESS_SANITIZER
  if (const char* const place = place_for(octets)) {
    octets_ = {place, octets.size()};
    return;
  }
#endif
  block_ = std::make_unique_for_overwrite<char[]>(octets.size());
  octets.copy(block_.get(), octets.size());
  octets_ = {block_.get(), octets.size()};
}

lent::~lent() {
#ifdef AMPSPEC_FUZZ_ADDRESS_SANITIZER
  if (!block_) __asan_poison_memory_region(octets_.data(), octets_.size());
#endif
}

}  // namespace ampspec::fuzz
