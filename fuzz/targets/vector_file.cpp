// Property: a vector file loads or is refused with a place; what loads says the same in the common form.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/edit.hpp"
#include "conformance/vectors/loader.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace ampspec::fuzz {
namespace {

// Any exception but the loader's own goes on to the engine, which reports it.
std::optional<vectors::suite_file> loaded(std::string_view text) {
  try {
    return vectors::load_suite_text(text, "input.yaml");
  } catch (const vectors::load_error& e) {
    const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    AMPSPEC_ORACLE("model", e.where().line >= 1 && e.where().line <= lines + 1 && e.where().column >= 1);
    AMPSPEC_ORACLE("model", e.where().file == "input.yaml" && !e.message().empty());
    return std::nullopt;
  }
}

}  // namespace

void vector_file(std::string_view input) {
  const auto suite = loaded(input);
  if (!suite) return;
  std::string common;
  try {
    common = vectors::formatted(input, "input.yaml");
  } catch (const vectors::load_error&) {
    return;  // refuses where it would change what the file says
  }
  const auto again = loaded(common);
  AMPSPEC_ORACLE("round-trip", again && again->vectors.size() == suite->vectors.size());
  for (std::size_t i = 0; i < suite->vectors.size(); ++i) {
    const auto &a = suite->vectors[i], &b = again->vectors[i];
    AMPSPEC_ORACLE("round-trip", a.id == b.id && a.title == b.title && a.cites == b.cites);
  }
  AMPSPEC_ORACLE("round-trip", vectors::formatted(common, "input.yaml") == common);
}

}  // namespace ampspec::fuzz
