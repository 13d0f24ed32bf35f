// Which clauses the vectors show, in which roles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/model.hpp"

#include <map>
#include <string>
#include <vector>

namespace ampspec::conformance {

struct clause_coverage {
  const vectors::requirement* clause = nullptr;
  std::map<vectors::role, std::vector<std::string>> cited_by;  ///< role -> ids of vectors
  std::vector<vectors::role>
      missing;  ///< roles of "By" in which no vector cites it; a `both` clause misses none if any cites it
};

/// One entry for each clause of the catalogue, in order of id. Touched clauses count nowhere.
std::vector<clause_coverage> coverage_of(const vectors::catalogue&, const std::vector<const vectors::vector*>&);

struct coverage_counts {
  std::size_t clauses = 0, must = 0, cited = 0, must_cited = 0, excluded = 0;
};
coverage_counts count(const std::vector<clause_coverage>&);

/// `AMP1-FRAME` of `AMP1-FRAME-013`.
std::string area_of(const std::string& clause);

}  // namespace ampspec::conformance
