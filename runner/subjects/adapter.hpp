// Implementations behind the adapter protocol (docs/adapter-protocol.md): a process that answers one request at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/subjects/restart_budget.hpp"
#include "runner/target.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::runner {

using conformance::millis;

/// What an adapter says of itself in its hello.
struct adapter_facts {
  std::string name, version;
  std::vector<std::string> ops, supports;
  bool told_supports = false;  ///< `supports` stood in the hello, if only as an empty list
  int api = 0;
};

struct adapter_settings {
  millis deadline{2000};          ///< of a request where the caller names none
  millis start_deadline{15'000};  ///< from the start to the hello
  std::uint64_t max_frame = 16u << 20;
  std::vector<std::pair<std::string, std::string>> classes;  ///< regex of an error text -> reject class
};

/// One adapter process; belongs to one thread. Started at its first use, and again at the next use after a mishap ended
/// it. An adapter that fails twice in a row before its hello, or whose budget is used up, is not started again: every
/// use is that mishap again, at once.
class adapter {
 public:
  adapter(role_setup, adapter_settings, std::shared_ptr<restart_budget>);
  ~adapter();
  adapter(const adapter&) = delete;
  adapter& operator=(const adapter&) = delete;

  /// Starts it if need be. Throws mishap.
  const adapter_facts& facts();
  /// Asks what every adapter must answer: an op with a random name is unsupported; of a codec also, a box that must
  /// decode and one that must be refused. One sentence for each thing that is wrong; throws mishap where it does not
  /// answer at all.
  std::vector<std::string> calibrate(vectors::role);
  std::string log() const;             ///< of the process in use, or of the last
  double cpu_seconds() const;          ///< of all its processes so far
  std::uint64_t peak_rss_kib() const;  ///< of the largest
  double starved_seconds() const;      ///< of the process in use: child_process::starved_seconds

  class link;  ///< adapter.cpp
  link& to() { return *link_; }

 private:
  std::unique_ptr<link> link_;
};

std::unique_ptr<conformance::codec_subject> codec_of(std::shared_ptr<adapter>);
std::unique_ptr<conformance::client_subject> client_of(std::shared_ptr<adapter>);

}  // namespace ampspec::runner
