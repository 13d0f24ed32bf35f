// The names of fields and commands of AMPS: open words, since any text may stand in their place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/words.hpp"

#include <array>
#include <string_view>

namespace ampspec::vectors::words {

/// Fields of AMPS under the names by which they are told, whatever they came with.
inline constexpr auto amps_fields = list(
    "c", "t", "cid", "client_name", "user_id", "pw", "mt", "query_id", "sub_id", "sids", "filter", "orderby",
    "sow_keys", "s", "bm", "k", "x", "ts", "lp", "gseq", "bs", "top_n", "e", "opts", "a", "status", "reason", "l",
    "version", "topic_matches", "matches", "records_returned", "records_inserted", "records_updated", "records_deleted",
    "heartbeat", "timeout_interval", "max_msgs", "data_only", "send_empty", "send_keys", "send_oof", "use_ns", "src");
/// Names that not every client knows: told as they came, so that a vector can see them.
inline constexpr auto amps_names_told_as_written = list("password", "message_type", "f", "order_by", "sow_key",
                                                        "correlation_id", "timestamp", "leaseperiod", "msg_len", "v");
/// Further names, and as what they are told.
inline constexpr std::array<std::array<std::string_view, 2>, 13> amps_other_names{{{"cmd", "c"},
                                                                                   {"topic", "t"},
                                                                                   {"cmd_id", "cid"},
                                                                                   {"auth_key", "pw"},
                                                                                   {"sub_ids", "sids"},
                                                                                   {"seq", "s"},
                                                                                   {"bookmark", "bm"},
                                                                                   {"group_seq_num", "gseq"},
                                                                                   {"batch_size", "bs"},
                                                                                   {"expiration", "e"},
                                                                                   {"o", "opts"},
                                                                                   {"ack", "a"},
                                                                                   {"ack_type", "a"}}};
/// In full; `p` is publish.
inline constexpr auto amps_commands =
    list("logon", "publish", "delta_publish", "subscribe", "delta_subscribe", "unsubscribe", "sow", "sow_and_subscribe",
         "sow_and_delta_subscribe", "sow_delete", "flush", "heartbeat", "start_timer", "stop_timer", "ack",
         "group_begin", "group_end", "oof");

}  // namespace ampspec::vectors::words
