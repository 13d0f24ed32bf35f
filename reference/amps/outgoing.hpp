// A message on its way out: fields being set, and what stands in a connection's output afterwards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame.hpp"
#include "reference/amps/payload.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// A header being made. Texts are lent until it is written.
class outgoing_header {
 public:
  outgoing_header() = default;
  explicit outgoing_header(std::string_view command) { fields_.set(field::command, command); }
  outgoing_header(const outgoing_header&) = delete;
  outgoing_header& operator=(const outgoing_header&) = delete;

  outgoing_header& set(field f, std::string_view text) {
    fields_.set(f, text);
    return *this;
  }
  outgoing_header& set(field f, std::uint64_t number) {
    auto& room = digits_.at(used_++);
    const auto end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
    return set(f, {room.data(), static_cast<std::size_t>(end - room.data())});
  }
  const header_view& view() const { return fields_; }

 private:
  header_view fields_;
  std::array<std::array<char, 20>, 6> digits_;
  std::size_t used_ = 0;
};

struct outgoing_record {
  std::string header;
  payload body;
};

/// What a connection is to write, in the abstract: TCP writes `head` and what follows as one frame, WebSocket the
/// header and each body as messages of their own.
struct outgoing_message {
  enum class form : std::uint8_t {
    bare,       ///< a header alone
    with_body,  ///< one body behind it, which may be empty
    batch,      ///< records behind it
  };
  form what = form::bare;
  bool is_delivery = false;  ///< sent because somebody published, not as an answer
  std::string head;          ///< the length of the frame, then the header
  payload body = nullptr;
  std::vector<outgoing_record> records = {};

  std::string_view header() const { return std::string_view(head).substr(prefix_size); }
};

}  // namespace ampspec::amps
