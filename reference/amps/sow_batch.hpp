// The records that a `sow` message carries on TCP: header objects and bodies back to back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/amps/header.hpp"
#include "reference/wire/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

/// One record: the fields of its batch, overlaid by its own (AMPS-SOW-010). Nothing sticks from one record to the next.
struct sow_record {
  const header_view& header;
  std::string_view body;
};

/// Finds the records in the payload of a `sow` frame by their `l`, up to its end (AMPS-SOW-008); `bs` is not looked at.
/// Both views must outlive the reader.
class sow_reader {
 public:
  /// `octets`: the payload; `offset`: where it begins in whatever failures are to count from.
  sow_reader(const header_view& common, std::string_view octets, std::uint64_t offset = 0);

  /// The next record, valid until the next call; nothing at the end of the payload, or if what stands there is no
  /// record (see `error`). Records in front of that are given first (AMPS-SOW-056).
  std::optional<sow_record> next();

  /// header errors and bad_number: the first wrong octet; record_without_length and record_too_long: the first octet of
  /// the record's header.
  const std::optional<wire::failure>& error() const { return error_; }

 private:
  std::nullopt_t fail(errc, std::size_t at, wire::requirement_id);

  header_view common_;
  std::string_view payload_;
  std::size_t at_ = 0;
  std::uint64_t offset_;
  header_view record_;
  std::string unescaped_;
  std::optional<wire::failure> error_;
};

/// Appends one record to `out`, the payload of a batch, with its `l` (AMPS-SOW-008). On a failure nothing is appended.
/// The batch is then `encode`d with `bs` = the number of records.
[[nodiscard]] std::optional<wire::failure> append_record(const header_view& record, std::string_view body,
                                                         std::string& out);

}  // namespace ampspec::amps
