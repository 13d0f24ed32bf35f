// One request of ours over HTTP/1.1 as a conversation: its octets out, its response in, whoever moves them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/bulk/client.hpp"
#include "reference/bulk/hash.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ampspec::peer {

struct http_outcome {
  int status = 0;  ///< 0: no response came
  bulk::header_list headers;
  bool complete = false;   ///< the body came whole
  std::uint64_t size = 0;  ///< of the body
  std::string sha256;      ///< of the body
};

/// The owner begins TLS as the client where `wants_tls` says so, verifying the certificate if the request says so.
class http_request final : public behaviour::conversation {
 public:
  http_request(bulk::client_request, bulk::octet_source body, const bulk::hasher_maker&);
  ~http_request() override;

  void receive(std::string_view) override;
  void peer_finished() override;
  void lost() override { over_ = true; }
  std::string_view output() const override;
  void sent(std::size_t) override;
  bool wants_input() const override { return true; }
  bool wants_close() const override { return over_; }
  bool wants_tls() const override { return wants_tls_; }
  std::string begin_tls() override;
  /// What must be found trusted, where the request says so; set before the connection is made.
  void trust(std::string pem) { trusted_ = std::move(pem); }
  std::optional<std::string> trusted() const override {
    return wanted_.verify ? std::optional(trusted_) : std::nullopt;
  }

  const bulk::client_request& wanted() const { return wanted_; }
  /// Nothing more will be heard; valid then.
  bool over() const { return over_; }
  http_outcome outcome() const;

 private:
  struct parser;
  void refill();

  bulk::client_request wanted_;
  bulk::octet_source body_;
  std::unique_ptr<parser> parser_;
  bool wants_tls_, over_ = false;
  std::string trusted_, out_;
  std::size_t done_ = 0;
  std::uint64_t body_done_ = 0;
};

}  // namespace ampspec::peer
