// TLS without a socket: octets of the connection in and out, octets inside in and out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::peer {

enum class tls_side { client, server };

/// A key and its certificate, signed by itself, for `127.0.0.1` and `localhost`.
class tls_identity {
 public:
  tls_identity();
  ~tls_identity();
  tls_identity(const tls_identity&) = delete;
  tls_identity& operator=(const tls_identity&) = delete;
  /// The certificate.
  std::string pem() const;

 private:
  friend class tls_engine;
  struct state;
  std::unique_ptr<state> state_;
};
/// The one that servers of this process show unless they are given another.
std::shared_ptr<const tls_identity> process_identity();

/// One end of one TLS connection. Whoever owns it moves octets between it and the connection: what comes into
/// `receive`, what `output` holds out. A server shows a self-signed certificate that the process made for itself; a
/// client takes any certificate, so that nothing it says is authenticated (AMP1-CONV-065), unless it is told to verify:
/// then, as it knows no authority, it refuses all; or it is given the certificates to trust.
class tls_engine {
 public:
  /// `shown`: of a server, instead of that of the process. `trusted`: certificates (PEM), one of which a client must
  /// see, valid for 127.0.0.1.
  explicit tls_engine(tls_side, bool verify = false, std::shared_ptr<const tls_identity> shown = nullptr,
                      const std::optional<std::string>& trusted = std::nullopt);
  ~tls_engine();
  tls_engine(const tls_engine&) = delete;
  tls_engine& operator=(const tls_engine&) = delete;

  /// Octets from the connection; none is also right, to let a client begin.
  void receive(std::string_view octets);
  /// The connection gives no more octets. Without a farewell of the peer before it that is a failure: truncation.
  void finish();
  /// What one record held, or nothing.
  std::optional<std::string> next_plain();
  /// Octets to be protected; they wait for the end of the handshake.
  void send(std::string_view plain);
  /// Says farewell (close_notify) behind what was sent, as soon as the handshake is done. Nothing may be sent any more.
  void close();
  bool said_farewell() const { return said_farewell_; }

  /// Octets for the connection; `sent` says how many of them went out.
  std::string_view output() const { return output_; }
  void sent(std::size_t count) { output_.erase(0, count); }

  bool established() const { return established_; }
  /// The peer has said farewell: nothing more is inside.
  bool peer_closed() const { return peer_closed_; }
  /// It is over: handshake or records were wrong, or truncated. What `output` holds (an alert) may still be sent.
  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  /// Such as `TLSv1.3, TLS_AES_256_GCM_SHA384`, once established.
  std::string shown() const;

 private:
  void advance();
  void collect();
  void fail();

  struct state;
  std::shared_ptr<const tls_identity> identity_;
  std::unique_ptr<state> state_;
  std::string output_, waiting_, error_;
  bool established_ = false, peer_closed_ = false, closing_ = false, said_farewell_ = false;
};

}  // namespace ampspec::peer
