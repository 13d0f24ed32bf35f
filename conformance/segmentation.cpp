// The ways in which one stream of octets is handed over.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/segmentation.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace ampspec::conformance {
namespace {

// A sample of `most` offsets, spread by the generator; all of them if there are no more.
std::set<std::uint64_t> sample(const std::set<std::uint64_t>& all, std::size_t most, std::mt19937_64& random) {
  if (all.size() <= most) return all;
  std::vector<std::uint64_t> pool(all.begin(), all.end());
  std::shuffle(pool.begin(), pool.end(), random);
  return {pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(most)};
}

}  // namespace

std::vector<cutting> segmentations(std::uint64_t size, const std::vector<vectors::field>& fields,
                                   const std::vector<std::uint64_t>& borders, std::uint64_t seed,
                                   const segmentation_limits& limits) {
  std::vector<cutting> list;
  if (size < 2) return list;
  if (size <= limits.single_octets_up_to) list.push_back({.every = 1, .before = {}});
  std::set<std::uint64_t> cuts;
  if (size <= limits.every_cut_up_to) {
    for (std::uint64_t at = 1; at < size; ++at) cuts.insert(at);
  } else {
    std::mt19937_64 random(seed ^ size);
    for (const auto& f : fields) {
      if (!f.is_length) continue;
      for (const std::uint64_t at : {f.offset, f.offset + 1, f.offset + f.size}) {
        if (at > 0 && at < size) cuts.insert(at);
      }
    }
    cuts = sample(cuts, limits.field_cuts, random);
    for (std::size_t i = 0; i < limits.seeded_cuts; ++i) cuts.insert(1 + random() % (size - 1));
    cuts = sample(cuts, std::max<std::size_t>(4, limits.volume / size), random);
  }
  for (const auto at : borders) cuts.erase(at);
  for (const auto at : cuts) list.push_back({.every = 0, .before = {at}});
  return list;
}

std::string name_of(const cutting& c) {
  if (c.whole()) return "whole";
  if (c.every == 1) return "every octet";
  if (c.every > 1) return "every " + std::to_string(c.every) + " octets";
  std::string text = "before octet";
  for (const auto at : c.before) text += (text.back() == 't' ? " " : ", ") + std::to_string(at);
  return text;
}

}  // namespace ampspec::conformance
