// Memory in which an object is made that leaves no member to chance, or is found out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace ampspec::fuzz {

/// An object in memory that was full of 0xbe, which is no right `bool` and no enumerator: where a member is read that
/// nothing has initialised a build for undefined behaviour stops, and in any other build it has a value that differs
/// from what zeroed memory would give it. Memory that a process has not used before is zero, and hides such a member.
template <class T>
class poisoned {
 public:
  template <class... With>
  explicit poisoned(With&&... with) {
    void* volatile room = room_;  // so that no compiler leaves out what is written before the object is there
    std::memset(room, 0xbe, sizeof room_);
    it_ = new (room) T(std::forward<With>(with)...);
  }
  poisoned(const poisoned&) = delete;
  poisoned& operator=(const poisoned&) = delete;
  ~poisoned() { it_->~T(); }

  T& operator*() { return *it_; }
  T* operator->() { return it_; }

 private:
  alignas(T) std::byte room_[sizeof(T)];
  T* it_;
};

}  // namespace ampspec::fuzz
