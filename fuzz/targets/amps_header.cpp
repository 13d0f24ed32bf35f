// Property: a header object is read as the naive implementation reads it, written again, and read back the same.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/header_writer.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ampspec::fuzz {

namespace {

constexpr std::size_t tried_beginnings = 160;

// A header that is nearly right: fields by any of their names, texts with escapes, numbers beside their limits.
std::string made_header(maker from) {
  constexpr std::array<std::string_view, 12> pieces{
      R"(\n)",           R"(\")",     R"(\\)", R"(\u0041)", R"(\u00e9)",
      R"(\ud83d\ude00)", R"(\ud83d)", R"(\x)", "}",         "long enough for a block",
      "\xc3\xa9",        ""};
  constexpr std::array<std::string_view, 10> bare{
      "0",    "1",    "007", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616",
      "true", "null", "-1"};
  std::string made = "{";
  for (int fields = 0; !from.empty() && fields < 24; ++fields) {
    const auto& row = amps::all_fields[from.below(amps::all_fields.size())];
    const std::size_t how = from.octet();
    const std::string_view name = how % 4 == 3 && !row.also[0].empty() ? row.also[0] : row.written;
    made.append(made.size() > 1 ? "," : "").append("\"").append(name).append("\":");
    if ((how & 4) != 0) {
      made += bare[from.below(bare.size())];
      continue;
    }
    made += '"';
    for (std::size_t parts = how >> 6; parts > 0; --parts) made += pieces[from.below(pieces.size())];
    made.append(from.take((how >> 3) % 8)).append("\"");
  }
  return made + "}";
}

// A header that owns its texts keeps them through copies, moves and changes.
void own(const amps::header_view& fields, std::string_view text) {
  const amps::header owned(fields);
  AMPSPEC_ORACLE("model", owned.view() == fields && owned.what() == fields.what());
  amps::header other(owned), assigned;
  const auto& row = amps::all_fields[text.size() % amps::all_fields.size()];
  const std::string before(other[row.id]);
  other.set(row.id, text.substr(0, 80));
  AMPSPEC_ORACLE("model", other[row.id] == text.substr(0, 80) && owned.view() == fields);
  AMPSPEC_ORACLE("model", (other == owned) == (fields.find(row.id) == text.substr(0, 80)));
  for (const auto& r : amps::all_fields) {
    if (r.id != row.id) AMPSPEC_ORACLE("model", other.view().find(r.id) == fields.find(r.id));
  }
  other.set(row.id, other[row.id]);  // from its own octets
  AMPSPEC_ORACLE("model", other[row.id] == text.substr(0, 80));
  other.set(row.id, std::uint64_t{text.size()});
  AMPSPEC_ORACLE("model", other.read_number(row.id).value == text.size());
  assigned = other;
  other.erase(row.id);
  AMPSPEC_ORACLE("model", !other.has(row.id) && assigned.has(row.id));
  AMPSPEC_ORACLE("model", other.view().size() == fields.size() - (fields.has(row.id) ? 1 : 0));
  const amps::header moved = std::move(assigned);
  other = moved;
  if (fields.has(row.id))
    other.set(row.id, before);
  else
    other.erase(row.id);
  AMPSPEC_ORACLE("model", other == owned && fields.empty() == owned.view().empty());
}

// A word as the name of a field and as that of a command.
void name(std::string_view word) {
  const auto found = amps::field_named(word);
  const bool is_name = std::any_of(amps::all_fields.begin(), amps::all_fields.end(), [&](const auto& row) {
    const bool is_it = !word.empty() && (row.written == word || row.also[0] == word || row.also[1] == word);
    AMPSPEC_ORACLE("model", !is_it || found == row.id);
    return is_it;
  });
  AMPSPEC_ORACLE("model", found.has_value() == is_name);
  const auto command = amps::command_named(word);
  if (command == amps::command::unknown) {
    AMPSPEC_ORACLE("model", amps::full_word(command).empty());
  } else {
    AMPSPEC_ORACLE("model", amps::full_word(command) == (word == "p" ? "publish" : word));
    AMPSPEC_ORACLE("model", amps::written_word(command) == (word == "publish" ? "p" : word));
  }
}

}  // namespace

// Input: octets of a header; or, if the top bit of the first is set, what one is made of.
void amps_header(std::string_view input) {
  const bool is_made = !input.empty() && (static_cast<unsigned char>(input.front()) & 0x80) != 0;
  const std::string header = is_made ? made_header(maker(input.substr(1))) : std::string(input);
  const lent copy(header);
  const std::string_view octets = copy;
  amps::header_view fields;
  std::string unescaped;
  const auto scanned = amps::scan_header(octets, fields, unescaped);
  compare_headers(octets, scanned, fields);
  if (!scanned.ok()) {
    AMPSPEC_ORACLE("model", scanned.size <= octets.size());
    return;
  }
  own(fields, octets);
  for (const auto& row : amps::all_fields) {
    if (fields.has(row.id)) name(fields[row.id]);
    name(row.written);
    name(row.also[0]);
  }
  // Every beginning of a right object is cut.
  for (std::size_t size = std::min(scanned.size, tried_beginnings); size-- > 0;) {
    const lent beginning(octets.substr(0, size));
    amps::header_view some;
    std::string more;
    const auto cut = amps::scan_header(beginning, some, more);
    AMPSPEC_ORACLE("model", cut.code == amps::errc::header_cut && cut.size == size);
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
