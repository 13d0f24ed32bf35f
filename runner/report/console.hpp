// What a person sees while a run goes on and when it is over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/cause.hpp"
#include "runner/report/summary.hpp"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <span>
#include <string>

namespace ampspec::runner {

/// How the output may be used.
struct screen {
  bool rewrites = false;  ///< a line may be overwritten: it is a terminal
  bool colours = false;
  std::size_t width = 110;  ///< columns
};

/// Of a file descriptor: a terminal rewrites, has colours unless NO_COLOR is set or TERM is dumb, and tells its width.
screen screen_of(int descriptor);

/// Writes to one stream. Not thread-safe. Everything that came from an implementation or a file is escaped.
class console {
 public:
  explicit console(std::ostream& out, screen s = {}) : out_(out), screen_(s) {}

  /// Announces how many checks a suite has; before its first result.
  void expect(const std::string& suite, std::uint64_t checks);
  /// A check is over: moves its suite's progress line, and leaves one line for a suite that is done.
  void finished(const conformance::check_result&);

  /// The run ends without a verdict.
  void leave();

  /// One check with its transcript, whatever its verdict (`--trace`).
  void show(const conformance::check_result&, const run_facts&);
  /// One block for each cause, the worst first, then the closing lines.
  void close(const run_summary&, std::span<const conformance::check_result>);

 private:
  struct progress {
    std::uint64_t expected = 0, done = 0;
    std::map<conformance::verdict, std::uint64_t> noted;  ///< all but passes
  };

  enum class ink { plain, good, bad, uncertain, faint, strong };
  std::string inked(ink, const std::string& text) const;
  static ink ink_of(conformance::verdict);
  void clear_progress();
  void line(const std::string& text);
  /// `label` at the indent of a block, then the text, wrapped.
  void item(std::string_view label, const std::string& text);
  void heading(const conformance::check_result&);
  void transcript(const conformance::check_result&);
  void sentences(const conformance::check_result&);
  void block(const cause&, std::span<const conformance::check_result>, const run_facts&);
  void next_steps(const run_summary&, std::span<const conformance::check_result>);

  std::ostream& out_;
  screen screen_;
  std::map<std::string, progress, std::less<>> suites_;
  bool progress_shown_ = false;
};

}  // namespace ampspec::runner
