// Every fault rings: seen without it, seen with it; and their list is the one of vectors/faults.yaml.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/faults.hpp"

#include "reference/naive/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

namespace ampspec::naive {
namespace {

using testing::answer;
using testing::demonstration;
using testing::error;
using testing::hex;
using testing::raw;
using testing::request;
using testing::shown;
using testing::u16;
using testing::without_ask;

using observation = std::function<std::string(const options&)>;
using chunks = std::vector<std::string>;

/// What a decoder makes of these reads.
observation fed(chunks reads) {
  return [=](const options& with) { return shown(testing::fed(reads, with)); };
}

observation encoded_as(box pairs) {
  return [=](const options& with) { return shown(encode(pairs, with.broken)); };
}

observation front_of_encoded(box pairs) {
  return [=](const options& with) { return shown(encode(pairs, with.broken).bytes.substr(0, 5)); };
}

/// What a server shows after these reads.
observation served(chunks reads) {
  return [=](const options& with) {
    conversation c(with);
    for (const std::string& read : reads) c.receive(read);
    return shown(c);
  };
}

/// What a client shows that has called `command` and then read these; its requests are left out.
observation called(const std::string& command, chunks reads) {
  return [=](const options& with) {
    conversation c(with);
    c.call(command, {}, true);
    c.output();
    for (const std::string& read : reads) c.receive(read);
    return shown(c);
  };
}

observation side(std::function<void(conversation&)> play) {
  return [=](const options& with) {
    conversation c(with);
    play(c);
    return shown(c);
  };
}

/// Two connections of one server.
observation sides(std::function<void(conversation&, conversation&)> play) {
  return [=](const options& with) {
    const auto state = std::make_shared<service_state>();
    conversation a(with, state), b(with, state);
    play(a, b);
    return shown(a) + " / " + shown(b);
  };
}

observation tag_of_call(int n) {
  return [=](const options& with) {
    conversation c(with);
    for (int i = 1; i < n; ++i) c.call("Sum", {}, true);
    c.output();
    c.call("Sum", {}, true);
    return shown(c);
  };
}

box many_pairs(int n) {
  box pairs;
  for (int i = 0; i < n; ++i) pairs.emplace_back("key" + std::to_string(i), "v");
  return pairs;
}

/// Only how many boxes came and how it ended, where the boxes are large.
observation counted(observation of) {
  return [=](const options& with) {
    const std::string all = of(with);
    const std::size_t last = all.rfind("} ");
    return std::to_string(std::count(all.begin(), all.end(), '{')) + " " +
           all.substr(last == std::string::npos ? 0 : last + 2);
  };
}

observation sizes_of_answers(const std::string& octets) {
  return [=](const options& with) {
    conversation c(with);
    c.receive(octets);
    const std::string out = c.output();
    return std::to_string(decode(out).boxes.size()) + " of " + std::to_string(out.size());
  };
}

observation end_of_description(const std::string& octets) {
  return [=](const options& with) {
    conversation c(with);
    c.receive(octets);
    const auto boxes = decode(c.output()).boxes;
    return boxes.empty() ? "no box" : shown(find(boxes[0], "_error_description").value_or("none").substr(65532));
  };
}

const std::string ab = raw({{"a", "1"}, {"b", "2"}}), x1 = raw({{"x", "1"}});
const std::string k256 = u16(256) + std::string(256, 'k') + u16(1) + "v" + u16(0);
const box one_two = {{"a", "1"}, {"b", "2"}}, total3 = {{"total", "3"}};
const std::string sum1 = request("1", "Sum", one_two), sum2 = request("2", "Sum", one_two);
const std::string ask_back = request("1", "AskBack", {{"depth", "1"}});
const std::string three1 = "{_answer=1 total=3} ", three2 = "{_answer=2 total=3} ";
const std::string unhandled1 = "{_error=1 _error_code=UNHANDLED _error_description=unknown command} ";
const std::string unknown1 = "{_error=1 _error_code=UNKNOWN _error_description=Unknown Error} ";
const std::string zero_division1 = "{_error=1 _error_code=ZERO_DIVISION _error_description=division by zero} ";
const std::string fatal1 = "{_error=1 _error_code=FATAL _error_description=the end} ";
const std::string divide_by_zero = request("1", "Divide", {{"numerator", "1"}, {"denominator", "0"}});
const std::string fail1 = request("1", "Fail", {{"text", "secret"}});

std::string times(std::size_t n, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

std::string deferred(int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += request("d", "Defer", {{"name", "n"}});
  return all;
}

const std::vector<demonstration>& frame_demonstrations() {
  using enum fault;
  static const std::vector<demonstration> all = {
      // decoding
      {key_limit_missing, fed({k256}), "rejected key-too-long@0", "{k*256=v} clean"},
      {key_limit_off_by_one, fed({k256}), "rejected key-too-long@0", "{k*256=v} clean"},
      {key_limit_255_refused, fed({raw({{std::string(255, 'k'), "v"}})}), "{k*255=v} clean", "rejected key-too-long@0"},
      {key_limit_first_key_only, fed({raw({{"a", "1"}, {std::string(256, 'k'), "v"}})}), "rejected key-too-long@6",
       "{a=1 k*256=v} clean"},
      {key_limit_first_box_only, fed({x1 + k256}), "{x=1} rejected key-too-long@8", "{x=1} {k*256=v} clean"},
      {signed_value_length, fed({raw({{"k", std::string(32768, 'v')}})}), "{k=v*32768} clean",
       "rejected value-too-long@3"},
      {value_length_low_octet, fed({raw({{"k", std::string(257, 'v')}})}), "{k=v*257} clean",
       "rejected key-too-long@6"},
      {value_length_swapped, fed({raw({{"k", "v"}})}), "{k=v} clean", "incomplete"},
      {value_65535_refused, fed({raw({{"k", std::string(65535, 'v')}})}), "{k=v*65535} clean",
       "rejected value-too-long@3"},
      {empty_value_ends_box, fed({raw({{"a", ""}, {"b", "2"}})}), "{a= b=2} clean", "{} {b=2} clean"},
      {empty_value_dropped, fed({raw({{"a", ""}, {"b", "2"}})}), "{a= b=2} clean", "{b=2} clean"},
      {key_cut_at_nul, fed({raw({{hex("61 00 62"), "x"}})}), "{a\\x00b=x} clean", "{a=x} clean"},
      {key_case_folded, fed({raw({{"Ab", "x"}})}), "{Ab=x} clean", "{ab=x} clean"},
      {key_trimmed, fed({raw({{" a ", "x"}})}), "{ a =x} clean", "{a=x} clean"},
      {value_cut_at_nul, fed({raw({{"a", hex("78 00 79")}})}), "{a=x\\x00y} clean", "{a=x} clean"},
      {terminator_in_value, fed({raw({{"a", hex("78 00 00")}})}), "{a=x\\x00\\x00} clean", "{a=x} {} clean"},
      {repeated_key_first_wins, fed({raw({{"a", "1"}, {"a", "2"}})}), "{a=2} clean", "{a=1} clean"},
      {repeated_key_both, fed({raw({{"a", "1"}, {"a", "2"}})}), "{a=2} clean", "{a=1 a=2} clean"},
      {one_box_per_read, fed({ab + x1 + ab, x1}), "{a=1 b=2} {x=1} {a=1 b=2} {x=1} clean", "{a=1 b=2} {x=1} clean"},
      {box_again_after_split, fed({ab + x1.substr(0, 3), x1.substr(3)}), "{a=1 b=2} {x=1} clean",
       "{a=1 b=2} {a=1 b=2} {x=1} clean"},
      {split_length_lost, fed({x1.substr(0, 4), x1.substr(4)}), "{x=1} clean", "incomplete"},
      {cut_box_delivered, fed({ab.substr(0, 8)}), "incomplete", "{a=1} incomplete"},
      {cut_box_clean, fed({ab.substr(0, 8)}), "incomplete", "clean"},
      {clean_end_incomplete, fed({ab}), "{a=1 b=2} clean", "{a=1 b=2} incomplete"},
      {boxes_before_reject_lost, fed({ab, x1 + hex("01 00")}), "{a=1 b=2} {x=1} rejected key-too-long@22",
       "{a=1 b=2} rejected key-too-long@22"},
      {parses_after_reject, fed({ab + hex("01 00") + x1}), "{a=1 b=2} rejected key-too-long@14",
       "{a=1 b=2} {x=1} rejected key-too-long@14"},
      {boxes_again_after_reject, fed({x1 + hex("01 00"), "z"}), "{x=1} rejected key-too-long@8",
       "{x=1} {x=1} rejected key-too-long@8"},
      {empty_box_skipped, fed({raw({}) + x1}), "{} {x=1} clean", "{x=1} clean"},
      {pairs_limited_to_255, counted(fed({raw(many_pairs(255)) + raw(many_pairs(256))})), "2 clean",
       "1 rejected too-many-pairs@5392"},
      {box_limited_to_64k, counted(fed({raw({{"a", std::string(40000, 'v')}, {"b", std::string(40000, 'v')}})})),
       "1 clean", "0 rejected box-too-large@40005"},
      {waits_for_second_octet, fed({hex("01")}), "rejected key-too-long@0", "incomplete"},
      {value_read_past_read, fed({ab.substr(0, 6) + hex("00 01 62 00 03 31"), "23" + u16(0)}), "{a=1 b=123} clean",
       "rejected key-too-long@12"},
      {key_length_low_octet, fed({hex("01 00") + x1}), "rejected key-too-long@0", "{} {x=1} clean"},
      {signed_key_length, fed({raw({{std::string(128, 'k'), "v"}})}), "{" + std::string(128, 'k') + "=v} clean",
       "rejected key-too-long@0"},
      {value_length_of_signed_octets, fed({raw({{"k", std::string(256 + 128, 'v')}})}), "{k=v*384} clean",
       "rejected key-too-long@133"},
      {key_not_utf8_replaced, fed({raw({{"a\xff", "x"}})}), "{a\\xff=x} clean", "{a\\xef\\xbf\\xbd=x} clean"},
      {value_not_utf8_replaced, fed({raw({{"a", "\xffx"}})}), "{a=\\xffx} clean", "{a=\\xef\\xbf\\xbdx} clean"},
      {value_trimmed, fed({raw({{"a", " x\n"}})}), "{a= x\\x0a} clean", "{a=x} clean"},
      {value_line_ends_changed, fed({raw({{"a", "x\r\ny"}})}), "{a=x\\x0d\\x0ay} clean", "{a=x\\x0ay} clean"},
      {keys_must_be_sorted, fed({raw({{"b", "1"}, {"a", "2"}})}), "{b=1 a=2} clean", "rejected keys-not-sorted@6"},
      {box_waits_for_next_octet, fed({x1}), "{x=1} clean", "incomplete"},

      // encoding
      {encodes_long_key, encoded_as({{std::string(256, 'k'), ""}}), "refused key-too-long", "\\x01*262"},
      {encodes_empty_key, encoded_as({{"", "x"}}), "refused empty-key", "\\x00\\x00\\x00\\x01x\\x00\\x00"},
      {encodes_long_value, encoded_as({{"k", std::string(65537, 'v')}}), "refused value-too-long", "\\x00*65544"},
      {encodes_without_empty_values, encoded_as({{"a", ""}}), "\\x00\\x01a\\x00\\x00\\x00\\x00", "\\x00\\x00"},
      {encodes_without_terminator, encoded_as({{"a", ""}}), "\\x00\\x01a\\x00\\x00\\x00\\x00", "\\x00\\x01a\\x00\\x00"},
      {encodes_length_little_endian, encoded_as({{"a", "x"}}), "\\x00\\x01a\\x00\\x01x\\x00\\x00",
       "\\x00\\x01a\\x01\\x00x\\x00\\x00"},
      {encodes_key_twice, encoded_as({{"a", ""}, {"a", ""}}), "refused duplicate-key",
       "\\x00\\x01a\\x00\\x00\\x00\\x01a\\x00\\x00\\x00\\x00"},
      {encodes_value_32768_refused, encoded_as({{"k", std::string(32768, 'v')}}), "\\x00*32775",
       "refused value-too-long"},
      {encodes_key_cut_at_nul, encoded_as({{hex("61 00 62"), ""}}), "\\x00\\x03a\\x00b\\x00\\x00\\x00\\x00",
       "\\x00\\x01a\\x00\\x00\\x00\\x00"},
      {encodes_value_65535_refused, encoded_as({{"k", std::string(65535, 'v')}}), "\\x00*65542",
       "refused value-too-long"},
      {encodes_value_length_low_octet, front_of_encoded({{"k", std::string(256, 'v')}}), "\\x00\\x01k\\x01\\x00",
       "\\x00\\x01k\\x00\\x00"},
      {encodes_value_cut_at_nul, encoded_as({{"a", hex("00 62")}}), "\\x00\\x01a\\x00\\x02\\x00b\\x00\\x00",
       "\\x00\\x01a\\x00\\x00\\x00\\x00"},
      {encodes_value_cut_at_limit, encoded_as({{"k", std::string(65536, 'v')}}), "refused value-too-long",
       "\\x00*65542"},
      {encodes_key_cut_at_limit, encoded_as({{std::string(256, 'k'), ""}}), "refused key-too-long", "\\x00*261"},
      {encodes_key_case_folded, encoded_as({{"A", ""}}), "\\x00\\x01A\\x00\\x00\\x00\\x00",
       "\\x00\\x01a\\x00\\x00\\x00\\x00"},

      // a connection
      {sends_preamble, served({}), "open", "raw AMP/1\\x0d\\x0a open"},
      {sends_empty_box, served({}), "open", "{} open"},
      {box_limit_closes_late, served({sum1 + hex("01")}), three1 + "closing",
       three1 + "{_error= _error_code=TOO_LONG _error_description=} closing"},
      {stays_open_after_reject, served({hex("01")}), "closing", "open"},
      {unknown_underscore_key_refused, served({request("1", "Sum", {{"a", "1"}, {"b", "2"}, {"_trace", ""}})}),
       three1 + "open", "closing"},
      {reserved_keys_first, served({raw({{"a", "1"}, {"_ask", "1"}, {"_command", "Sum"}, {"b", "2"}})}),
       three1 + "open", "closing"},
      {answers_before_reject_lost, served({sum1 + hex("01")}), three1 + "closing", "closing"},
      {boxes_interleave, served({sum1 + sum2}), three1 + three2 + "open", "{_answer=2 total=3} {total=3} open"},
      {large_output_truncated, sizes_of_answers(times(2, request("1", "Big", {{"size", "65535"}}))), "2 of 131114",
       "0 of 65536"},

      // answers
      {answers_twice, served({sum1}), three1 + "open", three1 + three1 + "open"},
      {never_answers, served({sum1}), three1 + "open", "open"},
      {tag_case_folded, served({request("A", "Sum", one_two)}), "{_answer=A total=3} open", "{_answer=a total=3} open"},
      {tag_as_number, served({request("007", "Sum", one_two)}), "{_answer=007 total=3} open",
       "{_answer=7 total=3} open"},
      {tag_cut_at_255, served({request(std::string(300, 't'), "Sum", one_two)}), "{_answer=t*300 total=3} open",
       "{_answer=t*255 total=3} open"},
      {tag_utf8_only, served({request("\xff", "Sum", one_two)}), "{_answer=\\xff total=3} open", "closing"},
      {tag_trimmed, served({request(" 1", "Sum", one_two)}), "{_answer= 1 total=3} open", three1 + "open"},
      {answer_has_ask_too, served({sum1}), three1 + "open", "{_answer=1 _ask=1 total=3} open"},
      {error_without_tag, served({request("1", "Nothing")}), unhandled1 + "open",
       "{_error= _error_code=UNHANDLED _error_description=unknown command} open"},
      {closes_after_answer, served({sum1, sum2}), three1 + three2 + "open", three1 + "closing"},
      {answers_without_ask, served({without_ask("Sum", one_two)}), "open", "{_answer= total=3} open"},
      {errors_without_ask, served({without_ask("Nothing")}), "open",
       "{_error= _error_code=UNHANDLED _error_description=unknown command} open"},
      {closes_without_ask, served({without_ask("Nothing")}), "open", "closing"},
      {note_never_answered, served({request("1", "Note", {{"text", "x"}})}), "{_answer=1} open", "open"},
      {empty_ask_is_none, served({request("", "Sum", one_two)}), "{_answer= total=3} open", "open"},
      {answers_in_order, served({request("d", "Defer", {{"name", "n"}}) + sum1}), three1 + "open", "open"},
      {drops_answers_above_64, served({deferred(64) + sum1}), three1 + "open", "open"},
      {duplicate_ask_merged, served({deferred(2) + times(2, without_ask("Release", {{"name", "n"}}))}),
       "{_answer=d} {_answer=d} open", "{_answer=d} open"},
      {tag_never_again, served({sum1, sum1}), three1 + three1 + "open", three1 + "open"},
      {starts_requests_in_reverse, served({sum1 + sum2}), three1 + three2 + "open", three2 + three1 + "open"},

      // unknown commands and errors
      {unhandled_silent, served({request("1", "Nothing")}), unhandled1 + "open", "open"},
      {unhandled_as_unknown, served({request("1", "Nothing")}), unhandled1 + "open",
       "{_error=1 _error_code=UNKNOWN _error_description=unknown command} open"},
      {unhandled_without_description, served({request("1", "Nothing")}), unhandled1 + "open",
       "{_error=1 _error_code=UNHANDLED} open"},
      {unhandled_closes, served({request("1", "Nothing")}), unhandled1 + "open", unhandled1 + "closing"},
      {non_ascii_command_drops, served({request("1", "\xff")}), unhandled1 + "open", "closing"},
      {empty_command_drops, served({request("1", "")}), unhandled1 + "open", "closing"},
      {command_case_folded, served({request("1", "sUM", one_two)}), unhandled1 + "open", three1 + "open"},
      {command_cut_at_nul, served({request("1", hex("53 75 6d 00 78"), one_two)}), unhandled1 + "open",
       three1 + "open"},
      {command_trimmed, served({request("1", " Sum", one_two)}), unhandled1 + "open", three1 + "open"},
      {declared_error_closes, served({divide_by_zero}), zero_division1 + "open", zero_division1 + "closing"},
      {declared_error_as_unknown, served({divide_by_zero}), zero_division1 + "open",
       "{_error=1 _error_code=UNKNOWN _error_description=division by zero} open"},
      {fatal_stays_open, served({request("1", "Fatal")}), fatal1 + "closing", fatal1 + "open"},
      {fatal_without_box, served({request("1", "Fatal")}), fatal1 + "closing", "closing"},
      {failure_silent, served({fail1}), unknown1 + "closing", "open"},
      {failure_code_wrong, served({fail1}), unknown1 + "closing",
       "{_error=1 _error_code=FAILED _error_description=Unknown Error} closing"},
      {failure_closes_without_box, served({fail1}), unknown1 + "closing", "closing"},
      {stays_open_after_unknown, served({fail1}), unknown1 + "closing", unknown1 + "open"},
      {unknown_leaks_text, served({fail1}), unknown1 + "closing",
       "{_error=1 _error_code=UNKNOWN _error_description=secret} closing"},
      {bad_argument_silent, served({request("1", "Sum", {{"a", "x"}, {"b", "2"}})}), unknown1 + "closing", "open"},
      {missing_argument_is_zero, served({request("1", "Sum", {{"a", "3"}})}), unknown1 + "closing", three1 + "open"},
      {undecodable_argument_is_zero, served({request("1", "Sum", {{"a", "x"}, {"b", "3"}})}), unknown1 + "closing",
       three1 + "open"},
      {argument_cut_at_junk, served({request("1", "Sum", {{"a", "1x"}, {"b", "2"}})}), unknown1 + "closing",
       three1 + "open"},
      {extra_argument_refused, served({request("1", "Sum", {{"a", "1"}, {"b", "2"}, {"c", "3"}})}), three1 + "open",
       unknown1 + "closing"},
      {long_response_silent, served({request("1", "Big", {{"size", "65536"}})}), unknown1 + "closing", "open"},
      {bad_response_silent, served({request("1", "Wrong", {{"how", "missing"}})}), unknown1 + "closing", "open"},
      {bad_response_sent, served({request("1", "Wrong", {{"how", "missing"}})}), unknown1 + "closing",
       "{_answer=1} open"},
      {description_not_utf8, served({request("1", "Nothing")}), unhandled1 + "open",
       "{_error=1 _error_code=UNHANDLED _error_description=unknown command\\xff} open"},
      {long_error_text_closes, end_of_description(request("1", "BigError", {{"size", "32768"}})), "\\xc3\\xa9",
       "no box"},
      {long_error_text_cut_inside_character, end_of_description(request("1", "BigError", {{"size", "32768"}})),
       "\\xc3\\xa9", "\\xc3\\xa9\\xc3"},

      // boxes of no kind, or of two
      {kindless_box_ignored, served({x1}), "closing", "open"},
      {kindless_box_answered, served({x1}), "closing",
       "{_error= _error_code=UNKNOWN _error_description=Unknown Error} closing"},
      {empty_box_ignored, served({raw({})}), "closing", "open"},
      {ask_without_command_answered, served({raw({{"_ask", "1"}})}), "closing", unknown1 + "closing"},
      {unsolicited_answer_executes, served({answer("1")}), "closing", unhandled1 + "closing"},
      {mixed_kinds_both, called("Strange", {raw({{"_answer", "1"}, {"_command", "Noted"}, {"_ask", "7"}})}), "closing",
       "{_answer=7 notes=} 1:answer{_command=Noted _ask=7} open"},

      // both directions, several connections, the end of one
      {tags_shared_between_directions, called("Strange", {sum1}), three1 + "open",
       "1:answer{_ask=1 _command=Sum a=1 b=2} open"},
      {never_asks, served({ask_back}), "{_ask=1 _command=AskBack depth=0} open", "open"},
      {serves_one_at_a_time, called("Strange", {sum1}), three1 + "open", "open"},
      {executes_after_loss_crash, sides([](conversation& a, conversation& b) {
         a.receive(request("1", "Defer", {{"name", "n"}}));
         a.lost();
         b.receive(without_ask("Release", {{"name", "n"}}));
         b.receive(sum1);
       }),
       "open / " + three1 + "open", "closing / closing"},
      {tags_shared_between_connections, sides([](conversation& a, conversation& b) {
         a.receive(request("1", "Defer", {{"name", "n"}}));
         b.receive(request("1", "Defer", {{"name", "n"}}));
         a.receive(without_ask("Release", {{"name", "n"}}));
       }),
       "{_answer=1} open / open", "open / {_answer=1} open"},
      {fin_ignored, side([](conversation& c) { c.peer_finished(); }), "closing", "open"},

      // a client's tags
      {pending_tag_reused, tag_of_call(2), "{_ask=2 _command=Sum} open", "{_ask=1 _command=Sum} open"},
      {tags_decimal, tag_of_call(10), "{_ask=a _command=Sum} open", "{_ask=10 _command=Sum} open"},
      {tags_upper_case, tag_of_call(10), "{_ask=a _command=Sum} open", "{_ask=A _command=Sum} open"},
      {tags_from_zero, tag_of_call(1), "{_ask=1 _command=Sum} open", "{_ask=0 _command=Sum} open"},
      {tags_wrap_at_255, tag_of_call(256), "{_ask=100 _command=Sum} open", "{_ask=1 _command=Sum} open"},
      {no_answer_call_has_empty_ask, side([](conversation& c) { c.call("Note", {}, false); }),
       "{_command=Note} 1:sent open", "{_ask= _command=Note} 1:sent open"},
      {calls_one_at_a_time, tag_of_call(2), "{_ask=2 _command=Sum} open", "open"},
      {long_value_breaks_connection, side([](conversation& c) {
         c.call("Echo", {{"data", std::string(65536, 'x')}}, true);
       }),
       "1:refused(value-too-long) open", "1:refused(value-too-long) closing"},

      // a client's answers
      {answers_matched_in_order, called("Sum", {answer("9", total3)}), "closing", "1:answer{total=3} open"},
      {tags_compared_as_numbers, called("Sum", {answer("0x1", total3)}), "closing", "1:answer{total=3} open"},
      {tags_compared_without_case, side([](conversation& c) {
         for (int i = 0; i < 10; ++i) c.call("Sum", {}, true);
         c.output();
         c.receive(answer("A", total3));
       }),
       "closing", "10:answer{total=3} open"},
      {unknown_tag_completes, called("Sum", {answer("9", total3)}), "closing", "1:answer{total=3} open"},
      {second_answer_completes, called("Sum", {answer("1", total3), answer("1", total3)}), "1:answer{total=3} closing",
       "1:answer{total=3} 1:answer{total=3} open"},
      {answer_completes_all, side([](conversation& c) {
         c.call("Sum", {}, true);
         c.call("Sum", {}, true);
         c.output();
         c.receive(answer("1", total3));
       }),
       "1:answer{total=3} open", "1:answer{total=3} 2:answer{total=3} open"},
      {error_without_code_hangs, called("Sum", {raw({{"_error", "1"}})}), "1:error/undecodable open", "open"},
      {unhandled_not_told_apart, called("Sum", {error("1", "UNHANDLED", "d")}), "1:error/unhandled(UNHANDLED|d) open",
       "1:error/unknown(UNHANDLED|d) open"},
      {declared_not_told_apart, called("Divide", {error("1", "ZERO_DIVISION", "d")}),
       "1:error/declared(ZERO_DIVISION|d) open", "1:error/unknown(ZERO_DIVISION|d) open"},
      {undeclared_code_replaced, called("Sum", {error("1", "OTHER", "d")}), "1:error/unknown(OTHER|d) open",
       "1:error/unknown(UNKNOWN|d) open"},
      {empty_error_fields_missing, called("Sum", {error("1", "OTHER", "")}), "1:error/unknown(OTHER|) open",
       "1:error/undecodable open"},
      {bad_description_closes, called("Sum", {error("1", "OTHER", "\xff")}), "1:error/unknown(OTHER|\\xff) open",
       "1:error/unknown(OTHER|\\xff) closing"},
      {error_completes_as_answer, called("Sum", {error("1", "OTHER", "d")}), "1:error/unknown(OTHER|d) open",
       "1:answer{_error_code=OTHER _error_description=d} open"},
      {description_lost, called("Sum", {error("1", "OTHER", "d")}), "1:error/unknown(OTHER|d) open",
       "1:error/unknown(OTHER|) open"},
      {undecodable_answer_closes, called("Sum", {answer("1", {{"total", "x"}})}), "1:error/undecodable open",
       "1:error/undecodable closing"},
      {undecodable_answer_succeeds, called("Sum", {answer("1", {{"total", "x"}})}), "1:error/undecodable open",
       "1:answer{total=x} open"},
      {unknown_response_key_refused, called("Sum", {answer("1", {{"total", "3"}, {"x", ""}})}),
       "1:answer{total=3} open", "1:error/undecodable open"},

      // a client's end
      {lost_calls_hang, side([](conversation& c) { c.call("Sum", {}, true), c.lost(); }), "1:lost open", "open"},
      {lost_calls_end_twice, side([](conversation& c) { c.call("Sum", {}, true), c.lost(); }), "1:lost open",
       "1:lost 1:lost open"},
      {lost_calls_succeed, side([](conversation& c) { c.call("Sum", {}, true), c.lost(); }), "1:lost open",
       "1:answer{} open"},
      {call_after_loss_hangs, side([](conversation& c) { c.lost(), c.call("Sum", {}, true); }), "1:lost open", "open"},
      {no_answer_call_after_loss_hangs, side([](conversation& c) { c.lost(), c.call("Note", {}, false); }),
       "1:lost open", "open"},
      {cut_answer_completes, side([](conversation& c) {
         c.call("Sum", {}, true);
         c.output();
         c.receive(answer("1", {{"total", "3"}, {"x", "y"}}).substr(0, 25));
         c.lost();
       }),
       "1:lost open", "1:answer{total=3} open"},
  };
  return all;
}

std::vector<demonstration> demonstrations() {
  std::vector<demonstration> all = frame_demonstrations();
  for (const auto* more :
       {&testing::type_demonstrations(), &testing::chunk_demonstrations(), &testing::change_demonstrations(),
        &testing::stream_demonstrations(), &testing::big_demonstrations(), &testing::bulk_demonstrations(),
        &testing::amps_demonstrations()}) {
    all.insert(all.end(), more->begin(), more->end());
  }
  return all;
}

TEST(NaiveFault, ChangesWhatIsSeenAsItsTextSays) {
  for (const demonstration& d : demonstrations()) {
    options broken;
    broken.broken = {d.knob};
    EXPECT_EQ(d.observe({}), d.without) << name_of(d.knob) << " off";
    EXPECT_EQ(d.observe(broken), d.with) << name_of(d.knob) << " on";
    EXPECT_NE(d.without, d.with) << name_of(d.knob);
  }
}

TEST(NaiveFault, EachIsDemonstratedOnce) {
  std::vector<std::string_view> shown_ones;
  for (const demonstration& d : demonstrations()) shown_ones.push_back(name_of(d.knob));
  std::vector<std::string_view> names = fault_names();
  // Those of the AMPS client need a server that answers: amps_client_test and the client vectors show them.
  std::erase_if(names, [](std::string_view name) { return name.starts_with("amps-client-"); });
  std::sort(shown_ones.begin(), shown_ones.end());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(shown_ones, names);
}

/// Streams of good boxes with a few octets changed, cut at random; with every fault in turn, alone and with another.
TEST(NaiveFault, NoneCrashesOrThrowsOnBrokenInput) {
  const std::string good = sum1 + ask_back + fail1 + divide_by_zero + request("3", "Note", {{"text", "x"}}) +
                           deferred(2) + request("4", "Release", {{"name", "n"}}) +
                           request("5", "BigError", {{"size", "40000"}}) + answer("1", {{"depth", "0"}}) +
                           error("2", "OTHER", "\xff") + answer("2") + raw({}) + k256 + sum2;
  std::mt19937 random(11);
  for (std::size_t i = 0; i < fault_names().size(); ++i) {
    for (int round = 0; round < 40; ++round) {
      options with;
      with.broken = {static_cast<fault>(i), static_cast<fault>(random() % fault_names().size())};
      with.version = round % 2 == 0 ? format::amp1 : format::amp2;
      const auto state = std::make_shared<service_state>();
      conversation a(with, state), b(with, state);
      std::string stream = good;
      for (int changes = round % 4; changes > 0; --changes)
        stream[random() % stream.size()] = static_cast<char>(random() % 256);
      for (conversation* c : {&a, &b}) {
        c->call("AskBack", {{"depth", "1"}}, true);
        c->call("Sum", {}, round % 2 == 0);
        for (std::string rest = stream; !rest.empty();) {
          const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random() % 200);
          c->receive(rest.substr(0, size));
          rest.erase(0, size);
          b.receive(a.output());
          a.receive(b.output());
        }
        if (round % 3 != 0) c->peer_finished();
        c->lost();
        c->call("Sum", {}, true);
      }
      decode(stream, with);
    }
  }
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(std::string(AMPSPEC_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(NaiveFault, NamesAreThoseOfTheFaultFileInItsOrder) {
  std::vector<std::string> listed;
  for (const std::string& line : lines_of("vectors/faults.yaml")) {
    if (line.rfind("- name: ", 0) == 0) listed.push_back(line.substr(8));
    if (line.rfind("  home: ", 0) == 0 && line != "  home: naive") listed.pop_back();
  }
  EXPECT_EQ(listed, std::vector<std::string>(fault_names().begin(), fault_names().end()));
}

TEST(NaiveFault, EnumeratorsAreTheNamesWithUnderscores) {
  std::string enumerators, names;
  bool inside = false;
  for (const std::string& line : lines_of("reference/naive/faults.hpp")) {
    if (line == "};") inside = false;
    if (inside && !line.starts_with("  //")) enumerators += line.substr(2) + "\n";
    if (line == "enum class fault {") inside = true;
  }
  for (std::string name : std::vector<std::string>(fault_names().begin(), fault_names().end())) {
    std::replace(name.begin(), name.end(), '-', '_');
    names += name + ",\n";
  }
  EXPECT_EQ(enumerators, names);
}

TEST(NaiveFault, IsFoundByItsName) {
  EXPECT_EQ(fault_named("answers-twice"), fault::answers_twice);
  EXPECT_EQ(fault_named("no-such-fault"), std::nullopt);
}

}  // namespace
}  // namespace ampspec::naive
