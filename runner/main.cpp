// The command line of ampspec: commands, flags, help, and the one place where exceptions end.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/edit.hpp"
#include "conformance/vectors/loader.hpp"
#include "reference/peer/adapter_serve.hpp"
#include "reference/peer/tcp_peer.hpp"
#include "runner/bench/commands.hpp"
#include "runner/browse.hpp"
#include "runner/fuzzing/command.hpp"
#include "runner/fuzzing/from_crash.hpp"
#include "runner/matrix.hpp"
#include "runner/places.hpp"
#include "runner/run.hpp"
#include "runner/score.hpp"
#include "runner/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <poll.h>
#include <set>
#include <thread>
#include <unistd.h>

namespace {

using namespace ampspec;

const std::map<std::string, vectors::tier> tiers{
    {"default", vectors::tier::normal}, {"large", vectors::tier::large}, {"soak", vectors::tier::soak}};

struct selection_flags {
  std::vector<std::string> protocols, roles, tiers, only;
  std::string as_of;

  void add(CLI::App& app) {
    app.add_option("--protocol", protocols, "only these protocols, separated by commas: amp1, amp2, stream, bulk, amps")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--role", roles, "only these roles")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"codec", "server", "client"}));
    app.add_option("--only", only, "only vectors whose id, suite or clause matches this glob; may be repeated")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--tier", tiers, "tiers to run; default if absent")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"default", "large", "soak"}));
    app.add_option("--as-of", as_of, "only vectors that the suite had in this version");
  }
  runner::selection selection() const {
    runner::selection s;
    s.protocols = {protocols.begin(), protocols.end()};
    for (const auto& r : roles) s.roles.insert(*vectors::role_named(r));
    if (!tiers.empty()) s.tiers.clear();
    for (const auto& t : tiers) s.tiers.insert(::tiers.at(t));
    s.only = only;
    s.as_of = as_of;
    return s;
  }
};

void add_run(CLI::App& app, const std::vector<std::string>& tail, int& code) {
  auto* run = app.add_subcommand("run", "judge an implementation");
  auto o = std::make_shared<runner::run_options>();
  auto f = std::make_shared<selection_flags>();
  run->footer(
      "TARGET is a built-in name (see `ampspec targets`) or a target file; or attach a program by flags:\n"
      "  ampspec run --codec -- ./my-adapter\n"
      "  ampspec run --server tcp://127.0.0.1:4000 --supports service.core\n"
      "  ampspec run --server -- ./my-server --port {port}\n"
      "Exit: 0 conforms, 1 does not (or stale baseline), 2 usage, nothing matched or not to be reached,\n"
      "3 harness fault, 4 out of time.");
  run->add_option("TARGET", o->target, "what to judge")->capture_default_str();
  run->add_flag("--codec", o->codec, "the command behind -- is an adapter with a codec");
  run->add_flag("--client", o->client, "the command behind -- is an adapter with a client");
  run->add_option("--server", o->server, "a server at this URI, or started by the command behind --")->expected(0, 1);
  run->add_option("--supports", o->supports,
                  "features of what is attached by flags, separated by commas; may be repeated")
      ->delimiter(',')
      ->allow_extra_args(false);
  run->add_option("--profile", o->profile, "a named set of choices: strict, lenient");
  f->add(*run);
  run->add_option("--jobs", o->jobs, "checks at once; default: processors")->check(CLI::Range(1, 256));
  run->add_option("--shard", o->shard, "only part I of N, as I/N");
  run->add_option("--seed", o->seed, "of the seeded cuts")->capture_default_str();
  run->add_option("--deadline", o->deadline_ms,
                  "milliseconds for a step, at most, and one more for each 4,000 octets that were sent")
      ->capture_default_str()
      ->check(CLI::Range(10, 600000));
  run->add_option("--budget", o->budget_seconds, "seconds for the whole run; beyond it exit 4")
      ->check(CLI::NonNegativeNumber);
  run->add_option("--baseline", o->baseline, "known deviations; what they list must still be so");
  run->add_flag("--update-baseline", o->update_baseline,
                "rewrite the baseline; new lines get the reason TODO, which fails until replaced");
  run->add_option("--json", o->json, "write results as JSON lines");
  run->add_option("--junit", o->junit, "write JUnit XML");
  run->add_option("--html", o->html, "write the report, one file");
  run->add_option("--bench", o->bench,
                  "show this result of `bench interactivity --json` in the report; may be repeated")
      ->allow_extra_args(false);
  run->add_flag("--trace", o->trace, "show the octets of every check, passes too");
  run->add_flag("--fail-fast", o->fail_fast, "stop at the first failure");
  run->add_flag("--show-secrets", o->show_secrets,
                "leave tokens, and values that a target file takes from the environment, readable");
  run->add_flag("--strict", o->strict, "a broken SHOULD fails too");
  run->callback([o, f, run, &tail, &code] {
    o->command = tail;
    o->target_named = run->count("TARGET") > 0;
    o->what = f->selection();
    if (run->count("--server") && !o->server) o->server = "";
    code = runner::run_command(*o);
  });
}

void add_browsing(CLI::App& app, int& code) {
  auto* list = app.add_subcommand("list", "list vectors");
  auto f = std::make_shared<selection_flags>();
  auto as_json = std::make_shared<bool>(false);
  f->add(*list);
  list->add_flag("--json", *as_json, "as JSON lines");
  list->callback([=, &code] { code = runner::list_command(f->selection(), *as_json); });

  auto* show = app.add_subcommand("show", "show a vector: its text, its octets, its clauses");
  auto id = std::make_shared<std::string>();
  show->add_option("ID", *id, "such as A1-LIM-031")->required();
  show->callback([=, &code] { code = runner::show_command(*id); });

  auto* requirements = app.add_subcommand("requirements", "list clauses and the vectors that cite them");
  auto uncovered = std::make_shared<bool>(false);
  auto areas = std::make_shared<std::vector<std::string>>();
  requirements->add_flag("--uncovered", *uncovered, "only clauses that no vector shows in a role that could");
  requirements->add_option("AREA", *areas, "what ids of clauses begin with, such as AMP1-FRAME or AMPS");
  requirements->add_flag("--json", *as_json, "as JSON lines");
  requirements->callback([=, &code] { code = runner::requirements_command(*uncovered, *areas, *as_json); });

  app.add_subcommand("targets", "list built-in targets")->callback([&code] { code = runner::targets_command(); });

  auto* lint = app.add_subcommand("lint", "check vector files, catalogues and target files");
  auto paths = std::make_shared<std::vector<std::string>>();
  lint->add_option("PATH", *paths, "files or folders; default: all vectors");
  lint->callback([=, &code] { code = runner::lint_command(*paths); });

  auto* inspect = app.add_subcommand("inspect", "annotate a capture, raw or as hex, field by field");
  auto file = std::make_shared<std::string>("-");
  auto protocol = std::make_shared<std::string>("amp1");
  inspect->add_option("--protocol", *protocol, "amp1, amp2 or amps (as on TCP)")
      ->capture_default_str()
      ->check(CLI::IsMember({"amp1", "amp2", "amps"}));
  inspect->add_option("FILE", *file, "or - for standard input")->capture_default_str();
  inspect->callback([=, &code] { code = runner::inspect_command(*file, *protocol); });
}

void add_authoring(CLI::App& app, int& code) {
  auto* faults = app.add_subcommand("faults", "list the named faults that the vectors must catch");
  auto score = std::make_shared<bool>(false);
  auto as_json = std::make_shared<bool>(false);
  faults->add_flag("--score", *score, "play each against the vectors that name it; exit 1 if one survives");
  faults->add_flag("--json", *as_json, "as JSON");
  faults->callback([=, &code] { code = runner::faults_command(*score, *as_json); });

  auto* vector = app.add_subcommand("vector", "write vectors: new, retire, fmt, from-crash");
  vector->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  auto ids = std::make_shared<std::string>();
  auto* fresh = vector->add_subcommand("new", "append a skeleton under the next id of the file");
  fresh->add_option("FILE", *file, "vector file; made if it is not there (then --ids)")->required();
  fresh->add_option("--ids", *ids, "prefix of the ids of a new file, such as A1-LIM");
  auto in = std::make_shared<std::string>();
  fresh->add_option("--role", *in, "codec, server or client; default: what the folder says (amps/server)")
      ->check(CLI::IsMember({"codec", "server", "client"}));
  fresh->callback([=, &code] {
    vectors::new_vector wanted{runner::vectors_root(), *file, *ids, runner::suite_version};
    if (!in->empty()) wanted.in = vectors::role_named(*in);
    const auto id = vectors::append_vector(wanted);
    std::cout << id << " in " << *file << ": fill it in, then `ampspec lint " << *file << "` and `ampspec run --only "
              << id << " --trace`\n";
    code = 0;
  });
  auto id = std::make_shared<std::string>();
  auto* retire = vector->add_subcommand("retire", "take a vector out; its id is never given again");
  retire->add_option("FILE", *file, "vector file")->required();
  retire->add_option("ID", *id, "such as A1-LIM-031")->required();
  retire->callback([=, &code] {
    vectors::retire_vector(*file, *id);
    code = 0;
  });
  auto files = std::make_shared<std::vector<std::string>>();
  auto* fmt = vector->add_subcommand("fmt", "bring vector files into the common form");
  fmt->add_option("FILE", *files, "vector files")->required();
  fmt->callback([=, &code] {
    for (const auto& f : *files) {
      if (vectors::format_file(f)) std::cout << f << "\n";
    }
    code = 0;
  });
}

void add_from_crash(CLI::App& app, int& code) {
  auto* from = app.get_subcommand("vector")->add_subcommand(
      "from-crash", "make a vector of an input that something stopped at: the fewest octets, explained");
  auto c = std::make_shared<runner::crash_options>();
  from->footer(
      "FILE holds octets of the wire, or (--target) an input of a fuzz target. The expectation is the naive\n"
      "implementation's; `ampspec lint` warns until somebody has reviewed it. docs/fuzz-a-peer.md tells more.");
  from->add_option("FILE", c->file, "what something stopped at")->required();
  from->add_option("--protocol", c->protocol, "amp1, amp2 or amps; by the target if absent, else amp1")
      ->check(CLI::IsMember({"amp1", "amp2", "amps"}));
  from->add_option("--target", c->target, "the fuzz target: amp_decode, amp_feed, amps_decode, amps_feed");
  from->add_option("--program", c->program, "the fuzzer of the target, or fuzz_replay, which stops at it");
  from->add_option("--out", c->out, "the vector file; if absent FILE's name and .yaml, in this folder");
  from->callback([=, &code] { code = runner::from_crash_command(*c); });
}

void add_peers(CLI::App& app, const std::vector<std::string>& tail, int& code) {
  auto* peer = app.add_subcommand("peer", "run the loopback peer on its own, as a mock server");
  auto p = std::make_shared<peer::peer_options>();
  peer->add_option("PROTOCOL", p->protocol, "amp1, amp2, amps; echo sends octets back as they are")
      ->required()
      ->check(CLI::IsMember({"amp1", "amp2", "amps", "echo"}));
  peer->add_option("--listen", p->listen,
                   "tcp://ADDRESS:PORT, or tcps: inside TLS (amps: or ws, wss); port 0: any free one")
      ->capture_default_str();
  peer->add_option("--fault", p->fault, "misbehave in this way (vectors/faults.yaml)");
  peer->add_flag("--naive", p->naive, "the naive implementation instead of the reference");
  peer->add_flag("--trace", p->trace, "print each box received and sent");
  peer->add_option("--max-box", p->max_box, "octets of the largest box that it takes; 64 MiB without it");
  peer->add_option("--certificate", p->certificate, "write the certificate of the HTTPS side to this file (PEM)");
  peer->add_flag("--show-secrets", p->show_secrets, "do not mask tokens in the trace");
  peer->add_flag("--users", p->users, "amps: logons need the users of the fixture");
  peer->add_flag("--unlogged", p->unlogged, "amps: no topic has a transaction log");
  peer->add_flag("--any-address", p->allow_any_address, "listen on addresses that are not loopback");
  // A flag of another protocol would be taken without effect.
  const std::map<std::string, std::set<std::string>> flags_of{
      {"amp1", {"fault", "naive", "trace", "max-box", "certificate", "show-secrets"}},
      {"amp2", {"fault", "naive", "trace", "max-box", "certificate", "show-secrets"}},
      {"amps", {"fault", "trace", "show-secrets", "users", "unlogged"}},
      {"echo", {}}};
  peer->callback([=, &code] {
    for (const auto& [protocol, flags] : flags_of) {
      for (const auto& flag : flags) {
        if (peer->count("--" + flag) == 0 || flags_of.at(p->protocol).contains(flag)) continue;
        std::string whose;
        for (const auto& [other, theirs] : flags_of) {
          if (theirs.contains(flag)) whose += (whose.empty() ? "" : ", ") + other;
        }
        throw runner::usage_error("peer " + p->protocol + " has no --" + flag + "; it is one of " + whose);
      }
    }
    runner::check_fault(p->fault, p->protocol);
    code = peer::run_peer(*p, std::cout);
  });

  auto* adapter = app.add_subcommand("adapter", "adapters: check one, or be one");
  adapter->require_subcommand(1);
  auto* check =
      adapter->add_subcommand("check", "test an adapter before any vector does: ampspec adapter check -- COMMAND");
  auto tcp = std::make_shared<bool>(false);
  check->add_flag("--tcp", *tcp, "it connects to us (AMPSPEC_ADAPTER) instead of using standard input and output");
  check->callback([=, &tail, &code] { code = runner::adapter_check_command(tail, *tcp); });
  auto* serve = adapter->add_subcommand("serve", "the reference as an adapter: codec and client");
  auto a = std::make_shared<peer::adapter_options>();
  serve->add_flag("--naive", a->naive, "the naive implementation instead");
  serve->add_option("--fault", a->fault, "misbehave in this way");
  serve->add_option("--max-box", a->max_box, "octets of the largest box that its client takes; 64 MiB without it");
  serve->callback([=, &code] {
    runner::check_fault(a->fault, "adapter");
    code = peer::run_adapter_serve(*a);
  });
}

void add_bench(CLI::App& app, int& code) {
  auto* bench = app.add_subcommand("bench", "measure an implementation");
  bench->require_subcommand(1);
  auto o = std::make_shared<runner::bench_options>();
  const auto add_measure = [o](CLI::App& to) {
    to.add_option("--megabytes", o->each.megabytes, "size of one value, in 10^6 octets")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    to.add_option("--seconds", o->each.seconds, "each way moves values for at least so long")
        ->capture_default_str()
        ->check(CLI::Range(0.01, 30.0));
    to.add_option("--rate", o->each.calls_per_second, "small calls a second")
        ->capture_default_str()
        ->check(CLI::Range(1, 100000));
  };
  auto* interactivity = bench->add_subcommand(
      "interactivity", "what small calls take while large values move, each way that there is to move them");
  interactivity->footer(
      "TARGET is a built-in name (see `ampspec targets`) or a target file; its server is measured. docs/bench.md "
      "tells\n"
      "how to read the table.\n"
      "Exit: 0 measured, 1 a way that the target offers broke off, 2 usage, 3 harness fault.");
  interactivity->add_option("TARGET", o->target, "what to measure")->capture_default_str();
  add_measure(*interactivity);
  interactivity->add_option("--way", o->ways, "only these ways: stream, bigstring, amp2, bulk")
      ->delimiter(',')
      ->allow_extra_args(false);
  interactivity->add_option("--json", o->json, "write the results as JSON");
  interactivity->add_option("--html", o->html, "write the results as a page with a picture");
  interactivity->callback([=, &code] { code = runner::bench_interactivity_command(*o); });

  auto* calls = bench->add_subcommand("calls", "calls a second, as a ratio to a raw echo of the same octets");
  calls->add_option("TARGET", o->target, "what to measure")->capture_default_str();
  auto seconds = std::make_shared<double>(6);
  calls->add_option("--seconds", *seconds, "for all of it")->capture_default_str()->check(CLI::Range(0.1, 120.0));
  calls->callback([=, &code] { code = runner::bench_calls_command(o->target, *seconds); });

  auto* publishes =
      bench->add_subcommand("publishes", "publishes of AMPS a second, as a ratio to a raw echo of the same octets");
  publishes->add_option("--server", o->each.uri, "tcp://HOST:PORT of one that is up, instead of the loopback broker");
  publishes->add_option("--seconds", *seconds, "for all of it")->capture_default_str()->check(CLI::Range(0.1, 120.0));
  publishes->callback([=, &code] { code = runner::bench_publishes_command(o->each.uri, *seconds); });

  auto* way = bench->add_subcommand("way", "one way against a server that is up")->group("");
  auto name = std::make_shared<std::string>();
  way->add_option("WAY", *name)->required();
  way->add_option("URI", o->each.uri)->required();
  add_measure(*way);
  way->callback([=, &code] { code = runner::bench_way_command(*name, o->each); });
}

void add_matrix(CLI::App& app, int& code) {
  auto* matrix = app.add_subcommand("matrix", "the results of many implementations side by side");
  auto o = std::make_shared<runner::matrix_options>();
  matrix->footer(
      "`make matrix` installs and runs what runner/matrix/manifest.txt names, then calls this. docs/matrix.md tells\n"
      "what is judged.\n"
      "Exit: 0 every implementation was judged, 2 one was not, or usage.");
  matrix->add_option("MANIFEST", o->manifest, "the implementations and their packages")->required();
  matrix->add_option("RESULTS", o->results, "folder with NAME.jsonl of each, or NAME.why: why it was not judged")
      ->required();
  matrix->add_option("--json", o->json, "write the matrix as JSON");
  matrix->add_option("--html", o->html, "write it as a page; its cells lead to NAME.html beside it");
  matrix->add_option("--markdown", o->markdown, "write it as Markdown");
  matrix->add_option("--findings", o->findings, "folder for NAME.md: what each that deviates does, and its octets");
  matrix->callback([=, &code] { code = runner::matrix_command(*o); });
}

void add_fuzz(CLI::App& app, const std::vector<std::string>& tail, int& code) {
  auto* fuzz = app.add_subcommand("fuzz", "attack an implementation with cases made of the vectors");
  auto o = std::make_shared<runner::fuzz_options>();
  fuzz->footer(
      "TARGET is a built-in name (see `ampspec targets`) or a target file; or attach a program by flags:\n"
      "  ampspec fuzz --server tcp://127.0.0.1:4000 --supports service.core\n"
      "  ampspec fuzz --server -- ./my-server --port {port}\n"
      "  ampspec fuzz --server --transport tls -- ./my-server --tls --port {port}\n"
      "  ampspec fuzz --codec -- ./my-adapter\n"
      "A case is a function of seed and number, so a run goes on where another ended (--from). docs/fuzz-a-peer.md "
      "tells\n"
      "what is looked for.\n"
      "Exit: 0 nothing found, 1 something was, 2 usage, 3 it can't be started or answers nothing, 130 interrupted.");
  fuzz->add_option("TARGET", o->of.target, "what to fuzz")->capture_default_str();
  fuzz->add_flag("--codec", o->of.codec, "the command behind -- is an adapter with a codec");
  fuzz->add_option("--server", o->of.server, "a server at this URI, or started by the command behind --")
      ->expected(0, 1);
  fuzz->add_option("--supports", o->of.supports,
                   "features of what is attached by flags, separated by commas; may be repeated")
      ->delimiter(',')
      ->allow_extra_args(false);
  fuzz->add_option("--protocol", o->protocol, "amp1, amp2 or amps; the first that it declares if absent")
      ->check(CLI::IsMember({"amp1", "amp2", "amps"}));
  fuzz->add_option("--role", o->role, "server or codec; the first that it has if absent")
      ->check(CLI::IsMember({"server", "codec"}));
  fuzz->add_option("--transport", o->transport,
                   "of a server that we start: tcp, tls (from the first octet; amps: or ws, wss); tcp if absent")
      ->check(CLI::IsMember({"tcp", "tls", "ws", "wss"}));
  fuzz->add_option("--seed", o->seed, "of the cases")->capture_default_str();
  fuzz->add_option("--from", o->from, "number of the first case")->capture_default_str();
  fuzz->add_option("--cases", o->cases, "so many cases; if absent until the time is over");
  fuzz->add_option("--seconds", o->seconds, "at most; 0: no bound")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  fuzz->add_option("--deadline", o->deadline_ms, "milliseconds for an answer, at most")
      ->capture_default_str()
      ->check(CLI::Range(10, 600000));
  fuzz->add_option("--findings", o->findings, "ends when there are so many")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000));
  fuzz->add_option("--out", o->out, "folder for what is found: octets, and a vector for each")->capture_default_str();
  fuzz->add_option("--json", o->json, "write the result as JSON");
  fuzz->add_option("--allow", o->allowed, "a host that is not this machine and may be fuzzed; may be repeated")
      ->allow_extra_args(false);
  fuzz->callback([=, &tail, &code] {
    o->of.command = tail;
    o->of.target_named = fuzz->count("TARGET") > 0;
    if (fuzz->count("--server") && !o->of.server) o->of.server = "";
    code = runner::fuzz_command(*o);
  });
}

