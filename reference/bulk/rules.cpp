// The rules of admission, in the order that matters: consume first, judge afterwards.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/rules.hpp"

#include <algorithm>

namespace ampspec::bulk {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::string_view token_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What stands behind the scheme; nothing if it is another one (BULK-014).
std::optional<std::string_view> credentials(std::string_view value) {
  constexpr std::string_view scheme = "Bearer";
  if (value.size() <= scheme.size() || !same_without_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  value.remove_prefix(scheme.size());
  const auto begin = value.find_first_not_of(' ');
  if (begin == 0 || begin == value.npos) return std::nullopt;
  return value.substr(begin);
}

/// The first run of token characters: what a request of two minds still presents, and so spends.
std::string_view first_token(std::string_view text) { return text.substr(0, text.find_first_not_of(token_letters)); }

}  // namespace

bool same_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> values_of(const header_list& headers, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : headers) {
    if (same_without_case(key, name)) values.emplace_back(value);
  }
  return values;
}

std::optional<std::string_view> token_in(const request_head& head) {
  const auto values = values_of(head.headers, "Authorization");
  if (values.size() != 1) return std::nullopt;  // BULK-014, BULK-033
  const auto text = credentials(values.front());
  if (!text || first_token(*text).size() != text->size()) return std::nullopt;  // BULK-013, BULK-033
  return text;
}

std::optional<grant> admit(token_store& store, const request_head& head, instant now) {
  const auto token = token_in(head);
  if (!token) {
    // Two headers, or a token and more: nothing is let in, and what was shown is known to others by now.
    for (const auto value : values_of(head.headers, "Authorization")) {
      if (const auto text = credentials(value)) store.present(first_token(*text), now);
    }
    return std::nullopt;
  }
  auto granted = store.present(*token, now);  // BULK-008, -009: before anything else is looked at
  if (!granted) return std::nullopt;
  if (!head.secure) return std::nullopt;  // BULK-021
  // BULK-016, -032: any other method with it, HEAD and OPTIONS too, has spent it.
  if (head.method != (granted->way == direction::upload ? "PUT" : "GET")) return std::nullopt;
  if (head.target != granted->target) return std::nullopt;  // BULK-017
  return granted;
}

response plain_response(int status) {
  response made;
  made.status = status;
  made.headers = {{"Cache-Control", "no-store"}};
  return made;
}

response refusal() {
  auto made = plain_response(401);
  made.headers.emplace_back("WWW-Authenticate", "Bearer");  // BULK-014
  return made;
}

}  // namespace ampspec::bulk
