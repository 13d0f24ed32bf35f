// For tests of the two readers of WebSocket messages: what comes of octets, however they are cut.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ampspec::conformance {

struct ws_case {
  std::string octets, messages, wrong;  ///< `wrong`: a part of what is told; empty: nothing is wrong
};

/// `Reader(true)` has `feed`, `take` and `wrong`; it gets the octets at once, and one at a time.
template <class Reader>
void expect_however_cut(const ws_case& c) {
  for (const std::size_t every : {c.octets.size(), std::size_t{1}}) {
    Reader ws(true);
    std::string got;
    for (std::size_t at = 0; at < c.octets.size(); at += every) {
      ws.feed(std::string_view(c.octets).substr(at, every));
      got += ws.take();
    }
    EXPECT_EQ(got, c.messages) << c.octets;
    EXPECT_EQ(ws.wrong().empty(), c.wrong.empty()) << ws.wrong();
    EXPECT_NE(ws.wrong().find(c.wrong), std::string::npos) << ws.wrong();
  }
}

}  // namespace ampspec::conformance
