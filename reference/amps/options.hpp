// The options of a command, read one by one in the form that each must have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/field_values.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// Options by name; of two of one name the last counts.
class option_list {
 public:
  explicit option_list(std::string_view text) : options_(options_from(text)) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool has_any(std::initializer_list<std::string_view> names) const;
  /// The value, empty for a name without one; nothing if the option is not there.
  std::optional<std::string_view> text(std::string_view name) const;

  // Each of these takes note if the option is there in another form than asked for: see `malformed`.
  /// A name without value.
  bool flag(std::string_view name);
  /// `name=value`.
  std::optional<std::string_view> value(std::string_view name);
  /// `name=digits`, up to 2^32-1.
  std::optional<std::uint32_t> number(std::string_view name);
  /// `name=[..]`: what stands between the brackets.
  std::optional<std::string_view> bracketed(std::string_view name);

  bool malformed() const { return malformed_; }
  void refuse() { malformed_ = true; }

 private:
  const option* find(std::string_view name) const;

  std::vector<option> options_;
  bool malformed_ = false;
};

/// Whether any command is documented with that option: if not, it is ignored wherever it comes (AMPS-HDR-034).
bool is_documented_option(std::string_view name);

}  // namespace ampspec::amps
