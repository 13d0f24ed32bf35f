// Which clauses the vectors show, in which roles.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/coverage.hpp"

namespace ampspec::conformance {

std::vector<clause_coverage> coverage_of(const vectors::catalogue& catalogue,
                                         const std::vector<const vectors::vector*>& all) {
  std::vector<clause_coverage> list;
  std::map<std::string, std::size_t, std::less<>> at;
  for (const auto& [id, clause] : catalogue.requirements) {
    at[id] = list.size();
    list.push_back({&clause, {}, {}});
  }
  for (const auto* v : all) {
    for (const auto& id : v->cites) {
      const auto it = at.find(id);
      if (it == at.end()) continue;
      for (const auto role : v->roles) list[it->second].cited_by[role].push_back(v->id);
    }
  }
  for (auto& c : list) {
    if (c.clause->both && !c.cited_by.empty()) continue;
    for (const auto role : c.clause->shown_by) {
      if (!c.cited_by.contains(role)) c.missing.push_back(role);
    }
  }
  return list;
}

coverage_counts count(const std::vector<clause_coverage>& list) {
  coverage_counts n;
  for (const auto& c : list) {
    const bool must = c.clause->strength == vectors::level::must;
    ++n.clauses;
    if (must) ++n.must;
    if (!c.clause->excluded.empty()) ++n.excluded;
    if (c.cited_by.empty()) continue;
    ++n.cited;
    if (must) ++n.must_cited;
  }
  return n;
}

std::string area_of(const std::string& clause) { return clause.substr(0, clause.rfind('-')); }

}  // namespace ampspec::conformance
