// A box of AMPv2 that is too large to be held, read as it comes from a connection and compared with what is expected.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/large_value.hpp"
#include "conformance/matching.hpp"
#include "reference/amp/box_decoder.hpp"

#include <optional>
#include <span>
#include <string>

namespace ampspec::conformance {

class large_box {
 public:
  /// The box is expected to be one of these. Where it is one alone, its exact values are compared as they come.
  large_box(std::span<const vectors::box_matcher> expected, const bindings&);

  /// Further octets; true once the box is whole. Not to be called then, or after an error.
  bool take(std::string_view octets);
  const std::optional<wire::failure>& error() const { return decoder_.error(); }
  std::uint64_t octets() const { return octets_; }
  /// More than any box of these could have: somebody floods us.
  bool endless() const { return octets_ > largest_; }

  // Once it is whole:
  plain_box box;
  large_values large;
  std::string rest;  ///< octets behind it

 private:
  struct value_taker : amp::value_sink {
    explicit value_taker(large_box& to) : to_(to) {}
    bool begin(amp::box_view, std::string_view key) override {
      to_.begin(key);
      return true;
    }
    void take(std::string_view octets) override { to_.reader_->take(octets); }
    void end() override { to_.large[to_.key_] = to_.reader_->finish(); }
    large_box& to_;
  };
  void begin(std::string_view key);

  std::span<const vectors::box_matcher> expected_;
  const bindings& names_;
  value_taker taker_{*this};
  amp::box_decoder decoder_;
  std::optional<large_value_reader> reader_;
  std::string key_;
  std::uint64_t octets_ = 0, largest_ = 0;
};

}  // namespace ampspec::conformance
