// What one connection with a server is sent, and what it may send back: by the naive implementation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "runner/fuzzing/difference.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::fuzzing {

/// What is known of the server.
struct amp_rules {
  naive::format version = naive::format::amp1;
  /// What it makes of a key that stands twice (choice `duplicate-key`); nothing: it may do either.
  std::optional<bool> refuses_repeated_keys;
  /// Whether it offers this command of the test service; without it, none.
  std::function<bool(std::string_view command)> offers;
};

/// A box that must come, in any order with the others.
struct awaited_box {
  naive::box box;                  ///< of an error, any description will do
  std::vector<std::string> codes;  ///< of an error, also right
  bool or_answer = false;          ///< an answer without values is right too
  bool early = false;              ///< it must come before what stands behind `pause_at` is sent
  std::string of;                  ///< what was asked, for people and signatures
};

struct amp_plan {
  naive::format version = naive::format::amp1;
  std::string sent;
  /// So many octets are sent first, and the rest when what they ask for has come: an answer may be lost where what
  /// stands behind its request ends the connection (AMP1-CONV-001), but for a key that is too long (AMP1-FRAME-016).
  /// 0: all at once.
  std::size_t pause_at = 0;
  std::vector<awaited_box> awaited;
  std::set<std::string> waiting;  ///< tags of requests that wait for ever: an error for them may come
  /// Behind what is awaited: nothing, any boxes, or any octets (another protocol, TLS), since the protocol allows
  /// several behaviours there.
  enum class more { nothing, boxes, octets } may_come = more::nothing;
  /// The server must close by itself, for this reason; if empty it is to close when we have ended our side.
  std::string closes_for;
  std::size_t cases = 0;  ///< so many are in it, at least one
  bool fenced = false;    ///< it ends with a call that must be answered
};

/// As many of the cases as one connection takes: up to the one behind which it must end, or behind which the protocol
/// allows several behaviours. Behind a refused length there is, for half of all plans, more, which may have no effect.
amp_plan plan_of(std::span<const std::string> cases, const amp_rules&);

/// Holds what came against a plan, as it comes.
class amp_judge {
 public:
  explicit amp_judge(const amp_plan&);

  void take(std::string_view octets);
  /// All that is awaited is there, or something is wrong: nothing more has to come.
  bool satisfied() const { return wrong_ || awaited_.empty(); }
  /// The same of what must come before the rest is sent.
  bool satisfied_early() const;
  /// The connection has ended: by the server, or `in_time` is false and it has not.
  std::optional<difference> end(bool in_time, bool was_reset);

 private:
  void take(const naive::box&);
  void differs(std::string signature, std::string expected, std::string got, std::string clause);

  const amp_plan& plan_;
  naive::reader reader_;
  std::vector<awaited_box> awaited_;
  std::set<std::string> waiting_;
  std::optional<difference> wrong_;
};

/// `an answer`, `an error UNKNOWN`: a box in a few words that come from us alone.
std::string in_words(const naive::box&);

/// The boxes of a stream, each by what it is, such as `Sum? unknown? end`: streams that are alike have the same shape.
std::string shape_of(std::string_view stream, naive::format);

}  // namespace ampspec::runner::fuzzing
