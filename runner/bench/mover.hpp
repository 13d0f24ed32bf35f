// What moves a large value to the target, in one of the ways that are compared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/line.hpp"
#include "runner/bench/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>

namespace ampspec::runner::bench {

/// The value that is moved: one block of octets that look random, over and over, so that none of it needs be held.
class payload {
 public:
  explicit payload(std::uint64_t size);

  std::uint64_t size() const { return size_; }
  /// At most `most` octets from `at` on (the longest run that lies in one piece), empty at the end. Views stay valid.
  std::string_view at(std::uint64_t at, std::size_t most) const;
  /// 32 octets.
  const std::string& sha256() const { return sha256_; }

 private:
  std::uint64_t size_;
  std::string blocks_;
  std::string sha256_;
};

/// Moves the payload again and again, one transfer at a time. Functions throw broken or not_offered.
class mover {
 public:
  using done = std::function<void()>;

  mover() = default;
  mover(const mover&) = delete;
  mover& operator=(const mover&) = delete;
  virtual ~mover() = default;

  /// Begins a transfer; `then` is called when the target has confirmed that it has all of it.
  virtual void begin(done then) = 0;
  /// A descriptor beside the AMP connection that is to be watched, if there is one.
  virtual std::optional<pollfd> watched() const { return std::nullopt; }
  /// That descriptor is ready.
  virtual void ready() {}
  /// Octets moved beside the AMP connection.
  virtual std::uint64_t octets_moved() const { return 0; }
};

/// Null for `way::idle`. `target` and `value` outlive it.
std::unique_ptr<mover> make_mover(way, line& target, const payload& value);

}  // namespace ampspec::runner::bench
