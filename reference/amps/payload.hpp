// The body of one message, held once however many connections, records and logs it goes to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

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

/// A body that does not change any more. Its octets stand behind it, or in the buffer that they grew in.
class shared_body {
 public:
  shared_body(const shared_body&) = delete;
  shared_body& operator=(const shared_body&) = delete;

  std::string_view view() const { return octets_; }
  std::size_t size() const { return octets_.size(); }

  /// How many outputs it waits in: what decides whether its octets count as waiting.
  mutable std::size_t waiting_in = 0;
  /// Whether it is UTF-8, once somebody has looked: it may go to many as text.
  mutable std::optional<bool> is_utf8;

 private:
  friend class payload;
  explicit shared_body(octet_buffer grown) : grown_(std::move(grown)), octets_(grown_.view()) {}
  explicit shared_body(std::string_view behind_us) : octets_(behind_us) {}
  ~shared_body() = default;

  octet_buffer grown_;
  std::string_view octets_;
  mutable std::size_t owners_ = 1;
};

/// One of the owners of a body, which goes with the last of them. Owners are counted without locks: all of them live
/// where their broker does, one thread at a time.
class payload {
 public:
  /// No octets.
  payload() = default;
  payload(std::nullptr_t) {}
  static payload of(std::string_view octets);
  static payload of(octet_buffer octets);

  payload(const payload& other) : body_(other.body_) {
    if (body_ != nullptr) ++body_->owners_;
  }
  payload(payload&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  payload& operator=(payload other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~payload() {
    if (body_ != nullptr && --body_->owners_ == 0) destroy(body_);
  }

  explicit operator bool() const { return body_ != nullptr; }
  const shared_body* operator->() const { return body_; }
  bool operator==(const payload&) const = default;

 private:
  explicit payload(const shared_body* body) : body_(body) {}
  static void destroy(const shared_body*);

  const shared_body* body_ = nullptr;
};

inline payload make_payload(std::string_view octets) { return payload::of(octets); }
inline payload make_payload(octet_buffer octets) { return payload::of(std::move(octets)); }
inline std::string_view octets_of(const payload& p) { return p ? p->view() : std::string_view(); }

}  // namespace ampspec::amps
