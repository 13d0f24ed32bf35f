// The body of one message, held once however many connections, records and logs it goes to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace ampspec::amps {

/// Octets that grow at the end. Large ones grow in place where the system can move pages, so that what arrives in
/// pieces never stands twice in memory.
class octet_buffer {
 public:
  octet_buffer() = default;
  octet_buffer(octet_buffer&&) noexcept;
  octet_buffer& operator=(octet_buffer&&) noexcept;
  octet_buffer(const octet_buffer&) = delete;
  octet_buffer& operator=(const octet_buffer&) = delete;
  ~octet_buffer();

  void append(std::string_view);
  std::string_view view() const { return {data_, size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

/// A body that does not change any more.
class shared_body {
 public:
  explicit shared_body(octet_buffer octets) : octets_(std::move(octets)) {}
  std::string_view view() const { return octets_.view(); }
  std::size_t size() const { return octets_.size(); }

  /// How many outputs it waits in: what decides whether its octets count as waiting.
  mutable std::size_t waiting_in = 0;

 private:
  octet_buffer octets_;
};

/// Null: no octets.
using payload = std::shared_ptr<const shared_body>;

payload make_payload(std::string_view octets);
payload make_payload(octet_buffer octets);
inline std::string_view octets_of(const payload& p) { return p ? p->view() : std::string_view(); }

}  // namespace ampspec::amps
