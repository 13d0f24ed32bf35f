// The encoder: the header first, then the length in front of it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_encoder.hpp"

#include "reference/amps/header_writer.hpp"

#include <algorithm>

namespace ampspec::amps {

std::optional<wire::failure> encode_head(const header_view& fields, std::uint64_t body_size, std::string& out,
                                         std::uint64_t limit) {
  const std::size_t begin = out.size();
  out.append(prefix_size, '\0');
  auto failure = write_header(fields, out);
  if (failure) {
    failure->offset += prefix_size;
  } else {
    const std::uint64_t size = out.size() - begin - prefix_size + body_size;  // AMPS-FRAME-002
    if (size > std::min(limit, any_length)) failure = wire::failure{errc::frame_too_large, 0, "AMPS-LIMIT-006"};
    for (std::size_t i = 0; i < prefix_size; ++i) out[begin + i] = static_cast<char>(size >> (24 - 8 * i) & 0xff);
  }
  if (failure) out.resize(begin);
  return failure;
}

std::optional<wire::failure> encode(const header_view& fields, std::string_view body, std::string& out,
                                    std::uint64_t limit) {
  if (auto failure = encode_head(fields, body.size(), out, limit)) return failure;
  out.append(body);
  return std::nullopt;
}

}  // namespace ampspec::amps
