// Which named faults the vectors catch: the proof that the suite bites.
// SPDX-License-Identifier: Apache-2.0
#include "runner/score.hpp"

#include "conformance/coverage.hpp"
#include "reference/behaviour/amps_faults.hpp"
#include "runner/run.hpp"
#include "runner/subjects/in_process.hpp"
#include "runner/subjects/memory_broker.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <stdexcept>

namespace ampspec::runner {

using conformance::verdict;

void check_fault(const std::string& fault, const std::string& program) {
  if (fault.empty()) return;
  const auto known = load_library(false).catalogue.faults;
  const auto found = known.find(fault);
  if (found == known.end()) {
    std::vector<std::string> names;
    for (const auto& entry : known) names.push_back(entry.first);
    throw usage_error("there is no fault " + fault + did_you_mean(fault, names, "see them with: ampspec faults"));
  }
  const auto belongs = [&](const std::string& whose, const std::string& command) {
    throw usage_error("fault " + fault + " is one of " + whose + "; write: ampspec " + command + " --fault " + fault);
  };
  const std::string_view clause = found->second.clause;
  if (found->second.home == "behaviour") {
    if (program != "amps") belongs("an AMPS broker", "peer amps");
  } else if (program == "adapter") {
    return;
  } else if (clause.starts_with("AMPS-")) {
    belongs("an AMPS codec or client", "adapter serve");
  } else if (clause.starts_with("AMP2-")) {
    if (program != "amp2") belongs("amp2", "peer amp2");
  } else if (program == "amps") {
    belongs("amp1", "peer amp1");
  }
}

bool shows_fault(const conformance::check_result& r) {
  return conformance::breaks(r.what) || r.what == verdict::warn || r.what == verdict::harness;
}

std::vector<conformance::check_result> play_in_process(const vectors::vector& v, const vectors::catalogue& catalogue,
                                                       bool naive, const std::string& fault, bool until_caught) {
  conformance::settings s;
  s.catalogue = &catalogue;
  s.foreign = false;
  for (const auto role : vectors::all_roles) s.supports[role] = {"amp1", "amp2", "service", "stream", "bulk", "amps"};
  conformance::patience p;
  std::vector<conformance::check_result> results;
  const bool rude_broker = behaviour::make_amps_fault(fault) != nullptr;
  for (const auto& c : conformance::checks_of(v, {vectors::all_roles.begin(), vectors::all_roles.end()})) {
    const bool of_broker = v.protocol == "amps" && c.role == vectors::role::server;
    if (of_broker ? naive && !rude_broker : rude_broker) continue;  // the naive implementation has no broker
    if (of_broker) {
      const auto broker = in_memory_broker(fault);
      results.push_back(conformance::run(c, *broker, s, p));
      if (until_caught && shows_fault(results.back())) break;
      continue;
    }
    std::string why;
    const std::shared_ptr<peer::implementation> impl = peer::make_implementation(naive, fault, why);
    if (!impl) throw std::runtime_error(why);
    switch (c.role) {
      case vectors::role::codec:
        results.push_back(conformance::run(c, *in_process_codec(impl), s, p));
        break;
      case vectors::role::server:
        results.push_back(conformance::run(c, *in_memory_server(impl), s, p));
        break;
      case vectors::role::client:
        results.push_back(conformance::run(c, *in_memory_client(impl), s, p));
        break;
    }
    if (until_caught && shows_fault(results.back())) break;
  }
  return results;
}

fault_score score_faults(const library& lib, bool all_killers) {
  fault_score score;
  for (const auto& [name, fault] : lib.catalogue.faults) {
    if (fault.planned) {
      score.planned.push_back(name);
      continue;
    }
    std::vector<std::string> killers;
    for (const auto* v : lib.all()) {
      if (std::find(v->catches.begin(), v->catches.end(), name) == v->catches.end()) continue;
      const auto results = play_in_process(*v, lib.catalogue, true, name, true);
      if (results.empty() || !shows_fault(results.back())) continue;
      killers.push_back(v->id);
      const bool proves = std::find(v->cites.begin(), v->cites.end(), fault.clause) != v->cites.end();
      if (proves) score.proven.insert(fault.clause);
      if (proves && !all_killers) break;
    }
    if (killers.empty()) {
      score.survived.push_back(name);
    } else {
      score.caught[name] = std::move(killers);
    }
  }
  return score;
}

int faults_command(bool with_score, bool as_json) {
  const auto lib = load_library();
  if (!with_score) {
    for (const auto& [name, f] : lib.catalogue.faults) {
      if (as_json) {
        std::cout << nlohmann::json{{"name", name},
                                    {"clause", f.clause},
                                    {"text", f.text},
                                    {"home", f.home},
                                    {"planned", f.planned}}
                         .dump()
                  << "\n";
      } else {
        std::cout << name << std::string(name.size() < 36 ? 36 - name.size() : 1, ' ') << f.clause << "  " << f.text
                  << (f.planned ? " (planned)" : "") << "\n";
      }
    }
    return 0;
  }
  const auto score = score_faults(lib, false);
  const auto clauses = conformance::count(conformance::coverage_of(lib.catalogue, lib.all()));
  const auto total = score.caught.size() + score.survived.size();
  if (as_json) {
    std::cout << nlohmann::json{{"faults", total},
                                {"caught", score.caught.size()},
                                {"survived", score.survived},
                                {"inconclusive", nlohmann::json::array()},
                                {"clauses",
                                 {{"must", clauses.must},
                                  {"cited", clauses.cited},
                                  {"proven", score.proven.size()},
                                  {"excluded", clauses.excluded}}}}
                     .dump()
              << "\n";
  } else {
    for (const auto& [name, killers] : score.caught)
      std::cout << "caught    " << name << "  by " << killers.back() << "\n";
    for (const auto& name : score.survived)
      std::cout << "SURVIVED  " << name << "  " << lib.catalogue.faults.at(name).text << "\n";
    std::cout << score.caught.size() << " of " << total << " faults caught, " << score.planned.size() << " planned; "
              << score.proven.size() << " clauses proven of " << clauses.cited << " cited\n";
  }
  return score.survived.empty() ? 0 : 1;
}

}  // namespace ampspec::runner
