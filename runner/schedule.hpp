// Plays the checks of a run: in which threads, against which processes, and what is played again before it is believed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/check.hpp"
#include "runner/target.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ampspec::runner {

struct schedule_options {
  unsigned jobs = 2;  ///< checks of the codec and client role at once; four times as many against a server
  std::chrono::milliseconds deadline{2000};  ///< of a step, at most
  bool large = false;  ///< values of hundreds of MiB: adapters are told of larger frames, and have longer for an op
  bool fail_fast = false;
  /// Completes each result before anybody sees it, such as by hiding secrets; may be empty.
  std::function<void(conformance::check_result&)> complete = {};
  /// True for a deviation that is known, which no doubt is worth another play; may be empty.
  std::function<bool(const conformance::check_result&)> known = {};
  std::chrono::steady_clock::time_point until =
      std::chrono::steady_clock::time_point::max();  ///< the whole run's budget
};

struct schedule_outcome {
  std::vector<conformance::check_result> results;  ///< in the order of the checks; those that did not run are left out
  std::vector<std::string> remarks;                ///< what a reader of the results should know
  std::string name, version;                       ///< what the implementation says of itself
  std::string unattached;                          ///< why it can't be reached at all; the results say nothing then
  std::uint64_t peer_peak_rss_kib = 0;
  bool out_of_time = false;
  bool interrupted = false;
};

/// Plays all checks. `settings.supports` is completed from adapters' hellos for roles that the target leaves open.
/// `finished` is called for each result, one at a time. `stop` ends the run early (Ctrl-C). A program that
/// can't be started, or a server that nobody reaches, ends the run (`unattached`). Where only one of several setups of
/// a server can't be started, each check that needs it tells so.
schedule_outcome play_all(const std::vector<conformance::check>&, const target&, const conformance::settings&,
                          const schedule_options&,
                          const std::function<void(const conformance::check_result&)>& finished,
                          const std::atomic<bool>& stop);

}  // namespace ampspec::runner