// Words for a shell: what may follow each command.
std::string bash_completion(const CLI::App& app) {
  std::string cases;
  const std::function<void(const CLI::App&, const std::string&)> add = [&](const CLI::App& at,
                                                                           const std::string& path) {
    std::string words;
    for (const auto* sub : at.get_subcommands(nullptr)) {
      if (!sub->get_group().empty()) words += " " + sub->get_name();
    }
    for (const auto* option : at.get_options()) {
      for (const auto& name : option->get_lnames()) words += " --" + name;
    }
    cases += "    \"" + path + "\") words='" + words.substr(std::min<std::size_t>(1, words.size())) + "';;\n";
    for (const auto* sub : at.get_subcommands(nullptr))
      add(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name());
  };
  add(app, "");
  return "# bash completion of ampspec; in ~/.bashrc: source <(ampspec completion)\n"
         "_ampspec() {\n"
         "  local path='' word words=''\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $word in -*) ;; *) case $path in ''|adapter|bench|vector) path=\"${path:+$path }$word\";; "
         "esac;; esac\n"
         "  done\n"
         "  case $path in\n" +
         cases +
         "  esac\n"
         "  [ \"$path\" = run -o \"$path\" = fuzz ] && words=\"$words $(\"${COMP_WORDS[0]}\" targets 2>/dev/null | awk "
         "'$2 ~ "
         "/codec|server|client/ {print $1}')\"\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\") $(compgen -f -- "
         "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -o filenames -F _ampspec ampspec\n";
}

