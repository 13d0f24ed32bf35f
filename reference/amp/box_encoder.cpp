// The encoder: looks at the whole box first, so that a refusal has written nothing.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/box_encoder.hpp"

#include "reference/amp/key_index.hpp"

#include <cstring>

namespace ampspec::amp {
namespace {

char* put(char* at, std::string_view octets) {
  at[0] = static_cast<char>(octets.size() >> 8);
  at[1] = static_cast<char>(octets.size() & 0xff);
  if (!octets.empty()) std::memcpy(at + 2, octets.data(), octets.size());
  return at + 2 + octets.size();
}

// Chunks of a value: as many full ones as it has, and a shorter one, which may be empty (AMP2-002, -003, -005, -007).
std::size_t chunks_of(std::size_t value, version v) { return v == version::v1 ? 1 : value / max_value + 1; }

}  // namespace

std::optional<wire::failure> encode(box_view box, std::string& out, version v) {
  std::size_t size = 0;
  key_marks marks;
  key_index keys;
  for (std::size_t i = 0; i < box.size(); ++i) {
    const auto& [key, value] = box.pairs()[i];
    const std::size_t key_at = size + 2, value_at = key_at + key.size() + 2;
    if (key.empty()) return wire::failure{errc::empty_key, key_at, "AMP1-FRAME-006"};
    if (key.size() > max_key) return wire::failure{errc::key_too_long, key_at, "AMP1-FRAME-005"};
    if ((!marks.add(key) || i >= key_index::few) && keys.place(box.pairs().first(i), key) != i) {
      return wire::failure{errc::duplicate_key, key_at, "AMP1-FRAME-025"};
    }
    if (v == version::v1 && value.size() > max_value)
      return wire::failure{errc::value_too_long, value_at, "AMP1-FRAME-007"};
    size = value_at + value.size() + 2 * (chunks_of(value.size(), v) - 1);
  }
  const std::size_t begin = out.size();
  out.resize(begin + size + 2);  // its last two octets stay 00 00, the end of the box
  char* at = out.data() + begin;
  for (const pair_view& p : box) {
    at = put(at, p.key);
    std::string_view left = p.value;
    for (auto chunks = chunks_of(left.size(), v); chunks > 1; --chunks) {
      at = put(at, left.substr(0, max_value));
      left.remove_prefix(max_value);
    }
    at = put(at, left);
  }
  return std::nullopt;
}

}  // namespace ampspec::amp
