// SHA-256 by the library, part after part.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/digest.hpp"

#include "reference/wire/hex.hpp"

#include <openssl/evp.h>

#include <memory>

namespace ampspec::peer {

std::string sha256_hex(const std::vector<std::string_view>& parts) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> state(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string digest(32, '\0');
  unsigned int size = 0;
  EVP_DigestInit_ex(state.get(), EVP_sha256(), nullptr);
  for (const auto part : parts) EVP_DigestUpdate(state.get(), part.data(), part.size());
  EVP_DigestFinal_ex(state.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  return wire::to_hex(digest);
}

}  // namespace ampspec::peer
