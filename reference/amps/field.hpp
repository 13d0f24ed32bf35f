// The fields of an AMPS header and their names on the wire.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ampspec::amps {

/// One enumerator for each field, in the order in which `write_header` writes them: `c` first (AMPS-HDR-005), `s` never
/// last in what a server sends (AMPS-WS-022).
enum class field : std::uint8_t {
  command,
  topic,
  command_id,
  client_name,
  user_id,
  password,
  message_type,
  query_id,
  subscription_id,
  subscription_ids,
  filter,
  order_by,
  sow_keys,
  sequence,
  bookmark,
  sow_key,
  correlation_id,
  timestamp,
  lease_period,
  group_sequence,
  batch_size,
  top_n,
  expiration,
  options,
  ack_type,
  status,
  reason,
  message_length,
  version,
  topic_matches,
  matches,
  records_returned,
  records_inserted,
  records_updated,
  records_deleted,
  heartbeat,
  timeout_interval,
  maximum_messages,
  data_only,
  send_empty,
  send_keys,
  send_out_of_focus,
  use_namespaces,
  source,
};

inline constexpr std::size_t field_count = 44;

/// What a field holds. Numbers are runs of 1 to 20 digits (AMPS-HDR-038): `s` up to 2^64-1, all others up to 2^32-1.
enum class field_kind : std::uint8_t { text, number_32, number_64 };

struct field_names {
  field id = field::command;
  std::string_view written;              ///< what we write: safe for every client if `safe`
  std::array<std::string_view, 2> also;  ///< what else means this field on input (AMPS-HDR-006); empty: none
  field_kind kind = field_kind::text;
  bool safe = true;  ///< may be sent to a client (AMPS-HDR-007)
};

/// In the order of the enumerators.
inline constexpr std::array<field_names, field_count> all_fields{{
    {field::command, "c", {"cmd", ""}},
    {field::topic, "t", {"topic", ""}},
    {field::command_id, "cid", {"cmd_id", ""}},
    {field::client_name, "client_name", {"", ""}},
    {field::user_id, "user_id", {"", ""}},
    {field::password, "pw", {"auth_key", "password"}},
    {field::message_type, "mt", {"message_type", ""}},
    {field::query_id, "query_id", {"", ""}},
    {field::subscription_id, "sub_id", {"", ""}},
    {field::subscription_ids, "sids", {"sub_ids", ""}},
    {field::filter, "filter", {"f", ""}},
    {field::order_by, "orderby", {"order_by", ""}, field_kind::text, false},
    {field::sow_keys, "sow_keys", {"", ""}},
    {field::sequence, "s", {"seq", ""}, field_kind::number_64},
    {field::bookmark, "bm", {"bookmark", ""}},
    {field::sow_key, "k", {"sow_key", ""}},
    {field::correlation_id, "x", {"correlation_id", ""}},
    {field::timestamp, "ts", {"timestamp", ""}},
    {field::lease_period, "lp", {"leaseperiod", ""}},
    {field::group_sequence, "gseq", {"group_seq_num", ""}, field_kind::number_32},
    {field::batch_size, "bs", {"batch_size", ""}, field_kind::number_32},
    {field::top_n, "top_n", {"", ""}, field_kind::number_32},
    {field::expiration, "e", {"expiration", ""}, field_kind::number_32},
    {field::options, "opts", {"o", ""}},
    {field::ack_type, "a", {"ack", "ack_type"}},
    {field::status, "status", {"", ""}},
    {field::reason, "reason", {"", ""}},
    {field::message_length, "l", {"msg_len", ""}, field_kind::number_32},
    {field::version, "version", {"v", ""}},
    {field::topic_matches, "topic_matches", {"", ""}, field_kind::number_32},
    {field::matches, "matches", {"", ""}, field_kind::number_32},
    {field::records_returned, "records_returned", {"", ""}, field_kind::number_32},
    {field::records_inserted, "records_inserted", {"", ""}, field_kind::number_32},
    {field::records_updated, "records_updated", {"", ""}, field_kind::number_32},
    {field::records_deleted, "records_deleted", {"", ""}, field_kind::number_32},
    {field::heartbeat, "heartbeat", {"", ""}},
    {field::timeout_interval, "timeout_interval", {"", ""}, field_kind::number_32, false},
    {field::maximum_messages, "max_msgs", {"", ""}, field_kind::text, false},
    {field::data_only, "data_only", {"", ""}, field_kind::text, false},
    {field::send_empty, "send_empty", {"", ""}, field_kind::text, false},
    {field::send_keys, "send_keys", {"", ""}, field_kind::text, false},
    {field::send_out_of_focus, "send_oof", {"", ""}, field_kind::text, false},
    {field::use_namespaces, "use_ns", {"", ""}, field_kind::text, false},
    {field::source, "src", {"", ""}, field_kind::text, false},
}};

constexpr const field_names& names_of(field f) { return all_fields[static_cast<std::size_t>(f)]; }

/// The field that `name` means, exactly and case-sensitively; nothing for a name that no field has (AMPS-HDR-016).
std::optional<field> field_named(std::string_view name);

/// The commands and the messages of the server. `unknown` is any other word.
enum class command : std::uint8_t {
  unknown,
  logon,
  publish,
  delta_publish,
  subscribe,
  delta_subscribe,
  unsubscribe,
  sow,
  sow_and_subscribe,
  sow_and_delta_subscribe,
  sow_delete,
  flush,
  heartbeat,
  start_timer,
  stop_timer,
  ack,
  group_begin,
  group_end,
  oof,
};

/// `p` and `publish` are one command (AMPS-HDR-008).
command command_named(std::string_view word);
/// The word that is written: `p` for publish.
std::string_view written_word(command);
/// The word in full: `publish`. Empty for unknown.
std::string_view full_word(command);

}  // namespace ampspec::amps
