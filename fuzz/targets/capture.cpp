// Property: what is shown of a capture names each octet once, in order, and finds the boxes and frames that are there.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/amps_message.hpp"
#include "conformance/annotate.hpp"
#include "conformance/ws_stream.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/naive/box.hpp"
#include "reference/wire/hex.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

using conformance::noted_field;

// Field behind field, from the first octet to the last; labels stay short whatever the octets are.
void cover(const std::vector<noted_field>& fields, std::string_view octets) {
  std::uint64_t at = 0;
  for (const auto& f : fields) {
    AMPSPEC_ORACLE("model", f.at == at && f.size > 0 && f.size <= octets.size() - at);
    AMPSPEC_ORACLE("limit", !f.label.empty() && f.label.size() <= 1000);
    at += f.size;
  }
  AMPSPEC_ORACLE("model", at == octets.size());
}

void boxes(std::string_view octets, naive::format version) {
  const bool in_chunks = version == naive::format::amp2;
  const auto fields = conformance::annotate_amp(
      octets, in_chunks ? conformance::amp_values::in_chunks : conformance::amp_values::whole);
  cover(fields, octets);
  naive::reader reader({{}, false, version});
  const auto whole = reader.feed(octets).size();
  const auto ends = std::count_if(fields.begin(), fields.end(), [](const auto& f) { return f.label == "end of box"; });
  AMPSPEC_ORACLE("differential", static_cast<std::size_t>(ends) == whole);
  const bool refused =
      std::any_of(fields.begin(), fields.end(), [](const auto& f) { return f.label.ends_with(", over the limit"); });
  // A first octet that alone says that the key is too long is told as half a length, since none is there to be shown.
  const bool half = !fields.empty() && fields.back().label == "half a length";
  AMPSPEC_ORACLE("differential", refused == (reader.end() == naive::ending::rejected) || half);
}

void frames(std::string_view octets) {
  const auto fields = conformance::annotate_amps(octets);
  cover(fields, octets);
  // Each length that a plain walk passes is a field of its own.
  auto field = fields.begin();
  for (std::size_t at = 0; octets.size() - at >= 4;) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(octets[at + i]);
    field = std::find_if(field, fields.end(), [&](const auto& f) { return f.at >= at; });
    AMPSPEC_ORACLE("model", field != fields.end() && field->at == at && field->size == 4);
    AMPSPEC_ORACLE("model", field->label == "length " + std::to_string(length));
    if (length > octets.size() - at - 4) break;
    at += 4 + static_cast<std::size_t>(length);
  }
}

// A capture may be text: two digits for each octet, blanks between them.
void digits(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  std::string plain;
  for (const char c : text) {
    if (!is_blank(c)) plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  const bool is_hex = plain.size() % 2 == 0 && plain.find_first_not_of("0123456789abcdef") == std::string::npos;
  const auto read = wire::from_hex(text);
  AMPSPEC_ORACLE("model", read.has_value() == is_hex);
  if (read) AMPSPEC_ORACLE("round-trip", wire::to_hex(*read) == plain);
}

}  // namespace

// Input: one octet that chooses what it is taken for, and the capture.
void capture(std::string_view input) {
  if (input.empty()) return;
  const auto choice = static_cast<unsigned char>(input.front()) % 5;
  input.remove_prefix(1);
  const lent copy(input);
  const std::string_view octets = copy;
  switch (choice) {
    case 0:
      return boxes(octets, naive::format::amp1);
    case 1:
      return boxes(octets, naive::format::amp2);
    case 2:
      return frames(octets);
    case 3:
      return cover(conformance::annotate_ws(octets), octets);
    default:
      return digits(octets);
  }
}

}  // namespace ampspec::fuzz
