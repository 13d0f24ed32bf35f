// Minimises while the same thing is seen: an oracle that fires, a disagreement, or the same outcome.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/from_crash.hpp"

#include "conformance/amps_message.hpp"
#include "conformance/annotate.hpp"
#include "fuzz/support/input.hpp"
#include "reference/peer/implementation.hpp"
#include "runner/browse.hpp"
#include "runner/files.hpp"
#include "runner/fuzzing/amp_server.hpp"
#include "runner/fuzzing/codec.hpp"
#include "runner/fuzzing/hunt.hpp"
#include "runner/fuzzing/vector_file.hpp"
#include "runner/report/text.hpp"
#include "runner/run.hpp"
#include "runner/subjects/in_process.hpp"
#include "runner/subjects/process.hpp"
#include "runner/version.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <regex>
#include <unistd.h>

namespace ampspec::runner {
namespace fs = std::filesystem;
namespace {

using namespace fuzzing;

constexpr std::size_t most_tries = 400;

// The targets whose inputs are octets of a wire, with settings in front if the top bit of the first octet is set.
bool is_wire_target(const std::string& target) {
  constexpr std::array<std::string_view, 4> names{"amp_decode", "amp_feed", "amps_decode", "amps_feed"};
  return std::find(names.begin(), names.end(), target) != names.end();
}

// Plays inputs through the program of a fuzz target, and says in one line what stopped it; empty: nothing.
class stopping_program {
 public:
  stopping_program(std::string program, std::string target) : program_(std::move(program)), target_(std::move(target)) {
    std::string name = (fs::temp_directory_path() / "ampspec-crash-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    if (fd < 0) throw std::runtime_error("no file in " + fs::temp_directory_path().string());
    ::close(fd);
    file_ = name;
  }
  ~stopping_program() {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }
  stopping_program(const stopping_program&) = delete;
  stopping_program& operator=(const stopping_program&) = delete;

  std::string stops_at(const std::string& input) const {
    write_file(file_, input);
    child_options how;
    how.command = {program_};
    if (fs::path(program_).filename().string().find("replay") != std::string::npos) how.command.push_back(target_);
    how.command.push_back(file_.string());
    const child_process child(how);
    if (!child.wait_end(millis(20'000))) return "timeout";
    const std::string log = child.log();
    static const std::regex oracle("ampspec-oracle: ([a-z-]+): .*"),
        sanitizer("SUMMARY: [A-Za-z]+Sanitizer: ([A-Za-z-]+)");
    std::smatch found;
    if (std::regex_search(log, found, oracle)) return "oracle " + found[1].str();
    if (std::regex_search(log, found, sanitizer)) return found[1];
    return child.end_word() == "exit-0" ? "" : child.end_word();
  }

 private:
  const std::string program_, target_;
  fs::path file_;
};

}  // namespace

int from_crash_command(const crash_options& o) {
  const std::string input = read_file(o.file);
  if (!o.target.empty() && !is_wire_target(o.target)) {
    throw usage_error("inputs of " + o.target +
                      " are no octets of a wire but a script, of which no vector can be made; those of amp_decode, "
                      "amp_feed, amps_decode and amps_feed are");
  }
  if (!o.program.empty() && o.target.empty()) throw usage_error("--program needs --target: which input is it?");
  std::string stream = input, protocol = o.protocol;
  fuzz::settings with;
  if (!o.target.empty()) {
    const auto read = fuzz::read_input(input);
    with = read.with;
    stream = read.stream;
    if (protocol.empty()) protocol = o.target.starts_with("amps") ? "amps" : with.second ? "amp2" : "amp1";
  }
  if (protocol.empty()) protocol = "amp1";
  if (stream.empty()) throw usage_error(o.file + ": there are no octets in it");
  const dialect of = dialect_of(protocol);
  std::string why;
  codec reference(in_process_codec(peer::make_implementation(false, "", why)), of, std::nullopt);
  const auto disagreement = [&](const std::string& s) {
    const auto wrong = reference.play(std::span(&s, 1), millis(2000)).wrong;
    return wrong ? wrong->signature : std::string();
  };

  std::string seen;
  std::function<bool(const std::string&)> shows;
  std::optional<stopping_program> program;
  const std::string front =
      stream.size() == input.size() ? std::string() : input.substr(0, input.size() - stream.size());
  if (!o.program.empty()) {
    program.emplace(o.program, o.target);
    seen = program->stops_at(input);
    if (seen.empty()) std::cout << o.program << " does not stop at " << o.file << "\n";
    // The usual cut and limits, if it stops with them too.
    const bool plain = !seen.empty() && !front.empty() && !with.second && program->stops_at(stream) == seen;
    const std::string settings = plain ? std::string() : front;
    if (!seen.empty()) shows = [&, settings](const std::string& s) { return program->stops_at(settings + s) == seen; };
    if (!seen.empty())
      std::cout << "seen         " << seen << (settings.empty() ? "" : ", with settings " + plain_hex(settings))
                << "\n";
  }
  if (!shows && !disagreement(stream).empty()) {
    seen = disagreement(stream);
    shows = [&](const std::string& s) { return disagreement(s) == seen; };
    std::cout << "seen         the reference and the naive implementation disagree: " << seen << "\n";
  }
  if (!shows) {
    seen = outcome_of(stream, of);
    shows = [&](const std::string& s) { return !s.empty() && disagreement(s).empty() && outcome_of(s, of) == seen; };
    std::cout << "seen         " << seen << "; reference and naive implementation agree\n";
  }
  const auto before = stream.size();
  stream = minimised(
      std::move(stream), [&](const std::string& s) { return reference.smaller(s); }, shows, most_tries);
  std::cout << "octets       " << stream.size() << ", brought down from " << before << "\n";
  show_fields(stream, protocol, "  ");
  std::cout << "naive        " << outcome_of(stream, of) << "\n";
  const std::string differs = disagreement(stream);
  std::cout << "reference    " << (differs.empty() ? "the same" : differs) << "\n";

  vector_head h;
  h.name = fs::path(o.file).stem().string();
  if (!o.out.empty()) h.name = fs::path(o.out).stem().string();
  h.protocol = protocol;
  h.title = "octets that something stopped at: " + outcome_of(stream, of);
  h.clause = of == dialect::amps ? "AMPS-FRAME-014" : "AMP1-FRAME-040";
  h.provenance = "ampspec vector from-crash " + fs::path(o.file).filename().string() +
                 (o.target.empty() ? "" : " --target " + o.target) + " (ampspec " + suite_version + "; " + seen + ")";
  h.since = suite_version;
  const auto version = of == dialect::amp2 ? naive::format::amp2 : naive::format::amp1;
  const std::string out = o.out.empty() ? h.name + ".yaml" : o.out;
  write_file(out, of == dialect::amps ? frames_vector(h, stream) : decode_vector(h, stream, version));
  std::cout << "written      " << out << ": review it, then put it to vectors/" << place_of(h) << "\n";
  return 0;
}

}  // namespace ampspec::runner
