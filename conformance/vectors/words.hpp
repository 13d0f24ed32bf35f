// The closed words of the format, against which loader and schema are held: keys by place, and their values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::vectors {

using word_list = std::span<const std::string_view>;

/// The keys of one kind of map, and how that map is called in messages.
struct key_set {
  std::string_view place;
  word_list keys;
};

namespace words {

template <class... T>
constexpr auto list(T... words) {
  return std::array<std::string_view, sizeof...(T)>{words...};
}

inline constexpr auto roles = list("codec", "server", "client");
inline constexpr auto tiers = list("default", "large", "soak");
inline constexpr auto levels = list("MUST", "SHOULD", "MAY");
inline constexpr auto protocols = list("amp1", "amp2", "stream", "bulk", "amps");
inline constexpr auto sources = list("protocol", "reconstructed", "project");
inline constexpr auto refusals =
    list("empty-key", "key-too-long", "value-too-long", "duplicate-key", "empty-box", "too-many-pairs", "box-too-large",
         "frame-too-large", "no-command", "bad-number", "bad-correlation-id", "bad-part");
inline constexpr auto rejects =
    list("key-too-long", "duplicate-key", "too-many-pairs", "box-too-large", "value-too-large", "frame-too-large",
         "no-header", "header-cut", "header-syntax", "nested-value", "bad-escape", "no-command", "bad-number",
         "record-without-length", "record-too-long", "bad-part", "bad-uri", "bad-value");
inline constexpr auto endings = list("answer", "error", "lost", "refused", "sent");
inline constexpr auto error_kinds = list("declared", "unhandled", "unknown", "undecodable");
inline constexpr auto laws = list("round-trip", "encode-decodes");
inline constexpr auto value_laws = list("print-reads", "print-parses");
inline constexpr auto plain_types = list("integer", "bytes", "text", "boolean", "float", "decimal", "datetime", "path");
inline constexpr auto types_with_parts = list("list", "records", "big", "flocker");
inline constexpr auto big_elements = list("bytes", "text");

/// What a vector that was made by fuzzing waits for.
inline constexpr auto reviews = list("needed");

inline constexpr auto kinds = list("decode", "encode", "steps", "growth", "sample", "parse", "print");
inline constexpr auto file = list("suite", "protocol", "ids", "retired", "vectors");
/// In the order in which `fmt` writes them.
inline constexpr auto vector =
    list("id", "title", "cites", "touches", "roles", "requires", "tier", "matrix", "cuts", "fence", "form",
         "transports", "fixture", "holds", "opening", "upgrade", "decode", "encode", "steps", "growth", "sample",
         "type", "arguments", "parse", "print", "then", "expect", "catches", "since", "provenance", "review");
/// Of AMPS: a message that is decoded or encoded, and what else a codec reads and writes.
inline constexpr auto message = list("header", "body", "unreadable");
inline constexpr auto header_value = list("number", "raw");
/// The same where it comes over a connection: `written` is its header as it stands there.
inline constexpr auto message_that_comes = list("header", "body", "unreadable", "written");
inline constexpr auto transports = list("tcp", "tls", "ws", "wss");
inline constexpr auto upgrade = list("path", "headers", "mode", "status");
inline constexpr auto ws_modes = list("text", "binary", "none");
inline constexpr auto ws_frames = list("text", "binary", "continuation", "ping", "pong", "close");
inline constexpr auto ws_sides = list("last", "masked");
inline constexpr auto fixtures = list("users", "unlogged");
/// Topics of the fixture that keep what was published to them.
inline constexpr auto kept_topics = list("conf/sow", "conf/sowkey", "conf/log", "conf/logsow", "conf/queue");
inline constexpr auto openings = list("logon", "none");
inline constexpr auto group = list("query_id", "records", "records_in_any_order", "batch");
inline constexpr auto forms = list("uri", "options", "acks", "bookmark", "timestamp", "composite", "composite-of-2");
inline constexpr auto choice = list("choice", "one_of");
inline constexpr auto decode_expectation = list("delivers", "end");
inline constexpr auto reject = list("class", "by", "not_before", "at");
inline constexpr auto encode_expectation = list("bytes", "refuse");
inline constexpr auto growth = list("decode", "n", "every", "at_most");
inline constexpr auto sample = list("boxes", "type", "values", "seed", "law");
inline constexpr auto parse_expectation = list("value", "refuse");
inline constexpr auto print_expectation = list("bytes", "one_of", "reads_as", "box", "refuse");
inline constexpr auto code_points = list("code_points", "times");
inline constexpr auto number_parts = list("fraction", "bits");
inline constexpr auto repeated_item = list("repeat", "item");
inline constexpr auto datetime =
    list("year", "month", "day", "hour", "minute", "second", "microsecond", "nanosecond", "offset");
inline constexpr auto verbs =
    list("send", "expect", "expect_close", "expect_silence", "half_close", "close", "reset", "call", "expect_ended",
         "expect_pending", "choice", "start_tls", "switched", "repeat", "write_stream", "take_writes", "http",
         "http_body", "http_end", "expect_http", "expect_alike", "transfer", "expect_request", "respond",
         "expect_no_request", "attach", "log_on", "acks", "expect_message", "expect_unwritten", "reattach");
inline constexpr auto rounds = list("times", "as", "steps");
inline constexpr auto write_stream = list("name", "pattern", "size", "window", "end");
inline constexpr auto stream_ends = list("leave", "close", "abort");
inline constexpr auto take_writes = list("id", "data", "until", "hold");
inline constexpr auto changes = list("without-last", "other-case", "other-first");
inline constexpr auto bulk_verbs = list("http", "http_body", "http_end", "expect_http", "expect_alike", "transfer",
                                        "expect_request", "respond", "expect_no_request");
inline constexpr auto amps_verbs = list("attach", "log_on", "acks", "expect_message", "expect_unwritten", "reattach");
inline constexpr auto attach = list("client_name", "user", "password", "store", "reconnect");
inline constexpr auto log_on = list("s");
inline constexpr auto acks = list("asked", "header", "only", "processed", "completed", "persisted", "stats");
inline constexpr auto ack_types = list("received", "processed", "completed", "persisted", "stats");
inline constexpr auto expect_message = list("call", "message", "others");
inline constexpr auto expect_unwritten = list("sequence", "reason", "message", "others");
inline constexpr auto http =
    list("name", "method", "url", "target", "headers", "token", "body", "length", "chunked", "open", "plain", "times");
inline constexpr auto http_body = list("request", "bytes", "last");
inline constexpr auto http_end = list("request", "how");
inline constexpr auto expect_http = list("request", "status", "counts", "headers", "body", "framed");
inline constexpr auto alike = list("requests");
inline constexpr auto transfer = list("name", "direction", "resource", "body");
inline constexpr auto expect_request = list("name", "at", "method", "target", "headers", "body");
inline constexpr auto respond = list("request", "status", "headers", "body", "length");
inline constexpr auto origins = list("main", "other", "untrusted", "plain");
inline constexpr auto send = list("box", "boxes", "bytes", "frame", "frames", "ws");
inline constexpr auto expect = list("box", "others", "boxes", "boxes_in_any_order", "bytes", "frame", "frames",
                                    "frames_in_any_order", "group", "pong", "within");
inline constexpr auto close = list("within", "code");
inline constexpr auto silence = list("close", "by", "for");
inline constexpr auto start_tls = list("after", "fails", "spoiled_by");
inline constexpr auto spoils = list("garbage", "alert", "close");
inline constexpr auto call = list("name", "starts", "command", "box", "of", "ask");
inline constexpr auto ended = list("call", "how", "kind", "code", "description", "box", "others");
inline constexpr auto pending = list("call");
inline constexpr auto atoms = list("hex", "text", "u8", "u16", "u32", "u32le", "fill", "prng", "repeat", "pair", "box",
                                   "frame", "members", "any_order", "same");
inline constexpr auto matchers = list("any", "absent", "regex", "utf8", "integer", "base64", "iso8601", "digest",
                                      "one_of", "capture", "same", "fresh", "above", "not");

inline constexpr auto requirement_file = list("area", "requirements");
inline constexpr auto requirement = list("id", "level", "text", "source", "evidence", "by", "excluded");
inline constexpr auto requirement_by = list("codec", "server", "client", "both");
inline constexpr auto feature_file = list("features");
inline constexpr auto feature = list("name", "text", "frees");
inline constexpr auto choice_file = list("choices", "profiles");
inline constexpr auto named_choice = list("name", "question", "row", "branches");
inline constexpr auto fault_file = list("faults");
inline constexpr auto fault = list("name", "clause", "text", "home", "planned");

}  // namespace words

/// Every kind of map of the vector files, then of the catalogues: for the test of the schemas. Atoms and matchers are
/// listed as one map each.
std::vector<key_set> vector_keys();
std::vector<key_set> catalogue_keys();

/// The word of `known` that `word` was probably meant to be: at most a third of its letters away; empty if there is
/// none.
std::string nearest(std::string_view word, word_list known);
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean `x`?" if there is a nearest word, else "; write one of a, b, c" (or, for more than a dozen,
/// `otherwise`).
std::string advice(std::string_view word, word_list known, std::string_view otherwise = {});

}  // namespace ampspec::vectors
