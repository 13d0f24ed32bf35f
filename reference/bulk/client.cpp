// A token goes once, over TLS, to the place that the answer names, in one header.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/client.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::bulk {

namespace {

constexpr std::string_view token_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

client_turn ended(std::string how, std::string text) { return {std::nullopt, std::move(how), std::move(text)}; }

}  // namespace

std::string place::authority() const {
  const auto name = host.find(':') == host.npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

std::optional<place> place_of(std::string_view url) {
  place made;
  constexpr std::string_view https = "https://", http = "http://";
  if (url.starts_with(https)) {
    url.remove_prefix(https.size());
  } else if (url.starts_with(http)) {
    url.remove_prefix(http.size());
    made.secure = false;
    made.port = 80;
  } else {
    return std::nullopt;
  }
  const bool visible = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!visible || url.find('#') != url.npos) return std::nullopt;
  const auto end = std::min(url.find_first_of("/?"), url.size());
  auto authority = url.substr(0, end);
  if (end < url.size()) made.target = std::string(url.substr(end));
  if (made.target.front() == '?') made.target.insert(0, 1, '/');
  if (authority.find('@') != authority.npos) return std::nullopt;
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  if (colon != authority.npos && (bracket == authority.npos || colon > bracket)) {
    const auto digits = authority.substr(colon + 1);
    const auto [stop, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), made.port);
    if (bad != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']') {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return std::nullopt;
  made.host = std::string(authority);
  return made;
}

client_turn client::opened(const header_list& values) {
  const auto value = [&](std::string_view name) -> const std::string* {
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& pair) { return pair.first == name; });
    return found == values.end() ? nullptr : &found->second;
  };
  const auto *url = value("url"), *token = value("token"), *expires = value("expires");
  if (url == nullptr || token == nullptr || expires == nullptr)
    return ended("error", "url, token or expires is missing");
  if (token->empty() || token->find_first_not_of(token_letters) != token->npos) return ended("error", "no token");
  auto where = place_of(*url);
  // BULK-022: without TLS there is no certificate to be verified, so nothing is sent at all.
  if (!where || !where->secure) return ended("refused", "the URL is not https");
  client_request request{std::move(*where), true, way_ == direction::upload ? "PUT" : "GET", {}};
  request.headers.emplace_back("Authorization", "Bearer " + *token);  // BULK-024: here and nowhere else
  return {std::move(request), "", ""};
}

client_turn client::responded(int status, const header_list&, bool complete) {
  // BULK-023: a redirect is an end like any other status; the token was for one place.
  if (status / 100 != 2) return ended("error", "status " + std::to_string(status));
  if (!complete) return ended("error", "the body was cut off");
  return ended("answer", "");
}

}  // namespace ampspec::bulk
