// One check: a vector in one role at one point of its matrix, played against a subject; and how its verdict is found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"
#include "conformance/subject.hpp"
#include "conformance/vectors/model.hpp"

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ampspec::conformance {

struct check {
  const vectors::vector* vector = nullptr;
  vectors::role role = vectors::role::codec;
  vectors::scope point;  ///< matrix values only
  std::string variant;
  std::string transport = "tcp";
};

/// The checks of a vector in the roles wanted, by role and matrix point.
std::vector<check> checks_of(const vectors::vector&, const std::set<vectors::role>& roles);

/// How long to wait for what must come, learnt from the slowest answer seen so far. Shared by the threads of a run.
class patience {
 public:
  explicit patience(millis limit = millis(2000)) : limit_(limit) {}
  void answered_after(millis);
  /// 20 times the slowest answer, at least 500 ms and a quarter of the limit (200 ms and a tenth once many things have
  /// not come), at most the limit.
  millis for_answer() const;
  /// How long silence must last where no fence can be had: 20 times the slowest answer, 50 ms to 1 s.
  millis for_quiet() const;
  /// For an op of an adapter, or a write: something that is not the answer under test.
  millis limit() const;
  /// Something did not come in time though the implementation answers others.
  void waited_in_vain() { ++in_vain_; }
  /// The implementation answers nobody: don't wait long any more.
  void give_up();

 private:
  millis limit_;
  std::atomic<std::int64_t> slowest_ms_{0};
  std::atomic<int> in_vain_{0};
  std::atomic<bool> given_up_{false};
};

struct settings {
  const vectors::catalogue* catalogue = nullptr;  ///< never null where checks are run
  std::uint64_t seed = 1;
  bool foreign = true;                                      ///< not one of our own implementations
  std::map<vectors::role, std::set<std::string>> supports;  ///< features, names as declared
  std::map<std::string, std::string> pins;                  ///< choice -> branch
  bool trace = false;                                       ///< keep the transcript of a pass too
  bool show_secrets = false;                                ///< do not mask bulk tokens
  bool one_play = false;                                    ///< only the whole-octets play (for tests of faults)
};

/// True if one of the names covers the feature: `service` covers `service.core`.
/// But a name that the catalogue lists is that feature alone: `amp1` does not cover `amp1.limits`.
bool supported(const std::set<std::string>& names, std::string_view feature, const vectors::catalogue* = nullptr);

/// True if the names declare the protocol: by its own name, or by one below it. Names that mention no protocol at all
/// mean amp1.
bool protocol_declared(const std::set<std::string>& names, std::string_view protocol);

/// Who provides (`who -> features`, as in a target file) all that these clauses ask for; empty: nobody but the library.
/// A clause is somebody's if it is named itself, or if a feature of theirs frees it. The test service (`service` and
/// what lies below it) is an instrument: a clause that it makes visible is about the library still.
std::string provider_of(const std::vector<std::string>& clauses,
                        const std::map<std::string, std::vector<std::string>>& provided_by, const vectors::catalogue&);

check_result run(const check&, codec_subject&, const settings&, patience&);
check_result run(const check&, server_subject&, const settings&, patience&);
check_result run(const check&, client_subject&, const settings&, patience&);

/// A known-good exchange on a fresh connection, in the role, the wire protocol and the surroundings of that check: true
/// if it is answered in time.
bool canary_answers(const check&, server_subject&, const settings&, patience&);
bool canary_answers(const check&, client_subject&, const settings&, patience&);

}  // namespace ampspec::conformance
