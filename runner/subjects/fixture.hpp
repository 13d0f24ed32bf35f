// Where the fixtures of the tests stand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "runner/target.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace ampspec::runner {

inline std::string fixture(const std::string& name) {
  return (std::filesystem::path(AMPSPEC_FIXTURES) / name).string();
}

inline role_setup python(const std::string& name, std::vector<std::string> arguments) {
  role_setup setup;
  setup.command = {"python3", fixture(name)};
  setup.command.insert(setup.command.end(), arguments.begin(), arguments.end());
  return setup;
}

/// The mishap that `use` ends with; one of kind `harness` with the word `none` if it ends well.
template <class Use>
conformance::mishap mishap_of(Use use) {
  try {
    use();
  } catch (const conformance::mishap& caught) {
    return caught;
  }
  return {conformance::mishap::kind::harness, "none", "no mishap"};
}

}  // namespace ampspec::runner
