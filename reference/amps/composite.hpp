// Composite bodies: parts behind their lengths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/wire/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// Gives the parts of a body one after the other: each has a 4-byte big-endian length in front (AMPS-CMP-001), which
/// may be 0; an empty body has no parts (AMPS-CMP-002).
class composite_reader {
 public:
  /// With `parts`, what lies behind that many is a payload that is not looked at (AMPS-CMP-005).
  explicit composite_reader(std::string_view body, std::optional<std::uint64_t> parts = {})
      : rest_(body), parts_(parts) {}

  /// The next part, a view into the body; nothing at its end, behind the last of the declared parts, or where a length
  /// or a part passes the end (see `error`). Parts in front of that are given first (AMPS-CMP-003).
  std::optional<std::string_view> next();

  /// What lies behind the last part that was given.
  std::string_view rest() const { return rest_; }

  /// bad_part, where its length begins in the body. With `parts`, fewer than that many are one too.
  const std::optional<wire::failure>& error() const { return error_; }

 private:
  std::string_view rest_;
  std::optional<std::uint64_t> parts_;
  std::uint64_t at_ = 0;
  std::optional<wire::failure> error_;
};

/// Appends one part. Refuses bad_part above 2^32-1 octets, and writes nothing then.
[[nodiscard]] std::optional<wire::failure> append_part(std::string_view part, std::string& body);

}  // namespace ampspec::amps
