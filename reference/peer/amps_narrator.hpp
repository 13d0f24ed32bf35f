// Tells people what passes over one connection of AMPS, message by message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/header.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace ampspec::peer {

class amps_narrator {
 public:
  /// Lines begin with `number` of the connection. Passwords are masked unless `show_secrets`.
  amps_narrator(std::uint64_t number, std::ostream&, bool show_secrets);

  /// A line: `<` for what was received, `>` for what was sent, `-` for what is neither.
  void say(char sign, std::string_view text);
  /// A message: its fields, and how its body of `body_size` octets begins. Behind one that was received: which of its
  /// options are in no documentation, and so had no effect (AMPS-HDR-034).
  void tell(char sign, const amps::header_view&, std::string_view body, std::uint64_t body_size);

 private:
  std::string label_;
  std::ostream& out_;
  bool show_secrets_;
};

}  // namespace ampspec::peer
