// The end of a process whose target has found something.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/oracle.hpp"

#include <cstdio>
#include <cstdlib>

namespace ampspec::fuzz {

void violated(const char* oracle, const char* property, const char* file, int line) {
  std::fprintf(stderr, "ampspec-oracle: %s: %s (%s:%d)\n", oracle, property, file, line);
  std::abort();
}

}  // namespace ampspec::fuzz
