// The AMPv1 box format a second time: slow, copying, and plain enough to be checked against the grammar by eye.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/faults.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ampspec::naive {

inline constexpr std::size_t max_key = 255;      // AMP1-FRAME-004, -005
inline constexpr std::size_t max_value = 65535;  // AMP1-FRAME-007, -010

/// Pairs of key and value in wire order.
using box = std::vector<std::pair<std::string, std::string>>;

/// The value of `key`, the first if it stands twice.
std::optional<std::string> find(const box&, std::string_view key);

/// How values are written: with one 16-bit length, or as chunks of 65,535 octets and one that is shorter (AMPv2).
enum class format { amp1, amp2 };

struct options {
  faults broken;
  bool refuse_repeated_keys =
      false;  ///< else the last one wins, in the place of the first: both are right (AMP1-FRAME-026)
  format version = format::amp1;
  std::size_t largest_value = 256u << 20;  ///< octets of a value in chunks; more are refused (AMP2-015)
};

/// `incomplete`: the octets end inside a box; `rejected`: they can't be the beginning of any stream of boxes.
enum class ending { clean, incomplete, rejected };

struct refusal {
  std::string word;          ///< the class: key-too-long, duplicate-key
  std::uint64_t offset = 0;  ///< of the key length that is wrong or whose key is, from the first octet of the stream
};

struct decoded {
  std::vector<box> boxes;  ///< all that were delivered, also before a refusal
  ending end = ending::clean;
  refusal refused;  ///< if rejected
};

/// Decodes a whole stream, handed over at once.
decoded decode(std::string_view octets, const options& = {});

/// Decodes a stream handed over in pieces. Keeps the octets behind the last whole pair and tries that pair anew at each
/// piece.
class reader {
 public:
  explicit reader(options with = {}) : options_(std::move(with)) {}

  /// The boxes that these octets complete. After a refusal: none, for ever (AMP1-FRAME-044).
  std::vector<box> feed(std::string_view octets);
  /// The stream has ended; what it still delivers (nothing, unless a fault is on).
  std::vector<box> finish();
  /// How the stream would end if no further octet came.
  ending end() const;
  const refusal& refused() const { return refused_; }
  /// Of the octets fed last, those behind the box with this number among the boxes that they completed.
  std::string behind(std::size_t number) const { return fed_.substr(fed_.size() - behind_.at(number)); }
  /// The whole pairs of the box that is not whole yet.
  const box& unfinished() const { return pairs_; }

 private:
  enum class step { pair, end_of_box, more, refused };

  bool on(fault f) const { return options_.broken.has(f); }
  step take();
  step take_value(std::string key, std::size_t at);
  step take_chunks(std::string key, std::size_t at);
  bool add(std::string key, std::string value);
  std::optional<std::size_t> place_of(const std::string& key);
  step refuse(std::string word, std::size_t at);

  options options_;
  std::string buffer_;        // octets that are not used up
  std::size_t at_ = 0;        // of these, the ones that `take` has used up
  std::uint64_t before_ = 0;  // octets of the stream in front of `buffer_`
  box pairs_;
  std::unordered_map<std::string, std::size_t> place_;  // of each key in `pairs_`; empty while they are few
  std::uint64_t boxes_ = 0;
  bool rejected_ = false;
  refusal refused_;
  std::vector<std::string> chunks_before_;  // of the value before, for a fault
  bool behind_chunks_ = false;              // a value of several chunks came, for a fault
  bool among_chunks_ = false;               // the octets end behind the first chunk of a value, before its last
  bool half_length_ = false;                // the octets end between the two octets of a length
  std::string fed_;                         // last
  std::vector<std::size_t> behind_;         // how many of them lie behind each box that they completed
  std::vector<box> last_read_;              // what the read with the refusal delivered
};

struct encoded {
  std::string bytes;    ///< empty if refused
  std::string refused;  ///< empty-key, key-too-long, value-too-long, duplicate-key; empty if encoded
};

/// Encodes the pairs in their order. The empty box is encoded too: whether it may be sent is not a question of the
/// format.
encoded encode(const box&, const faults& = {}, format = format::amp1);

}  // namespace ampspec::naive
