// Property: the encoder writes a box or refuses it as the naive implementation does, and both read back what it wrote.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/key_index.hpp"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {
namespace {

// What may be said of the first pair that is wrong; where two rules are broken either is right.
std::set<std::string> objections(const naive::box& pairs, bool second) {
  std::set<std::string> keys;
  for (const auto& [key, value] : pairs) {
    std::set<std::string> said;
    if (key.empty()) said.insert("empty-key");
    if (key.size() > naive::max_key) said.insert("key-too-long");
    if (!second && value.size() > naive::max_value) said.insert("value-too-long");
    if (!keys.insert(key).second) said.insert("duplicate-key");
    if (!said.empty()) return said;
  }
  return {};
}

// Where each key stood before, or where a new one comes to stand.
std::vector<std::size_t> places_of(const naive::box& pairs) {
  std::map<std::string_view, std::size_t> known;
  std::vector<std::size_t> places;
  for (const auto& [key, value] : pairs) places.push_back(known.emplace(key, known.size()).first->second);
  return places;
}

// The index finds the same places, whatever the hash is.
void look_up(const naive::box& pairs, const std::vector<std::size_t>& places, amp::key_index::hash_function hash) {
  amp::key_index index(hash);
  for (int twice = 0; twice < 2; ++twice) {
    std::vector<amp::pair_view> earlier;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto& [key, value] = pairs[i];
      AMPSPEC_ORACLE("model", index.place(earlier, key) == places[i]);
      if (places[i] == earlier.size()) earlier.push_back({key, value});
    }
    index.clear();
  }
}

}  // namespace

void amp_encode(std::string_view input) {
  maker from(input);
  const std::uint8_t first = from.octet();
  const bool second = (first & 1) != 0;
  const auto version = second ? amp::version::v2 : amp::version::v1;
  naive::box pairs;
  // More keys than the index takes without a table, and one of them again.
  for (std::size_t many = (first >> 1 & 3) * 15; pairs.size() < many;) {
    pairs.emplace_back("k" + std::to_string(pairs.size()), "");
  }
  if ((first & 8) != 0 && !pairs.empty()) pairs.emplace_back(pairs[from.octet() % pairs.size()].first, "again");
  // A value beside the lengths of chunks, which a short input should reach too.
  const bool is_long = (first & 0x30) == 0x30;
  from.repeat_at_most(is_long ? 200'000 : 1000);
  if (is_long) {
    constexpr std::array<std::size_t, 8> sizes{65534, 65535, 65536, 65537, 131069, 131070, 131071, 196605};
    pairs.emplace_back("value", std::string(sizes[from.below(sizes.size())], 'v'));
  }
  while (!from.empty() && pairs.size() < 64) {
    std::string key = from.text();
    pairs.emplace_back(std::move(key), from.text());
  }
  amp::box box;
  for (const auto& [key, value] : pairs) box.add(key, value);

  const auto places = places_of(pairs);
  look_up(pairs, places, &amp::key_index::standard_hash);
  look_up(pairs, places, [](std::string_view key) { return key.size(); });  // somebody chose the keys so

  const auto want = naive::encode(pairs, {}, second ? naive::format::amp2 : naive::format::amp1);
  std::string out = "before";
  const auto refused = amp::encode(box, out, version);
  if (refused) {
    AMPSPEC_ORACLE("differential", !want.refused.empty());
    AMPSPEC_ORACLE("differential", objections(pairs, second).contains(std::string(amp::class_word(refused->code))));
    AMPSPEC_ORACLE("sticky", out == "before");
    return;
  }
  AMPSPEC_ORACLE("differential", want.refused.empty());
  AMPSPEC_ORACLE("differential", out == "before" + want.bytes);
  amp::limits limits;
  limits.version = version;
  const auto back = play_boxes(std::string_view(out).substr(6), limits, {out.size() - 6});
  AMPSPEC_ORACLE("round-trip", !back.end && back.boxes.size() == 1 && back.boxes.front() == text_of(pairs));
  compare_with_naive(std::string_view(out).substr(6), back, limits);
}

}  // namespace ampspec::fuzz
