// What OpenSSL computes for bulk transfers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/surroundings.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <chrono>
#include <stdexcept>

namespace ampspec::peer {

namespace {

class openssl_hash final : public bulk::hasher {
 public:
  openssl_hash() : state_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!state_ || EVP_DigestInit_ex(state_.get(), EVP_sha256(), nullptr) != 1) throw std::runtime_error("no SHA-256");
  }
  void update(std::string_view octets) override { EVP_DigestUpdate(state_.get(), octets.data(), octets.size()); }
  std::string finish() override {
    std::string out(32, '\0');
    EVP_DigestFinal_ex(state_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state_;
};

}  // namespace

bulk::surroundings real_surroundings() {
  return {[] {
            const auto now = std::chrono::system_clock::now().time_since_epoch();
            return std::chrono::duration_cast<std::chrono::seconds>(now).count();
          },
          [](std::size_t size) {
            std::string out(size, '\0');
            // Never a token from anything weaker (BULK-002).
            if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) != 1) {
              throw std::runtime_error("no random octets");
            }
            return out;
          },
          [] { return std::make_unique<openssl_hash>(); }};
}

std::string sha256(std::string_view octets) {
  openssl_hash hash;
  hash.update(octets);
  return hash.finish();
}

}  // namespace ampspec::peer
