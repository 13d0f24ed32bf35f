// The table of the test service's commands, as docs/test-service.md lists them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/commands.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace ampspec::behaviour {

namespace {

using enum value_type;

constexpr std::array sum_arguments{field{"a", integer}, field{"b", integer}};
constexpr std::array total{field{"total", integer}};
constexpr std::array divide_arguments{field{"numerator", integer}, field{"denominator", integer}};
constexpr std::array quotient{field{"quotient", integer}};
constexpr std::array data{field{"data", octets}};
constexpr std::array name{field{"name", octets}};
constexpr std::array text{field{"text", octets}};
constexpr std::array depth{field{"depth", natural}};
constexpr std::array depth_back{field{"depth", integer}};
constexpr std::array notes{field{"notes", octets}};
constexpr std::array size{field{"size", natural}};
constexpr std::array how{field{"how", octets}};
constexpr std::array switch_options{field{"refuse", octets}, field{"greeting", octets}};
constexpr std::array greeting{field{"greeting", octets}};
constexpr std::array code{field{"code", octets}};
constexpr std::array value{field{"value", integer}};
constexpr std::array size_and_digest{field{"size", natural}, field{"sha256", octets}};

constexpr std::array commands{
    command{command_id::sum, "Sum", sum_arguments, total, {}},
    command{command_id::divide, "Divide", divide_arguments, quotient, "ZERO_DIVISION"},
    command{command_id::echo, "Echo", data, data, {}},
    command{command_id::defer, "Defer", name, {}, {}},
    command{command_id::release, "Release", name, {}, "NOT_DEFERRED"},
    command{command_id::fail, "Fail", text, {}, {}},
    command{command_id::ask_back, "AskBack", depth, depth_back, {}},
    command{command_id::note, "Note", text, {}, {}},
    command{command_id::noted, "Noted", {}, notes, {}},
    command{command_id::fatal, "Fatal", {}, {}, "FATAL"},
    command{command_id::big, "Big", size, data, {}},
    command{command_id::big_error, "BigError", size, {}, "BIG"},
    command{command_id::wrong, "Wrong", how, value, {}},
    command{command_id::echo_types, "EchoTypes", {}, {}, {}},
    command{command_id::switch_protocol, "Switch", {}, {}, "NO_SWITCH", switch_options},
    command{command_id::ask_switch, "AskSwitch", {}, code, {}, greeting},
    command{command_id::ask_tls, "AskTls", {}, how, {}},
    command{command_id::echo_big, "EchoBig", {}, {}, {}},
    command{command_id::digest_big, "DigestBig", {}, size_and_digest, {}},
    command{command_id::digest, "Digest", data, size_and_digest, {}},
};

}  // namespace

const wire::value_schema* typed_schema(command_id id) {
  static const wire::value_schema echoed = [] {
    using enum wire::value_kind;
    const auto list_of = [](wire::value_type element) { return wire::value_type{list, {std::move(element)}, {}}; };
    const wire::value_type number{wire::value_kind::integer, {}, {}}, words{wire::value_kind::text, {}, {}};
    wire::value_schema all;
    for (const auto kind :
         {wire::value_kind::integer, bytes, wire::value_kind::text, boolean, floating, decimal, datetime, path}) {
      all.push_back({std::string(wire::word_of(kind)), {kind, {}, {}}, true});
    }
    for (const char* verbatim : {"a-b", "class", "print"}) all.push_back({verbatim, words, true});  // AMP1-TYPE-056
    all.push_back({"integers", list_of(number), true});
    all.push_back({"texts", list_of(words), true});
    all.push_back({"grid", list_of(list_of(number)), true});
    all.push_back({"records",
                   {records, {}, {{"x", number, false}, {"note", words, true}, {"tags", list_of(words), true}}},
                   true});
    return all;
  }();
  if (id == command_id::echo_big) return big_arguments(id);
  return id == command_id::echo_types ? &echoed : nullptr;
}

const wire::value_schema* big_arguments(command_id id) {
  static const auto of = [](wire::value_kind kind) {
    return wire::value_type{wire::value_kind::big, {{kind, {}, {}}}, {}};
  };
  static const wire::value_schema digest{{"data", of(wire::value_kind::bytes), false}};
  static const wire::value_schema echo{digest.front(), {"note", of(wire::value_kind::text), true}};
  return id == command_id::echo_big ? &echo : id == command_id::digest_big ? &digest : nullptr;
}

const command* find_command(std::string_view name_wanted) {
  for (const auto& known : commands) {
    if (known.name == name_wanted) return &known;
  }
  return nullptr;
}

std::optional<std::int64_t> to_integer(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

bool decodes(std::string_view given, value_type type, std::int64_t* number) {
  if (type == octets) return true;
  const auto said = to_integer(given);
  if (said && number != nullptr) *number = *said;
  return said && (type == integer || *said >= 0);
}

}  // namespace ampspec::behaviour
