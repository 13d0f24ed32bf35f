// The naive AMPS codec, and its faults: seen without and with.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_codec.hpp"

#include "reference/naive/testing.hpp"

#include <gtest/gtest.h>

namespace ampspec::naive {
namespace {

using namespace std::string_literals;
using enum fault;
using observation = std::function<std::string(const options&)>;
using testing::demonstration;

/// Printable ASCII as it is, other octets as `%` and two hex digits.
std::string plain(const std::string& octets) {
  const std::string digits = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    text +=
        octet >= 0x20 && octet < 0x7f ? std::string(1, c) : std::string("%") + digits[octet / 16] + digits[octet % 16];
  }
  return text;
}

std::string octets_of(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16 & 0xff), static_cast<char>(n >> 8 & 0xff),
          static_cast<char>(n & 0xff)};
}
std::string f(const std::string& content) { return octets_of(static_cast<std::uint32_t>(content.size())) + content; }
/// A frame whose header has `c` = flush and these members.
std::string flush(const std::string& members) { return f("{\"c\":\"flush\"," + members + "}"); }

const std::string p = f(R"({"c":"p","t":"a"}x)");
const std::string zero = octets_of(0);

std::string shown_pairs(const box& pairs) {
  std::string text;
  for (const auto& [key, value] : pairs) {
    if (key != "body") text += (text.empty() ? "" : " ") + key + "=" + plain(value);
  }
  return text;
}

/// `c=publish t=a [body] ` for each message, then how it ended.
observation fed(std::vector<std::string> reads) {
  return [=](const options& with) {
    amps_reader reader({.broken = with.broken});
    std::string text;
    const auto show = [&](const std::vector<amps_message>& messages) {
      for (const amps_message& m : messages) {
        text += shown_pairs(m) + " [" + plain(find(m, "body").value_or("no body")) + "] ";
      }
    };
    for (const std::string& read : reads) show(reader.feed(read));
    show(reader.finish());
    const ending end = reader.end();
    return text + (end == ending::clean ? "clean" : end == ending::incomplete ? "incomplete" : reader.refused().word);
  };
}

std::string shown_encoded(const encoded& e, std::size_t from, std::size_t size) {
  return e.refused.empty() ? plain(e.bytes.substr(from, size)) : "refused " + e.refused;
}
observation header_of(amps_message message) {
  return [=](const options& with) { return shown_encoded(encode_amps(message, {.broken = with.broken}), 4, 1000); };
}
observation length_of(amps_message message) {
  return [=](const options& with) { return shown_encoded(encode_amps(message, {.broken = with.broken}), 0, 4); };
}

observation read(std::string form, std::string octets) {
  return [=](const options& with) {
    const auto parts = read_amps(form, octets, with.broken);
    return parts ? shown_pairs(*parts) : "refused";
  };
}
observation written(box parts) {
  return [=](const options& with) { return plain(write_amps("composite", parts, with.broken).value_or("refused")); };
}

amps_message message(std::string name, std::string text, std::string body = "") {
  return {{"c", "flush"}, {std::move(name), std::move(text)}, {"body", std::move(body)}};
}
amps_message flush_with(std::string body) { return {{"c", "flush"}, {"body", std::move(body)}}; }

const std::string published = "c=publish t=a [x] ";

