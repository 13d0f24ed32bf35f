// Counts what goes through `new`, and in an instrumented build each basic block and each octet that is moved.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/budget.hpp"

#include "fuzz/support/address_sanitizer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

#if defined(__clang__) && defined(AMPSPEC_FUZZ_ADDRESS_SANITIZER)
#define AMPSPEC_FUZZ_ALLOCATOR_HAS_HOOKS
#include <sanitizer/allocator_interface.h>
#endif

namespace {

// Plain globals: the targets have one thread, and allocations happen before any constructor has run. Blocks from before
// the count began may be given back, so `live` may be negative.
std::int64_t live = 0, most_live = 0;
[[maybe_unused]] std::uint64_t work_done = 0;

void taken(std::size_t size) {
  live += static_cast<std::int64_t>(size);
  most_live = std::max(most_live, live);
}

}  // namespace

#ifdef AMPSPEC_FUZZ_ALLOCATOR_HAS_HOOKS
// The sanitizer's `new` can't be replaced where its runtime is linked in; it tells of each block instead, from the
// first time on that somebody wants to know.
namespace {
void count_blocks() {
  [[maybe_unused]] static const int installed = __sanitizer_install_malloc_and_free_hooks(
      [](const volatile void*, std::size_t size) { taken(size); },
      [](const volatile void* p) { live -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(p)); });
}
}  // namespace
#else
namespace {

void* counted_or_null(std::size_t size) noexcept {
  void* const p = std::malloc(size == 0 ? 1 : size);
  if (p != nullptr) taken(malloc_usable_size(p));
  return p;
}

void* counted(std::size_t size) {
  void* const p = counted_or_null(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

void give_back(void* p) {
  if (p != nullptr) live -= static_cast<std::int64_t>(malloc_usable_size(p));
  std::free(p);
}

}  // namespace

#ifdef AMPSPEC_FUZZ_WRAPS_NEW
// The linker sends the calls of all these here (`--wrap`): the C++ library that the engine's archive brings has them
// already.
#if __SIZEOF_SIZE_T__ == 4
#define AMPSPEC_FUZZ_WRAPPED(front, behind) __asm__("__wrap_" front "j" behind)
#else
#define AMPSPEC_FUZZ_WRAPPED(front, behind) __asm__("__wrap_" front "m" behind)
#endif
void* wrapped_new(std::size_t) AMPSPEC_FUZZ_WRAPPED("_Znw", "");
void* wrapped_new_array(std::size_t) AMPSPEC_FUZZ_WRAPPED("_Zna", "");
void* wrapped_new_or_null(std::size_t, const std::nothrow_t&) AMPSPEC_FUZZ_WRAPPED("_Znw", "RKSt9nothrow_t");
void* wrapped_new_array_or_null(std::size_t, const std::nothrow_t&) AMPSPEC_FUZZ_WRAPPED("_Zna", "RKSt9nothrow_t");
void wrapped_delete_sized(void*, std::size_t) AMPSPEC_FUZZ_WRAPPED("_ZdlPv", "");
void wrapped_delete_array_sized(void*, std::size_t) AMPSPEC_FUZZ_WRAPPED("_ZdaPv", "");
void wrapped_delete(void*) __asm__("__wrap__ZdlPv");
void wrapped_delete_array(void*) __asm__("__wrap__ZdaPv");
void wrapped_delete_or_null(void*, const std::nothrow_t&) __asm__("__wrap__ZdlPvRKSt9nothrow_t");
void wrapped_delete_array_or_null(void*, const std::nothrow_t&) __asm__("__wrap__ZdaPvRKSt9nothrow_t");

void* wrapped_new(std::size_t size) { return counted(size); }
void* wrapped_new_array(std::size_t size) { return counted(size); }
void* wrapped_new_or_null(std::size_t size, const std::nothrow_t&) { return counted_or_null(size); }
void* wrapped_new_array_or_null(std::size_t size, const std::nothrow_t&) { return counted_or_null(size); }
void wrapped_delete_sized(void* p, std::size_t) { give_back(p); }
void wrapped_delete_array_sized(void* p, std::size_t) { give_back(p); }
void wrapped_delete(void* p) { give_back(p); }
void wrapped_delete_array(void* p) { give_back(p); }
void wrapped_delete_or_null(void* p, const std::nothrow_t&) { give_back(p); }
void wrapped_delete_array_or_null(void* p, const std::nothrow_t&) { give_back(p); }
#else
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void operator delete(void* p) noexcept { give_back(p); }
void operator delete[](void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete[](void* p, std::size_t) noexcept { give_back(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { give_back(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { give_back(p); }
#endif
#endif

#ifdef AMPSPEC_FUZZ_COUNTS_WORK
// The linker sends the codecs' calls here (`--wrap`); under the address sanitizer they have other names.
extern "C" {
void* __real_memmove(void*, const void*, std::size_t);
void* __real_memcpy(void*, const void*, std::size_t);
void* __real_memset(void*, int, std::size_t);
#ifdef AMPSPEC_FUZZ_ALLOCATOR_HAS_HOOKS
void* __real___asan_memmove(void*, const void*, std::size_t);
void* __real___asan_memcpy(void*, const void*, std::size_t);
void* __real___asan_memset(void*, int, std::size_t);
#endif

void __wrap___sanitizer_cov_trace_pc() { ++work_done; }
void* __wrap_memmove(void* to, const void* from, std::size_t size) {
  work_done += size;
  return __real_memmove(to, from, size);
}
void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
  work_done += size;
  return __real_memcpy(to, from, size);
}
void* __wrap_memset(void* to, int with, std::size_t size) {
  work_done += size;
  return __real_memset(to, with, size);
}
#ifdef AMPSPEC_FUZZ_ALLOCATOR_HAS_HOOKS
void* __wrap___asan_memmove(void* to, const void* from, std::size_t size) {
  work_done += size;
  return __real___asan_memmove(to, from, size);
}
void* __wrap___asan_memcpy(void* to, const void* from, std::size_t size) {
  work_done += size;
  return __real___asan_memcpy(to, from, size);
}
void* __wrap___asan_memset(void* to, int with, std::size_t size) {
  work_done += size;
  return __real___asan_memset(to, with, size);
}
#endif
}
#endif

namespace ampspec::fuzz {

std::uint64_t live_octets() {
#ifdef AMPSPEC_FUZZ_ALLOCATOR_HAS_HOOKS
  count_blocks();
#endif
  return static_cast<std::uint64_t>(live);
}
std::uint64_t work() { return work_done; }

heap_watch::heap_watch() : before_(live_octets()) { most_live = live; }
std::uint64_t heap_watch::peak() const { return static_cast<std::uint64_t>(most_live) - before_; }

}  // namespace ampspec::fuzz