// Whoever reads our output by a pipe may stop when it has seen enough.
bool reader_has_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  // What stands behind `--` is a command of the user's, with flags of its own.
  std::vector<std::string> tail;
  int own = argc;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--") {
      tail.assign(argv + i + 1, argv + argc);
      own = i;
      break;
    }
  }
  CLI::App app{"ampspec: does an implementation of AMP do what the protocol says?", "ampspec"};
  app.set_version_flag("--version", std::string("ampspec ") + runner::suite_version);
  app.set_help_all_flag("--help-all", "help of every command");
  app.require_subcommand(1);
  int code = 0;
  add_run(app, tail, code);
  add_browsing(app, code);
  add_authoring(app, code);
  add_from_crash(app, code);
  add_peers(app, tail, code);
  add_fuzz(app, tail, code);
  add_bench(app, code);
  add_matrix(app, code);
  app.add_subcommand("completion", "print a completion script for bash")->callback([&] {
    std::cout << bash_completion(app);
  });
  try {
    std::vector<std::string> known;
    for (const auto* each : app.get_subcommands({})) known.push_back(each->get_name());
    if (const std::string command = own > 1 ? argv[1] : "-";
        !command.starts_with('-') && std::find(known.begin(), known.end(), command) == known.end()) {
      throw runner::usage_error("there is no command " + command +
                                runner::did_you_mean(command, known, "see them with: ampspec --help"));
    }
    app.parse(own, argv);
    std::cout.flush();
    if (!std::cout && !reader_has_gone()) throw std::runtime_error("cannot write to standard output");
    return code;
  } catch (const CLI::ExtrasError& e) {
    app.exit(e, std::cout, std::cerr);
    if (own == argc)
      std::cerr << "A command of yours stands behind --, such as: ampspec adapter check -- ./my-adapter\n";
    return 2;
  } catch (const CLI::ParseError& e) {
    const int shown = app.exit(e, std::cout, std::cerr);
    return shown == 0 ? 0 : 2;
  } catch (const vectors::load_error& e) {
    std::cerr << e.what() << "\n";
    return 2;
  } catch (const runner::usage_error& e) {
    std::cerr << "ampspec: " << e.what() << "\n";
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "ampspec: " << e.what() << "\n";
    return 3;
  }
}
