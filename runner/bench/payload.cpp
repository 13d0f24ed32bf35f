// The value that is moved: made once, checked by its hash, never held whole.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/recipe.hpp"
#include "runner/bench/mover.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <span>

namespace ampspec::runner::bench {

namespace {

constexpr std::size_t block = 64u << 10;

}  // namespace

payload::payload(std::uint64_t size) : size_(size), blocks_(2 * block, '\0') {
  // Twice the block, so that a run of its length can begin anywhere in it.
  vectors::prng_octets(1, 0, std::span(blocks_).first(block));
  std::copy_n(blocks_.begin(), block, blocks_.begin() + block);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  std::string_view run;
  for (std::uint64_t done = 0; !(run = at(done, block)).empty(); done += run.size()) {
    EVP_DigestUpdate(hash.get(), run.data(), run.size());
  }
  sha256_.resize(32);
  EVP_DigestFinal_ex(hash.get(), reinterpret_cast<unsigned char*>(sha256_.data()), nullptr);
}

std::string_view payload::at(std::uint64_t at, std::size_t most) const {
  const auto left = size_ - std::min(at, size_);
  const auto run = std::min<std::uint64_t>({most, block, left});
  return std::string_view(blocks_).substr(static_cast<std::size_t>(at % block), static_cast<std::size_t>(run));
}

}  // namespace ampspec::runner::bench
