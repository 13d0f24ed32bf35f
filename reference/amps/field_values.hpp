// The syntaxes inside text fields: ack types, options, bookmarks, timestamps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/wire/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::amps {

/// In the order in which acks of one command are sent.
enum class ack_type : std::uint8_t { received, processed, completed, persisted, stats };
std::string_view word_of(ack_type);

/// The acks that a command asks for.
class ack_types {
 public:
  bool has(ack_type t) const { return (set_ & bit(t)) != 0; }
  void add(ack_type t) { set_ |= bit(t); }
  bool none() const { return set_ == 0; }
  bool operator==(const ack_types&) const = default;

 private:
  static constexpr unsigned bit(ack_type t) { return 1u << static_cast<unsigned>(t); }
  unsigned set_ = 0;
};

/// A comma list in any order; the empty text and `none` ask for nothing (AMPS-HDR-029), as do unknown words
/// (AMPS-HDR-034).
ack_types ack_types_from(std::string_view list);

/// The items of a comma list: split at every comma, empty items left out.
std::vector<std::string_view> items_of(std::string_view list);

struct option {
  std::string_view name;
  std::optional<std::string_view> value;  ///< behind the first `=`, brackets included
  bool operator==(const option&) const = default;
};

/// Options, split at the commas outside square brackets (AMPS-HDR-030). Blanks around an item fall away, empty items
/// are left out. Views into `list`.
std::vector<option> options_from(std::string_view list);

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
using microseconds = std::int64_t;

/// The basic form `YYYYMMDDTHHMMSS.ffffffZ` (AMPS-HDR-035). From the year 0000 to 9999.
std::string timestamp_text(microseconds);
/// An ISO-8601 UTC date-time with six digits of fraction, basic or extended form (AMPS-HDR-025).
std::optional<microseconds> timestamp_from(std::string_view);

struct bookmark {
  enum class kind : std::uint8_t { epoch, now, message, time };
  kind what = kind::epoch;
  std::uint64_t publisher = 0, sequence = 0;  ///< of a message (AMPS-HDR-031)
  microseconds at = 0;                        ///< of a time
  bool operator==(const bookmark&) const = default;
};

/// `0`, `0|1|`, `n|m|`, `YYYYMMDDTHHMMSS[Z]` (AMPS-HDR-031, AMPS-HDR-032).
std::optional<bookmark> bookmark_from(std::string_view);
/// `n|m|`
std::string bookmark_text(std::uint64_t publisher, std::uint64_t sequence);

/// What a `bm` may hold: a comma list of at least one, or a range of two.
struct bookmarks {
  std::vector<bookmark> list;  ///< of a range: begin, end
  bool range = false;
  bool begin_open = false, end_open = false;  ///< `(` and `)`: that end itself is not in the range
  bool operator==(const bookmarks&) const = default;
};

/// bad_value at the first octet of the bookmark that is none.
wire::result<bookmarks> bookmarks_from(std::string_view);

}  // namespace ampspec::amps
