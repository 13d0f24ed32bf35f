// One HTTP/1.1 connection as a conversation: octets in and out, one request, whatever serves it behind an interface.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/bulk/http.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// Serves one request and closes. Tells by the first octet whether the client speaks TLS or plain HTTP: the owner
/// begins TLS when `wants_tls` says so. A head above 16 KiB, or what is no HTTP, is answered 400.
class http_conversation final : public behaviour::conversation {
 public:
  /// `secure`: what comes has been decrypted already, so nothing is to be told apart.
  http_conversation(std::unique_ptr<bulk::http_exchange>, bool secure);
  ~http_conversation() override;

  void receive(std::string_view) override;
  void peer_finished() override;
  void lost() override;
  std::string_view output() const override;
  void sent(std::size_t) override;
  bool wants_input() const override { return true; }
  bool wants_close() const override;
  bool wants_tls() const override { return wants_tls_; }
  std::string begin_tls() override;

 private:
  struct parser;
  void parse(std::string_view);
  void begin();
  void deliver(std::string_view piece);
  void body_complete();
  void refuse(int status);
  void answer(bulk::response);
  void refill();
  void abort();

  std::unique_ptr<bulk::http_exchange> exchange_;
  std::unique_ptr<parser> parser_;
  bool secure_, told_apart_;
  bool wants_tls_ = false;
  std::string held_;   ///< came before it was clear what is spoken
  bool over_ = false;  ///< the exchange has given its answer, or nobody waits for it
  std::string out_;
  std::size_t done_ = 0;  ///< octets of `out_` that have been written
  bulk::octet_source body_;
  std::uint64_t body_done_ = 0;
  bool answered_ = false;
};

}  // namespace ampspec::peer
