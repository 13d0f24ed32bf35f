// What comes on one HTTP/1.1 connection, a message at a time, read by the suite's own small reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::conformance {

/// `https://127.0.0.1:4433/bulk/a` taken apart; nothing if it is no http or https URL with a host.
struct http_url {
  bool secure = true;
  std::string host;  ///< without brackets
  std::uint16_t port = 443;
  std::string authority;  ///< as written
  std::string target;     ///< path and query; `/` if there is none
};
std::optional<http_url> parse_http_url(std::string_view);

/// Feed it; then look at the head, and take the body in pieces. Holds an unfinished head (at most 64 KiB) and what of
/// the body was not taken yet.
class http_message {
 public:
  enum class kind { request, response };
  explicit http_message(kind what = kind::response) : kind_(what) {}

  void feed(std::string_view octets);
  /// The connection gives no more octets.
  void end();
  /// The next message, behind an interim response.
  void next();
  /// A response without body whatever its head says: to HEAD.
  void expect_no_body() { no_body_ = true; }

  bool has_head() const { return has_head_; }
  /// What is wrong with what came, or nothing.
  const std::string& wrong() const { return wrong_; }
  int status() const { return status_; }
  const std::string& first_line() const { return first_line_; }
  const std::string& method() const { return method_; }
  const std::string& target() const { return target_; }
  const plain_box& headers() const { return headers_; }  ///< names in lower case, values without blanks around them
  std::optional<std::string> header(std::string_view name) const;
  bool framed() const { return length_ || chunked_; }  ///< the head tells where the body ends
  bool expects_continue() const;

  /// Octets of the body that have come since the last time.
  std::string take_body();
  bool complete() const { return complete_; }  ///< the body has come whole, as far as can be told

 private:
  void advance();
  void parse_head(std::string_view head);
  void advance_chunks();

  kind kind_;
  std::string in_;
  bool ended_ = false, has_head_ = false, complete_ = false, no_body_ = false;
  std::string wrong_, first_line_, method_, target_;
  int status_ = 0;
  plain_box headers_;
  std::optional<std::uint64_t> length_;
  bool chunked_ = false;
  enum class chunk { size, data, behind, trailer } chunk_ = chunk::size;
  std::uint64_t left_ = 0;  ///< of the body or of the chunk
  std::string body_;
};

}  // namespace ampspec::conformance
