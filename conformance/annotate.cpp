// Names the fields of AMPv1 octets for people. Lenient: it labels as much as makes sense and says where that ends.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/annotate.hpp"

#include "conformance/matching.hpp"

#include <algorithm>

namespace ampspec::conformance {

std::vector<noted_field> annotate_amp(std::string_view octets) {
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
  while (at < octets.size()) {
    for (const bool is_key : {true, false}) {
      if (octets.size() - at < 2) {
        if (at < octets.size()) note(1, "half a length");
        return fields;
      }
      const std::size_t length = length_here();
      if (is_key && length == 0) {
        note(2, "end of box");
        break;
      }
      if (is_key && length > 255) {
        note(2, "key length " + std::to_string(length) + ", over the limit");
        if (at < octets.size()) note(octets.size() - at, "octets behind it");
        return fields;
      }
      note(2, (is_key ? "key length " : "value length ") + std::to_string(length));
      if (length == 0) continue;
      if (at == octets.size()) return fields;
      const auto body = octets.substr(at, length);
      note(length, (is_key ? "key " : "value ") + show_octets(body) + (body.size() < length ? ", cut" : ""));
    }
  }
  return fields;
}

}  // namespace ampspec::conformance
