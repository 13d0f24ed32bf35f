// The AMPS frame and header a second time: slow, copying, and plain enough to be checked against the format by eye.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::naive {

inline constexpr std::uint64_t amps_limit = 209'715'200;  // AMPS-LIMIT-002

/// A message as pairs: its fields by their short names, `c` in full (`publish`), numbers as digits without leading
/// zeros; and `body`, also if it is empty.
using amps_message = box;

struct amps_options {
  faults broken;
  std::uint64_t limit = amps_limit;
};

/// Decodes a stream handed over in pieces: keeps all octets of a frame until it is whole, then reads it. A numeric
/// field that is no number refuses the header (AMPS-HDR-038); the records of a batch with anything wrong are withheld
/// (AMPS-SOW-056).
class amps_reader {
 public:
  explicit amps_reader(amps_options with = {}) : options_(std::move(with)) {}

  /// The messages that these octets complete: one for each record of a batch. After a refusal: none, for ever.
  std::vector<amps_message> feed(std::string_view octets);
  /// The stream has ended; what it still delivers (nothing, unless a fault is on).
  std::vector<amps_message> finish();
  ending end() const;
  const refusal& refused() const { return refused_; }

 private:
  bool on(fault f) const { return options_.broken.has(f); }
  bool take(std::vector<amps_message>& done);
  std::vector<amps_message> read_frame(std::string_view frame, std::string_view behind);
  void refuse(std::string word, std::uint64_t at);

  amps_options options_;
  std::string buffer_;        // octets that are not used up
  std::uint64_t before_ = 0;  // octets of the stream in front of `buffer_`
  bool rejected_ = false;
  bool deaf_ = false;  // by a fault: nothing is read any more
  refusal refused_;
};

struct amps_decoded {
  std::vector<amps_message> messages;
  ending end = ending::clean;
  refusal refused;
};
amps_decoded decode_amps(std::string_view octets, const amps_options& = {});

/// Encodes a message as a client writes it: `c` first, then the pairs in their order, numbers in quotes but for `s`,
/// `bs` and `top_n`. Refuses no-command, bad-number, bad-correlation-id, frame-too-large.
encoded encode_amps(const amps_message&, const amps_options& = {});

/// An object: its fields by their short names in the order of their first appearance, texts without their escapes.
struct amps_object {
  std::map<std::string, std::string> fields;
  std::size_t size = 0;  ///< octets of the object
  std::string wrong;     ///< the class if it is none
  std::size_t at = 0;    ///< of the first wrong octet
};
amps_object read_object(std::string_view octets, const faults&);

/// The number in a numeric field, as digits; nothing if it is none.
std::optional<std::string> amps_number(const std::string& text, bool wide, const faults&);

/// The messages of the records of a batch; nothing if anything is wrong.
std::optional<std::vector<amps_message>> read_batch(const std::map<std::string, std::string>& common,
                                                    std::string_view payload, const faults&, refusal& why);

/// What else the codec reads, by the name of its form: `uri`, `options`, `acks`, `bookmark`, `timestamp`, `composite`
/// (see docs/vector-format.md). Nothing: refused, or no such form.
std::optional<box> read_amps(std::string_view form, std::string_view octets, const faults&);
/// `composite` alone is written.
std::optional<std::string> write_amps(std::string_view form, const box& parts, const faults&);

}  // namespace ampspec::naive
