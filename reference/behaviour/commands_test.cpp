// The Integer of the test service, and names of commands.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/commands.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace ampspec::behaviour {
namespace {

TEST(Commands, IntegerTakesDigitsWithAnOptionalMinus) {
  EXPECT_EQ(to_integer("0"), 0);
  EXPECT_EQ(to_integer("-1"), -1);
  EXPECT_EQ(to_integer("007"), 7);
  EXPECT_EQ(to_integer("-0"), 0);
  EXPECT_EQ(to_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
}

TEST(Commands, IntegerRefusesWhatIsNoneOrDoesNotFit) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "-"sv, "--1"sv, "+1"sv, "0x10"sv, "1.0"sv, "1e3"sv, "1_0"sv, "1__0"sv, "true"sv, "1\0"sv, " 1"sv, "1 "sv,
        "\xd9\xa1"sv, "9223372036854775808"sv, "-9223372036854775809"sv, "18446744073709551617"sv}) {
    EXPECT_EQ(to_integer(text), std::nullopt) << text;
  }
}

TEST(Commands, AreFoundByTheirExactOctetsOnly) {
  using namespace std::string_view_literals;
  ASSERT_NE(find_command("Sum"), nullptr);
  for (const auto name : {"sum"sv, "SUM"sv, "Sum "sv, "Sum\0"sv, "Su"sv, ""sv})
    EXPECT_EQ(find_command(name), nullptr) << name;
}

}  // namespace
}  // namespace ampspec::behaviour
