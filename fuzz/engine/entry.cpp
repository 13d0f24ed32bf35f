// The entry points of one target for an engine; which target it is, the build says.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/mutator.hpp"
#include "fuzz/targets/targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace ampspec;

// Not looked up in the table, which would bring all targets into each program.
constexpr std::size_t most = AMPSPEC_FUZZ_THIS_MOST;
[[maybe_unused]] constexpr auto inputs = fuzz::shape::AMPSPEC_FUZZ_THIS_SHAPE;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= most) fuzz::AMPSPEC_FUZZ_THIS_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}

#ifdef AMPSPEC_FUZZ_OWN_MUTATOR
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  return fuzz::mutate(inputs, data, size, max_size, seed, &LLVMFuzzerMutate);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t max_out, unsigned seed) {
  return fuzz::cross(inputs, {reinterpret_cast<const char*>(one), one_size},
                     {reinterpret_cast<const char*>(other), other_size}, out, max_out, seed);
}
#endif
