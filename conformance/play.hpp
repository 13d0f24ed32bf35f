// What the engines of all roles share: the deviation that ends a play, the transcript, and the verdict that follows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/annotate.hpp"
#include "conformance/check.hpp"
#include "conformance/matching.hpp"

#include <chrono>
#include <functional>
#include <set>
#include <string>

namespace ampspec::conformance {

/// An expectation that was not met. Thrown inside a play; `expected_word` and `got_word` are closed words for the
/// signature.
struct deviation {
  std::string where;  ///< `decode`, `encode`, a step's number, `end`
  std::string expected_word, got_word;
  std::string expected, got;  ///< sentences
  bool by_deadline = false;
};

/// Writes down what happens in one play.
class recorder {
 public:
  recorder() : began_(std::chrono::steady_clock::now()) {}
  void ours(int step, const std::string& connection, const vectors::octets&, std::string text = {});
  void theirs(int step, const std::string& connection, std::string_view octets, std::string text = {});
  void note(int step, const std::string& connection, std::string text);
  /// What was recorded since `from` entries becomes one note: it went as it always goes.
  void fold(std::size_t from, int step, const std::string& connection, std::string text);
  std::size_t entries() const { return entries_.size(); }
  /// Marks octets of the latest entry of ours.
  void point_at(std::uint64_t at, std::uint64_t size, std::string text);
  /// A secret: shown as asterisks wherever it comes, also in what was recorded before. Nothing shorter than 4 octets.
  void hide(const std::string& secret) {
    if (secret.size() >= 4) secrets_.insert(secret);
  }
  /// What comes on that connection is AMPS.
  void speaks_amps(const std::string& connection, bool over_websocket = false) {
    amps_.insert(connection);
    if (over_websocket) websocket_.insert(connection);
  }
  /// Boxes are AMPv2's.
  void values_come_in_chunks() { values_ = amp_values::in_chunks; }
  /// What comes on that connection is no AMP.
  void holds_no_boxes(const std::string& connection) { other_.insert(connection); }
  /// The text with every secret masked, its length kept.
  std::string masked(std::string text) const;
  /// The entries, annotated and masked.
  std::vector<transcript_entry> take(bool show_secrets = false);

 private:
  transcript_entry& add(transcript_entry::side, int step, const std::string& connection, std::string text);
  void leave_out();
  double ms() const;
  static constexpr std::size_t most_entries = 1000, kept_entries = 200;
  std::uint64_t left_out_ = 0;
  amp_values values_ = amp_values::whole;
  std::chrono::steady_clock::time_point began_;
  std::vector<transcript_entry> entries_;
  std::vector<vectors::octets> made_;  ///< by entry; empty for what they sent
  std::set<std::string> secrets_, other_, amps_, websocket_;
};

/// A result with everything that does not depend on the play filled in.
check_result result_for(const check&, const settings&);

/// Runs plays until one ends otherwise than well, and turns that into the verdict. A play gets a fresh recorder.
class judge {
 public:
  judge(const check& c, const settings& s) : check_(c), settings_(s), result_(result_for(c, s)) {}
  /// False if the check is over.
  bool play(const std::string& cut, const std::function<void(recorder&)>& body);
  check_result finish();
  /// The branch that was seen of a choice; throws deviation if another one was seen before in this check, or another
  /// one is pinned.
  void chose(const std::string& where, const std::string& choice, const std::string& branch);
  /// The branch that an earlier play of this check saw, or this one further up; empty if none did.
  std::string branch_seen(const std::string& choice) const;
  /// Calls `one` with the only branch, or finds the branch of a choice that does not deviate.
  template <class T, class F>
  void among(const vectors::chosen<T>& want, const std::string& where, F one) {
    if (want.choice.empty()) return one(want.branches.front().second);
    std::string expected;
    std::string got;
    for (const auto& [branch, expectation] : want.branches) {
      try {
        one(expectation);
      } catch (const deviation& d) {
        expected += (expected.empty() ? "" : ", or ") + branch + ": " + d.expected;
        got = d.got;
        continue;
      }
      return chose(where, want.choice, branch);
    }
    throw deviation{where, "choice", "none", expected, got, false};
  }

 private:
  const check& check_;
  const settings& settings_;
  check_result result_;
  bool over_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// Limits and matrix values of a check.
bindings bindings_of(const check&);
plain_box plain(const std::vector<vectors::pair_atom>&, const bindings&);

}  // namespace ampspec::conformance
