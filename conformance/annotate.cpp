// Names the fields of AMP octets for people. Lenient: it labels as much as makes sense and says where that ends.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/annotate.hpp"

#include "conformance/matching.hpp"

#include <algorithm>

namespace ampspec::conformance {

std::vector<noted_field> annotate_amp(std::string_view octets, amp_values values) {
  std::vector<noted_field> fields;
  std::size_t at = 0;
  const auto note = [&](std::size_t size, std::string label) {
    size = std::min(size, octets.size() - at);
    fields.push_back({at, size, std::move(label)});
    at += size;
  };
  const auto length_here = [&] {
    return std::size_t{static_cast<unsigned char>(octets[at])} << 8 | static_cast<unsigned char>(octets[at + 1]);
  };
  // A key, a value, or a chunk of one, with its length before it; false where the octets end.
  const auto part = [&](std::string_view what) {
    const std::size_t length = length_here();
    note(2, std::string(what) + " length " + std::to_string(length));
    if (length == 0) return true;
    if (at == octets.size()) return false;
    const auto body = octets.substr(at, length);
    note(length, std::string(what) + " " + show_octets(body) + (body.size() < length ? ", cut" : ""));
    return true;
  };
  const auto length_is_whole = [&] {
    if (octets.size() - at >= 2) return true;
    if (at < octets.size()) note(1, "half a length");
    return false;
  };
  while (at < octets.size()) {
    if (!length_is_whole()) return fields;
    const std::size_t key = length_here();
    if (key == 0) {
      note(2, "end of box");
      continue;
    }
    if (key > 255) {
      note(2, "key length " + std::to_string(key) + ", over the limit");
      if (at < octets.size()) note(octets.size() - at, "octets behind it");
      return fields;
    }
    if (!part("key")) return fields;
    for (bool first = true, more = true; more; first = false) {
      if (!length_is_whole()) return fields;
      more = values == amp_values::in_chunks && length_here() == 65535;
      if (!part(more ? "chunk" : first ? "value" : "last chunk")) return fields;
    }
  }
  return fields;
}

}  // namespace ampspec::conformance
