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

}  // namespace

std::optional<wire::failure> encode(box_view box, std::string& out) {
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
    if (value.size() > max_value) return wire::failure{errc::value_too_long, value_at, "AMP1-FRAME-007"};
    size = value_at + value.size();
  }
  const std::size_t begin = out.size();
  out.resize(begin + size + 2);  // its last two octets stay 00 00, the end of the box
  char* at = out.data() + begin;
  for (const pair_view& p : box) at = put(put(at, p.key), p.value);
  return std::nullopt;
}

}  // namespace ampspec::amp