std::vector<demonstration> of_frames() {
  return {
      {amps_length_little_endian, fed({p}), published + "clean", "frame-too-large"},
      {amps_length_of_24_bits, fed({octets_of(0x01000012) + p.substr(4)}), "incomplete", published + "clean"},
      {amps_length_of_16_bits, fed({octets_of(0x00010012) + p.substr(4)}), "incomplete", published + "clean"},
      {amps_length_signed, fed({octets_of(0xffffffff)}), "frame-too-large", "clean"},
      {amps_limit_below_200_million, fed({octets_of(200'000'000)}), "incomplete", "frame-too-large"},
      {amps_limit_16_mebibytes, fed({octets_of(0x01000001)}), "incomplete", "frame-too-large"},
      {amps_limit_off_by_one, fed({octets_of(209'715'201)}), "frame-too-large", "incomplete"},
      {amps_limit_missing, fed({octets_of(0xffffffff)}), "frame-too-large", "incomplete"},
      {amps_limit_waits_for_octet, fed({octets_of(209'715'201)}), "frame-too-large", "incomplete"},
      {amps_zero_frame_refused, fed({zero + p}), published + "clean", "no-header"},
      {amps_zero_frame_is_heartbeat, fed({zero + p}), published + "clean", "c=heartbeat [] " + published + "clean"},
      {amps_zero_frame_ends_stream, fed({zero + p}), published + "clean", "incomplete"},
      {amps_length_counts_prefix, fed({p}), published + "clean", "header-cut"},
      {amps_length_off_by_one, fed({p}), published + "clean", "c=publish t=a [] incomplete"},
      {amps_waits_for_next_octet, fed({p}), published + "clean", "incomplete"},
      {amps_header_borrows_next_frame, fed({octets_of(12) + R"({"c":"flush"})"}), "header-cut",
       "c=flush [] incomplete"},
      {amps_header_error_skipped, fed({f("x") + p}), "no-header", published + "clean"},
      {amps_no_command_ignored, fed({f("{}") + p}), "no-command", published + "clean"},
      {amps_header_ends_at_last_brace, fed({f(R"({"c":"p","t":"a"}{})")}), "c=publish t=a [{}] clean",
       "c=publish t=a [] clean"},
      {amps_separator_expected, fed({f("{\"c\":\"flush\"}\nx")}), "c=flush [%0ax] clean", "c=flush [x] clean"},
      {amps_body_trimmed, fed({f("{\"c\":\"flush\"}x ")}), "c=flush [x ] clean", "c=flush [x] clean"},
      {amps_body_cut_at_nul, fed({f("{\"c\":\"flush\"}a\0b"s)}), "c=flush [a%00b] clean", "c=flush [a] clean"},
      {amps_body_utf8_only, fed({f("{\"c\":\"flush\"}\xff")}), "c=flush [%ff] clean", "c=flush [%ef%bf%bd] clean"},
      {amps_empty_body_refused, fed({f(R"({"c":"flush"})")}), "c=flush [] clean", "header-syntax"},
      {amps_body_cut_at_l, fed({f(R"({"c":"p","l":1,"t":"a"}xyz)")}), "c=publish l=1 t=a [xyz] clean",
       "c=publish l=1 t=a [x] clean"},
      {amps_batch_is_one_message, fed({f(R"({"c":"sow"}{"l":1}x)")}), "c=sow l=1 [x] clean",
       "c=sow [{\"l\":1}x] clean"},
      {amps_cut_frame_delivered, fed({octets_of(32) + R"({"c":"flush"}x)"}), "incomplete", "c=flush [x] clean"},
      {amps_cut_frame_clean, fed({"\0\0"s}), "incomplete", "clean"},
      {amps_batch_junk_ignored, fed({f(R"({"c":"sow"}{"l":1}xy)")}), "no-header", "c=sow l=1 [x] clean"},
      {amps_record_length_off_by_one, fed({f(R"({"c":"sow"}{"l":1}x{"l":0})")}), "c=sow l=1 [x] c=sow l=0 [] clean",
       "no-header"},
      {amps_record_without_length_accepted, fed({f(R"({"c":"sow"}{"k":"1"}x)")}), "record-without-length",
       "c=sow k=1 [x] clean"},
      {amps_record_ends_at_next_brace, fed({f(R"({"c":"sow"}{"l":6}{"k"xy)")}), "c=sow l=6 [{\"k\"xy] clean",
       "header-syntax"},
      {amps_record_length_clipped, fed({f(R"({"c":"sow"}{"l":9}x)")}), "record-too-long", "c=sow l=9 [x] clean"},
      {amps_record_without_common, fed({f(R"({"c":"sow","t":"a"}{"l":1}x)")}), "c=sow l=1 t=a [x] clean",
       "l=1 [x] clean"},
      {amps_reads_after_reject, fed({f("x") + p}), "no-header", published + "no-header"},
      {amps_split_prefix_lost, fed({p.substr(0, 2), p.substr(2)}), published + "clean", "incomplete"},
      {amps_one_frame_per_read, fed({p + p}), published + published + "clean", published + "clean"},
      {amps_messages_before_reject_lost, fed({p + f("x")}), published + "no-header", "no-header"},
  };
}

