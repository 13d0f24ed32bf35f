// The ways to move a large value, each behind the interface of a mover; internal to this room.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/https_put.hpp"
#include "runner/bench/mover.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::runner::bench {

/// Throws broken unless the target has answered the size and hash of the value; the hash as 32 octets or 64 hex digits.
void must_be_digest(const reply&, const payload&);

class stream_mover : public mover {
 public:
  stream_mover(line& target, const payload& value) : target_(target), value_(value) {}
  void begin(done) override;

 private:
  void consume();
  void write_next();
  void close();
  void take_consumed();
  void ask_outcome();
  void take();

  line& target_;
  const payload& value_;
  done then_;
  std::string id_;
  std::uint64_t sent_ = 0;
  bool consumed_ = false;
};

class big_string_mover : public mover {
 public:
  big_string_mover(line& target, const payload& value);
  void begin(done) override;

 private:
  line& target_;
  const payload& value_;
  std::vector<std::string> names_;
  std::vector<std::string_view> chunks_;
};

class amp2_mover : public mover {
 public:
  /// `target` is a connection on which both sides speak AMPv2.
  amp2_mover(line& target, const payload& value) : target_(target), value_(value) {}
  void begin(done) override;

 private:
  line& target_;
  const payload& value_;
};

class bulk_mover : public mover {
 public:
  bulk_mover(line& target, const payload& value) : target_(target), value_(value) {}
  void begin(done) override;
  std::optional<pollfd> watched() const override;
  void ready() override;
  std::uint64_t octets_moved() const override;

 private:
  line& target_;
  const payload& value_;
  done then_;
  std::optional<https_put> put_;
  std::uint64_t moved_ = 0;
};

}  // namespace ampspec::runner::bench
