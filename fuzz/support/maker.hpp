// Makes values of the octets of an input, so that every input says something and a small change says something near it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ampspec::fuzz {

/// Takes what it is asked for from the front; at the end all is 0 and empty.
class maker {
 public:
  explicit maker(std::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  std::uint8_t octet();
  bool flag() { return (octet() & 1) != 0; }
  /// Below `bound`, which is 1 to 256.
  std::size_t below(std::size_t bound) { return octet() % bound; }
  std::string_view take(std::size_t size);
  /// A text: short and literal, or of one octet or one character repeated to a size beside the limits of the format.
  /// Of all of these together there are at most `most_repeated` octets; behind that they are short, since more only
  /// takes time.
  std::string text();
  static constexpr std::size_t most_repeated = 200'000;
  /// From now on at most so many, for inputs that are about something else than long texts.
  void repeat_at_most(std::size_t octets) { repeated_left_ = octets; }

 private:
  std::string_view rest_;
  std::size_t repeated_left_ = most_repeated;
};

}  // namespace ampspec::fuzz
