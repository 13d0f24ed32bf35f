// The vectors and catalogues of a run, loaded, and the parts of them that a user names.
// SPDX-License-Identifier: Apache-2.0
#include "runner/library.hpp"

#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_tree.hpp"
#include "runner/places.hpp"
#include "runner/run.hpp"
#include "runner/version.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <future>
#include <malloc.h>
#include <sstream>
#include <thread>

namespace ampspec::runner {
namespace {

constexpr std::string_view first_version = "0.1.0";  // whose vectors have no `since`

// 1.10 is later than 1.9.
std::vector<int> version_numbers(std::string_view text) {
  std::vector<int> numbers;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, '.');) numbers.push_back(std::atoi(part.c_str()));
  return numbers;
}

// On every processor, since nothing can be judged before; of several mistakes the one in the first file is thrown.
std::vector<vectors::suite_file> load_suites(const std::vector<std::filesystem::path>& files) {
  std::vector<vectors::suite_file> suites(files.size());
  std::vector<std::exception_ptr> mistakes(files.size());
  std::atomic<std::size_t> next = 0;
  const auto load_some = [&] {
    for (auto i = next++; i < files.size(); i = next++) {
      try {
        suites[i] = vectors::load_suite(files[i]);
      } catch (...) {
        mistakes[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::thread::hardware_concurrency() && i < files.size(); ++i)
      helpers.emplace_back(load_some);
    load_some();
  }
  for (const auto& mistake : mistakes) {
    if (mistake) std::rethrow_exception(mistake);
  }
  return suites;
}

// The longest piece of a pattern without wildcards.
std::string_view plain_piece_of(std::string_view pattern) {
  std::string_view longest;
  while (!pattern.empty()) {
    const auto piece = pattern.substr(0, std::min(pattern.find_first_of("*?"), pattern.size()));
    if (piece.size() > longest.size()) longest = piece;
    pattern.remove_prefix(std::min(piece.size() + 1, pattern.size()));
  }
  return longest;
}

// Whether a vector of that file may be selected: what was asked for stands in its text, where ids, suites, clauses and
// words are written plainly. Loading is what costs time and memory, and most runs of one vector need one file.
bool may_hold(std::string_view text, const selection& s) {
  const auto has_any = [&](const auto& wanted, const auto& word_of) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& each) {
             return text.find(word_of(each)) != std::string_view::npos;
           });
  };
  const auto itself = [](const std::string& word) -> std::string_view { return word; };
  return has_any(s.protocols, itself) && has_any(s.only, plain_piece_of) &&
         has_any(s.roles, [](vectors::role r) { return vectors::name_of(r); }) &&
         (s.tiers.contains(vectors::tier::normal) || text.find("tier:") != std::string_view::npos);
}

library load_files(const std::filesystem::path& root, const std::vector<std::filesystem::path>& files) {
  auto catalogue = std::async(std::launch::async, vectors::load_catalogue, root);  // meanwhile
  library lib;
  lib.suites = load_suites(files);
  lib.catalogue = catalogue.get();
  ::malloc_trim(0);  // what the files' trees took is free, in pieces, and on more than one thread's heap
  return lib;
}

}  // namespace

std::vector<const vectors::vector*> library::all() const {
  std::vector<const vectors::vector*> list;
  for (const auto& s : suites) {
    for (const auto& v : s.vectors) list.push_back(&v);
  }
  return list;
}

const vectors::vector* library::find(std::string_view id) const {
  for (const auto* v : all()) {
    if (v->id == id) return v;
  }
  return nullptr;
}

library load_library(bool with_vectors) {
  const auto root = vectors_root();
  if (!with_vectors) return {vectors::load_catalogue(root), {}};
  return load_files(root, vectors::find_suites(root));
}

library load_library(const selection& s) {
  if (!s.as_of.empty()) return load_library();  // which versions there are, all of them tell
  const auto root = vectors_root();
  auto files = vectors::find_suites(root);
  std::erase_if(files, [&](const auto& file) { return !may_hold(vectors::read_text(file), s); });
  return load_files(root, files);
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, kept = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      kept = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++kept;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool selected(const vectors::vector& v, const selection& s) {
  if (!s.protocols.empty() && !s.protocols.contains(v.protocol)) return false;
  if (!s.tiers.contains(v.level)) return false;
  if (!s.as_of.empty() && !v.since.empty() && version_numbers(v.since) > version_numbers(s.as_of)) return false;
  return s.only.empty() || std::any_of(s.only.begin(), s.only.end(), [&](const std::string& pattern) {
           return glob_matches(pattern, v.id) || glob_matches(pattern, v.suite) ||
                  std::any_of(v.cites.begin(), v.cites.end(), [&](const auto& c) { return glob_matches(pattern, c); });
         });
}

void check_selection(const selection& s, const library& lib) {
  const std::vector<std::string> protocols(vectors::words::protocols.begin(), vectors::words::protocols.end());
  for (const auto& p : s.protocols) {
    if (std::find(protocols.begin(), protocols.end(), p) != protocols.end()) continue;
    std::string all;
    for (const auto& each : protocols) all += (all.empty() ? "" : ",") + each;
    throw usage_error("--protocol " + p + " is not known" + did_you_mean(p, protocols, "write some of " + all));
  }
  if (s.as_of.empty()) return;
  std::map<std::vector<int>, std::string_view> versions;  // in order
  for (const std::string_view own : {first_version, std::string_view(suite_version)})
    versions.emplace(version_numbers(own), own);
  for (const auto* v : lib.all()) {
    if (!v->since.empty()) versions.emplace(version_numbers(v->since), v->since);
  }
  std::string all;
  for (const auto& [numbers, text] : versions) {
    if (text == s.as_of) return;
    all += (all.empty() ? "" : ", ") + std::string(text);
  }
  throw usage_error("--as-of " + s.as_of + ": the suite never had that version; write one of " + all);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names, const std::string& otherwise) {
  const auto near = vectors::nearest(word, names);
  return "; " + (near.empty() ? otherwise : "did you mean `" + near + "`?");
}

std::vector<conformance::check> select(const library& lib, const selection& s) {
  std::set<vectors::role> roles = s.roles;
  if (roles.empty()) roles.insert(vectors::all_roles.begin(), vectors::all_roles.end());
  std::vector<conformance::check> checks;
  for (const auto* v : lib.all()) {
    if (!selected(*v, s)) continue;
    for (auto& c : conformance::checks_of(*v, roles)) checks.push_back(std::move(c));
  }
  return checks;
}

}  // namespace ampspec::runner
