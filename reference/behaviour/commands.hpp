// The schemas of the test service's commands (docs/test-service.md), for the responder and the asker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/wire/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ampspec::behaviour {

enum class value_type {
  octets,   ///< anything
  integer,  ///< base 10, within 64 bits with sign
  natural,  ///< the same, not negative
};

struct field {
  std::string_view name;
  value_type type = value_type::octets;
};

enum class command_id {
  sum,
  divide,
  echo,
  defer,
  release,
  fail,
  ask_back,
  note,
  noted,
  fatal,
  big,
  big_error,
  wrong,
  echo_types,
  switch_protocol,
  ask_switch,
  ask_tls,
  echo_big,
  digest_big,
  digest
};

struct command {
  command_id id;
  std::string_view name;
  std::span<const field> arguments;
  std::span<const field> response;
  std::string_view declared_error;       ///< its one declared code, or empty
  std::span<const field> optional = {};  ///< arguments that may be absent
};

/// Arguments and response values alike of a command with the types of `service.types`, and of EchoBig; null for the
/// others.
const wire::value_schema* typed_schema(command_id);

/// Arguments of the commands whose values go over several keys: EchoBig, DigestBig; null for the others.
const wire::value_schema* big_arguments(command_id);

/// The command of exactly these octets (AMP1-CONV-011), or null.
const command* find_command(std::string_view name);

/// The value of an Integer, or nothing: empty, other characters than a leading minus and digits, out of 64 bits
/// (AMP1-TYPE-002, -003, -004).
std::optional<std::int64_t> to_integer(std::string_view text);

/// True if `text` is a value of that type; what it says is put into `number` if that is not null and the type is a
/// number.
bool decodes(std::string_view text, value_type type, std::int64_t* number = nullptr);

inline constexpr std::size_t most_arguments = 2;  ///< that any command has

}  // namespace ampspec::behaviour
