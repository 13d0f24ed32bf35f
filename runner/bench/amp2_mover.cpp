// Moves the value as one argument of an AMPv2 call, whose chunks are made while they are sent.
// SPDX-License-Identifier: Apache-2.0
#include "runner/bench/movers.hpp"

#include <algorithm>
#include <memory>

namespace ampspec::runner::bench {

namespace {

std::string length(std::size_t octets) { return {static_cast<char>(octets >> 8), static_cast<char>(octets & 0xff)}; }

std::string prefixed(std::string_view octets) { return length(octets.size()) + std::string(octets); }

/// The box of one request, piece by piece. A chunk of 65,535 octets never ends a value, a smaller one always does
/// (AMP2-006), so a value whose length is a multiple of that ends with an empty chunk (AMP2-003).
class request {
 public:
  request(const std::string& tag, const payload& value) : value_(value) {
    head_ = prefixed("_ask") + prefixed(tag) + prefixed("_command") + prefixed("Digest") + prefixed("data");
  }

  std::string_view next() {
    switch (next_) {
      case part::head:
        next_ = part::length;
        return head_;
      case part::length: {
        const auto size = std::min<std::uint64_t>(value_.size() - sent_, amp::max_value);
        chunk_ = value_.at(sent_, static_cast<std::size_t>(size));
        sent_ += size;
        head_ = length(chunk_.size());
        next_ = chunk_.empty() ? part::end : part::chunk;
        return head_;
      }
      case part::chunk:
        next_ = chunk_.size() == amp::max_value ? part::length : part::end;
        return chunk_;
      case part::end:
        next_ = part::nothing;
        return std::string_view("\0\0", 2);
      case part::nothing:
        break;
    }
    return {};
  }

 private:
  enum class part { head, length, chunk, end, nothing };

  const payload& value_;
  std::string head_;  ///< or the length of a chunk
  std::string_view chunk_;
  std::uint64_t sent_ = 0;
  part next_ = part::head;
};

}  // namespace

void amp2_mover::begin(done then) {
  const auto octets = std::make_shared<request>(target_.next_tag(), value_);
  target_.call([octets] { return octets->next(); },
               [this, then = std::move(then)](const reply& end) {
                 if (end.code == "UNHANDLED") throw not_offered("it has no command Digest");
                 must_be_digest(end, value_);
                 then();
               });
}

}  // namespace ampspec::runner::bench
