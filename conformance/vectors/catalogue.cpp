// Reads the catalogues: requirements, features, choices, faults; and finds the vector files.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/yaml_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {
namespace {

namespace fs = std::filesystem;

// *.yaml in one folder, sorted.
std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".yaml") all.push_back(at->path());
  }
  if (error) throw load_error({folder.string(), 1, 1}, "cannot be read as a folder; mind its path and permissions");
  std::sort(all.begin(), all.end());
  return all;
}

class catalogue_reader : private yaml_reader {
 public:
  catalogue_reader(const fs::path& file, catalogue& to)
      : yaml_reader(file.string()), to_(to), root_(parse_yaml(read_text(file), file.string())) {}

  void requirements() {
    map(root_, words::requirement_file, "a requirement file");
    const std::string area = text(need(root_, "area", "the file"), "`area`");
    for (const auto& n : items_of(need(root_, "requirements", "the file"), "`requirements`")) {
      map(n, words::requirement, "a requirement");
      requirement r;
      r.mark = mark(n);
      r.id = field(n, "id");
      const std::string_view tail =
          r.id.starts_with(area + "-") ? std::string_view(r.id).substr(area.size() + 1) : std::string_view();
      if (tail.empty() || tail.find_first_not_of("0123456789") != std::string_view::npos) {
        fail(*n.find("id"), "id `" + r.id + "` does not fit its area; write " + area + "-NNN");
      }
      r.text = field(n, "text");
      r.evidence = field(n, "evidence");
      const std::string& strength = word(need(n, "level", r.id), words::levels, "level");
      r.strength = strength == "MUST" ? level::must : strength == "SHOULD" ? level::should : level::may;
      r.source = word(need(n, "source", r.id), words::sources, "source");
      const yaml_node& by = need(n, "by", r.id);
      texts(by, "`by`");
      if (by.items.empty()) fail(by, "nobody can show it; name some of codec, server, client, both");
      for (const auto& item : by.items) shown_by(word(item, words::requirement_by, "role"), r);
      if (n.find("excluded") != nullptr) r.excluded = field(n, "excluded");
      add(n, to_.requirements, r.id, r);
    }
  }

  void features() {
    map(root_, words::feature_file, "the features");
    for (const auto& n : items_of(need(root_, "features", "the file"), "`features`")) {
      map(n, words::feature, "a feature");
      const std::string name = field(n, "name");
      add(n, to_.features, name, {name, field(n, "text"), texts(need(n, "frees", name), "`frees`"), mark(n)});
    }
  }

  void choices() {
    map(root_, words::choice_file, "the choices");
    for (const auto& n : items_of(need(root_, "choices", "the file"), "`choices`")) {
      map(n, words::named_choice, "a choice");
      const std::string name = field(n, "name");
      const auto branches = texts(need(n, "branches", name), "`branches`");
      if (branches.size() < 2)
        fail(*n.find("branches"), "a choice with less than two branches; name each legal behaviour");
      add(n, to_.choices, name, {name, field(n, "question"), field(n, "row"), branches, mark(n)});
    }
    const yaml_node* profiles = root_.find("profiles");
    if (profiles == nullptr) return;
    map(*profiles, "`profiles`");
    for (const auto& profile : profiles->entries) {
      auto& pins = to_.profiles[profile.key];
      map(profile.value, "a profile");
      for (const auto& pin : profile.value.entries) {
        const auto chosen = to_.choices.find(pin.key);
        if (chosen == to_.choices.end()) {
          std::vector<std::string_view> names;
          for (const auto& c : to_.choices) names.push_back(c.first);
          fail(pin, "unknown choice `" + pin.key + "`" + advice(pin.key, names));
        }
        const std::vector<std::string_view> branches(chosen->second.branches.begin(), chosen->second.branches.end());
        pins[pin.key] = word(pin.value, branches, "branch");
      }
    }
  }

  void faults() {
    map(root_, words::fault_file, "the faults");
    for (const auto& n : items_of(need(root_, "faults", "the file"), "`faults`")) {
      map(n, words::fault, "a fault");
      const std::string name = field(n, "name");
      fault f{name, field(n, "clause"), field(n, "text"), field(n, "home"), false, mark(n)};
      if (const auto* planned = n.find("planned")) {
        static constexpr auto yes = words::list("true");
        word(*planned, yes, "value of `planned`");
        f.planned = true;
      }
      add(n, to_.faults, name, f);
    }
  }

 private:
  std::string field(const yaml_node& n, std::string_view key) const {
    const yaml_node& value = need(n, key, "an entry");
    if (text(value, key).empty()) fail(value, "`" + std::string(key) + "` is empty; write it out");
    return value.text;
  }
  template <class T>
  void add(const yaml_node& n, std::map<std::string, T, std::less<>>& to, const std::string& name, T entry) const {
    const auto [at, fresh] = to.emplace(name, std::move(entry));
    if (fresh) return;
    const auto& first = at->second.mark;
    fail(n, "`" + name + "` stands twice, first at " + first.file.str() + ":" + std::to_string(first.line) +
                "; give it a name of its own");
  }
  // `both`: either end of the connection shows both of its directions.
  static void shown_by(const std::string& name, requirement& r) {
    const auto add_role = [&](role one) {
      if (std::find(r.shown_by.begin(), r.shown_by.end(), one) == r.shown_by.end()) r.shown_by.push_back(one);
    };
    if (const auto one = role_named(name)) return add_role(*one);
    r.both = true;
    add_role(role::server);
    add_role(role::client);
  }

  catalogue& to_;
  yaml_node root_;
};

}  // namespace

std::vector<fs::path> find_suites(const fs::path& root) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    const auto& path = at->path();
    const bool catalogue_folder = path.filename() == "requirements" || path.filename() == "schema";
    if (at.depth() == 0 && (catalogue_folder || !at->is_directory()))
      at.disable_recursion_pending();
    else if (at.depth() > 0 && path.extension() == ".yaml" && at->is_regular_file())
      all.push_back(path);
  }
  if (error)
    throw load_error({root.string(), 1, 1}, "cannot be read as a folder of vectors; mind its path and permissions");
  std::sort(all.begin(), all.end());
  return all;
}

catalogue load_catalogue(const fs::path& root) {
  catalogue all;
  for (const auto& file : yaml_files(root / "requirements")) catalogue_reader(file, all).requirements();
  catalogue_reader(root / "features.yaml", all).features();
  catalogue_reader(root / "choices.yaml", all).choices();
  catalogue_reader(root / "faults.yaml", all).faults();
  return all;
}

}  // namespace ampspec::vectors
