// Commands that show what there is: list, show, requirements, targets, lint, inspect.
// SPDX-License-Identifier: Apache-2.0
#include "runner/browse.hpp"

#include "conformance/amps_message.hpp"
#include "conformance/annotate.hpp"
#include "conformance/coverage.hpp"
#include "conformance/play.hpp"
#include "conformance/vectors/loader.hpp"
#include "reference/wire/hex.hpp"
#include "runner/places.hpp"
#include "runner/report/picture.hpp"
#include "runner/report/text.hpp"
#include "runner/run.hpp"
#include "runner/subjects/adapter.hpp"
#include "runner/target.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>

namespace ampspec::runner {
namespace fs = std::filesystem;
namespace {

std::string names_of(const std::vector<vectors::role>& roles) {
  std::string text;
  for (const auto r : roles) text += (text.empty() ? "" : ", ") + std::string(vectors::name_of(r));
  return text;
}

void show_octets(const std::string& title, const vectors::octets& octets) {
  conformance::recorder record;
  record.ours(1, "", octets, title);
  std::cout << "\n" << title << ", " << octets.size() << (octets.size() == 1 ? " octet\n" : " octets\n");
  for (const auto& e : record.take()) {
    for (const auto& row : picture_of(e, 8)) {
      std::string offset;
      if (row.offset) {
        char text[24];
        std::snprintf(text, sizeof text, "%04llx", static_cast<unsigned long long>(*row.offset));
        offset = text;
      }
      std::cout << "  " << in_column(offset, 8) << in_column(row.hex, 26) << row.label << "\n";
    }
  }
}

}  // namespace

int list_command(const selection& what, bool as_json) {
  const auto lib = load_library();
  check_selection(what, lib);
  std::vector<const vectors::vector*> shown;
  std::set<std::string> suites;
  std::set<std::uint64_t> likes;
  for (const auto* v : lib.all()) {
    if (!selected(*v, what)) continue;
    if (!what.roles.empty() &&
        std::none_of(v->roles.begin(), v->roles.end(), [&](auto r) { return what.roles.contains(r); }))
      continue;
    shown.push_back(v);
    suites.insert(v->suite);
    likes.insert(v->likeness);
    if (as_json) {
      nlohmann::json j{
          {"id", v->id}, {"title", v->title}, {"suite", v->suite}, {"protocol", v->protocol}, {"cites", v->cites}};
      for (const auto r : v->roles) j["roles"].push_back(vectors::name_of(r));
      std::cout << j.dump() << "\n";
    } else {
      std::cout << in_column(v->id, 12) << in_column(names_of(v->roles), 24) << v->title << "\n";
    }
  }
  if (shown.empty()) throw usage_error("no vector matches; see them all with: ampspec list --tier default,large,soak");
  if (!as_json) {
    std::cout << counted(shown.size(), "vector") << " in " << counted(suites.size(), "file")
              << "; distinct: " << thousands(likes.size()) << "\n";
  }
  return 0;
}

int show_command(const std::string& id) {
  const auto lib = load_library();
  const auto* v = lib.find(id);
  if (!v) {
    std::vector<std::string> ids;
    for (const auto* each : lib.all()) ids.push_back(each->id);
    throw usage_error("no vector has the id " + id + did_you_mean(id, ids, "see them with: ampspec list"));
  }
  std::cout << v->mark.file.str() << ":" << v->mark.line << "\n\n";
  std::ifstream in(v->mark.file.str());
  std::string line;
  for (int n = 1; n <= v->last_line && std::getline(in, line); ++n) {
    if (n >= v->mark.line) std::cout << line << "\n";
  }
  std::cout << "\n";
  for (const auto& c : v->cites) {
    const auto& q = lib.catalogue.requirements.at(c);
    std::cout << c << "  " << vectors::name_of(q.strength) << "  (" << q.source << ")\n    " << q.text
              << "\n    source: " << q.evidence << "\n";
  }
  const auto names = vectors::matrix_points(*v).front();
  if (!v->matrix.empty()) std::cout << "\nfor " << vectors::variant_name(*v, names) << ":";
  if (const auto* d = std::get_if<vectors::decode_kind>(&v->kind)) {
    show_octets("decode", vectors::realize(d->bytes, names));
    if (d->then) show_octets("then", vectors::realize(*d->then, names));
  } else if (const auto* s = std::get_if<vectors::steps_kind>(&v->kind)) {
    const auto& steps = s->play.at(v->roles.front());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto* send = std::get_if<vectors::send_step>(&steps[i].what);
      if (!send) continue;
      try {
        show_octets("step " + std::to_string(i + 1) + ", send", vectors::realize(send->bytes, names));
      } catch (const vectors::load_error&) {
        std::cout << "\nstep " << i + 1 << ", send: holds octets that are captured in the exchange\n";
      }
    }
  }
  return 0;
}

