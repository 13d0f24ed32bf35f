// How a target says that a property does not hold: by the name of the oracle, on one line, and then the process ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ampspec::fuzz {

/// Prints `ampspec-oracle: ORACLE: PROPERTY (FILE:LINE)` to standard error and aborts. The fault matrix reads that
/// line.
[[noreturn]] void violated(const char* oracle, const char* property, const char* file, int line);

}  // namespace ampspec::fuzz

/// A macro, so that the line shows the property as it stands in the source. Oracles: differential (the naive
/// implementation says otherwise), split (the cuts of a stream change its outcome), sticky (something came behind a
/// failure or an end), round-trip, limit, model, replay (the same input twice), work, live-octets.
#define AMPSPEC_ORACLE(oracle, property) \
  ((property) ? void() : ::ampspec::fuzz::violated(oracle, #property, __FILE__, __LINE__))
