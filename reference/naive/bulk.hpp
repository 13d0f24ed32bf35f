// Bulk transfer with a one-time token a second time: a list of tickets, whole bodies, and each rule as one plain line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/faults.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::naive {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method, target;
  http_headers headers;
  std::optional<std::size_t> length;  ///< Content-Length
  bool secure = true;                 ///< it came over TLS
};

struct http_response {
  int status = 0;
  http_headers headers;
  std::string body;
  bool tells_length = true;
  std::size_t missing = 0;  ///< announced beyond the body
};

/// How BulkOpen and its companions end: values, or the code of a declared error; neither: undecodable arguments.
struct bulk_reply {
  std::optional<box> values;
  std::string code;
  bool closes = false;
};

/// What one server knows of bulk transfers. Bodies are held whole, so this is for small ones.
class bulk_shop {
 public:
  // To be set before use.
  std::string origin = "https://127.0.0.1:1";
  std::function<std::int64_t()> now = [] { return std::int64_t{0}; };  ///< seconds since 1970
  std::function<std::string(std::size_t)> random = [](std::size_t n) { return std::string(n, 'r'); };
  std::function<std::string(const std::string&)> sha256 = [](const std::string&) { return std::string(32, 'h'); };

  std::uint64_t connection_began() { return ++connections_; }
  void connection_ended(std::uint64_t connection, const faults&);
  /// Nothing if this is none of the commands BulkOpen, BulkStored, BulkClock.
  std::optional<bulk_reply> execute(const std::string& command, const box& arguments, std::uint64_t connection,
                                    const faults&);
  bool transfer_runs() const { return running_ > 0; }

 private:
  friend class bulk_visit;
  struct ticket {
    std::string token;
    bool upload = false;
    std::string resource, target;
    std::optional<std::size_t> size;
    std::string hash;
    std::uint64_t connection = 0;
    std::int64_t expires = 0;
    bool used = false;
  };
  bulk_reply open(const box& arguments, std::uint64_t connection, const faults&);

  std::vector<ticket> tickets_;
  std::map<std::string, std::string> stored_;  ///< whole uploads by resource
  std::uint64_t connections_ = 0, minted_ = 0;
  int running_ = 0;
};

/// One HTTP request to a shop. Order of calls: `head`; if that gives no answer `piece` for each part of the body, then
/// `end`, or `aborted`.
class bulk_visit {
 public:
  bulk_visit(bulk_shop& shop, faults broken) : shop_(shop), broken_(broken) {}
  ~bulk_visit() { leave(); }
  bulk_visit(const bulk_visit&) = delete;
  bulk_visit& operator=(const bulk_visit&) = delete;

  struct start {
    bool say_continue = false;
    std::optional<http_response> answer;
  };
  start head(const http_request&);
  std::optional<http_response> piece(std::string_view);
  http_response end();
  void aborted();

 private:
  bool on(fault f) const { return broken_.has(f); }
  void leave();
  std::optional<std::string> token_of(const http_request&, bool& bearer) const;
  http_response refusal(const bulk_shop::ticket* known) const;
  http_response plain(int status) const;
  http_response download(const std::string& resource) const;
  void spend(const std::string& token);

  bulk_shop& shop_;
  faults broken_;
  std::optional<bulk_shop::ticket> admitted_;
  std::string body_;
  bool inside_ = false;
};

/// Where and what a client sends, and whether it looks at the server's certificate first.
struct bulk_request {
  std::string url;
  bool verify = true;
  std::string method;
  http_headers headers;
};

/// A client's transfer behind the answer to BulkOpen: the next request, or the word that ends it (`answer`, `error`,
/// `refused`).
class bulk_client {
 public:
  bulk_client(bool upload, faults broken) : upload_(upload), broken_(broken) {}
  struct next {
    std::optional<bulk_request> request;
    std::string how, text;
  };
  next opened(const box& answer);
  next responded(int status, const http_headers&, bool complete);

 private:
  next to(const std::string& url);
  bool upload_;
  faults broken_;
  std::string token_;
};

}  // namespace ampspec::naive
