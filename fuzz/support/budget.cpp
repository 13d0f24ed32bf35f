// Counts what goes through `new`, and in an instrumented build each basic block and each octet that is moved.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/budget.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

// Plain globals: the targets have one thread, and allocations happen before any constructor has run.
std::uint64_t live = 0, most_live = 0, work_done = 0;

void* counted(std::size_t size) {
  void* const p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) throw std::bad_alloc();
  live += malloc_usable_size(p);
  most_live = std::max(most_live, live);
  return p;
}

void give_back(void* p) {
  if (p != nullptr) live -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { give_back(p); }
void operator delete[](void* p) noexcept { give_back(p); }
void operator delete(void* p, std::size_t) noexcept { give_back(p); }
void operator delete[](void* p, std::size_t) noexcept { give_back(p); }

#ifdef AMPSPEC_FUZZ_COUNTS_WORK
// The linker sends the codecs' calls here (`--wrap`); under the address sanitizer they have other names.
extern "C" {
void* __real_memmove(void*, const void*, std::size_t);
void* __real_memcpy(void*, const void*, std::size_t);
void* __real_memset(void*, int, std::size_t);
__attribute__((weak)) void* __real___asan_memmove(void*, const void*, std::size_t);
__attribute__((weak)) void* __real___asan_memcpy(void*, const void*, std::size_t);
__attribute__((weak)) void* __real___asan_memset(void*, int, std::size_t);

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
}
#endif

namespace ampspec::fuzz {

std::uint64_t live_octets() { return live; }
std::uint64_t work() { return work_done; }

heap_watch::heap_watch() : before_(live) { most_live = live; }
std::uint64_t heap_watch::peak() const { return most_live > before_ ? most_live - before_ : 0; }

}  // namespace ampspec::fuzz
