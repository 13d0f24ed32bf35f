// BulkOpen and its companions over a session: what is answered and refused, and what dies with the connection.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/bulk_service.hpp"

#include "reference/behaviour/amp_conversation.hpp"
#include "reference/naive/box.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ampspec::behaviour {
namespace {

/// No SHA-256, but 32 octets that tell short texts apart.
class toy_hash final : public bulk::hasher {
 public:
  void update(std::string_view octets) override { text_ += octets; }
  std::string finish() override {
    text_.resize(32, '.');
    return text_;
  }

 private:
  std::string text_;
};

struct server {
  bulk::instant time = 1'700'000'000 - 300;
  int draws = 0;
  std::shared_ptr<bulk_office> office = std::make_shared<bulk_office>(
      bulk_office{std::make_shared<bulk::desk>(bulk::surroundings{
                      [this] { return time; },
                      [this](std::size_t size) { return std::string(size, static_cast<char>('a' + ++draws)); },
                      [] { return std::make_unique<toy_hash>(); }}),
                  "https://127.0.0.1:4433"});
  std::shared_ptr<service_state> state = [this] {
    auto made = std::make_shared<service_state>();
    made->bulk = office;
    return made;
  }();
};

/// A box in and the box that comes for it, by an encoder and a decoder that are not the ones under test.
naive::box asked(amp_conversation& c, const std::string& command, naive::box arguments) {
  arguments.insert(arguments.begin(), {{"_ask", "1"}, {"_command", command}});
  const auto octets = naive::encode(arguments).bytes;
  c.receive(octets);
  const std::string out(c.output());
  c.sent(out.size());
  const auto boxes = naive::decode(out).boxes;
  EXPECT_EQ(boxes.size(), 1u);
  return boxes.empty() ? naive::box{} : boxes.front();
}
std::string value(const naive::box& box, const char* key) { return naive::find(box, key).value_or("absent"); }

TEST(BulkService, AnswersWhereWithWhatAndUntilWhen) {
  server s;
  amp_conversation c(s.state);
  const auto opened = asked(c, "BulkOpen", {{"direction", "upload"}, {"resource", "a b"}, {"size", "3"}});
  EXPECT_EQ(value(opened, "url"), "https://127.0.0.1:4433/bulk/a%20b");
  EXPECT_EQ(value(opened, "token").size(), 43u);
  EXPECT_EQ(value(opened, "expires"), "2023-11-14T22:13:20.000000+00:00");
}

TEST(BulkService, RefusesByDeclaredErrorsAndStaysUsable) {
  server s;
  amp_conversation c(s.state);
  const auto code = [&](naive::box arguments) {
    return value(asked(c, "BulkOpen", std::move(arguments)), "_error_code");
  };
  EXPECT_EQ(code({{"direction", "upload"}, {"resource", "denied/a"}}), "BULK_DENIED");
  EXPECT_EQ(code({{"direction", "sideways"}, {"resource", "a"}}), "BULK_UNSUPPORTED");
  EXPECT_EQ(code({{"direction", "upload"}, {"resource", "a"}, {"size", "1000000000000"}}), "BULK_LIMIT");
  EXPECT_FALSE(c.wants_close());
  EXPECT_EQ(value(asked(c, "BulkStored", {{"resource", "a"}}), "_error_code"), "BULK_NOT_STORED");
}

TEST(BulkService, FailsWhatCantBeDecoded) {
  for (const naive::box& wrong :
       {naive::box{{"direction", "upload"}}, naive::box{{"direction", "upload"}, {"resource", "\xff"}},
        naive::box{{"direction", "upload"}, {"resource", "a"}, {"size", "-1"}},
        naive::box{{"direction", "upload"}, {"resource", "a"}, {"sha256", "short"}}}) {
    server s;
    amp_conversation c(s.state);
    EXPECT_EQ(value(asked(c, "BulkOpen", wrong), "_error_code"), "UNKNOWN");
  }
}

TEST(BulkService, LetsTimePassAndTokensDieWithTheirConnection) {
  server s;
  amp_conversation first(s.state), second(s.state);
  const auto mint = [&](amp_conversation& c) {
    return value(asked(c, "BulkOpen", {{"direction", "download"}, {"resource", "fill/1"}}), "token");
  };
  const auto aged = mint(first), other = mint(second);
  asked(first, "BulkClock", {{"advance", "300"}});
  EXPECT_FALSE(s.office->desk->tokens().present(aged, s.time));
  const auto orphan = mint(first);
  first.lost();
  EXPECT_FALSE(s.office->desk->tokens().present(orphan, s.time));
  EXPECT_TRUE(s.office->desk->tokens().present(other, s.time));
}

TEST(BulkService, IsNotOfferedWithoutAnOffice) {
  amp_conversation c(std::make_shared<service_state>());
  EXPECT_EQ(value(asked(c, "BulkOpen", {{"direction", "upload"}, {"resource", "a"}}), "_error_code"), "UNHANDLED");
}

}  // namespace
}  // namespace ampspec::behaviour
