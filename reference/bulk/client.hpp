// The client's rules of a transfer: what it sends where behind the answer to BulkOpen, and what it makes of responses.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/http.hpp"
#include "reference/bulk/token_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::bulk {

/// A URL taken apart: `https://127.0.0.1:4433/bulk/a`.
struct place {
  bool secure = true;
  std::string host;  ///< without brackets
  std::uint16_t port = 443;
  std::string target = "/";
  std::string authority() const;  ///< for `Host`
};
/// Nothing for what is neither http nor https, or has user information or a fragment.
std::optional<place> place_of(std::string_view url);

struct client_request {
  place where;
  bool verify = true;  ///< no octet of the request before the certificate was found good (BULK-022)
  std::string method;
  header_list headers;  ///< besides Host and those that frame the body
};

/// The next request, or how the transfer ends, in the words of docs/adapter-protocol.md.
struct client_turn {
  std::optional<client_request> request;
  std::string how;   ///< answer, error, refused
  std::string text;  ///< for people
};

class transfer_rules {
 public:
  transfer_rules() = default;
  transfer_rules(const transfer_rules&) = delete;
  transfer_rules& operator=(const transfer_rules&) = delete;
  virtual ~transfer_rules() = default;
  /// BulkOpen was answered with these values.
  virtual client_turn opened(const header_list& values) = 0;
  /// `complete`: the body came whole, as its length or last chunk tells.
  virtual client_turn responded(int status, const header_list& headers, bool complete) = 0;
};

class client final : public transfer_rules {
 public:
  explicit client(direction way) : way_(way) {}
  client_turn opened(const header_list& values) override;
  client_turn responded(int status, const header_list& headers, bool complete) override;

 private:
  direction way_;
};

}  // namespace ampspec::bulk
