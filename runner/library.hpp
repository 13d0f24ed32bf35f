// The vectors and catalogues of a run, loaded, and the parts of them that a user names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/check.hpp"
#include "conformance/vectors/model.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner {

/// Everything below `vectors/`, kept alive for the checks that point into it.
struct library {
  vectors::catalogue catalogue;
  std::vector<vectors::suite_file> suites;

  std::vector<const vectors::vector*> all() const;
  const vectors::vector* find(std::string_view id) const;
};

/// Loads all of it. Throws vectors::load_error at the first mistake.
library load_library(bool with_vectors = true);

/// What `run` and `list` take: empty sets and lists mean everything.
struct selection {
  std::set<std::string> protocols;
  std::set<vectors::role> roles;
  std::set<vectors::tier> tiers{vectors::tier::normal};
  std::vector<std::string> only;  ///< globs over ids, `suite/…` paths or clauses
  std::string as_of;              ///< suite version
};

/// `*` and `?` as in a shell; the whole text must match.
bool glob_matches(std::string_view pattern, std::string_view text);

bool selected(const vectors::vector&, const selection&);

/// Loads the catalogues, and the files that may hold a vector of the selection: of others nothing is read but their
/// text. Throws as the other one.
library load_library(const selection&);

/// Throws usage_error for a protocol that there is none of, and for a version that this suite never had.
void check_selection(const selection&, const library&);

/// "; did you mean `x`?" if a name is near the word, else "; " and `otherwise`.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names, const std::string& otherwise);

/// The selected checks in file order.
std::vector<conformance::check> select(const library&, const selection&);

}  // namespace ampspec::runner
