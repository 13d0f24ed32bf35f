// What OpenSSL computes for bulk transfers.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/surroundings.hpp"

#include "reference/behaviour/sha256.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <stdexcept>

namespace ampspec::peer {

namespace {

class openssl_hash final : public bulk::hasher {
 public:
  void update(std::string_view octets) override { hash_.add(octets); }
  std::string finish() override { return hash_.octets(); }

 private:
  behaviour::sha256 hash_;
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
