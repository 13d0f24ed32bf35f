// Baselines: known deviations, each bound to its failure signature and given a reason.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/baseline.hpp"

#include "reference/wire/hex.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

namespace ampspec::conformance {
namespace {

using key = std::tuple<std::string, std::string, vectors::role>;

std::string trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(s.substr(first, s.find_last_not_of(" \t\r") - first + 1));
}

bool deviates(verdict v) {
  return v == verdict::fail || v == verdict::warn || v == verdict::crash || v == verdict::timeout;
}

// A matrix value is any text; in a line it is one word: blanks, control characters and `%` are written as %20.
std::string as_word(std::string_view text) {
  std::string word;
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) > ' ' && c != '%' && c != '\x7f';
    word += plain ? std::string(1, c) : "%" + wire::to_hex({&c, 1});
  }
  return word;
}

std::string from_word(std::string_view word) {
  std::string text;
  while (!word.empty()) {
    const auto octet = word.front() == '%' && word.size() > 2 ? wire::from_hex(word.substr(1, 2)) : std::nullopt;
    text += octet ? *octet : std::string(1, word.front());
    word.remove_prefix(octet ? 3 : 1);
  }
  return text;
}

std::string name_of_check(const std::string& vector, const std::string& variant) {
  return vector + (variant.empty() ? "" : "/" + as_word(variant));
}

std::string name_of_check(const baseline_line& l) {
  return name_of_check(l.vector, l.variant) + " " + std::string(vectors::name_of(l.role));
}

}  // namespace

baseline parse_baseline(std::string_view text, std::string path, std::vector<baseline_problem>& problems) {
  baseline b;
  b.path = std::move(path);
  std::istringstream in{std::string(text)};
  std::map<key, int> seen;
  std::string line;
  std::string comments;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto hash = line.find(" #");
    const std::string body = trimmed(line.substr(0, hash));
    if (body.empty() || body.front() == '#') {
      comments += line + "\n";
      continue;
    }
    baseline_line entry;
    entry.number = number;
    (b.lines.empty() ? b.head : entry.above) += std::exchange(comments, {});
    entry.reason = hash == std::string::npos ? "" : trimmed(std::string_view(line).substr(hash + 2));
    std::istringstream words(body);
    std::string vector;
    std::string role;
    std::string rest;
    words >> vector >> role >> entry.signature >> rest;
    const auto known_role = vectors::role_named(role);
    if (entry.signature.empty() || !rest.empty() || !known_role) {
      problems.push_back({number, "not `VECTOR ROLE SIGNATURE # reason`; a role is codec, server or client", true});
      continue;
    }
    entry.role = *known_role;
    const auto slash = vector.find('/');
    entry.vector = vector.substr(0, slash);
    if (slash != std::string::npos) entry.variant = from_word(std::string_view(vector).substr(slash + 1));
    if (entry.reason.empty())
      problems.push_back({number, "no reason; write ` # why this is known` behind the signature"});
    if (entry.reason == "TODO")
      problems.push_back({number, "the reason is still TODO; write why this deviation is known"});
    const auto [it, fresh] = seen.emplace(key{entry.vector, entry.variant, entry.role}, number);
    if (!fresh) {
      problems.push_back(
          {number, name_of_check(entry) + " stands in line " + std::to_string(it->second) + " too", true});
      continue;
    }
    b.lines.push_back(std::move(entry));
  }
  (b.lines.empty() ? b.head : b.tail) += comments;
  return b;
}

bool lists(const baseline& b, const check_result& r) {
  return std::any_of(b.lines.begin(), b.lines.end(), [&](const baseline_line& l) {
    return l.signature == r.signature && l.vector == r.vector && l.role == r.role &&
           (l.variant.empty() || l.variant == r.variant);
  });
}

