// Takes the octets out of vectors; a step that needs what the other side said is left out.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/seeds.hpp"

#include "conformance/vectors/loader.hpp"

#include <optional>
#include <set>

namespace ampspec::runner::fuzzing {
namespace {

namespace v = vectors;

class collection {
 public:
  explicit collection(std::size_t longest) : longest_(longest) {}

  void add(const v::vector& vector) {
    for (const v::scope& point : v::matrix_points(vector)) {
      scope_ = v::default_scope();
      for (const auto& [name, value] : point) scope_.insert_or_assign(name, value);
      if (const auto* decode = std::get_if<v::decode_kind>(&vector.kind); decode != nullptr && vector.form.empty()) {
        keep(octets_of(decode->bytes));
      } else if (const auto* exchange = std::get_if<v::steps_kind>(&vector.kind)) {
        for (const auto& [role, play] : exchange->play) add(*play);
      }
    }
  }
  std::vector<std::string> all() && { return std::move(all_); }

 private:
  void add(const v::steps& play) {
    std::string stream;
    for (const v::step& s : play) {
      if (const auto* repeat = std::get_if<v::repeat_step>(&s.what)) add(repeat->body);
      const auto* send = std::get_if<v::send_step>(&s.what);
      if (send != nullptr) stream += octets_of(send->bytes);
    }
    keep(std::move(stream));
  }
  std::string octets_of(const v::recipe& recipe) const {
    try {
      const v::octets octets = v::realize(recipe, scope_);
      return octets.size() <= longest_ ? octets.str() : std::string();
    } catch (const v::load_error&) {
      return {};
    }
  }
  void keep(std::string stream) {
    if (stream.empty() || stream.size() > longest_ || !seen_.insert(stream).second) return;
    all_.push_back(std::move(stream));
  }

  const std::size_t longest_;
  v::scope scope_;
  std::set<std::string> seen_;
  std::vector<std::string> all_;
};

}  // namespace

std::vector<std::string> seeds_of(const std::filesystem::path& vectors_root, std::string_view protocol,
                                  std::size_t longest) {
  collection made(longest);
  for (const auto& file : v::find_suites(vectors_root)) {
    const std::string folder = file.lexically_relative(vectors_root).begin()->string();
    if (v::wire_protocol_of(folder) != protocol) continue;
    const v::suite_file suite = v::load_suite(file);
    for (const v::vector& vector : suite.vectors) made.add(vector);
  }
  return std::move(made).all();
}

}  // namespace ampspec::runner::fuzzing