int requirements_command(bool uncovered, const std::vector<std::string>& areas, bool as_json) {
  const auto lib = load_library();
  const auto upper = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
  };
  std::set<std::string> unseen;
  for (const auto& a : areas) unseen.insert(upper(a));
  const auto wanted = unseen;
  std::vector<conformance::clause_coverage> coverage;
  for (auto& c : conformance::coverage_of(lib.catalogue, lib.all())) {
    bool taken = wanted.empty();
    for (const auto& prefix : wanted) {
      if (!c.clause->id.starts_with(prefix)) continue;
      unseen.erase(prefix);
      taken = true;
    }
    if (taken) coverage.push_back(std::move(c));
  }
  if (!unseen.empty()) {
    std::set<std::string> known;
    for (const auto& [id, clause] : lib.catalogue.requirements) known.insert(conformance::area_of(id));
    throw usage_error("the id of no clause begins with " + *unseen.begin() +
                      did_you_mean(*unseen.begin(), {known.begin(), known.end()},
                                   "write an area such as AMP1-FRAME, or all of a protocol: AMPS"));
  }
  for (const auto& c : coverage) {
    const auto& q = *c.clause;
    const bool gap = q.excluded.empty() && !c.missing.empty();
    if (uncovered && !gap) continue;
    if (as_json) {
      nlohmann::json j{{"id", q.id},
                       {"level", vectors::name_of(q.strength)},
                       {"text", q.text},
                       {"source", q.source},
                       {"evidence", q.evidence}};
      if (!q.excluded.empty()) j["excluded"] = q.excluded;
      j["cited_by"] = nlohmann::json::object();
      for (const auto& [role, ids] : c.cited_by) j["cited_by"][std::string(vectors::name_of(role))] = ids;
      j["missing"] = nlohmann::json::array();
      for (const auto r : c.missing) j["missing"].push_back(vectors::name_of(r));
      std::cout << j.dump() << "\n";
      continue;
    }
    std::size_t vectors_citing = 0;
    for (const auto& [role, ids] : c.cited_by) vectors_citing += ids.size();
    std::cout << in_column(q.id, 17) << in_column(std::string(vectors::name_of(q.strength)), 7)
              << in_column(q.source, 14)
              << in_column(q.excluded.empty() ? std::to_string(vectors_citing) + " citing" : "excluded", 12) << q.text;
    if (!q.excluded.empty()) std::cout << "\n    excluded: " << q.excluded;
    if (gap) std::cout << "\n    not shown as: " << names_of(c.missing);
    std::cout << "\n";
  }
  if (!as_json) {
    const auto n = conformance::count(coverage);
    std::cout << counted(n.clauses, "clause") << ", " << n.cited << " cited, " << n.excluded
              << " excluded with a reason; MUST: " << n.must << ", " << n.must_cited << " cited\n";
  }
  return 0;
}

int targets_command() {
  for (const auto& name : built_in_targets()) {
    try {
      const auto t = find_target(name);
      std::vector<vectors::role> roles;
      for (const auto& [role, setup] : t.roles) roles.push_back(role);
      std::cout << in_column(name, 16) << in_column(names_of(roles), 24) << (t.file.empty() ? "built in" : t.file)
                << "\n";
    } catch (const vectors::load_error& e) {
      std::cout << in_column(name, 16) << e.what() << "\n";
    }
  }
  std::cout << "Attach your own: docs/attach.md\n";
  return 0;
}

namespace {

// The mistake in a target file, with its place; empty if there is none.
std::string wrong_target(const fs::path& file, const vectors::catalogue& known) {
  try {
    check_names(load_target(file), known);
    return {};
  } catch (const vectors::load_error& e) {
    return e.what();
  } catch (const usage_error& e) {
    return e.what();
  }
}

}  // namespace

