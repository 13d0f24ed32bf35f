// SHA-256 by OpenSSL.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/sha256.hpp"

#include "reference/wire/hex.hpp"

#include <openssl/evp.h>

#include <new>

namespace ampspec::behaviour {

namespace {

EVP_MD_CTX* of(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

void sha256::freed::operator()(void* context) const { EVP_MD_CTX_free(of(context)); }

sha256::sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(of(context_.get()), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void sha256::add(std::string_view octets) { EVP_DigestUpdate(of(context_.get()), octets.data(), octets.size()); }

std::string sha256::octets() {
  std::string digest(32, '\0');
  EVP_DigestFinal_ex(of(context_.get()), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

std::string sha256::hex() { return wire::to_hex(octets()); }

}  // namespace ampspec::behaviour
