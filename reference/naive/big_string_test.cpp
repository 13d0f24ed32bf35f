// Splitting and joining by the second implementation, and what each of its faults changes there.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/big_string.hpp"

#include "reference/naive/type_testing.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace ampspec::naive::testing {
namespace {

using observation = std::function<std::string(const options&)>;

const argument_type big_bytes{kind::big, {some_bytes}, {}}, big_text{kind::big, {a_text}, {}};
const argument_type flocker_bytes{kind::flocker, {some_bytes}, {}};
const std::string full(65535, 'a');

std::string shown_joined(const joined& j) {
  if (j.what == joined::how::wrong) return "wrong";
  return j.what == joined::how::absent ? "absent" : shown(j.octets());
}

/// The keys of a value and the sizes under them: `b:65535 b.2:1`.
observation splits(const std::string& name, const std::string& octets, big_names names = big_names::from_two) {
  return [=](const options& with) -> std::string {
    const auto pairs = split_big(name, octets, names, with.broken);
    if (!pairs) return "refused";
    std::string text;
    for (const auto& [key, value] : *pairs) {
      text += (text.empty() ? "" : " ") + (key.size() > 9 ? key.substr(0, 1) + "*" + std::to_string(key.size()) : key);
      text += ":" + std::to_string(value.size());
    }
    return text;
  };
}

observation joins(const box& pairs, big_names names = big_names::from_two) {
  return [=](const options& with) { return shown_joined(join_big("b", pairs, names, with.broken)); };
}

observation reads(const argument_list& fields, const box& pairs) {
  return [=](const options& with) {
    const auto record = parse(fields, pairs, with.broken);
    return record ? shown(fields, *record) : "refused";
  };
}

observation asked(const std::string& command, const box& arguments) {
  return [=](const options& with) {
    conversation c(with);
    c.receive(request("1", command, arguments));
    return shown(c);
  };
}

box lettered(int count) {
  box pairs;
  for (int i = 0; i < count; ++i)
    pairs.emplace_back(i == 0 ? "b" : "b." + std::to_string(i + 1), std::string(1, static_cast<char>('a' + i)));
  return pairs;
}

TEST(NaiveBigString, SplitsAfterEach65535Octets) {
  EXPECT_EQ(splits("b", "")({}), "b:0");
  EXPECT_EQ(splits("b", full)({}), "b:65535");
  EXPECT_EQ(splits("b", full + "b")({}), "b:65535 b.2:1");
  EXPECT_EQ(splits("b", full + full)({}), "b:65535 b.2:65535");
  EXPECT_EQ(splits("b", full + "b", big_names::from_zero)({}), "b.0:65535 b.1:1");
  EXPECT_EQ(splits("b", "", big_names::from_zero)({}), "");
}

TEST(NaiveBigString, JoinsByNumberUpToTheFirstThatIsMissing) {
  EXPECT_EQ(joins(lettered(12))({}), "abcdefghijkl");
  EXPECT_EQ(joins({{"b.3", "c"}, {"b.2", ""}, {"b", "a"}})({}), "ac");
  EXPECT_EQ(joins({{"b", "a"}, {"b.3", "c"}})({}), "wrong");
  EXPECT_EQ(joins({{"b.2", "b"}})({}), "wrong");
  EXPECT_EQ(joins({{"b.0", "z"}, {"c", "z"}})({}), "absent");
  EXPECT_EQ(joins({{"b.1", "b"}, {"b.0", "a"}}, big_names::from_zero)({}), "ab");
}

}  // namespace

