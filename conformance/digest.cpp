// SHA-256 of octets, as lower-case hex.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/digest.hpp"

#include "reference/wire/hex.hpp"

#include <openssl/evp.h>

namespace ampspec::conformance {

std::string sha256_hex(std::string_view octets) {
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(),
             nullptr);
  return wire::to_hex(digest);
}

}  // namespace ampspec::conformance
