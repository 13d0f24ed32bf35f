// Tells a header field by field.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/plain_message.hpp"

namespace ampspec::amps {

std::vector<std::pair<std::string, std::string>> plain_message(const header_view& header, std::string_view body) {
  std::vector<std::pair<std::string, std::string>> box;
  std::string unreadable;
  header.for_each([&](field f, std::string_view text) {
    const auto& names = names_of(f);
    if (f == field::command) {
      const auto word = full_word(header.what());
      box.emplace_back(names.written, word.empty() ? text : word);
    } else if (names.kind == field_kind::text) {
      box.emplace_back(names.written, text);
    } else if (const auto number = header.read_number(f); number.good()) {
      box.emplace_back(names.written, std::to_string(number.value));
    } else {
      unreadable.append(unreadable.empty() ? "" : ",").append(names.written);
    }
  });
  box.emplace_back("body", body);
  if (!unreadable.empty()) box.emplace_back("unreadable", unreadable);
  return box;
}

}  // namespace ampspec::amps
