// Tables of keys, and the nearest word to a misspelt one.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/words.hpp"

#include <algorithm>
#include <numeric>

namespace ampspec::vectors {
namespace {

// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

template <class Words>
std::string nearest_of(std::string_view word, const Words& known) {
  if (word.size() > 100) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d >= least) continue;
    least = d;
    best = candidate;
  }
  return best;
}

}  // namespace

std::vector<key_set> vector_keys() {
  using namespace words;
  static constexpr auto atom_sides = list("as", "size", "of");
  static constexpr auto step_sides = list("connection", "one_of");
  static constexpr auto box_sides = list("pairs", "box", "others");
  return {{"file", file},        {"vector", words::vector},
          {"choice", choice},    {"decode expectation", decode_expectation},
          {"reject", reject},    {"growth", growth},
          {"sample", sample},    {"encode expectation", encode_expectation},
          {"step", verbs},       {"step", step_sides},
          {"send", send},        {"expect", expect},
          {"silence", silence},  {"call", call},
          {"ended", ended},      {"pending", pending},
          {"atom", atoms},       {"atom", atom_sides},
          {"matcher", matchers}, {"box", box_sides}};
}

std::vector<key_set> catalogue_keys() {
  using namespace words;
  return {{"requirements", requirement_file},
          {"requirement", requirement},
          {"features", feature_file},
          {"feature", feature},
          {"choices", choice_file},
          {"choice", named_choice},
          {"faults", fault_file},
          {"fault", fault}};
}

std::string nearest(std::string_view word, word_list known) { return nearest_of(word, known); }
std::string nearest(std::string_view word, const std::vector<std::string>& known) { return nearest_of(word, known); }

std::string advice(std::string_view word, word_list known, std::string_view otherwise) {
  if (const std::string meant = nearest(word, known); !meant.empty()) return "; did you mean `" + meant + "`?";
  if (!otherwise.empty()) return "; " + std::string(otherwise);
  std::string all = "; write one of ";
  for (const auto& k : known) all += (&k == known.data() ? "`" : ", `") + std::string(k) + "`";
  return all;
}

}  // namespace ampspec::vectors
