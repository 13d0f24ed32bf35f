// A value or the failure that took its place, until the language has std::expected for all our compilers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/wire/failure.hpp"

#include <cassert>
#include <utility>
#include <variant>

namespace ampspec::wire {

/// A T or a failure. Reading the one that is not there is a bug (asserted).
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(failure f) : state_(std::in_place_index<1>, f) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && { return std::move(value()); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(value()); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const failure& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

  bool operator==(const result&) const = default;

 private:
  std::variant<T, failure> state_;
};

}  // namespace ampspec::wire
