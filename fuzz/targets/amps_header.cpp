// Property: a header object is read as the naive implementation reads it, written again, and read back the same.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/header_writer.hpp"

#include <memory>
#include <string>

namespace ampspec::fuzz {

void amps_header(std::string_view input) {
  // In a block of its own size, so that a look behind its end is seen.
  const auto block = std::make_unique_for_overwrite<char[]>(input.size());
  input.copy(block.get(), input.size());
  const std::string_view octets(block.get(), input.size());
  amps::header_view fields;
  std::string unescaped;
  const auto scanned = amps::scan_header(octets, fields, unescaped);
  compare_headers(octets, scanned, fields);
  if (!scanned.ok()) {
    AMPSPEC_ORACLE("model", scanned.size <= octets.size());
    return;
  }
  // Every beginning of a right object is cut.
  for (const std::size_t size : {scanned.size - 1, scanned.size / 2, scanned.size / 3}) {
    amps::header_view some;
    std::string more;
    const auto cut = amps::scan_header(octets.substr(0, size), some, more);
    AMPSPEC_ORACLE("model", cut.code == amps::errc::header_cut);
  }

  std::string written = "before";
  const auto refused = amps::write_object(fields, written);
  bool may = amps::is_correlation_id(fields[amps::field::correlation_id]);
  for (const auto& row : amps::all_fields) {
    if (row.kind != amps::field_kind::text && fields.has(row.id)) may = may && fields.read_number(row.id).good();
  }
  AMPSPEC_ORACLE("model", may == !refused);
  if (refused) {
    AMPSPEC_ORACLE("sticky", written == "before");
    return;
  }
  const std::string_view object = std::string_view(written).substr(6);
  amps::header_view again;
  std::string more;
  const auto second = amps::scan_header(object, again, more);
  AMPSPEC_ORACLE("round-trip", second.ok() && second.size == object.size());
  compare_headers(object, second, again);
  for (const auto& row : amps::all_fields) {
    AMPSPEC_ORACLE("round-trip", fields.has(row.id) == again.has(row.id));
    if (row.kind == amps::field_kind::text) {
      AMPSPEC_ORACLE("round-trip", fields[row.id] == again[row.id]);
    } else {
      AMPSPEC_ORACLE("round-trip", fields.read_number(row.id) == again.read_number(row.id));
    }
  }
}

}  // namespace ampspec::fuzz