std::vector<demonstration> of_headers() {
  return {
      {amps_long_names_unknown, fed({flush(R"("topic":"a")")}), "c=flush t=a [] clean", "c=flush [] clean"},
      {amps_p_not_publish, fed({p}), published + "clean", "c=p t=a [x] clean"},
      {amps_blanks_refused, fed({f(R"({ "c":"flush"})")}), "c=flush [] clean", "header-syntax"},
      {amps_missing_comma_accepted, fed({f(R"({"c":"flush""t":"a"})")}), "header-syntax", "c=flush t=a [] clean"},
      {amps_trailing_comma_accepted, fed({f(R"({"c":"flush",})")}), "header-syntax", "c=flush [] clean"},
      {amps_missing_colon_accepted, fed({f(R"({"c""flush"})")}), "header-syntax", "c=flush [] clean"},
      {amps_unknown_key_refused, fed({flush(R"("zz":"1")")}), "c=flush [] clean", "header-syntax"},
      {amps_command_first_required, fed({f(R"({"t":"a","c":"flush"})")}), "c=flush t=a [] clean", "header-syntax"},
      {amps_null_is_text, fed({flush(R"("t":null)")}), "c=flush [] clean", "c=flush t=null [] clean"},
      {amps_bare_text_refused, fed({flush(R"("t":1)")}), "c=flush t=1 [] clean", "header-syntax"},
      {amps_bare_number_refused, fed({flush(R"("s":1)")}), "c=flush s=1 [] clean", "bad-number"},
      {amps_quoted_number_refused, fed({flush(R"("s":"1")")}), "c=flush s=1 [] clean", "bad-number"},
      {amps_first_name_wins, fed({flush(R"("o":"1","opts":"2")")}), "c=flush opts=2 [] clean",
       "c=flush opts=1 [] clean"},
      {amps_first_key_wins, fed({flush(R"("t":"1","t":"2")")}), "c=flush t=2 [] clean", "c=flush t=1 [] clean"},
      {amps_second_key_refused, fed({flush(R"("t":"1","t":"2")")}), "c=flush t=2 [] clean", "header-syntax"},
      {amps_header_utf8_replaced, fed({flush("\"t\":\"\xc3\xa9\"")}), "c=flush t=%c3%a9 [] clean",
       "c=flush t=?? [] clean"},
      {amps_nested_value_skipped, fed({flush(R"("t":{})")}), "nested-value", "c=flush [] clean"},
      {amps_brace_ends_header, fed({flush(R"("t":"}")")}), "c=flush t=} [] clean", "header-cut"},
      {amps_escaped_quote_ends_string, fed({flush(R"("t":"\"")")}), "c=flush t=\" [] clean", "header-syntax"},
      {amps_escapes_kept, fed({flush(R"("t":"\n")")}), "c=flush t=%0a [] clean", "c=flush t=\\n [] clean"},
      {amps_short_escapes_lost, fed({flush(R"("t":"\n")")}), "c=flush t=%0a [] clean", "c=flush t=n [] clean"},
      {amps_slash_escape_refused, fed({flush(R"("t":"\/")")}), "c=flush t=/ [] clean", "bad-escape"},
      {amps_bad_escape_accepted, fed({flush(R"("t":"\q")")}), "bad-escape", "c=flush t=q [] clean"},
      {amps_u_escapes_kept, fed({flush(R"("t":"\u0041")")}), "c=flush t=A [] clean", "c=flush t=\\u0041 [] clean"},
      {amps_surrogates_apart, fed({flush(R"("t":"\ud83d\ude00")")}), "c=flush t=%f0%9f%98%80 [] clean",
       "c=flush t=%ed%a0%bd%ed%b8%80 [] clean"},
      {amps_lone_surrogate_replaced, fed({flush(R"("t":"\ud83d")")}), "bad-escape", "c=flush t=%ef%bf%bd [] clean"},
      {amps_bad_hex_digit_is_zero, fed({flush(R"("t":"\u00g1")")}), "bad-escape", "c=flush t=%01 [] clean"},
      {amps_number_empty_is_zero, fed({flush(R"("bs":"")")}), "bad-number", "bs=0 c=flush [] clean"},
      {amps_number_fraction_cut, fed({flush(R"("bs":1.5)")}), "bad-number", "bs=1 c=flush [] clean"},
      {amps_number_cut_at_junk, fed({flush(R"("bs":"5x")")}), "bad-number", "bs=5 c=flush [] clean"},
      {amps_negative_wraps, fed({flush(R"("bs":-1)")}), "bad-number", "bs=4294967295 c=flush [] clean"},
      {amps_plus_accepted, fed({flush(R"("bs":"+5")")}), "bad-number", "bs=5 c=flush [] clean"},
      {amps_leading_zero_octal, fed({flush(R"("bs":"010")")}), "bs=10 c=flush [] clean", "bs=8 c=flush [] clean"},
      {amps_sequence_through_double, fed({flush(R"("s":9007199254740993)")}), "c=flush s=9007199254740993 [] clean",
       "c=flush s=9007199254740992 [] clean"},
      {amps_sequence_32_bits, fed({flush(R"("s":4294967297)")}), "c=flush s=4294967297 [] clean",
       "c=flush s=1 [] clean"},
      {amps_sequence_signed, fed({flush(R"("s":18446744073709551615)")}), "c=flush s=18446744073709551615 [] clean",
       "bad-number"},
      {amps_number_wraps, fed({flush(R"("bs":4294967297)")}), "bad-number", "bs=1 c=flush [] clean"},
      {amps_number_saturates, fed({flush(R"("bs":4294967297)")}), "bad-number", "bs=4294967295 c=flush [] clean"},
  };
}

std::vector<demonstration> of_encoding() {
  return {
      {amps_encodes_quote_raw, header_of(message("t", "\"")), R"({"c":"flush","t":"\""})", R"({"c":"flush","t":"""})"},
      {amps_encodes_backslash_raw, header_of(message("t", "\\")), R"({"c":"flush","t":"\\"})",
       R"({"c":"flush","t":"\"})"},
      {amps_encodes_controls_raw, header_of(message("t", "\n")), R"({"c":"flush","t":"\n"})",
       R"({"c":"flush","t":"%0a"})"},
      {amps_encodes_controls_as_u, header_of(message("t", "\n")), R"({"c":"flush","t":"\n"})",
       R"({"c":"flush","t":"\u000a"})"},
      {amps_encodes_non_ascii_as_u, header_of(message("t", "\xe9")), R"({"c":"flush","t":"%e9"})",
       R"({"c":"flush","t":"\u00e9"})"},
      {amps_encodes_any_correlation_id, header_of(message("x", "-")), "refused bad-correlation-id",
       R"({"c":"flush","x":"-"})"},
      {amps_encodes_blanks, header_of(flush_with("")), R"({"c":"flush"})", R"({"c": "flush"})"},
      {amps_encodes_command_in_place, header_of({{"t", "a"}, {"c", "flush"}, {"body", "x"}}),
       R"({"c":"flush","t":"a"}x)", R"({"t":"a","c":"flush"}x)"},
      {amps_encodes_without_command, header_of({{"t", "a"}, {"k", "b"}, {"body", "x"}}), "refused no-command",
       R"({"t":"a","k":"b"}x)"},
      {amps_encodes_separator, header_of(flush_with("x")), R"({"c":"flush"}x)", R"({"c":"flush"}%0ax)"},
      {amps_encodes_body_cut_at_nul, header_of(flush_with("a\0b"s)), R"({"c":"flush"}a%00b)", R"({"c":"flush"}a)"},
      {amps_encodes_length_with_prefix, length_of(flush_with("")), "%00%00%00%0d", "%00%00%00%11"},
      {amps_encodes_length_of_body, length_of(flush_with("x")), "%00%00%00%0e", "%00%00%00%01"},
      {amps_encodes_length_little_endian, length_of(flush_with("")), "%00%00%00%0d", "%0d%00%00%00"},
  };
}

std::vector<demonstration> of_parts() {
  const std::string h = "transport=tcp host=h port=1 protocol=amps";
  const std::string now = "20260101T000000", micro = "basic=20260101T000000.000000Z";
  return {
      {amps_uri_user_to_first_at, read("uri", "tcp://a@b@h:1/amps"),
       "transport=tcp user=a@b host=h port=1 protocol=amps", "transport=tcp user=a host=b@h port=1 protocol=amps"},
      {amps_uri_password_behind_last_colon, read("uri", "tcp://a:b:c@h:1/amps"),
       "transport=tcp user=a password=b:c host=h port=1 protocol=amps",
       "transport=tcp user=a:b password=c host=h port=1 protocol=amps"},
      {amps_uri_brackets_unknown, read("uri", "tcp://[::1]:1/amps"), "transport=tcp host=::1 port=1 protocol=amps",
       "refused"},
      {amps_uri_port_optional, read("uri", "tcp://h/amps"), "refused", "transport=tcp host=h port=9007 protocol=amps"},
      {amps_uri_extra_path_refused, read("uri", "tcp://h:1/x/amps"), "transport=tcp host=h port=1 path=x protocol=amps",
       "refused"},
      {amps_uri_flag_accepted, read("uri", "tcp://h:1/amps?x"), "refused", h + " options=x"},
      {amps_uri_options_judged, read("uri", "tcp://h:1/amps?x=1"), h + " options=x=1", "refused"},
      {amps_uri_options_sorted, read("uri", "tcp://h:1/amps?b=1&a=2"), h + " options=b=1&a=2", h + " options=a=2&b=1"},
      {amps_uri_first_option_only, read("uri", "tcp://h:1/amps?b=1&a=2"), h + " options=b=1&a=2", h + " options=b=1"},
      {amps_options_cut_in_brackets, read("options", "a=[b,c]"), "1=a=[b,c]", "1=a=[b 2=c]"},
      {amps_options_in_lower_case, read("options", "A"), "1=A", "1=a"},
      {amps_options_last_only, read("options", "a,b"), "1=a 2=b", "1=b"},
      {amps_acks_empty_refused, read("acks", ""), "", "refused"},
      {amps_acks_first_only, read("acks", "stats,processed"), "processed= stats=", "stats="},
      {amps_acks_unknown_refused, read("acks", "processed,x"), "processed=", "refused"},
      {amps_acks_none_is_all, read("acks", "none"), "", "processed="},
      {amps_bookmark_now_unknown, read("bookmark", "0|1|"), "1=now", "1=message 0 1"},
      {amps_bookmark_last_bar_optional, read("bookmark", "5|1"), "refused", "1=message 5 1"},
      {amps_bookmark_time_with_z_refused, read("bookmark", now + "Z"), "1=time " + now, "refused"},
      {amps_bookmark_time_unknown, read("bookmark", now), "1=time " + now, "refused"},
      {amps_time_fields_unchecked, read("bookmark", "20261301T000000"), "refused", "1=time 20261301T000000"},
      {amps_bookmark_range_unknown, read("bookmark", "[0:0]"), "range=[] 1=epoch 2=epoch", "refused"},
      {amps_bookmark_ends_closed, read("bookmark", "(0:0)"), "range=() 1=epoch 2=epoch", "range=[] 1=epoch 2=epoch"},
      {amps_bookmark_first_only, read("bookmark", "0,0|1|"), "1=epoch 2=now", "1=epoch"},
      {amps_timestamp_extended_refused, read("timestamp", "2026-01-01T00:00:00.000000Z"), micro, "refused"},
      {amps_timestamp_milliseconds, read("timestamp", now + ".000Z"), "refused", micro},
      {amps_timestamp_zone_optional, read("timestamp", now + ".000000"), "refused", micro},
      {amps_empty_composite_has_part, read("composite", ""), "", "1="},
      {amps_cut_part_dropped, read("composite", "\0\0\0\1a\0\0"s), "refused", "1=a"},
      {amps_part_length_little_endian, read("composite", "\0\0\0\1a"s), "1=a", "refused"},
      {amps_part_length_counts_itself, read("composite", "\0\0\0\4abcd"s), "1=abcd", "refused"},
      {amps_part_length_of_16_bits, read("composite", "\0\1\0\1a"s), "refused", "1=a"},
      {amps_cut_part_delivered, read("composite", "\0\0\0\2a"s), "refused", "1=a"},
      {amps_empty_part_dropped, read("composite", "\0\0\0\0"s), "1=", ""},
      {amps_composite_rest_lost, read("composite 1", "\0\0\0\1ax"s), "1=a rest=x", "1=a"},
      {amps_writes_no_empty_part, written({{"1", ""}, {"2", ""}}), "%00%00%00%00%00%00%00%00", ""},
      {amps_writes_part_length_with_itself, written({{"1", "a"}, {"2", ""}}), "%00%00%00%01a%00%00%00%00",
       "%00%00%00%05a%00%00%00%04"},
      {amps_writes_part_length_little_endian, written({{"1", "a"}, {"2", ""}}), "%00%00%00%01a%00%00%00%00",
       "%01%00%00%00a%00%00%00%00"},
  };
}

TEST(NaiveAmps, DecodesTheGoldenBatch) {
  const std::string batch = octets_of(93) + R"({"c":"sow","t":"orders","query_id":"q1","bs":2})" +
                            R"({"k":"1","l":8}{"id":1}{"k":"2","l":8}{"id":2})";
  const std::string one = "bs=2 c=sow k=1 l=8 query_id=q1 t=orders [{\"id\":1}] ";
  const std::string two = "bs=2 c=sow k=2 l=8 query_id=q1 t=orders [{\"id\":2}] ";
  EXPECT_EQ(fed({batch})({}), one + two + "clean");
  for (std::size_t cut = 1; cut < batch.size(); ++cut) {
    EXPECT_EQ(fed({batch.substr(0, cut), batch.substr(cut)})({}), one + two + "clean") << cut;
  }
}

}  // namespace

const std::vector<demonstration>& testing::amps_demonstrations() {
  static const std::vector<demonstration> all = [] {
    std::vector<demonstration> list;
    for (const auto& more : {of_frames(), of_headers(), of_encoding(), of_parts()}) {
      list.insert(list.end(), more.begin(), more.end());
    }
    return list;
  }();
  return all;
}

}  // namespace ampspec::naive
