// Property: the encoder writes a box or refuses it as the naive implementation does, and both read back what it wrote.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/key_index.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
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

// Where each key stood before, whatever its hash is.
void look_up(const naive::box& pairs, amp::key_index::hash_function hash) {
  amp::key_index index(hash);
  for (int twice = 0; twice < 2; ++twice) {
    std::vector<amp::pair_view> earlier;
    for (const auto& [key, value] : pairs) {
      const auto found =
          std::find_if(earlier.begin(), earlier.end(), [&, &k = key](const auto& p) { return p.key == k; });
      const auto place = index.place(earlier, key);
      AMPSPEC_ORACLE("model", place == static_cast<std::size_t>(found - earlier.begin()));
      if (place == earlier.size()) earlier.push_back({key, value});
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
  if ((first & 0x30) == 0x30) {
    constexpr std::array<std::size_t, 8> sizes{65534, 65535, 65536, 65537, 131069, 131070, 131071, 196605};
    pairs.emplace_back("value", std::string(sizes[from.below(sizes.size())], 'v'));
  }
  while (!from.empty() && pairs.size() < 64) {
    std::string key = from.text();
    pairs.emplace_back(std::move(key), from.text());
  }
  amp::box box;
  for (const auto& [key, value] : pairs) box.add(key, value);

  look_up(pairs, &amp::key_index::standard_hash);
  look_up(pairs, [](std::string_view key) { return key.size(); });  // somebody chose the keys so

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
