// Growth by realloc, which moves pages instead of octets once there are many.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/payload.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace ampspec::amps {

octet_buffer::octet_buffer(octet_buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

octet_buffer& octet_buffer::operator=(octet_buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

octet_buffer::~octet_buffer() { std::free(data_); }

void octet_buffer::append(std::string_view more) {
  if (more.empty()) return;
  if (data_ == nullptr || capacity_ - size_ < more.size()) {
    const auto wanted = std::max(size_ + more.size(), size_ + size_ / 4);
    auto* larger = static_cast<char*>(std::realloc(data_, wanted));
    if (larger == nullptr) throw std::bad_alloc();
    data_ = larger;
    capacity_ = wanted;
  }
  std::memcpy(data_ + size_, more.data(), more.size());
  size_ += more.size();
}

payload payload::of(std::string_view octets) {
  if (octets.empty()) return {};
  // One block for both: most bodies are small, and each comes once.
  auto* const block = static_cast<char*>(::operator new(sizeof(shared_body) + octets.size()));
  std::memcpy(block + sizeof(shared_body), octets.data(), octets.size());
  return payload(new (block) shared_body(std::string_view(block + sizeof(shared_body), octets.size())));
}

payload payload::of(octet_buffer octets) {
  if (octets.empty()) return {};
  return payload(new (::operator new(sizeof(shared_body))) shared_body(std::move(octets)));
}

void payload::destroy(const shared_body* body) {
  body->~shared_body();
  ::operator delete(const_cast<shared_body*>(body));
}

}  // namespace ampspec::amps
