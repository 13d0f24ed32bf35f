// What each fault of streams changes: what is answered or written without it, and with it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/testing.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::naive::testing {
namespace {

using enum fault;
using script = std::vector<std::string>;

/// `1{a=b}` an answer, `1!CODE` an error, `Sum{a=1}` a request; then ended calls and how the connection stands.
std::string brief(conversation& c) {
  std::string text;
  for (const box& b : decode(c.output()).boxes) {
    box rest;
    std::string head;
    for (const auto& [key, value] : b) {
      if (key == "_answer" || key == "_command") {
        head = value;
      } else if (key == "_error") {
        head = value + "!" + find(b, "_error_code").value_or("");
      } else if (key != "_ask" && key.substr(0, 6) != "_error") {
        rest.emplace_back(key, value);
      }
    }
    text += head + (rest.empty() ? "" : shown(rest)) + " ";
  }
  text += shown(c.events());
  return text + (c.wants_close() ? "closing" : "open");
}

/// What a server shows after these reads.
std::function<std::string(const options&)> served(const script& reads) {
  return [=](const options& with) {
    conversation c(with);
    for (const std::string& read : reads) c.receive(read);
    return brief(c);
  };
}

/// What a writer of `size` times `x` shows after these reads; its calls have the tags 1, 2 and so on.
std::function<std::string(const options&)> writes(std::uint64_t size, const std::string& end, const script& reads) {
  return [=](const options& with) {
    conversation c(with);
    c.write_stream({"xyz", size, 1, end});
    for (const std::string& read : reads) c.receive(read);
    return brief(c);
  };
}

std::string open(const std::string& tag) { return request(tag, "StreamOpen"); }
std::string put(const std::string& tag, const std::string& id, const std::string& data) {
  return request(tag, "StreamWrite", {{"streamId", id}, {"data", data}});
}
std::string of(const std::string& tag, const std::string& command, const std::string& id) {
  return request(tag, command, {{"streamId", id}, {"reason", ""}, {"as", "chunks"}});
}
std::string opened(const std::string& tag, const std::string& id) { return answer(tag, {{"streamId", id}}); }
std::string lacking(const std::string& tag) { return error(tag, "UNHANDLED", ""); }

std::string outcome_of_lost_stream(const options& with) {
  const auto state = std::make_shared<service_state>();
  conversation a(with, state), b(with, state);
  a.receive(open("1"));
  a.receive(request("2", "StreamConsume", {{"streamId", "3"}, {"as", "digest"}, {"name", "n"}}));
  a.lost();
  b.receive(request("1", "StreamOutcome", {{"name", "n"}}));
  return brief(b).substr(0, 13);
}

std::string after_many_streams(const options& with) {
  conversation c(with);
  for (int i = 0; i < 256; ++i) c.receive(open("1"));
  c.output();
  c.receive(open("2"));
  return brief(c);
}

std::string after_a_mebibyte(const options& with) {
  conversation c(with);
  c.receive(open("1"));
  for (int i = 0; i < 17; ++i) c.receive(put("2", "3", std::string(65535, 'x')));
  return std::to_string(decode(c.output()).boxes.size()) + " answers";
}

std::string after_a_hundred_chunks(const options& with) {
  conversation c(with);
  c.receive(open("1"));
  for (int i = 0; i < 101; ++i) c.receive(put("2", "3", "x"));
  c.output();
  c.receive(request("3", "StreamTake", {{"streamId", "3"}, {"as", "whole"}}));
  return brief(c).substr(0, 12);
}

std::string lost_while_writing(const options& with) {
  conversation c(with);
  c.write_stream({"x", 1, 1, "leave"});
  c.lost();
  return brief(c);
}

std::string calls_while_writing(const options& with) {
  conversation c(with);
  c.write_stream({"x", 1, 1, "leave"});
  c.call("Sum", {}, true);
  return brief(c);
}

std::vector<demonstration> receiving() {
  const std::string both = open("1") + open("2");
  const std::string one = open("1") + put("2", "3", "ab") + put("3", "3", "c");
  return {
      {stream_open_id_is_no_integer, served({open("1")}), "1{streamId=3} open", "1{streamId=s3} open"},
      {stream_write_answers_size, served({open("1"), put("2", "3", "x")}), "1{streamId=3} 2 open",
       "1{streamId=3} 2{size=1} open"},
      {stream_ids_equal, served({both}), "1{streamId=3} 2{streamId=6} open", "1{streamId=3} 2{streamId=3} open"},
      {stream_ids_reused, served({open("1"), of("2", "StreamAbort", "0"), open("3")}),
       "1{streamId=3} 2!STREAM_UNKNOWN 3{streamId=6} open", "1{streamId=0} 2 3{streamId=0} open"},
      {stream_ids_shared_by_directions, writes(0, "leave", {opened("1", "1"), put("9", "1", "x")}),
       "StreamOpen 9!UNKNOWN 1:answer{streamId=1 count=0} closing", "StreamOpen 9 1:answer{streamId=1 count=0} open"},
      {stream_data_as_text, served({open("1"), put("2", "3", "\xff"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2 3{count=1 size=1 chunks=\\x00\\x01\\xff} open",
       "1{streamId=3} 2 3{count=1 size=3 chunks=\\x00\\x03\\xef\\xbf\\xbd} open"},
      {stream_data_65535_refused, served({open("1"), put("2", "3", std::string(65535, 'x'))}), "1{streamId=3} 2 open",
       "1{streamId=3} 2!STREAM_LIMIT open"},
      {stream_data_cut_at_nul, served({open("1"), put("2", "3", hex("61 00 62")), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2 3{count=1 size=3 chunks=\\x00\\x03a\\x00b} open",
       "1{streamId=3} 2 3{count=1 size=1 chunks=\\x00\\x01a} open"},
      {stream_zero_length_dropped, served({open("1"), put("2", "3", ""), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2 3{count=1 size=0 chunks=\\x00\\x00} open", "1{streamId=3} 2 3{count=0 size=0 chunks=} open"},
      {stream_zero_length_ends, served({open("1"), put("2", "3", ""), put("3", "3", "x")}), "1{streamId=3} 2 3 open",
       "1{streamId=3} 2 3!STREAM_UNKNOWN open"},
      {stream_zero_length_refused, served({open("1"), put("2", "3", "")}), "1{streamId=3} 2 open",
       "1{streamId=3} 2!UNKNOWN closing"},
      {stream_chunks_merged, served({one, of("4", "StreamTake", "3")}),
       "1{streamId=3} 2 3 4{count=2 size=3 chunks=\\x00\\x02ab\\x00\\x01c} open",
       "1{streamId=3} 2 3 4{count=1 size=3 chunks=\\x00\\x03abc} open"},
      {stream_chunks_in_reverse, served({one, of("4", "StreamTake", "3")}),
       "1{streamId=3} 2 3 4{count=2 size=3 chunks=\\x00\\x02ab\\x00\\x01c} open",
       "1{streamId=3} 2 3 4{count=2 size=3 chunks=\\x00\\x01c\\x00\\x02ab} open"},
      {stream_chunks_into_latest, served({both, put("3", "3", "x"), of("4", "StreamTake", "3")}),
       "1{streamId=3} 2{streamId=6} 3 4{count=1 size=1 chunks=\\x00\\x01x} open",
       "1{streamId=3} 2{streamId=6} 3 4{count=0 size=0 chunks=} open"},
      {stream_loses_100th_chunk, after_a_hundred_chunks, "3{count=101 ", "3{count=100 "},
      {stream_empty_unknown, served({open("1"), of("2", "StreamTake", "3")}),
       "1{streamId=3} 2{count=0 size=0 chunks=} open", "1{streamId=3} 2!STREAM_UNKNOWN open"},
      {stream_stall_stops_streams, served({both, of("3", "StreamStall", "3"), put("4", "6", "x")}),
       "1{streamId=3} 2{streamId=6} 3 4 open", "1{streamId=3} 2{streamId=6} 3 open"},
      {stream_stall_stops_commands,
       served({open("1"), of("2", "StreamStall", "3"), request("3", "Echo", {{"data", "x"}})}),
       "1{streamId=3} 2 3{data=x} open", "1{streamId=3} 2 open"},
      {stream_never_withholds, after_a_mebibyte, "17 answers", "18 answers"},
      {stream_pipelined_in_reverse,
       served({open("1"), of("2", "StreamStall", "3"), put("3", "3", "a"), put("4", "3", "b"),
               of("5", "StreamTake", "3")}),
       "1{streamId=3} 2 3 4 5{count=2 size=2 chunks=\\x00\\x01a\\x00\\x01b} open",
       "1{streamId=3} 2 3 4 5{count=2 size=2 chunks=\\x00\\x01b\\x00\\x01a} open"},
      {stream_unknown_accepted, served({put("1", "7", "x")}), "1!UNKNOWN closing", "1 open"},
      {stream_unknown_lands, served({open("1"), put("2", "7", "x"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2!UNKNOWN closing", "1{streamId=3} 2 3{count=1 size=1 chunks=\\x00\\x01x} open"},
      {stream_write_after_close_accepted, served({open("1"), of("2", "StreamClose", "3"), put("3", "3", "x")}),
       "1{streamId=3} 2 3!STREAM_UNKNOWN open", "1{streamId=3} 2 3 open"},
      {stream_close_aborts, served({open("1"), of("2", "StreamClose", "3"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2 3{count=0 size=0 chunks=} open", "1{streamId=3} 2 3!STREAM_UNKNOWN open"},
      {stream_second_close_accepted, served({open("1"), of("2", "StreamClose", "3"), of("3", "StreamClose", "3")}),
       "1{streamId=3} 2 3!STREAM_UNKNOWN open", "1{streamId=3} 2 3 open"},
      {stream_second_take_succeeds, served({open("1"), of("2", "StreamTake", "3"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2{count=0 size=0 chunks=} 3!STREAM_UNKNOWN open",
       "1{streamId=3} 2{count=0 size=0 chunks=} 3{count=0 size=0 chunks=} open"},
      {stream_loss_is_complete, outcome_of_lost_stream, "1{how=aborted", "1{how=complet"},
      {stream_limit_missing, after_many_streams, "2!STREAM_LIMIT open", "2{streamId=771} open"},
      {stream_limit_closes, after_many_streams, "2!STREAM_LIMIT open", "2!UNKNOWN closing"},
      {stream_bad_id_lands, served({open("1"), put("2", "abc", "x"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2!UNKNOWN closing", "1{streamId=3} 2 3{count=1 size=1 chunks=\\x00\\x01x} open"},
      {stream_commands_wait, served({open("1"), request("2", "Echo", {{"data", "x"}})}), "1{streamId=3} 2{data=x} open",
       "1{streamId=3} open"},
      {stream_unasked_write_lost,
       served({open("1"), without_ask("StreamWrite", {{"streamId", "3"}, {"data", "x"}}), of("2", "StreamTake", "3")}),
       "1{streamId=3} 2{count=1 size=1 chunks=\\x00\\x01x} open", "1{streamId=3} 2{count=0 size=0 chunks=} open"},
      {stream_abort_keeps, served({open("1"), of("2", "StreamAbort", "3"), of("3", "StreamTake", "3")}),
       "1{streamId=3} 2 3!STREAM_UNKNOWN open", "1{streamId=3} 2 3{count=0 size=0 chunks=} open"},
      {stream_close_overtakes_write,
       served({open("1"), put("2", "3", "x") + of("3", "StreamClose", "3"), of("4", "StreamTake", "3")}),
       "1{streamId=3} 2 3 4{count=1 size=1 chunks=\\x00\\x01x} open",
       "1{streamId=3} 2 3 4{count=0 size=0 chunks=} open"},
  };
}

std::vector<demonstration> writing() {
  return {
      {stream_writer_small_ids, writes(1, "leave", {opened("1", "1000000000000")}),
       "StreamOpen StreamWrite{streamId=1000000000000 data=x} open",
       "StreamOpen StreamWrite{streamId=1420103680 data=x} open"},
      {stream_writer_zero_is_no_id, writes(1, "leave", {opened("1", "0")}),
       "StreamOpen StreamWrite{streamId=0 data=x} open", "StreamOpen 1:error/undecodable open"},
      {stream_writer_does_not_split, writes(65536, "leave", {opened("1", "0")}),
       "StreamOpen StreamWrite{streamId=0 data=x*65535} open", "StreamOpen 1:refused open"},
      {stream_writer_two_outstanding, writes(65536, "leave", {opened("1", "0")}),
       "StreamOpen StreamWrite{streamId=0 data=x*65535} open",
       "StreamOpen StreamWrite{streamId=0 data=x*65535} StreamWrite{streamId=0 data=x} open"},
      {stream_writer_never_waits, writes(131071, "leave", {opened("1", "0")}),
       "StreamOpen StreamWrite{streamId=0 data=x*65535} open",
       "StreamOpen StreamWrite{streamId=0 data=x*65535} StreamWrite{streamId=0 data=x*65535} StreamWrite{streamId=0 "
       "data=x} open"},
      {stream_writer_skips_octet, writes(65537, "leave", {opened("1", "0"), answer("2")}),
       "StreamOpen StreamWrite{streamId=0 data=x*65535} StreamWrite{streamId=0 data=xy} open",
       "StreamOpen StreamWrite{streamId=0 data=x*65535} StreamWrite{streamId=0 data=y} open"},
      {stream_writer_empty_opens_nothing, writes(0, "leave", {}), "StreamOpen open", "1:answer{} open"},
      {stream_writer_stalls_calls, calls_while_writing, "StreamOpen Sum open", "StreamOpen open"},
      {stream_writer_needs_close, writes(0, "close", {opened("1", "0"), lacking("2")}),
       "StreamOpen StreamClose{streamId=0} 1:answer{streamId=0 count=0} open",
       "StreamOpen StreamClose{streamId=0} 1:error/unhandled(UNHANDLED|) open"},
      {stream_writer_loss_is_done, lost_while_writing, "1:lost open", "1:answer{} open"},
      {stream_writer_ignores_refusal, writes(1, "leave", {opened("1", "0"), error("2", "STREAM_LIMIT", "")}),
       "StreamOpen StreamWrite{streamId=0 data=x} 1:error/declared(STREAM_LIMIT|) open",
       "StreamOpen StreamWrite{streamId=0 data=x} 1:answer{streamId=0 count=1} open"},
  };
}

}  // namespace

const std::vector<demonstration>& stream_demonstrations() {
  static const std::vector<demonstration> all = [] {
    std::vector<demonstration> together = receiving();
    const auto more = writing();
    together.insert(together.end(), more.begin(), more.end());
    return together;
  }();
  return all;
}

TEST(NaiveStreams, HashAsTheStandardSays) {
  const auto of_text = [](const std::string& text) {
    sha256 hash;
    for (const char c : text) hash.add(std::string(1, c));
    return hash.hex();
  };
  EXPECT_EQ(of_text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(of_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(NaiveStreams, AConsumerIsToldWhatCameAndHowItEnded) {
  conversation c;
  c.receive(open("1") + put("2", "3", "abc") +
            request("3", "StreamConsume", {{"streamId", "3"}, {"as", "digest"}, {"name", "n"}}) +
            of("4", "StreamClose", "3") + request("5", "StreamOutcome", {{"name", "n"}}));
  EXPECT_EQ(brief(c),
            "1{streamId=3} 2 3 4 5{how=complete count=1 size=3 "
            "sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad} open");
}

TEST(NaiveStreams, AreWrittenWhenAsked) {
  conversation c;
  c.receive(request("9", "StreamSend", {{"size", "4"}, {"pattern", "abc"}, {"end", "close"}}) + opened("1", "5") +
            answer("2") + answer("3"));
  EXPECT_EQ(brief(c),
            "StreamOpen StreamWrite{streamId=5 data=abca} StreamClose{streamId=5} 9{streamId=5 count=1} open");
}

}  // namespace ampspec::naive::testing
