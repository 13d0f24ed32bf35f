// Makes inputs of the fuzz targets out of the vectors, and fails where one does not reach what its vector reaches.
// SPDX-License-Identifier: Apache-2.0

// fuzz_seeds VECTORS OUT: writes OUT/TARGET/VECTOR[-POINT], and tells how many.
#include "conformance/vectors/loader.hpp"
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/input.hpp"
#include "fuzz/targets/targets.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

namespace {

namespace fs = std::filesystem;
namespace v = ampspec::vectors;
using namespace ampspec;

class seeds {
 public:
  explicit seeds(fs::path out) : out_(std::move(out)) {}

  void add(const v::suite_file& suite) {
    for (const v::vector& vector : suite.vectors) {
      std::size_t number = 0;
      for (const v::scope& point : v::matrix_points(vector)) {
        ++number;
        scope_ = v::default_scope();
        for (const auto& [name, value] : point) scope_.insert_or_assign(name, value);
        name_ = vector.id + (point.empty() ? "" : "-" + std::to_string(number));
        add(vector);
      }
    }
  }

  std::size_t wrong() const { return wrong_; }
  const std::map<std::string, std::size_t>& counts() const { return counts_; }

 private:
  void add(const v::vector& vector) {
    const bool second = vector.protocol == "amp2";
    if (const auto* decode = std::get_if<v::decode_kind>(&vector.kind);
        decode != nullptr && vector.protocol == "amps") {
      return add_amps(vector, *decode);
    }
    if (v::wire_protocol_of(vector.protocol) != "amp1" && !second) return;
    if (const auto* decode = std::get_if<v::decode_kind>(&vector.kind)) {
      if (const auto stream = octets_of(decode->bytes, "amp_decode")) {
        add_stream(*stream, second);
        if (decode->expect.has(v::role::codec)) gate(*stream, second, decode->expect.at(v::role::codec));
      }
    } else if (const auto* steps = std::get_if<v::steps_kind>(&vector.kind)) {
      for (const auto& [role, play] : steps->play) add_steps(*play, second);
    } else if (const auto* parse = std::get_if<v::parse_kind>(&vector.kind); parse != nullptr && parse->of.type) {
      const auto octets = octets_of(parse->bytes, "amp_types");
      const auto tag = tag_of(*parse->of.type);
      if (octets && tag) write("amp_types", std::string(1, *tag) + *octets);
    }
  }

  void add_amps(const v::vector& vector, const v::decode_kind& decode) {
    const std::map<std::string, char> forms{{"composite", '\1'}, {"composite 2", '\2'}, {"uri", '\3'},
                                            {"options", '\4'},   {"acks", '\5'},        {"bookmark", '\6'},
                                            {"timestamp", '\7'}};
    const auto octets = octets_of(decode.bytes, vector.form.empty() ? "amps_decode" : "amps_parts");
    if (!octets) return;
    if (const auto form = forms.find(vector.form); form != forms.end()) {
      const std::string count = vector.form == "composite 2" ? std::string(1, '\2') : "";
      return write("amps_parts", form->second + count + *octets);
    }
    if (!vector.form.empty()) return;
    settings with;
    write("amps_decode", *octets);
    with.cut = static_cast<std::uint8_t>(1 + octets->size() % 7);
    with.seed = static_cast<std::uint8_t>(octets->size());
    with.value_limit = static_cast<std::uint8_t>(octets->size() % 16);
    write("amps_feed", written(with) + *octets);
    if (octets->size() > 5 && octets->size() < 4000) write("amps_header", octets->substr(4));

    const auto played = fuzz::play_frames(*octets, {}, {octets->size()});
    if (!decode.expect.has(v::role::codec)) return;
    for (const auto& [branch, e] : decode.expect.at(v::role::codec).branches) {
      // Records of a batch, and numbers, are looked at by others than the decoder of frames: it may go on where they
      // end.
      const bool is_cut = played.end && played.end->code == amps::errc::truncated;
      if (e.end == v::ending::reject || (e.end == v::ending::clean ? !played.end : is_cut)) return;
    }
    std::fprintf(stderr, "%s: does not reach what its vector says: %zu frames\n", name_.c_str(), played.frames.size());
    ++wrong_;
  }

