// Values by their type and boxes by their schema: the argument types put together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/types.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amp {

/// How values are read, and how many lists and records may lie inside each other (the schema says it, no octet can).
struct reading {
  profile how = profile::strict;
  std::size_t max_depth = 16;
};

/// The value that the octets say. A failure's offset counts from the first octet of `octets`, also inside lists; inside
/// a record that is whole, it counts from the first octet of the value in the record.
wire::result<wire::value> parse_value(const wire::value_type&, std::string_view octets, const reading& = {});

/// Appends the octets of a value; refuses one that its type can't say, and appends nothing then.
[[nodiscard]] maybe_failure print_value(const wire::value_type&, const wire::value&, std::string& out,
                                        version = version::v1, std::size_t max_depth = 16);

/// The failure of a schema that can't be used for arguments or response values: a reserved name (AMP1-TYPE-057), a name
/// that is no key, or stands twice, or could be a chunk of a BigString (AMP1-BIGSTR-016).
maybe_failure check(const wire::value_schema&);

/// The values of a box by a schema: an absent optional name is left out (AMP1-TYPE-050), an empty value is a value
/// (AMP1-TYPE-051, -062), keys that the schema does not have are ignored, and names are compared by their octets
/// (AMP1-TYPE-056). Values over several keys are joined (reference/amp/big_string.hpp) and then held to their type.
wire::result<wire::record_value> parse_arguments(const wire::value_schema&, box_view, const reading& = {});

/// The box of the values, in the order of the schema; refuses an absent mandatory name (AMP1-TYPE-052) and a name that
/// the schema does not have (AMP1-TYPE-053).
wire::result<box> print_arguments(const wire::value_schema&, const wire::record_value&, version = version::v1);

}  // namespace ampspec::amp