int lint_command(const std::vector<std::string>& paths) {
  auto root = vectors_root();
  std::vector<fs::path> files, targets;
  for (const auto& p : paths) {
    if (!fs::exists(p)) throw usage_error("no file or folder " + p);
    if (fs::is_directory(fs::path(p) / "requirements")) {  // all of the vectors, perhaps of the user's own
      if (paths.size() > 1) throw usage_error(p + " has catalogues of its own; lint it alone");
      root = p;
      files = vectors::find_suites(p);
    } else if (fs::is_directory(p)) {  // a part of the vectors, such as vectors/amp1
      for (const auto& f : fs::recursive_directory_iterator(p)) {
        if (f.path().extension() == ".yaml") files.push_back(f.path());
      }
      std::sort(files.begin(), files.end());
    } else {
      (is_target_file(p) ? targets : files).emplace_back(p);
    }
  }
  if (paths.empty()) files = vectors::find_suites(root);
  if (files.empty() && targets.empty()) {
    const auto where = paths.empty() ? root.string() : paths.front();
    throw usage_error("no vector file (.yaml) lies below " + where + "; begin one with: ampspec vector new " +
                      (root / "amp1/frame/mine.yaml").string() + " --ids MINE");
  }
  std::size_t errors = 0;
  if (!targets.empty()) {  // the vectors' own lint loads the catalogue itself, and tells what is wrong with it
    const auto known = vectors::load_catalogue(root);
    for (const auto& target : targets) {
      const auto wrong = wrong_target(target, known);
      if (wrong.empty()) continue;
      std::cout << wrong << "\n";
      ++errors;
    }
  }
  const auto findings = files.empty() ? std::vector<vectors::finding>() : vectors::lint(root, files);
  for (const auto& f : findings) {
    std::cout << f.where.file.str() << ":" << f.where.line << ":" << f.where.column << ": "
              << (f.error ? "error: " : "warning: ") << f.text << "\n";
    errors += f.error;
  }
  std::cout << counted(files.size() + targets.size(), "file") << ", " << counted(errors, "error") << ", "
            << counted(findings.size() - errors, "warning") << "\n";
  return errors ? 1 : 0;
}

void show_fields(const std::string& octets, const std::string& protocol, const std::string& indent, std::size_t most) {
  using conformance::amp_values;
  const auto fields = protocol == "amps" ? conformance::annotate_amps(octets)
                                         : conformance::annotate_amp(
                                               octets, protocol == "amp2" ? amp_values::in_chunks : amp_values::whole);
  for (const auto& f : fields) {
    if (most-- == 0) {
      std::cout << indent << "…\n";
      return;
    }
    char offset[24];
    std::snprintf(offset, sizeof offset, "%06llx  ", static_cast<unsigned long long>(f.at));
    const auto head = std::string_view(octets).substr(f.at, std::min<std::uint64_t>(f.size, 8));
    const std::string hex = spaced_hex(head) + (f.size > head.size() ? " …" : "");
    std::cout << indent << offset << in_column(hex, 26) << escaped(f.label) << "\n";
  }
}

int inspect_command(const std::string& file, const std::string& protocol) {
  if (fs::is_directory(file)) throw usage_error(file + " is a folder; name a file");
  std::string octets;
  if (file == "-") {
    octets.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw usage_error("cannot read " + file);
    octets.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (octets.empty()) throw usage_error("nothing to inspect in " + file);
  // A capture is raw octets or hex text; AMP begins with a zero octet, AMPS with the highest of a length below 256 MiB:
  // which hex text never does.
  if (octets.front() != '\0') {
    if (auto raw = wire::from_hex(octets)) octets = *raw;
  }
  show_fields(octets, protocol);
  return 0;
}

int adapter_check_command(const std::vector<std::string>& command, bool tcp) {
  if (command.empty()) throw usage_error("which adapter? ampspec adapter check -- ./my-adapter");
  role_setup setup;
  setup.command = command;
  if (tcp) setup.transport = adapter_transport::tcp;
  adapter a(setup, {}, std::make_shared<restart_budget>());
  try {
    const auto facts = a.facts();
    std::cout << "hello      " << facts.name << " " << facts.version << ", api " << facts.api << "\n";
    std::string ops, supports;
    for (const auto& o : facts.ops) ops += " " + o;
    for (const auto& s : facts.supports) supports += " " + s;
    std::cout << "ops       " << ops << "\nsupports  " << (supports.empty() ? " nothing beyond amp1" : supports)
              << "\n";
    const auto has = [&](const char* op) {
      return std::find(facts.ops.begin(), facts.ops.end(), op) != facts.ops.end();
    };
    bool good = facts.api == 1;
    if (!good) std::cout << "wrong      api " << facts.api << "; this suite speaks 1\n";
    std::vector<std::string> problems;
    if (has("decode") || has("encode") || has("feed")) problems = a.calibrate(vectors::role::codec);
    if (has("connect")) {
      for (auto& p : a.calibrate(vectors::role::client)) problems.push_back(std::move(p));
    }
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    for (const auto& p : problems) std::cout << "wrong      " << p << "\n";
    if (!has("decode") && !has("connect"))
      std::cout << "note       neither a codec (decode, feed, encode) nor a client (connect, call)\n";
    good = good && problems.empty();
    std::cout << (good ? "the adapter speaks the protocol\n"
                       : "the adapter does not speak the protocol; see docs/adapter-protocol.md\n");
    return good ? 0 : 1;
  } catch (const conformance::mishap& m) {
    std::cout << "wrong      " << m.what()
              << "\nthe adapter does not speak the protocol; see docs/adapter-protocol.md\n";
    return 1;
  }
}

}  // namespace ampspec::runner