  // What an exchange sends, as one stream; a step that needs what the other side said is left out.
  void add_steps(const v::steps& steps, bool second) {
    std::string stream;
    for (const v::step& s : steps) {
      const auto* send = std::get_if<v::send_step>(&s.what);
      if (send == nullptr) continue;
      if (const auto octets = octets_of(send->bytes, "amp_decode")) stream += *octets;
    }
    if (!stream.empty() && stream.size() <= most_) add_stream(stream, second);
  }

  void add_stream(const std::string& stream, bool second) {
    settings with;
    with.second = second;
    write("amp_decode", second ? written(with) + stream : stream);
    with.cut = static_cast<std::uint8_t>(1 + stream.size() % 7);
    with.seed = static_cast<std::uint8_t>(stream.size());
    write("amp_feed", written(with) + stream);
  }

  void gate(const std::string& stream, bool second, const v::chosen<v::decode_expectation>& expected) {
    amp::limits limits;
    limits.version = second ? amp::version::v2 : amp::version::v1;
    const auto played = fuzz::play_boxes(stream, limits, {stream.size()});
    const auto end = !played.end                                ? v::ending::clean
                     : played.end->code == amp::errc::truncated ? v::ending::incomplete
                                                                : v::ending::reject;
    for (const auto& [branch, e] : expected.branches) {
      if (e.end == v::ending::any || (e.end == end && e.delivers.size() == played.boxes.size())) return;
    }
    std::fprintf(stderr, "%s: does not reach what its vector says: %zu boxes\n", name_.c_str(), played.boxes.size());
    ++wrong_;
  }

  std::optional<std::string> octets_of(const v::recipe& recipe, std::string_view target) {
    most_ = fuzz::target_named(target)->max_input - fuzz::header_size;
    try {
      const v::octets octets = v::realize(recipe, scope_);
      if (octets.size() > most_) return std::nullopt;
      return octets.str();
    } catch (const v::load_error&) {
      return std::nullopt;  // it needs what the other side says
    }
  }

  // The first octet of an input of amp_types, by the types that stand there.
  static std::optional<char> tag_of(const wire::value_type& type) {
    using wire::value_kind;
    const auto plain = [](value_kind k) -> std::optional<char> {
      constexpr value_kind in_order[] = {value_kind::integer,  value_kind::text,    value_kind::boolean,
                                         value_kind::floating, value_kind::decimal, value_kind::datetime,
                                         value_kind::path,     value_kind::bytes};
      for (std::size_t i = 0; i < std::size(in_order); ++i) {
        if (in_order[i] == k) return static_cast<char>(i);
      }
      return std::nullopt;
    };
    if (type.kind != value_kind::list) return plain(type.kind);
    if (type.element.front().kind == value_kind::integer) return '\x8';
    if (type.element.front().kind == value_kind::decimal) return '\xa';
    return std::nullopt;
  }

  void write(const std::string& target, const std::string& input) {
    if (!seen_.insert(target + input).second) return;
    fs::create_directories(out_ / target);
    std::string name = name_;
    for (std::size_t n = 2; fs::exists(out_ / target / name); ++n) name = name_ + "." + std::to_string(n);
    std::ofstream out(out_ / target / name, std::ios::binary);
    out << input;
    if (!out.flush()) throw std::runtime_error((out_ / target / name).string() + " can't be written");
    ++counts_[target];
  }

  using settings = fuzz::settings;

  fs::path out_;
  std::string name_;
  v::scope scope_;
  std::size_t most_ = 0, wrong_ = 0;
  std::set<std::string> seen_;
  std::map<std::string, std::size_t> counts_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: fuzz_seeds VECTORS OUT\n", stderr);
    return 2;
  }
  try {
    fs::remove_all(argv[2]);
    seeds made(argv[2]);
    for (const auto& file : v::find_suites(argv[1])) made.add(v::load_suite(file));
    for (const auto& [target, count] : made.counts()) std::printf("%s: %zu seeds\n", target.c_str(), count);
    return made.wrong() == 0 && !made.counts().empty() ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fuzz_seeds: %s\n", e.what());
    return 2;
  }
}
