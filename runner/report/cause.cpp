// Folds failing checks that fail alike into causes, so that a reader sees each mistake once.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/cause.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::verdict;

/// Place in the report; 0: not a cause.
int weight(verdict v) {
  switch (v) {
    case verdict::crash:
      return 1;
    case verdict::fail:
      return 2;
    case verdict::timeout:
      return 3;
    case verdict::harness:
      return 4;
    case verdict::xpass:
      return 5;
    case verdict::warn:
      return 6;
    default:
      return 0;
  }
}

/// Times, offsets, counts, what stands in quotes and the boxes shown differ between checks that fail for one reason.
std::string gist(std::string_view text) {
  std::string out;
  bool quoted = false;
  int depth = 0;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '{') ++depth;
    if (!quoted && c == '}') --depth;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!quoted && depth == 0 && letter) out += c;
  }
  return out;
}

std::uint64_t octets_sent(const check_result& r) {
  std::uint64_t sum = 0;
  for (const auto& entry : r.transcript) {
    if (entry.who == conformance::transcript_entry::side::ours) sum += entry.size;
  }
  return sum;
}

/// Causes in the making: links of all members so far.
struct group {
  std::set<std::string_view> links;
  std::vector<std::size_t> members;
};

void join(std::vector<group>& groups, const check_result& r, std::size_t position) {
  group merged{{}, {position}};
  merged.links.insert(r.cites.begin(), r.cites.end());
  merged.links.insert(r.catches.begin(), r.catches.end());
  const auto own = merged.links;
  const auto is_linked = [&](const group& g) {
    return (own.empty() && g.links.empty()) ||
           std::any_of(own.begin(), own.end(), [&](std::string_view link) { return g.links.contains(link); });
  };
  for (auto& g : groups) {
    if (!is_linked(g)) continue;
    merged.links.merge(g.links);
    merged.members.insert(merged.members.end(), g.members.begin(), g.members.end());
    g.members.clear();
  }
  std::erase_if(groups, [](const group& g) { return g.members.empty(); });
  groups.push_back(std::move(merged));
}

/// A program that ends or hangs has broken off in ways of its own; faults are wrong answers.
bool broke_off(const check_result& r) { return r.what == verdict::crash || r.signature.starts_with("timeout:"); }

/// A fault that some passing check of the role must catch is not this one.
using cleared_faults = std::set<std::pair<vectors::role, std::string_view>>;

std::vector<std::string> likely_faults(const cause& c, std::span<const check_result> results,
                                       const cleared_faults& cleared) {
  std::map<std::string_view, std::size_t> named;
  std::size_t most = 0;
  for (const auto i : c.members) {
    for (const auto& fault : results[i].catches) {
      if (!cleared.contains({results[i].role, fault})) most = std::max(most, ++named[fault]);
    }
  }
  std::vector<std::string> out;
  for (const auto& [fault, times] : named) {
    if (times == most) out.emplace_back(fault);
  }
  return out;
}

}  // namespace

std::vector<cause> causes_of(std::span<const check_result> results) {
  std::map<std::tuple<vectors::role, verdict, std::string_view, std::string>, std::vector<group>> alike;
  cleared_faults cleared;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& r = results[i];
    if (weight(r.what) != 0) join(alike[{r.role, r.what, r.signature, gist(r.got)}], r, i);
    if (r.what == verdict::pass) {
      for (const auto& fault : r.catches) cleared.emplace(r.role, fault);
    }
  }
  std::vector<cause> out;
  for (auto& [key, groups] : alike) {
    for (auto& g : groups) {
      std::sort(g.members.begin(), g.members.end());
      cause c{g.members.front(), std::move(g.members), {}};
      for (const auto i : c.members) {
        if (octets_sent(results[i]) < octets_sent(results[c.example])) c.example = i;
      }
      if (!broke_off(results[c.example])) c.faults = likely_faults(c, results, cleared);
      out.push_back(std::move(c));
    }
  }
  std::sort(out.begin(), out.end(), [&](const cause& a, const cause& b) {
    return std::pair(weight(results[a.example].what), a.members.front()) <
           std::pair(weight(results[b.example].what), b.members.front());
  });
  return out;
}

std::vector<std::string> other_vectors(const cause& c, std::span<const check_result> results) {
  std::set<std::string> ids;
  for (const auto i : c.members) ids.insert(results[i].vector);
  ids.erase(results[c.example].vector);
  // `A1-LIM-` and 42 of `A1-LIM-042`; ids of other shapes have no number and stand alone.
  const auto parted = [](const std::string& id) -> std::pair<std::string, long> {
    const auto digits = id.find_last_not_of("0123456789") + 1;
    const bool numbered = digits < id.size() && id.size() - digits < 10;
    return {id.substr(0, digits), numbered ? std::stol(id.substr(digits)) : -1};
  };
  std::vector<std::string> out;
  std::string first, last;
  const auto flush = [&] {
    if (!first.empty()) out.push_back(first == last ? first : first + " … " + last);
  };
  for (const auto& id : ids) {
    const auto [prefix, number] = parted(id);
    const auto [last_prefix, last_number] = parted(last);
    if (first.empty() || number < 0 || prefix != last_prefix || number != last_number + 1) {
      flush();
      first = id;
    }
    last = id;
  }
  flush();
  return out;
}

}  // namespace ampspec::runner
