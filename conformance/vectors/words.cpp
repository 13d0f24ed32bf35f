// Tables of keys, and the nearest word to a misspelt one.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/words.hpp"

#include <algorithm>
#include <numeric>

namespace ampspec::vectors {
namespace {

// Letters to insert, remove, change or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last.back();
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
  static constexpr auto atom_sides = list("as", "size", "from", "of", "change");
  static constexpr auto step_sides = list("connection", "one_of");
  static constexpr auto box_sides = list("pairs", "box", "frame", "others");
  static constexpr auto ends = list("reject");
  static constexpr auto schema_sides = list("optional");
  return {{"by role", roles},
          {"end", ends},
          {"file", file},
          {"vector", words::vector},
          {"choice", choice},
          {"decode expectation", decode_expectation},
          {"reject", reject},
          {"growth", growth},
          {"sample", sample},
          {"encode expectation", encode_expectation},
          {"step", verbs},
          {"step", step_sides},
          {"send", send},
          {"expect", expect},
          {"close", words::close},
          {"silence", silence},
          {"call", call},
          {"start_tls", start_tls},
          {"ended", ended},
          {"pending", pending},
          {"repeat", rounds},
          {"write_stream", words::write_stream},
          {"take_writes", words::take_writes},
          {"http", http},
          {"http_body", http_body},
          {"http_end", http_end},
          {"expect_http", expect_http},
          {"expect_alike", alike},
          {"transfer", transfer},
          {"expect_request", expect_request},
          {"respond", respond},
          {"attach", words::attach},
          {"log_on", words::log_on},
          {"acks", words::acks},
          {"expect_message", words::expect_message},
          {"expect_unwritten", words::expect_unwritten},
          {"type", types_with_parts},
          {"schema", schema_sides},
          {"parse expectation", parse_expectation},
          {"print expectation", print_expectation},
          {"code points", code_points},
          {"repeated item", repeated_item},
          {"number", number_parts},
          {"datetime", datetime},
          {"message", words::message_that_comes},
          {"group", group},
          {"upgrade", words::upgrade},
          {"frame of WebSocket", words::ws_frames},
          {"frame of WebSocket", words::ws_sides},
          {"header value", header_value},
          {"atom", atoms},
          {"atom", atom_sides},
          {"matcher", matchers},
          {"box", box_sides}};
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
