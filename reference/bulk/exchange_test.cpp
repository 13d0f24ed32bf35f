// Whole transfers without a socket: what is stored, and what is told of it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/exchange.hpp"

#include "reference/bulk/resource.hpp"
#include "reference/bulk/testing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ampspec::bulk {
namespace {

struct office {
  toy_world world;
  std::shared_ptr<desk> at = std::make_shared<desk>(
      world.around(), desk_limits{.tokens = {}, .largest_transfer = 100, .most_stored = 2, .longest_resource = 20});
  owner_id owner = at->new_owner();

  opened open(opening wanted) {
    auto made = at->open(wanted, owner);
    EXPECT_TRUE(std::holds_alternative<opened>(made));
    return std::get<opened>(std::move(made));
  }
  /// The status of an upload of these pieces, chunked unless a length is told.
  int put(const opened& to, const std::vector<std::string>& pieces, std::optional<std::uint64_t> length = {}) {
    exchange x(at);
    request_head head{"PUT", to.target, {{"Authorization", "Bearer " + to.token}}, length, !length, true};
    if (auto begun = x.begin(head); begun.answer) return begun.answer->status;
    for (const auto& piece : pieces) {
      if (auto early = x.take(piece)) return early->status;
    }
    return x.finish().status;
  }
  response get(const opened& from) {
    exchange x(at);
    return *x.begin({"GET", from.target, {{"Authorization", "Bearer " + from.token}}, {}, false, true}).answer;
  }
};

std::string all_of(const octet_source& source) {
  std::string out(source.size, '\0');
  source.read(0, out);
  return out;
}

TEST(BulkExchange, StoresSizeAndHashOfAnUpload) {
  office o;
  EXPECT_EQ(o.put(o.open({"upload", "a b", 6, hash_of(toy_hashes(), "abcdef")}), {"abc", "", "def"}, 6), 201);
  const auto kept = o.at->stored("a b");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->size, 6u);
  EXPECT_EQ(kept->sha256, hash_of(toy_hashes(), "abcdef"));
}

TEST(BulkExchange, KeepsNothingOfAWrongUpload) {
  office o;
  EXPECT_EQ(o.put(o.open({"upload", "x", 3, ""}), {"abcd"}, 4), 413);
  EXPECT_EQ(o.put(o.open({"upload", "x", 3, ""}), {"ab", "cd"}), 413);
  EXPECT_EQ(o.put(o.open({"upload", "x", 3, ""}), {"ab"}, 2), 422);
  EXPECT_EQ(o.put(o.open({"upload", "x", 3, ""}), {"ab"}), 422);
  EXPECT_EQ(o.put(o.open({"upload", "x", 3, ""}), {}), 422);
  EXPECT_EQ(o.put(o.open({"upload", "x", {}, std::string(32, 'h')}), {"abc"}), 422);
  EXPECT_EQ(o.put(o.open({"upload", "x", {}, ""}), {std::string(101, 'y')}), 413);
  EXPECT_EQ(o.put(o.open({"upload", "x", {}, ""}), {}, 101), 413);
  EXPECT_FALSE(o.at->stored("x"));
  const auto cut = o.open({"upload", "x", {}, ""});
  exchange x(o.at);
  EXPECT_FALSE(x.begin({"PUT", cut.target, {{"Authorization", "Bearer " + cut.token}}, 5, false, true}).answer);
  x.take("abc");
  x.aborted();
  EXPECT_FALSE(o.at->stored("x"));
  EXPECT_EQ(o.put(cut, {"abcde"}, 5), 401) << "an aborted transfer does not bring its token back";
}

TEST(BulkExchange, SpendsATokenBeforeTheBodyComes) {
  office o;
  const auto to = o.open({"upload", "x", {}, ""});
  exchange first(o.at);
  EXPECT_FALSE(first.begin({"PUT", to.target, {{"Authorization", "Bearer " + to.token}}, 3, false, true}).answer);
  EXPECT_EQ(o.put(to, {"abc"}, 3), 401);
  o.world.time += 1000;
  EXPECT_FALSE(first.take("abc"));
  EXPECT_EQ(first.finish().status, 201) << "admitted before expiry, it may finish behind it";
}

TEST(BulkExchange, SaysContinueOnlyToWhatIsLetIn) {
  office o;
  request_head head{"PUT", "/bulk/x", {{"Authorization", "Bearer abc"}, {"Expect", "100-Continue"}}, 3, false, true};
  exchange refused(o.at);
  const auto no = refused.begin(head);
  EXPECT_FALSE(no.say_continue);
  EXPECT_EQ(no.answer->status, 401);
  const auto to = o.open({"upload", "x", {}, ""});
  head.headers[0].second = "Bearer " + to.token;
  exchange admitted(o.at);
  const auto yes = admitted.begin(head);
  EXPECT_TRUE(yes.say_continue);
  EXPECT_FALSE(yes.answer);
}

TEST(BulkExchange, MakesDownloadsFromTheirNames) {
  office o;
  EXPECT_EQ(all_of(o.get(o.open({"download", "fill/5", {}, ""})).body), "xxxxx");
  EXPECT_EQ(o.get(o.open({"download", "fill/0", {}, ""})).body.size, 0u);
  const auto whole = all_of(o.get(o.open({"download", "prng/0/20", {}, ""})).body);
  // The first output of splitmix64 from state 0 is e220a8397b1dcdaf, lowest octet first.
  EXPECT_EQ(whole.substr(0, 8), "\xaf\xcd\x1d\x7b\x39\xa8\x20\xe2");
  const auto source = *resource_named("prng/0/20", 100);
  std::string part(7, '\0');
  source.read(6, part);
  EXPECT_EQ(part, whole.substr(6, 7));
  for (const auto* name : {"fill/", "fill/x", "fill/101", "prng/1", "prng/1/", "prng//1", "other", "fill/5/"}) {
    EXPECT_FALSE(resource_named(name, 100)) << name;
  }
}

TEST(BulkExchange, OpensWhatThePolicyAllows) {
  office o;
  const auto refused = [&](const opening& wanted) {
    const auto made = o.at->open(wanted, o.owner);
    EXPECT_TRUE(std::holds_alternative<open_error>(made));
    return std::get<open_error>(made);
  };
  EXPECT_EQ(refused({"upload", "denied/a", {}, ""}), open_error::denied);
  EXPECT_EQ(refused({"sideways", "a", {}, ""}), open_error::unsupported);
  EXPECT_EQ(refused({"download", "a", {}, ""}), open_error::unsupported);
  EXPECT_EQ(refused({"upload", std::string(21, 'a'), {}, ""}), open_error::unsupported);
  EXPECT_EQ(refused({"upload", "a", 101, ""}), open_error::limit);
  EXPECT_EQ(o.open({"upload", "a?b/\xc3\xa9", {}, ""}).target, "/bulk/a%3Fb/%C3%A9");
}

TEST(BulkExchange, ForgetsTheOldestUpload) {
  office o;
  for (const auto* name : {"a", "b", "b", "c"}) EXPECT_EQ(o.put(o.open({"upload", name, {}, ""}), {"1"}, 1), 201);
  EXPECT_FALSE(o.at->stored("a"));
  EXPECT_TRUE(o.at->stored("b"));
  EXPECT_TRUE(o.at->stored("c"));
}

}  // namespace
}  // namespace ampspec::bulk
