// The reject and refuse classes that vectors may name are words of the codec's errors.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/words.hpp"
#include "reference/amp/errc.hpp"
#include "reference/amps/errc.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ampspec::conformance {
namespace {

bool is_class_word(std::string_view word) {
  return std::any_of(amp::all_errc.begin(), amp::all_errc.end(),
                     [&](amp::errc code) { return amp::class_word(code) == word; }) ||
         std::any_of(amps::all_errc.begin(), amps::all_errc.end(),
                     [&](amps::errc code) { return amps::class_word(code) == word; });
}

TEST(RejectClasses, OfDecodeAreErrorsOfTheCodec) {
  for (const auto word : vectors::words::rejects) EXPECT_TRUE(is_class_word(word)) << word;
}

TEST(RejectClasses, OfEncodeAreErrorsOfTheCodec) {
  for (const auto word : vectors::words::refusals) EXPECT_TRUE(is_class_word(word)) << word;
}

}  // namespace
}  // namespace ampspec::conformance
