// Reading and writing the parts of composite bodies.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/composite.hpp"

namespace ampspec::amps {
namespace {

constexpr std::size_t length_size = 4;

}  // namespace

std::optional<std::string_view> composite_reader::next() {
  if (error_ || (parts_ ? *parts_ == 0 : rest_.empty())) return std::nullopt;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < length_size && i < rest_.size(); ++i) {
    size = size << 8 | static_cast<unsigned char>(rest_[i]);  // AMPS-CMP-001
  }
  if (rest_.size() < length_size || rest_.size() - length_size < size) {
    error_ = wire::failure{errc::bad_part, at_, "AMPS-CMP-003"};
    return std::nullopt;
  }
  const std::string_view part = rest_.substr(length_size, static_cast<std::size_t>(size));
  rest_.remove_prefix(length_size + part.size());
  at_ += length_size + part.size();
  if (parts_) --*parts_;
  return part;
}

std::optional<wire::failure> append_part(std::string_view part, std::string& body) {
  if (part.size() > 0xffffffff) return wire::failure{errc::bad_part, 0, "AMPS-CMP-001"};
  for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(part.size() >> shift & 0xff);
  body.append(part);
  return std::nullopt;
}

}  // namespace ampspec::amps
