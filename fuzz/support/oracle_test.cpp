// Every oracle can fire: what it watches for is done in front of it.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/oracle.hpp"

#include "fuzz/support/address_sanitizer.hpp"
#include "fuzz/support/amp_play.hpp"
#include "fuzz/support/budget.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/poisoned.hpp"
#include "fuzz/targets/targets.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

const std::string one_box("\0\1k\0\1v\0\0", 8);

TEST(OracleDeathTest, NamesItselfAndTheProperty) {
  EXPECT_DEATH(AMPSPEC_ORACLE("model", 1 + 1 == 3), "ampspec-oracle: model: 1 \\+ 1 == 3 \\(.*oracle_test.cpp:");
}

TEST(OracleDeathTest, DifferentialSeesAValueThatDiffers) {
  const auto played = play_boxes(one_box, {}, {one_box.size()});
  compare_with_naive(one_box, played, {});
  auto wrong = played;
  wrong.boxes[0].back() = 'w';
  EXPECT_DEATH(compare_with_naive(one_box, wrong, {}), "ampspec-oracle: differential");
}

TEST(OracleDeathTest, DifferentialSeesAnEndThatDiffers) {
  auto wrong = play_boxes(one_box, {}, {one_box.size()});
  wrong.end = wire::failure{amp::errc::truncated, one_box.size(), ""};
  EXPECT_DEATH(compare_with_naive(one_box, wrong, {}), "ampspec-oracle: differential");
}

TEST(OracleDeathTest, LimitSeesABoxThatIsTooLarge) {
  const auto played = play_boxes(one_box, {}, {one_box.size()});
  amp::limits low;
  low.max_box = 7;
  EXPECT_DEATH(compare_with_naive(one_box, played, low), "ampspec-oracle: limit");
  low = {};
  low.max_pairs = 0;
  EXPECT_DEATH(compare_with_naive(one_box, played, low), "ampspec-oracle: limit");
}

TEST(Budget, SeesWhatIsTakenAndGivenBack) {
  const heap_watch heap;
  const auto before = live_octets();
  {
    const std::vector<char> large(100'000);
    EXPECT_GE(live_octets(), before + 100'000);
  }
  EXPECT_EQ(live_octets(), before);
  EXPECT_GE(heap.peak(), 100'000u);
  EXPECT_LT(heap.peak(), 102'000u);
}

// What a member that nothing initialises would hold. Its type is one that may hold anything.
struct forgetful {
  forgetful() {}
  unsigned char is_set;
  unsigned char is_given = 0;
};

TEST(Poisoned, ShowsWhatNothingInitialises) {
  poisoned<forgetful> one;
  EXPECT_EQ(one->is_set, 0xbe);
  EXPECT_EQ(one->is_given, 0);
}

// Small ones and large ones share rooms, others are blocks of the heap; each as long as its octets, and gone with its
// end.
TEST(Lent, IsThereForOneCall) {
  for (const std::size_t size : {1, 7, 8, 9, 255, 256, 257, 65535, 65536, 1'000'000}) {
    const std::string octets(size, 'x');
    const auto read = [](const char* at) { return *static_cast<const volatile char*>(at); };
    for (int i = 0; i < 3000 && (i == 0 || size < 300); ++i) {  // a room begins anew many times
      const lent now{std::string_view(octets)};
      ASSERT_EQ(std::string_view(now), octets);
    }
    if (!is_under_address_sanitizer) continue;
    const char* behind = nullptr;
    {
      const lent now{std::string_view(octets)};
      behind = std::string_view(now).data();
      EXPECT_DEATH(read(behind + size), "AddressSanitizer") << size;
      EXPECT_DEATH(read(behind - 1), "AddressSanitizer") << size;
    }
    EXPECT_DEATH(read(behind), "AddressSanitizer") << size;
  }
}

TEST(Targets, NamesAreThoseThatCorporaGoBy) {
  std::set<std::string_view> names;
  for (const target& t : all_targets()) {
    EXPECT_TRUE(names.insert(t.name).second);
    EXPECT_EQ(target_named(t.name)->play, t.play);
  }
  // A name may be added, but none may go: reports and stored corpora would be lost.
  for (const std::string_view name : {"amp_decode", "amp_feed", "amp_encode", "amp_large", "amp_types", "amp_bigstring",
                                      "amp_peer", "amp_session", "amp_stream", "bulk_tokens"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_EQ(target_named("amp"), nullptr);
}

TEST(Targets, TakeAnyShortInput) {
  for (const target& t : all_targets()) {
    t.play("");
    for (int first = 0; first < 256; ++first) {
      for (const int second : {0, 1, 2, 7, 64, 128, 255}) {
        std::string input{static_cast<char>(first), static_cast<char>(second)};
        t.play(input);
        input.append({'\0', '\1', 'a', '\0', '\1', static_cast<char>(second), '\0', '\0', static_cast<char>(first)});
        t.play(input);
      }
    }
  }
}

}  // namespace
}  // namespace ampspec::fuzz
