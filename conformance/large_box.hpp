// A box of AMPv2, or a message of AMPS, that is too large to be held: compared with what is expected as it comes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/large_value.hpp"
#include "conformance/matching.hpp"
#include "reference/amp/box_decoder.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ampspec::conformance {

/// What is being read; once it is whole it tells a box with its large values.
class large_arrival {
 public:
  virtual ~large_arrival() = default;
  large_arrival(const large_arrival&) = delete;
  large_arrival& operator=(const large_arrival&) = delete;

  /// Further octets; true once it is whole. Not to be called then, or after an error.
  virtual bool take(std::string_view octets) = 0;
  /// Why it can't be read; empty: nothing is wrong.
  virtual std::string wrong() const = 0;
  std::uint64_t octets() const { return octets_; }
  /// More than any that is expected could have: somebody floods us.
  bool endless() const { return octets_ > largest_; }

  // Once it is whole:
  plain_box box;
  large_values large;
  std::string written;  ///< of a message: its header
  std::string rest;     ///< octets behind it

 protected:
  /// It is expected to be one of these. Where it is one alone, its exact values are compared as they come.
  large_arrival(std::span<const vectors::box_matcher> expected, const bindings&);
  /// What the value of that key must be, if it is to be compared.
  std::optional<vectors::octets> expected_value(std::string_view key) const;

  std::uint64_t octets_ = 0;

 private:
  std::span<const vectors::box_matcher> expected_;
  const bindings& names_;
  std::uint64_t largest_ = 0;
};

class large_box final : public large_arrival {
 public:
  large_box(std::span<const vectors::box_matcher> expected, const bindings&);
  bool take(std::string_view octets) override;
  std::string wrong() const override;

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

  value_taker taker_{*this};
  amp::box_decoder decoder_;
  std::optional<large_value_reader> reader_;
  std::string key_;
};

/// A message in the layout of TCP, whose body does not stay. A batch has no records then.
class large_message final : public large_arrival {
 public:
  large_message(std::span<const vectors::box_matcher> expected, const bindings& names)
      : large_arrival(expected, names) {}
  bool take(std::string_view octets) override;
  std::string wrong() const override { return wrong_; }

 private:
  bool begin();

  std::string head_, wrong_;
  std::uint64_t left_ = 0;  ///< octets of the body that have not come
  std::optional<large_value_reader> body_;
};

}  // namespace ampspec::conformance
