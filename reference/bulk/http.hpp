// One HTTP request and its response as the rules see them: heads as text, bodies in pieces, no socket and no parser.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::bulk {

/// Names as they were written; compare them without case.
using header_list = std::vector<std::pair<std::string, std::string>>;

struct request_head {
  std::string method, target;  ///< as they stand in the request line
  header_list headers;
  std::optional<std::uint64_t> length;  ///< Content-Length; nothing for a chunked body, or none
  bool chunked = false;
  bool secure = true;  ///< it came over TLS

  bool has_body() const { return chunked || length.value_or(0) > 0; }
};

/// Octets that can be made at any place, so that nobody has to hold them.
struct octet_source {
  std::uint64_t size = 0;
  std::function<void(std::uint64_t offset, std::span<char> out)> read;  ///< the range lies inside
};

struct response {
  int status = 0;
  header_list headers;  ///< without those that frame the message
  octet_source body;
  bool tells_length = true;   ///< false: the end of the body is the end of the connection
  std::uint64_t missing = 0;  ///< octets that the head announces beyond those of `body`
  bool omits_body = false;    ///< the head tells the length, the body is not sent
};

/// What to do once a head is there.
struct beginning {
  bool say_continue = false;       ///< send `100 Continue` first
  std::optional<response> answer;  ///< nothing: the body is wanted
};

/// Serves one request. Order of calls: `begin`, then while there is no answer `take` for each piece of the body and
/// `finish` at its end, or `aborted` if it never comes.
class http_exchange {
 public:
  http_exchange() = default;
  http_exchange(const http_exchange&) = delete;
  http_exchange& operator=(const http_exchange&) = delete;
  virtual ~http_exchange() = default;

  virtual beginning begin(const request_head&) = 0;
  /// An answer, if the rest of the body is not wanted any more.
  virtual std::optional<response> take(std::string_view piece) = 0;
  virtual response finish() = 0;
  virtual void aborted() = 0;
};

/// Header and scheme names are compared so (ASCII letters alone).
bool same_without_case(std::string_view, std::string_view);
/// The values of all headers of that name, in order.
std::vector<std::string_view> values_of(const header_list&, std::string_view name);

}  // namespace ampspec::bulk
