// Joins the parts of a hunt: an implementation, cases, a screen, files.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/command.hpp"

#include "conformance/amps_message.hpp"
#include "conformance/annotate.hpp"
#include "conformance/check.hpp"
#include "reference/peer/implementation.hpp"
#include "runner/browse.hpp"
#include "runner/files.hpp"
#include "runner/fuzzing/amp_server.hpp"
#include "runner/fuzzing/amps_server.hpp"
#include "runner/fuzzing/codec.hpp"
#include "runner/fuzzing/hunt.hpp"
#include "runner/fuzzing/seeds.hpp"
#include "runner/fuzzing/vector_file.hpp"
#include "runner/interruption.hpp"
#include "runner/places.hpp"
#include "runner/report/console.hpp"
#include "runner/report/text.hpp"
#include "runner/subjects/adapter.hpp"
#include "runner/subjects/in_process.hpp"
#include "runner/subjects/server.hpp"
#include "runner/target.hpp"
#include "runner/version.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <set>

namespace ampspec::runner {
namespace fs = std::filesystem;
namespace {

using namespace fuzzing;
using conformance::mishap;
using vectors::role;

// What is to be attacked, and how.
struct plan {
  target t;
  role as = role::server;
  std::string protocol, transport;
  dialect speaks = dialect::amp1;
  std::set<std::string> supports;
};

bool is_loopback(const std::string& host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

// What carries the octets of a server.
std::string transport_of(const fuzz_options& o, const plan& p) {
  const auto& uri = p.t.roles.at(p.as).uri;
  if (uri.empty()) return o.transport.empty() ? "tcp" : o.transport;
  const auto scheme = uri.substr(0, uri.find(':'));
  std::string told = scheme == "tcps" ? "tls" : scheme;
  if (!o.transport.empty() && o.transport != told)
    throw usage_error("--transport " + o.transport + " and " + uri + ", which says " + told +
                      "; leave --transport out");
  return told;
}

plan plan_of_options(const fuzz_options& o) {
  const run_options& r = o.of;
  const bool by_flags = r.codec || r.client || r.server;
  if (!by_flags && !r.command.empty())
    throw usage_error("a command behind -- needs --codec or --server: in which role is it attached?");
  if (by_flags && r.target_named)
    throw usage_error("TARGET " + r.target + " and --codec or --server: what is to be fuzzed is named by one of them");
  if (!by_flags && !r.supports.empty())
    throw usage_error("--supports goes with --codec and --server; a target says for itself what it supports");
  if (r.server && r.server->starts_with("tcps:") && o.protocol.empty() && r.supports.empty())
    throw usage_error("--server " + *r.server + ": of AMP or AMPS? write --protocol amp1, amp2 or amps");
  plan p;
  run_options attached = r;
  if (!o.protocol.empty()) attached.what.protocols = {o.protocol};
  p.t = by_flags ? target_of_flags(attached) : find_target(r.target);
  if (!o.role.empty()) {
    p.as = *vectors::role_named(o.role);
  } else if (!p.t.roles.contains(role::server)) {
    p.as = role::codec;
  }
  if (!p.t.roles.contains(p.as))
    throw usage_error("target " + p.t.name + " has no " + std::string(vectors::name_of(p.as)) + " role");
  const auto told = p.t.supports.find(p.as);
  if (told != p.t.supports.end()) p.supports = {told->second.begin(), told->second.end()};
  p.protocol = o.protocol;
  for (const char* protocol : {"amp1", "amp2", "amps"}) {
    if (p.protocol.empty() && conformance::protocol_declared(p.supports, protocol)) p.protocol = protocol;
  }
  if (p.protocol.empty()) throw usage_error("target " + p.t.name + " declares neither amp1 nor amp2 nor amps");
  if (!p.supports.empty() && !conformance::protocol_declared(p.supports, p.protocol))
    throw usage_error("target " + p.t.name + " does not declare " + p.protocol + " as " +
                      std::string(vectors::name_of(p.as)));
  p.speaks = dialect_of(p.protocol);
  if (p.as == role::codec) {
    if (!o.transport.empty()) throw usage_error("--transport of a codec, which has no connections; leave it out");
    return p;
  }
  p.transport = transport_of(o, p);
  if (p.speaks != dialect::amps && p.transport.starts_with("ws"))
    throw usage_error("AMP goes over tcp or tls; " + p.transport + " is for AMPS, with --protocol amps");
  return p;
}

// Loopback alone, unless somebody who may says otherwise: what comes is meant to do harm.
void check_address(const std::string& uri, const fuzz_options& o) {
  if (uri.empty()) return;
  const auto address = parse_tcp_uri(uri);
  if (!address) throw usage_error(uri + ": write its URI, such as tcp://127.0.0.1:4000");
  if (is_loopback(address->host)) return;
  if (std::find(o.allowed.begin(), o.allowed.end(), address->host) == o.allowed.end())
    throw usage_error(address->host + " is not this machine; to fuzz it all the same, if it is yours: --allow " +
                      address->host);
}

amp_rules rules_of(const plan& p, const vectors::catalogue& catalogue) {
  static const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> commands{
      {"service.core", {"Sum", "Divide", "Echo", "Defer", "Release", "Fail", "AskBack"}},
      {"service.note", {"Note", "Noted"}},
      {"service.fatal", {"Fatal"}},
      {"service.big", {"Big", "BigError"}}};
  amp_rules rules;
  rules.version = p.speaks == dialect::amp2 ? naive::format::amp2 : naive::format::amp1;
  if (const auto pin = p.t.choices.find("duplicate-key"); pin != p.t.choices.end())
    rules.refuses_repeated_keys = pin->second == "reject";
  std::set<std::string, std::less<>> offered;
  for (const auto& [feature, names] : commands) {
    if (conformance::supported(p.supports, feature, &catalogue)) offered.insert(names.begin(), names.end());
  }
  rules.offers = [offered](std::string_view command) { return offered.contains(command); };
  return rules;
}

// The command that plays this again.
std::string again(const fuzz_options& o, const plan& p, std::uint64_t from, std::uint64_t cases) {
  const run_options& r = o.of;
  std::string text = "ampspec fuzz";
  if (r.codec) text += " --codec";
  if (r.server) text += " --server" + (r.server->empty() ? "" : " " + shell_word(*r.server));
  if (!r.codec && !r.server) text += " " + shell_word(r.target);
  for (const auto& f : r.supports) text += " --supports " + shell_word(f);
  if (!o.protocol.empty()) text += " --protocol " + o.protocol;
  if (!o.role.empty()) text += " --role " + std::string(vectors::name_of(p.as));
  if (!o.transport.empty()) text += " --transport " + o.transport;
  text += " --seed " + std::to_string(o.seed) + " --from " + std::to_string(from);
  if (cases != 0) text += " --cases " + std::to_string(cases);
  if (!r.command.empty()) {
    text += " --";
    for (const auto& word : r.command) text += " " + shell_word(word);
  }
  return text;
}

class teller {
 public:
  teller(const fuzz_options& o, const plan& p) : options_(o), plan_(p), screen_(screen_of(STDOUT_FILENO)) {}

  void progress(const hunt_result& r) {
    if (!screen_.rewrites) return;
    std::cout << "\r\x1b[K" << cut_to(line_of(r), screen_.width) << std::flush;
    shown_ = true;
  }

  void tell(const found& f, const arena& where, const amp_server* server) {
    clear();
    const std::string name = name_of(f);
    std::cout << "FOUND  " << escaped(f.what.signature) << "   case " << f.number << "\n"
              << "      expected    " << escaped(f.what.expected) << "\n      got         "
              << cut_to(escaped(f.what.got), 400) << "\n";
    if (f.octets.empty()) return;
    std::cout << "      octets      " << f.octets.size()
              << (f.again ? ", brought down from " + std::to_string(f.before)
                          : ", not brought down: played again it does not show itself")
              << "\n";
    show_fields(f.octets, plan_.protocol, "        ", 40);
    try {
      const fs::path folder(options_.out);
      fs::create_directories(folder);
      write_file(folder / (name + ".bin"), f.octets);
      std::cout << "      written     " << (folder / (name + ".bin")).string();
      if (f.again) {
        write_file(folder / (name + ".yaml"), vector_of(f, name, server));
        std::cout << ", " << (folder / (name + ".yaml")).string();
      }
      std::cout << "\n";
    } catch (const std::exception& e) {
      std::cout << "\n      not written: " << e.what() << "\n";
    }
    std::cout << "      again       " << again(options_, plan_, f.batch, f.number - f.batch + 1) << "\n";
    if (f.what.ended && !where.log().empty()) std::cout << "      its output  " << escaped(tail(where.log())) << "\n";
    std::cout << std::flush;
  }

  void close(const hunt_result& r) {
    clear();
    std::cout << line_of(r) << "\n";
    if (r.passing != 0) std::cout << counted(r.passing, "difference") << " seen once and not again: not counted\n";
    if (r.gave_up) std::cout << "gave up: " << escaped(r.why) << "\n";
    if (r.interrupted) std::cout << "interrupted\n";
    std::cout << "go on with    " << again(options_, plan_, r.next, 0) << "\n";
  }

 private:
  static std::string line_of(const hunt_result& r) {
    const double rate = r.seconds > 0 ? static_cast<double>(r.cases) / r.seconds : 0;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f", r.seconds);
    return counted(r.cases, "case") + " in " + seconds + " s, " + thousands(static_cast<std::uint64_t>(rate)) +
           " a second; " + thousands(r.connections) + " plays; " + counted(r.findings.size(), "finding") +
           (r.peak_rss_kib != 0 ? "; its memory " + std::to_string(r.peak_rss_kib / 1024) + " MiB" : "");
  }
  static std::string tail(const std::string& log) { return log.size() > 300 ? log.substr(log.size() - 300) : log; }
  void clear() {
    if (shown_) std::cout << "\r\x1b[K";
    shown_ = false;
  }

  std::string name_of(const found& f) const {
    std::string name = fs::path(plan_.t.name).filename().string() + "-" + plan_.protocol + "-" +
                       std::to_string(options_.seed) + "-" + std::to_string(f.number);
    for (char& c : name) {
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '-';
    }
    return name;
  }

  std::string vector_of(const found& f, const std::string& name, const amp_server* server) const {
    vector_head h;
    h.name = name;
    h.protocol = plan_.protocol;
    h.title = "expected " + f.what.expected;
    h.clause = f.what.clause;
    h.provenance = again(options_, plan_, f.batch, f.number - f.batch + 1) + " (ampspec " + suite_version + "; " +
                   f.what.signature + ")";
    h.since = suite_version;
    const auto version = plan_.speaks == dialect::amp2 ? naive::format::amp2 : naive::format::amp1;
    if (plan_.speaks == dialect::amps && plan_.as == role::codec) return frames_vector(h, f.octets);
    if (plan_.speaks == dialect::amps) return broker_vector(h, f.octets, f.what.signature.starts_with("close("));
    if (server != nullptr) {
      const amp_plan made = server->plan(f.octets);
      return server_vector(h, made, made.fenced ? f.octets : made.sent);
    }
    if (f.what.signature.starts_with("encode"))
      return encode_vector(h, naive::decode(f.octets, {{}, false, version}).boxes.front(), version);
    return decode_vector(h, f.octets, version);
  }

  const fuzz_options& options_;
  const plan& plan_;
  const screen screen_;
  bool shown_ = false;
};

std::string json_of(const hunt_result& r, const plan& p, const fuzz_options& o) {
  nlohmann::json findings = nlohmann::json::array();
  for (const found& f : r.findings) {
    findings.push_back({{"signature", f.what.signature},
                        {"expected", f.what.expected},
                        {"got", escaped(f.what.got)},
                        {"clause", f.what.clause},
                        {"shape", f.shape},
                        {"case", f.number},
                        {"octets", plain_hex(f.octets)},
                        {"again", f.again},
                        {"times", f.times}});
  }
  const nlohmann::json all{{"target", p.t.name},
                           {"role", vectors::name_of(p.as)},
                           {"protocol", p.protocol},
                           {"transport", p.transport},
                           {"seed", o.seed},
                           {"from", o.from},
                           {"next", r.next},
                           {"cases", r.cases},
                           {"plays", r.connections},
                           {"seconds", r.seconds},
                           {"peak_rss_kib", r.peak_rss_kib},
                           {"interrupted", r.interrupted},
                           {"suite_version", suite_version},
                           {"findings", findings}};
  return all.dump(1) + "\n";
}

}  // namespace

int fuzz_command(const fuzz_options& o) {
  plan p = plan_of_options(o);
  check_writable("--json", o.json);
  role_setup setup = p.t.roles.at(p.as);
  check_address(setup.uri, o);
  const vectors::catalogue catalogue = load_library(false).catalogue;
  auto seeds = seeds_of(vectors_root(), p.protocol);
  if (seeds.empty()) throw usage_error("there are no vectors of " + p.protocol + " to make cases of");
  const case_source cases(p.speaks, std::move(seeds), o.seed);

  hunt_options how;
  how.from = o.from;
  how.cases = o.cases;
  how.seconds = o.seconds;
  how.deadline = millis(o.deadline_ms);
  how.findings = o.findings;

  interruption stop;
  std::unique_ptr<server> host;
  std::unique_ptr<arena> where;
  amp_server* amp = nullptr;
  constexpr std::int64_t restarts = 10'000;
  std::cout << "fuzz " << p.t.name << " as " << vectors::name_of(p.as) << ", " << p.protocol
            << (p.as == role::server ? " over " + p.transport : "") << ": seed " << o.seed << ", from case " << o.from
            << std::endl;
  try {
    if (p.as == role::codec) {
      std::optional<bool> refuses;
      if (const auto pin = p.t.choices.find("duplicate-key"); pin != p.t.choices.end())
        refuses = pin->second == "reject";
      if (setup.in_process) {
        std::string why;
        where = std::make_unique<codec>(in_process_codec(peer::make_implementation(false, "", why)), p.speaks, refuses);
      } else {
        adapter_settings settings;
        settings.classes = p.t.classes;
        settings.deadline = how.deadline;
        auto a = std::make_shared<adapter>(setup, settings, std::make_shared<restart_budget>(restarts));
        for (const auto& wrong : a->calibrate(role::codec)) std::cout << "adapter: " << escaped(wrong) << "\n";
        where = std::make_unique<codec>(codec_of(a), p.speaks, refuses,
                                        codec::process{[a] { return a->peak_rss_kib(); }, [a] { return a->log(); }});
      }
    } else {
      fill_placeholder(setup, "{protocol}", p.protocol);
      fill_placeholder(setup, "{scheme}", scheme_of(p.transport));
      host = std::make_unique<server>(setup, std::make_shared<restart_budget>(restarts));
      host->ensure_up();
      if (p.speaks == dialect::amps) {
        const bool tls = p.transport == "tls" || p.transport == "wss";
        auto made = std::make_unique<amps_server>(*host, tls, p.transport.starts_with("ws"));
        made->calibrate(how.deadline);
        where = std::move(made);
      } else {
        auto made = std::make_unique<amp_server>(*host, rules_of(p, catalogue), p.transport == "tls");
        made->calibrate(how.deadline);
        amp = made.get();
        where = std::move(made);
      }
    }
  } catch (const mishap& m) {
    if (stop.came) return 130;
    std::cerr << "ampspec: " << escaped(m.what()) << "\n";
    return 3;
  }

  teller screen(o, p);
  const auto result = hunt(
      *where, cases, how, stop.came, [&](const hunt_result& r) { screen.progress(r); },
      [&](const found& f) { screen.tell(f, *where, amp); });
  screen.close(result);
  if (!o.json.empty()) write_file(o.json, json_of(result, p, o));
  if (result.interrupted) return 130;
  if (!result.findings.empty()) return 1;
  return result.gave_up || result.cases == 0 ? 3 : 0;
}

}  // namespace ampspec::runner
