// Values in chunks (AMPv2) read and written by the naive implementation, and its faults there: seen without and with.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/conversation.hpp"
#include "reference/naive/testing.hpp"
#include "reference/naive/types.hpp"

#include <gtest/gtest.h>

namespace ampspec::naive {
namespace {

using enum fault;
using testing::shown;
using testing::u16;

options amp2(options with = {}) {
  with.version = format::amp2;
  return with;
}

std::string times(std::size_t n, char c = 'v') { return std::string(n, c); }
std::string chunk(const std::string& octets) { return u16(octets.size()) + octets; }
const std::string full = chunk(times(65535)), full2 = full + full, end = u16(0);
const std::string key_k = chunk("k"), key_z = chunk("z");

/// A box as the grammar of AMPv2 writes it.
std::string raw2(const box& pairs) {
  std::string octets;
  for (auto [key, value] : pairs) {
    octets += chunk(key);
    for (; value.size() >= 65535; value.erase(0, 65535)) octets += chunk(value.substr(0, 65535));
    octets += chunk(value);
  }
  return octets + end;
}

using observation = std::function<std::string(const options&)>;

observation read_as_amp2(std::vector<std::string> reads) {
  return [=](const options& with) { return shown(testing::fed(reads, amp2(with))); };
}
observation read_as_amp1(std::string octets) {
  return [=](const options& with) { return shown(testing::fed({octets}, with)); };
}
std::string size_and_tail(const encoded& e) {
  if (!e.refused.empty()) return "refused " + e.refused;
  return std::to_string(e.bytes.size()) + " " + shown(e.bytes.substr(e.bytes.size() - 6));
}
observation tail_as(format version, const box& pairs) {
  return [=](const options& with) { return size_and_tail(encode(pairs, with.broken, version)); };
}
observation head_as_amp2(const box& pairs) {
  return [=](const options& with) { return shown(encode(pairs, with.broken, format::amp2).bytes.substr(0, 6)); };
}
observation served(std::vector<std::string> reads) {
  return [=](const options& with) {
    conversation c(amp2(with));
    for (const auto& read : reads) c.receive(read);
    return shown(decode(c.output(), amp2())) + (c.wants_close() ? " closing" : " open");
  };
}

std::string echo(const std::string& tag, std::size_t size) {
  return raw2({{"_ask", tag}, {"_command", "Echo"}, {"data", times(size)}});
}
const std::string sum = raw2({{"_ask", "s"}, {"_command", "Sum"}, {"a", "1"}, {"b", "2"}});

const argument_type list_of_bytes{kind::list, {{kind::bytes, {}, {}}}, {}};
typed_value bytes_of(std::size_t size) {
  typed_value v;
  v.octets = times(size);
  return v;
}
observation elements_of(std::string octets) {
  return [=](const options& with) {
    const auto list = parse(list_of_bytes, octets, with.broken);
    return list ? std::to_string(list->items.size()) : "refused";
  };
}
observation list_written(std::vector<std::size_t> sizes) {
  return [=](const options& with) {
    typed_value list;
    for (const auto size : sizes) list.items.push_back(bytes_of(size));
    const auto octets = print(list_of_bytes, list, with.broken, format::amp2);
    return octets ? std::to_string(octets->size()) : "refused";
  };
}

const std::string k65536 = key_k + full + chunk("w"), of_65536 = "{k=v*65536} clean";

}  // namespace

const std::vector<testing::demonstration>& testing::chunk_demonstrations() {
  static const std::vector<demonstration> all{
      {full_chunk_ends_value, read_as_amp2({key_k + full + end + key_z + chunk("1") + end}), "{k=v*65535 z=1} clean",
       "{k=v*65535} {z=1} clean"},
      {chunk_of_65534_continues, read_as_amp2({key_k + chunk(times(65534)) + end}), "{k=v*65534} clean", "incomplete"},
      {two_chunks_at_most, read_as_amp2({key_k + full2 + end + end}), "{k=v*131070} clean", "{k=v*131070} {} clean"},
      {last_chunk_dropped, read_as_amp2({k65536 + end}), of_65536, "{k=v*65535} clean"},
      {empty_last_chunk_ends_box, read_as_amp2({key_k + full + end + end}), "{k=v*65535} clean",
       "{k=v*65535} {} clean"},
      {chunks_joined_in_reverse, read_as_amp2({k65536 + end}), of_65536, "{k=w*65536} clean"},
      {first_chunk_only_kept, read_as_amp2({k65536 + end}), of_65536, "{k=v*65535} clean"},
      {chunked_value_ends_box, read_as_amp2({k65536 + key_z + chunk("1") + end}), "{k=v*65536 z=1} clean",
       "{k=v*65536} {z=1} clean"},
      {chunks_kept_for_next_value, read_as_amp2({k65536 + key_z + chunk("1") + end}), "{k=v*65536 z=1} clean",
       "{k=v*65536 z=v*65537} clean"},
      {read_border_ends_value, read_as_amp2({key_k + full, chunk("w") + end}), of_65536, "incomplete"},
      {chunk_length_half_lost, read_as_amp2({key_k + full + times(1, '\0'), "\1w" + end}), of_65536, "incomplete"},
      {cut_in_chunks_clean, read_as_amp2({key_k + full + u16(3) + "w"}), "incomplete", "clean"},
      {cut_chunk_delivered, read_as_amp2({key_k + full}), "incomplete", "{k=v*65535} incomplete"},
      {key_limit_lifted_behind_chunks, read_as_amp2({key_k + full + end + chunk(times(256, 'l')) + end + end}),
       "rejected key-too-long@65542", "{k=v*65535 l*256=} clean"},
      {key_of_255_continued, read_as_amp2({chunk(times(255, 'k')) + chunk("x") + end}), "{k*255=x} clean",
       "incomplete"},
      {value_above_1_mib_refused, read_as_amp2({raw2({{"k", times(17 * 65535)}})}), "{k=v*1114095} clean",
       "rejected value-too-large@1048595"},
      {chunked_box_must_be_sorted, read_as_amp2({key_z + chunk("1") + key_k + chunk("2") + end}), "{z=1 k=2} clean",
       "rejected keys-not-sorted@6"},
      {zeros_at_chunk_border_dropped, read_as_amp2({key_k + full + chunk(end) + end}), "{k=v*65537} clean",
       "{k=v*65535} clean"},
      {ones_at_chunk_border_dropped, read_as_amp2({key_k + full + chunk("\xff\xff") + end}), "{k=v*65537} clean",
       "{k=v*65535} clean"},

      {encodes_65534_with_empty_chunk, tail_as(format::amp2, {{"k", times(65534)}}), "65541 vvvv\\x00\\x00",
       "65543 vv\\x00\\x00\\x00\\x00"},
      {encodes_65535_in_one_chunk, tail_as(format::amp2, {{"k", times(65535)}}), "65544 vv\\x00\\x00\\x00\\x00",
       "65542 vvvv\\x00\\x00"},
      {encodes_no_empty_last_chunk, tail_as(format::amp2, {{"k", times(131070)}}), "131081 vv\\x00\\x00\\x00\\x00",
       "131079 vvvv\\x00\\x00"},
      {encodes_above_65534_refused, tail_as(format::amp2, {{"k", times(65535)}}), "65544 vv\\x00\\x00\\x00\\x00",
       "refused value-too-long"},
      {encodes_last_chunk_lost, tail_as(format::amp2, {{"k", times(65536)}}), "65545 v\\x00\\x01v\\x00\\x00",
       "65544 vv\\x00\\x00\\x00\\x00"},
      {encodes_chunks_of_65534, tail_as(format::amp2, {{"k", times(65536)}}), "65545 v\\x00\\x01v\\x00\\x00",
       "65545 \\x00\\x02vv\\x00\\x00"},
      {encodes_chunks_in_reverse, head_as_amp2({{"k", times(65535, 'a') + times(65535, 'b')}}),
       "\\x00\\x01k\\xff\\xffa", "\\x00\\x01k\\xff\\xffb"},
      {encodes_empty_chunk_always, tail_as(format::amp2, {{"k", "x"}}), "8 k\\x00\\x01x\\x00\\x00",
       "10 \\x01x\\x00\\x00\\x00\\x00"},
      {encodes_long_key_in_chunks, tail_as(format::amp2, {{times(256, 'k'), "x"}}), "refused key-too-long",
       "265 k\\x00\\x01x\\x00\\x00"},
      {encodes_16_mib_refused, tail_as(format::amp2, {{"k", times(16u << 20)}}), "16777735 vvvv\\x00\\x00",
       "refused value-too-long"},
      {encodes_octet_before_border_lost, tail_as(format::amp2, {{"k", times(131069)}}), "131078 vvvv\\x00\\x00",
       "131077 vvvv\\x00\\x00"},

      {large_request_unanswered, served({echo("1", 65535)}), "{_answer=1 data=v*65535} clean open", "clean open"},
      {version_changes_behind_large_request, served({echo("1", 65535), echo("2", 65536)}),
       "{_answer=1 data=v*65535} {_answer=2 data=v*65536} clean open",
       "{_answer=1 data=v*65535} {_error=2 _error_code=UNKNOWN _error_description=Unknown Error} clean closing"},
      {version_changes_behind_short_box,
       [](const options& with) {
         conversation c(amp2(with));
         c.receive(sum);
         c.receive(echo("1", 65535));
         return std::string(c.wants_close() ? "closing" : "open");
       },
       "open", "closing"},
      {answer_between_chunks,
       [](const options& with) {
         conversation c(amp2(with));
         c.receive(echo("1", 70000) + sum);
         return std::string(decode(c.output(), amp2()).end == ending::clean ? "clean" : "torn");
       },
       "clean", "torn"},

      {list_limited_to_a_chunk, elements_of(chunk(times(30000)) + chunk(times(30000)) + chunk(times(30000))), "3",
       "refused"},
      {list_elements_in_chunks, elements_of(full + chunk("w")), "2", "1"},
      {prints_list_limited_to_a_chunk, list_written({30000, 30000, 30000}), "90006", "refused"},
      {prints_list_elements_in_chunks, list_written({65536}), "refused", "65540"},

      {v1_joins_chunks, read_as_amp1(key_k + full + end + key_z + chunk("1") + end), "{k=v*65535} {z=1} clean",
       "{k=v*65535 z=1} clean"},
      {v1_sends_chunks, tail_as(format::amp1, {{"k", times(65536)}}), "refused value-too-long",
       "65545 v\\x00\\x01v\\x00\\x00"},
  };
  return all;
}

namespace {

TEST(NaiveChunks, AreReadAndWrittenAsTheTableOfTheSpecificationSays) {
  const std::vector<std::pair<std::size_t, std::size_t>> octets_of_box{
      {0, 13},          {1, 14},          {65534, 65547},   {65535, 65550},  {65536, 65551},
      {131069, 131084}, {131070, 131087}, {131071, 131088}, {196605, 196624}};
  for (const auto& [n, octets] : octets_of_box) {
    const box b{{"k", times(n, '\x48')}, {"z", "1"}};
    const auto made = encode(b, {}, format::amp2);
    EXPECT_EQ(made.bytes.size(), octets) << n;
    EXPECT_EQ(made.bytes, raw2(b)) << n;
    const auto back = decode(made.bytes, amp2());
    ASSERT_EQ(back.boxes.size(), 1u) << n;
    EXPECT_EQ(back.boxes[0], b) << n;
    EXPECT_EQ(back.end, ending::clean) << n;
  }
}

TEST(NaiveChunks, BeyondTheLimitOfAValueAreRefusedAtTheLengthThatLeadsThere) {
  options with = amp2();
  with.largest_value = 65536;
  EXPECT_EQ(shown(testing::fed({k65536 + end}, with)), of_65536);
  with.largest_value = 65535;
  EXPECT_EQ(shown(testing::fed({k65536 + end}, with)), "rejected value-too-large@65540");
}

}  // namespace
}  // namespace ampspec::naive
