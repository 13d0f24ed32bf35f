// Secrets are hidden wherever a report shows text or octets, and nothing else is.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/secrets.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ampspec::runner {
namespace {

std::string hidden(const std::vector<std::string>& secrets, std::string text) {
  secret_mask(secrets).hide_in(text);
  return text;
}

TEST(SecretMask, KeepsTheLengthAndHidesEveryPlace) {
  EXPECT_EQ(hidden({"s3cret"}, "user s3cret and s3crets3cret"), "user ****** and ************");
  EXPECT_EQ(hidden({"s3cret"}, "octets 733363726574 here"), "octets ************ here");
  EXPECT_EQ(hidden({}, "s3cret"), "s3cret");
}

TEST(SecretMask, HidesTheLongerOfTwoWhereOneIsInsideTheOther) {
  EXPECT_EQ(hidden({"abcd", "abcdef"}, "abcdef abcd"), "****** ****");
}

TEST(SecretMask, LeavesShortValuesAlone) { EXPECT_EQ(hidden({"1", "", "abc"}, "1 abc"), "1 abc"); }

TEST(SecretMask, HidesSentencesAndOctetsOfAResult) {
  conformance::check_result r;
  r.vector = "s3cret";  // names are ours
  r.expected = "a box {pw: \"s3cret\"}";
  r.got = "s3cret!";
  r.reason = "exited: bad s3cret";
  conformance::transcript_entry e;
  e.text = "log s3cret";
  e.mark_text = "s3cret here";
  e.head = "\x06s3cret..s3c";
  e.size = 100;
  e.fields.push_back({1, 6, "s3cret"});
  r.transcript.push_back(e);
  e.size = e.head.size();
  r.transcript.push_back(e);
  const std::vector<std::string> secrets{"s3cret"};
  secret_mask(secrets).hide_in(r);
  EXPECT_EQ(r.vector, "s3cret");
  EXPECT_EQ(r.expected, "a box {pw: \"******\"}");
  EXPECT_EQ(r.got, "******!");
  EXPECT_EQ(r.reason, "exited: bad ******");
  EXPECT_EQ(r.transcript[0].text, "log ******");
  EXPECT_EQ(r.transcript[0].mark_text, "****** here");
  EXPECT_EQ(r.transcript[0].fields[0].label, "******");
  EXPECT_EQ(r.transcript[0].head, "\x06******..***");  // more octets followed, and they may have been the rest
  EXPECT_EQ(r.transcript[1].head, "\x06******..s3c");
}

}  // namespace
}  // namespace ampspec::runner
