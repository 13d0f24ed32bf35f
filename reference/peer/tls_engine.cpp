// OpenSSL between two buffers of memory; the only source of this room that knows it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/tls_engine.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

namespace ampspec::peer {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using context = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using private_key = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate = std::unique_ptr<X509, freed_by<X509_free>>;
using extension = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using trust = std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>>;
using memory = std::unique_ptr<BIO, freed_by<BIO_free_all>>;

/// The text of the oldest error of this thread, and forgets them all.
std::string why() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "TLS failed";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "TLS error " + std::to_string(code);
}

[[noreturn]] void give_up(const char* what) { throw std::runtime_error(std::string(what) + ": " + why()); }

/// Valid for a day around now: it lives as long as the process.
certificate self_signed(EVP_PKEY* key) {
  certificate made(X509_new());
  constexpr long day = 24L * 60 * 60;
  bool good = made != nullptr && X509_set_version(made.get(), 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(made.get()), -day) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(made.get()), day) != nullptr && X509_set_pubkey(made.get(), key) == 1;
  X509V3_CTX extensions;
  X509V3_set_ctx_nodb(&extensions);
  X509V3_set_ctx(&extensions, made.get(), made.get(), nullptr, nullptr, 0);
  for (const auto& [id, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost"},
                                  std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
    if (!good) break;
    const extension one(X509V3_EXT_conf_nid(nullptr, &extensions, id, value));
    good = one != nullptr && X509_add_ext(made.get(), one.get(), -1) == 1;
  }
  auto* name = good ? X509_get_subject_name(made.get()) : nullptr;
  const auto* text = reinterpret_cast<const unsigned char*>("ampspec loopback peer");
  good = good && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(made.get(), name) == 1 && X509_sign(made.get(), key, EVP_sha256()) > 0;
  if (!good) give_up("cannot make a certificate");
  return made;
}

context made_context(tls_side side) {
  context made(SSL_CTX_new(side == tls_side::client ? TLS_client_method() : TLS_server_method()));
  if (!made) give_up("cannot set up TLS");
  SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(made.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(made.get(), 0);
  return made;
}

SSL_CTX* client_context() {
  static const context client = made_context(tls_side::client);
  return client.get();
}

}  // namespace

struct tls_identity::state {
  certificate shown;
  context server;
};

tls_identity::tls_identity() : state_(std::make_unique<state>()) {
  const private_key key(EVP_EC_gen("P-256"));
  if (!key) give_up("cannot make a key");
  state_->shown = self_signed(key.get());
  state_->server = made_context(tls_side::server);
  if (SSL_CTX_use_certificate(state_->server.get(), state_->shown.get()) != 1 ||
      SSL_CTX_use_PrivateKey(state_->server.get(), key.get()) != 1) {
    give_up("cannot use a certificate");
  }
}
tls_identity::~tls_identity() = default;

std::string tls_identity::pem() const {
  const memory out(BIO_new(BIO_s_mem()));
  char* text = nullptr;
  if (!out || PEM_write_bio_X509(out.get(), state_->shown.get()) != 1) give_up("cannot write a certificate");
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::shared_ptr<const tls_identity> process_identity() {
  static const auto own = std::make_shared<const tls_identity>();
  return own;
}

struct tls_engine::state {
  std::unique_ptr<SSL, freed_by<SSL_free>> ssl;
  BIO* in = nullptr;  // both belong to `ssl`
  BIO* out = nullptr;
};

tls_engine::tls_engine(tls_side side, bool verify, std::shared_ptr<const tls_identity> shown,
                       const std::optional<std::string>& trusted)
    : identity_(std::move(shown)), state_(std::make_unique<state>()) {
  if (side == tls_side::server && !identity_) identity_ = process_identity();
  state_->ssl.reset(SSL_new(side == tls_side::client ? client_context() : identity_->state_->server.get()));
  state_->in = BIO_new(BIO_s_mem());
  state_->out = BIO_new(BIO_s_mem());
  if (!state_->ssl || state_->in == nullptr || state_->out == nullptr) give_up("cannot set up TLS");
  SSL_set_bio(state_->ssl.get(), state_->in, state_->out);
  SSL_set_verify(state_->ssl.get(), verify || trusted ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (trusted) {
    const memory in(BIO_new_mem_buf(trusted->data(), static_cast<int>(trusted->size())));
    const trust store(X509_STORE_new());
    if (!in || !store) give_up("cannot set up TLS");
    while (const certificate one{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
      X509_STORE_add_cert(store.get(), one.get());
    }
    ERR_clear_error();  // the end of the certificates is one
    SSL_set1_verify_cert_store(state_->ssl.get(), store.get());
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(state_->ssl.get()), "127.0.0.1");
  }
  if (side == tls_side::client) {
    SSL_set_connect_state(state_->ssl.get());
  } else {
    SSL_set_accept_state(state_->ssl.get());
  }
  advance();
}

tls_engine::~tls_engine() = default;

void tls_engine::receive(std::string_view octets) {
  while (!octets.empty()) {
    const auto piece = octets.substr(0, std::numeric_limits<int>::max());
    const int taken = BIO_write(state_->in, piece.data(), static_cast<int>(piece.size()));
    if (taken <= 0) return fail();
    octets.remove_prefix(static_cast<std::size_t>(taken));
  }
  advance();
}

void tls_engine::finish() {
  if (!peer_closed_ && error_.empty()) error_ = "the connection ended without the farewell of TLS";
}

std::optional<std::string> tls_engine::next_plain() {
  if (failed() || !established_ || peer_closed_) return std::nullopt;
  ERR_clear_error();
  std::array<char, SSL3_RT_MAX_PLAIN_LENGTH> piece{};
  std::size_t size = 0;
  const int done = SSL_read_ex(state_->ssl.get(), piece.data(), piece.size(), &size);
  if (done == 1) return std::string(piece.data(), size);
  const int reason = SSL_get_error(state_->ssl.get(), done);
  if (reason == SSL_ERROR_ZERO_RETURN) {
    peer_closed_ = true;
  } else if (reason != SSL_ERROR_WANT_READ) {
    fail();
  }
  collect();
  return std::nullopt;
}

void tls_engine::send(std::string_view plain) {
  waiting_ += plain;
  advance();
}

void tls_engine::close() {
  closing_ = true;
  advance();
}

// Goes on with the handshake, then with what waits for it.
void tls_engine::advance() {
  if (failed()) return;
  ERR_clear_error();
  if (!established_) {
    const int done = SSL_do_handshake(state_->ssl.get());
    if (done == 1) {
      established_ = true;
    } else if (SSL_get_error(state_->ssl.get(), done) != SSL_ERROR_WANT_READ) {
      fail();
    }
  }
  if (established_ && !failed()) {
    std::size_t written = 0;
    if (!waiting_.empty() && SSL_write_ex(state_->ssl.get(), waiting_.data(), waiting_.size(), &written) != 1) fail();
    waiting_.clear();
  }
  if (closing_ && established_ && !failed() && !std::exchange(said_farewell_, true)) SSL_shutdown(state_->ssl.get());
  collect();
}

void tls_engine::collect() {
  std::array<char, 16384> piece{};
  int got = 0;
  while ((got = BIO_read(state_->out, piece.data(), static_cast<int>(piece.size()))) > 0) {
    output_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void tls_engine::fail() {
  error_ = why();
  waiting_.clear();
}

std::string tls_engine::shown() const {
  return established_ ? std::string(SSL_get_version(state_->ssl.get())) + ", " + SSL_get_cipher(state_->ssl.get()) : "";
}

}  // namespace ampspec::peer
