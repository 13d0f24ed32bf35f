// Digests of octets: SHA-256 as lower-case hex, and the SHA-1 that a WebSocket upgrade needs.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/digest.hpp"

#include "reference/wire/hex.hpp"

#include <openssl/evp.h>

namespace ampspec::conformance {

std::string sha1(std::string_view octets) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha1(), nullptr);
  digest.resize(size);
  return digest;
}

std::string sha256_hex(std::string_view octets) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(),
             nullptr);
  return wire::to_hex(digest);
}

struct running_sha256::state {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

running_sha256::running_sha256() : state_(std::make_unique<state>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}
running_sha256::~running_sha256() = default;

void running_sha256::update(std::string_view octets) {
  EVP_DigestUpdate(state_->context.get(), octets.data(), octets.size());
}

std::string running_sha256::finish_hex() {
  std::string digest(32, '\0');
  EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return wire::to_hex(digest);
}

}  // namespace ampspec::conformance