const std::vector<demonstration>& big_demonstrations() {
  using enum fault;
  const argument_list a_big{{"b", big_bytes, false}}, maybe_big{{"b", big_bytes, true}}, words{{"b", big_text, false}};
  const auto zero = big_names::from_zero;
  const std::string long_name(254, 'n');
  const box straddling{{"b", "a\xc3"}, {"b.2", "\xa9"}};
  const std::string echoed = "{_answer=1 data=a*65535 data.2=b} ";
  static const std::vector<demonstration> all = {
      {big_first_numbered, splits("b", full + "b"), "b:65535 b.2:1", "b.1:65535 b.2:1"},
      {big_from_zero, splits("b", full + "b"), "b:65535 b.2:1", "b.0:65535 b.1:1"},
      {big_second_is_one, splits("b", full + "b"), "b:65535 b.2:1", "b:65535 b.1:1"},
      {big_numbers_padded, splits("b", full + "b"), "b:65535 b.2:1", "b:65535 b.02:1"},
      {big_chunks_of_65534, splits("b", full), "b:65535", "b:65534 b.2:1"},
      {big_chunks_of_65536, splits("b", full + "b"), "b:65535 b.2:1", "b:65536"},
      {big_short_chunk_first, splits("b", full + "b"), "b:65535 b.2:1", "b:1 b.2:65535"},
      {big_evenly_split, splits("b", full + "b"), "b:65535 b.2:1", "b:32768 b.2:32768"},
      {big_empty_chunk_behind_full, splits("b", full), "b:65535", "b:65535 b.2:0"},
      {big_empty_without_key, splits("b", ""), "b:0", ""},
      {big_joined_in_box_order, joins({{"b.2", "b"}, {"b", "a"}}), "ab", "ba"},
      {big_joined_by_text, joins(lettered(10)), "abcdefghij", "ajbcdefghi"},
      {big_stops_at_nine, joins(lettered(10)), "abcdefghij", "abcdefghi"},
      {big_joins_beyond_gap, joins({{"b", "a"}, {"b.3", "c"}}), "wrong", "ac"},
      {big_gap_cuts_value, joins({{"b", "a"}, {"b.3", "c"}}), "wrong", "a"},
      {big_without_first_joined, joins({{"b.2", "b"}}), "wrong", "b"},
      {big_without_first_is_empty, reads(a_big, {}), "refused", "{b=}"},
      {big_ends_at_short_chunk, joins(lettered(2)), "ab", "a"},
      {big_ends_at_empty_chunk, joins({{"b", "a"}, {"b.2", ""}, {"b.3", "c"}}), "ac", "a"},
      {big_short_chunks_refused, joins(lettered(2)), "ab", "wrong"},
      {big_reads_zero, joins({{"b", "a"}, {"b.0", "z"}}), "a", "za"},
      {big_reads_one, joins({{"b", "a"}, {"b.1", "z"}}), "a", "az"},
      {big_reads_padded, joins({{"b", "a"}, {"b.02", "z"}}), "a", "az"},
      {big_reads_plus, joins({{"b", "a"}, {"b.+2", "z"}}), "a", "az"},
      {big_names_any_case, joins({{"b", "a"}, {"B.2", "z"}}), "a", "az"},
      {big_long_name_written, splits(long_name, full + "b"), "refused", "n*254:65535 n*256:1"},
      {big_long_name_cut, splits(long_name, full + "b"), "refused", "n*254:65535 n*255:1"},
      {big_long_name_ends_value, splits(long_name, full + "b"), "refused", "n*254:65535"},
      {big_long_names_refused_early, splits(long_name, "a"), "n*254:1", "refused"},
      {big_text_checked_by_chunk, reads(words, straddling), "{b=a<e9>}", "refused"},
      {big_text_replaced_by_chunk, reads(words, straddling), "{b=a<e9>}", "{b=a<fffd><fffd>}"},
      {big_text_unchecked, reads(words, {{"b", "\xff"}}), "refused", "{b=<fffd>}"},
      {big_cut_at_characters, splits("b", full.substr(1) + "\xc3\xa9"), "b:65535 b.2:1", "b:65534 b.2:2"},
      {big_limited_to_a_million, splits("b", std::string(1'000'001, 'a')),
       "b:65535 b.2:65535 b.3:65535 b.4:65535 b.5:65535 b.6:65535 b.7:65535 b.8:65535 b.9:65535 b.10:65535 b.11:65535 "
       "b.12:65535 b.13:65535 b.14:65535 b.15:65535 b.16:16976",
       "refused"},
      {big_absent_is_empty, reads(maybe_big, {}), "{}", "{b=}"},
      {big_empty_is_absent, reads(maybe_big, {{"b", ""}}), "{b=}", "{}"},
      {big_clash_accepted, reads({{"b", big_bytes, false}, {"b.2", some_bytes, true}}, {{"b", "a"}}), "refused",
       "{b=a}"},
      {big_dot_not_looked_at, joins({{"b", "a"}, {"b2", "z"}}), "a", "az"},
      {big_answer_in_one, asked("EchoBig", {{"data", full}, {"data.2", "b"}}), echoed + "open",
       "{_error=1 _error_code=UNKNOWN _error_description=Unknown Error} closing"},
      {big_answer_cut, asked("EchoBig", {{"data", full}, {"data.2", "b"}}), echoed + "open",
       "{_answer=1 data=a*65535} open"},
      {big_answer_first_chunk,
       [](const options& with) {
         conversation c(with);
         c.call_typed("EchoBig", {{"data", "x"}}, true);
         c.output();
         c.receive(answer("1", {{"data", "a"}, {"data.2", "b"}}));
         return shown(c);
       },
       "1:answer{data=ab} open", "1:answer{data=a} open"},
      {flocker_from_one, splits("b", "a", zero), "b.0:1", "b.1:1"},
      {flocker_first_plain, splits("b", "a", zero), "b.0:1", "b:1"},
      {flocker_joined_by_text,
       joins({{"b.0", "a"},
              {"b.1", "b"},
              {"b.2", "c"},
              {"b.3", "d"},
              {"b.4", "e"},
              {"b.5", "f"},
              {"b.6", "g"},
              {"b.7", "h"},
              {"b.8", "i"},
              {"b.9", "j"},
              {"b.10", "k"}},
             zero),
       "abcdefghijk", "abkcdefghij"},
  };
  return all;
}

}  // namespace ampspec::naive::testing
