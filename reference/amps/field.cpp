// Names of fields and words of commands.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/field.hpp"

#include "reference/amps/key_table.hpp"

namespace ampspec::amps {
namespace {

struct command_word {
  command id;
  std::string_view word;
};

constexpr std::array<command_word, 18> command_words{{
    {command::publish, "publish"},
    {command::ack, "ack"},
    {command::sow, "sow"},
    {command::heartbeat, "heartbeat"},
    {command::oof, "oof"},
    {command::group_begin, "group_begin"},
    {command::group_end, "group_end"},
    {command::delta_publish, "delta_publish"},
    {command::subscribe, "subscribe"},
    {command::delta_subscribe, "delta_subscribe"},
    {command::unsubscribe, "unsubscribe"},
    {command::sow_and_subscribe, "sow_and_subscribe"},
    {command::sow_and_delta_subscribe, "sow_and_delta_subscribe"},
    {command::sow_delete, "sow_delete"},
    {command::flush, "flush"},
    {command::logon, "logon"},
    {command::start_timer, "start_timer"},
    {command::stop_timer, "stop_timer"},
}};

}  // namespace

std::optional<field> field_named(std::string_view name) {
  if (name.empty() || name.size() > key_table::longest_key) return std::nullopt;
  const std::uint8_t id = key_table::find(key_table::words_of(name));
  return id == key_table::no_field ? std::nullopt : std::optional(static_cast<field>(id));
}

command command_named(std::string_view word) {
  if (word == "p") return command::publish;
  for (const command_word& c : command_words) {
    if (c.word == word) return c.id;
  }
  return command::unknown;
}

std::string_view full_word(command id) {
  for (const command_word& c : command_words) {
    if (c.id == id) return c.word;
  }
  return {};
}

std::string_view written_word(command id) { return id == command::publish ? "p" : full_word(id); }

}  // namespace ampspec::amps
