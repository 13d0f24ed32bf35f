// Empties what a report would show of a result that is under an embargo.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/embargo.hpp"

#include <algorithm>

namespace ampspec::runner {
namespace {

constexpr std::string_view mark = "embargo: ", title_of_withheld = "withheld until ", without_end = "9999-12-31";

bool is_date(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-dd";
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char want) {
           return want == 'd' ? c >= '0' && c <= '9' : c == want;
         });
}

}  // namespace

std::optional<embargo> embargo_of(std::string_view reason) {
  if (!reason.starts_with(mark)) return std::nullopt;
  reason.remove_prefix(mark.size());
  const auto date = reason.substr(0, reason.find(' '));
  if (!is_date(date)) return embargo{std::string(without_end), std::string(reason)};
  reason.remove_prefix(date.size());
  reason.remove_prefix(std::min(reason.find_first_not_of(' '), reason.size()));
  return embargo{std::string(date), std::string(reason)};
}

std::size_t withhold(std::span<conformance::check_result> results, std::string_view today) {
  std::size_t count = 0;
  for (auto& r : results) {
    const auto found = embargo_of(r.reason);
    if (!found || found->until <= today) continue;
    r.title = std::string(title_of_withheld) + found->until;
    r.expected.clear();
    r.got.clear();
    r.cut.clear();
    r.catches.clear();
    r.transcript.clear();
    ++count;
  }
  return count;
}

bool withheld(const conformance::check_result& r) { return r.title.starts_with(title_of_withheld); }

}  // namespace ampspec::runner
