// Changes inputs as somebody would who knows the format: lengths, fields and pairs, and not only octets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/targets/targets.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {

/// The engine's own mutation of some octets, which knows the dictionary and what the code compares with.
using engine_mutation = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Changes `data` in place and gives its new size, at most `max_size`. The same seed does the same. A quarter of all
/// changes is the engine's alone, on all octets, so that what no mutator thought of is tried too; of scripts five in
/// eight.
std::size_t mutate(shape, std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed, engine_mutation);

/// Writes a mixture of two inputs to `out`: the front of one, up to a border of fields, and the rest of the other.
/// Calls no mutation of the engine, which engines do not allow there.
std::size_t cross(shape, std::string_view one, std::string_view other, std::uint8_t* out, std::size_t max_out,
                  unsigned seed);

// --- what the mutators of the two wires share ------------------------------------------------------------------------

/// Numbers from a seed, the same everywhere.
class dice {
 public:
  explicit dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// Below `bound`, which is at least 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// `text` as the engine changes it, with up to `room` octets more.
std::string engine_changed(std::string text, std::size_t room, engine_mutation);

/// One to three changes of a stream of boxes, at most `max` octets afterwards.
std::string mutate_boxes(std::string_view stream, bool second, std::size_t max, dice&, engine_mutation);
/// The same of a stream of frames.
std::string mutate_frames(std::string_view stream, std::size_t max, dice&, engine_mutation);

/// A change of a script that the engine does not make: all of it new, or steps put in, repeated or moved.
std::string mutate_script(std::string_view script, std::size_t max, dice&);

/// Where a stream may be cut so that whole fields stay: offsets, 0 and the size among them.
std::vector<std::size_t> borders_of_boxes(std::string_view stream, bool second);
std::vector<std::size_t> borders_of_frames(std::string_view stream);

}  // namespace ampspec::fuzz