std::vector<baseline_problem> apply_baseline(const baseline& b, std::vector<check_result>& results, bool selected_all) {
  std::vector<baseline_problem> problems;
  std::map<key, check_result*> by_key;
  std::map<std::pair<std::string, vectors::role>, std::vector<check_result*>> by_vector;
  for (auto& r : results) {
    by_key[{r.vector, r.variant, r.role}] = &r;
    by_vector[{r.vector, r.role}].push_back(&r);
  }
  // A line without a variant stands for every matrix point that has no line of its own: they must all agree with it.
  std::map<std::pair<std::string, vectors::role>, std::vector<std::string>> own_lines;
  for (const auto& l : b.lines) {
    if (!l.variant.empty()) own_lines[{l.vector, l.role}].push_back(l.variant);
  }
  for (const auto& l : b.lines) {
    std::vector<check_result*> about;
    if (!l.variant.empty()) {
      if (const auto it = by_key.find({l.vector, l.variant, l.role}); it != by_key.end()) about.push_back(it->second);
    } else if (const auto it = by_vector.find({l.vector, l.role}); it != by_vector.end()) {
      const auto& own = own_lines[{l.vector, l.role}];
      for (auto* r : it->second) {
        if (std::find(own.begin(), own.end(), r->variant) == own.end()) about.push_back(r);
      }
    }
    if (about.empty()) {
      if (selected_all) problems.push_back({l.number, name_of_check(l) + " was not run; remove the line"});
      continue;
    }
    for (auto* r : about) {
      if (deviates(r->what) && r->signature == l.signature) {
        r->what = verdict::xfail;
        r->reason = l.reason;
      } else if (deviates(r->what)) {
        problems.push_back({l.number, name_of_check(l) + " now gives " + r->signature + ", not " + l.signature +
                                          "; look at it, then change the line"});
      } else if (r->what == verdict::pass || r->what == verdict::observed) {
        r->what = verdict::xpass;
        r->reason = "listed as " + l.signature + " in line " + std::to_string(l.number) + " of the baseline";
        problems.push_back({l.number, name_of_check(l) + (r->variant.empty() ? "" : " (" + r->variant + ")") +
                                          " passes now; remove the line"});
      } else {
        problems.push_back(
            {l.number, name_of_check(l) + " was not judged (" + std::string(name_of(r->what)) + "); remove the line"});
      }
    }
  }
  return problems;
}

std::string render_baseline(const baseline& old, const std::vector<check_result>& results) {
  std::map<std::tuple<std::string, std::string, vectors::role, std::string>, const baseline_line*> known;
  for (const auto& l : old.lines) known[{l.vector, l.variant, l.role, l.signature}] = &l;
  // Points of one vector and role that all deviate alike share a line.
  std::map<std::pair<std::string, vectors::role>, std::vector<const check_result*>> groups;
  for (const auto& r : results) groups[{r.vector, r.role}].push_back(&r);
  std::string text = !old.head.empty() ? old.head
                                       : "# Known deviations: VECTOR ROLE SIGNATURE # reason. Kept by `ampspec run "
                                         "--baseline FILE --update-baseline`.\n";
  std::set<const baseline_line*> comments_of;  // one old line may become several
  for (const auto& [name, group] : groups) {
    const auto& signature = group.front()->signature;
    const bool alike = std::all_of(group.begin(), group.end(),
                                   [&](const auto* r) { return deviates(r->what) && r->signature == signature; });
    for (const auto* r : group) {
      if (!deviates(r->what)) continue;
      const std::string variant = alike ? "" : r->variant;
      auto it = known.find({r->vector, variant, r->role, r->signature});
      if (it == known.end()) it = known.find({r->vector, "", r->role, r->signature});
      const auto* line = it == known.end() ? nullptr : it->second;
      if (line && comments_of.insert(line).second) text += line->above;
      text += name_of_check(r->vector, variant) + " " + std::string(vectors::name_of(r->role)) + " " + r->signature +
              " # " + (!line || line->reason.empty() ? "TODO" : line->reason) + "\n";
      if (alike) break;
    }
  }
  return text + old.tail;
}

}  // namespace ampspec::conformance
